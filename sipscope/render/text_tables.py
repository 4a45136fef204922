"""Tables and summaries in character cells."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import le

from sipscope.render.canvas import Line, Placed, Segment, in_ascii_lines, row_of
from sipscope.render.escape import escaped, in_ascii, mapped
from sipscope.render.layout import cells, is_plain, wrapped
from sipscope.views.summary import FindingEntry, Summary
from sipscope.views.tables import Alignment, Cell, Table
from sipscope.views.tone import Tone

_GUTTER = 2
_NARROWEST = 16
_WIDEST_PROSE = 120
_LABEL = 13
_EVIDENCE_SHOWN = 8


def summary_lines(summary: Summary, *, ascii_only: bool = False, width: int | None = None) -> Iterator[Line]:
    """The page of a capture, each line made when it is asked for: a page of many calls is long.

    Args:
        summary: What to show.
        ascii_only: Whether to use no character beyond ASCII.
        width: Columns there are; None for as many as it takes.
    """
    safe = escaped(summary)
    if ascii_only:
        safe = mapped(safe, in_ascii)
    lines = _page_lines(safe, width, "-" if ascii_only else "─")
    return iter(in_ascii_lines(lines)) if ascii_only else lines


def _page_lines(safe: Summary, width: int | None, rule: str) -> Iterator[Line]:
    yield (Segment(safe.title, Tone.STRONG),)
    yield (Segment(safe.headline),)
    for table in safe.tables:
        yield ()
        yield from _table_lines(table, width, rule)
    yield from _finding_lines(safe.findings, width or _WIDEST_PROSE)
    if safe.media is not None:
        yield ()
        yield from _table_lines(safe.media, width, rule)


def _finding_lines(findings: Sequence[FindingEntry], width: int) -> Iterator[Line]:
    if not findings:
        return
    yield ()
    yield (Segment("Findings", Tone.STRONG),)
    for finding in findings:
        yield ()
        yield from _entry_lines(finding, min(width, _WIDEST_PROSE))


def _entry_lines(finding: FindingEntry, width: int) -> Iterator[Line]:
    """Head, text, frames, doubts, clauses and what to try."""
    facts = [finding.name, finding.confidence]
    if finding.calls:
        facts.append(f"call {finding.calls}" if "," not in finding.calls else f"calls {finding.calls}")
    if finding.times > 1:
        facts.append(f"{finding.times} times")
    if finding.explained_by:
        facts.append(f"explained by {finding.explained_by}")
    yield (
        Segment(f"{finding.severity} {finding.rule}", finding.tone),
        Segment("  " + " · ".join(facts), Tone.MUTED),
    )
    yield from _indented(finding.text, 2, width, Tone.PLAIN)
    for item in finding.evidence[:_EVIDENCE_SHOWN]:
        yield from _labelled(f"frame {item.frame}", item.note, width)
    rest = len(finding.evidence) - _EVIDENCE_SHOWN
    if rest > 0:
        yield (Segment(f"    and {rest} frames more", Tone.MUTED),)
    if finding.more_frames:
        yield from _labelled("also in", f"frames {finding.more_frames}", width)
    yield from _advice_lines(finding.guards, finding.steps, finding.standards, width)


@lru_cache(maxsize=256)
def _advice_lines(guards: tuple[str, ...], steps: tuple[str, ...], standards: str, width: int) -> list[Line]:
    """Doubts, what to try, and clauses: findings of one rule mostly share them."""
    lines: list[Line] = []
    for guard in guards:
        lines += _labelled("but", guard, width)
    for number, step in enumerate(steps):
        lines += _labelled("try" if number == 0 else "", step, width)
    return lines + _labelled("see", standards, width)


def _labelled(label: str, text: str, width: int) -> list[Line]:
    parts = wrapped(text, max(_NARROWEST, width - _LABEL - 4), limit=12)
    heads = [label, *[""] * len(parts)]
    return [
        (Segment(f"    {head:<{_LABEL}}", Tone.MUTED), Segment(part)) for head, part in zip(heads, parts, strict=False)
    ]


def _indented(text: str, indent: int, width: int, tone: Tone) -> list[Line]:
    parts = wrapped(text, max(_NARROWEST, width - indent), limit=12)
    return [(Segment(" " * indent + part, tone),) for part in parts]


def table_lines(table: Table, *, ascii_only: bool = False, width: int | None = None) -> list[Line]:
    """One table; arguments as for `summary_lines`."""
    safe = escaped(table)
    if ascii_only:
        safe = mapped(safe, in_ascii)
    lines = list(_table_lines(safe, width, "-" if ascii_only else "─"))
    return in_ascii_lines(lines) if ascii_only else lines


def _table_lines(table: Table, width: int | None, rule: str) -> Iterator[Line]:
    headings = [f"{column.heading} [{column.unit}]" if column.unit else column.heading for column in table.columns]
    widths = _widths(table, headings, width)
    yield (Segment(table.title, Tone.STRONG),)
    if any(headings):
        yield from _heading_lines(table, headings, widths)
        yield (Segment((rule * (sum(widths) + _GUTTER * (len(widths) - 1))), Tone.MUTED),)
    for row in table.rows:
        yield from _row_lines(table, row, widths)
    if table.note:
        yield (Segment(table.note, Tone.MUTED),)


def _widths(table: Table, headings: Sequence[str], width: int | None) -> list[int]:
    """Natural widths; where room is short, columns that may wrap give way, the widest first, equal ones alike."""
    widths = [
        max([*map(cells, heading.split()), 1, *[cells(row[index].text) for row in table.rows]])
        for index, heading in enumerate(headings)
    ]
    if width is None:
        return widths
    excess = sum(widths) + _GUTTER * (len(widths) - 1) - width
    while excess > 0:
        wide = [i for i, column in enumerate(table.columns) if column.may_wrap and widths[i] > _NARROWEST]
        if not wide:
            break
        widest = max(widths[i] for i in wide)
        equal = [i for i in wide if widths[i] == widest]
        lower = max([_NARROWEST, *(widths[i] for i in wide if widths[i] < widest)])
        share = min(widest - lower, -(-excess // len(equal)))
        for index in equal:
            cut = min(excess, share)
            widths[index] -= cut
            excess -= cut
    return widths


def _heading_lines(table: Table, headings: Sequence[str], widths: Sequence[int]) -> Iterator[Line]:
    """Headings broken at blanks, so that numbers need no broad columns; their last lines stand on one level."""
    stacks = [wrapped(heading, width, limit=4) for heading, width in zip(headings, widths, strict=True)]
    height = max(len(stack) for stack in stacks)
    for level in range(height):
        texts = [stack[level - height + len(stack)] if level >= height - len(stack) else "" for stack in stacks]
        yield from _row_lines(table, [Cell(text=text, tone=Tone.MUTED) for text in texts], widths)


def _row_lines(table: Table, row: Sequence[Cell], widths: Sequence[int]) -> Iterator[Line]:
    texts = [cell.text.strip() for cell in row]
    if is_plain("".join(texts)) and all(map(le, map(len, texts), widths)):
        # As most rows are: every text on one line.
        yield _line(table, row, texts, widths)
        return
    stacks = [wrapped(text, width, limit=12) for text, width in zip(texts, widths, strict=True)]
    for level in range(max(1, *map(len, stacks))):
        yield _line(table, row, [stack[level] if level < len(stack) else "" for stack in stacks], widths)


def _line(table: Table, row: Sequence[Cell], texts: Sequence[str], widths: Sequence[int]) -> Line:
    placed: list[Placed] = []
    column = 0
    for text, cell, shown, width in zip(texts, row, table.columns, widths, strict=True):
        if text:
            shift = width - cells(text) if shown.alignment is Alignment.RIGHT else 0
            placed.append((column + shift, text, cell.tone))
        column += width + _GUTTER
    return row_of(placed)
