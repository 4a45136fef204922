"""A ladder as a drawing, whole or in pages."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sipscope.model.defects import Severity
from sipscope.render import ladder_paint as paint
from sipscope.render.drawing import Drawing, Primitive, Stroke, Words
from sipscope.render.escape import escaped
from sipscope.render.ladder_geometry import PAGE_MARGIN, Columns, columns_of, row_height
from sipscope.render.layout import pixels, wrapped
from sipscope.render.theme import COLOURS, FAINT, INK, MUTED_INK
from sipscope.values import dataclass
from sipscope.views.ladder import Arrow, Badge, Band, Break, Ladder, Row
from sipscope.views.tone import Tone

TALL = 1400.0
"""A drawing higher than this repeats the heads of its lanes at the foot."""


def drawing_of(ladder: Ladder) -> Drawing:
    """The whole ladder in one drawing."""
    return pages_of(ladder, None)[0]


def pages_of(ladder: Ladder, page_height: float | None) -> list[Drawing]:
    """The ladder in drawings no higher than a page where rows allow it, each with the heads of the lanes.

    Args:
        ladder: What to show.
        page_height: In pixels; None for a single drawing.
    """
    safe = escaped(ladder)
    columns = columns_of(safe)
    title_height = _title_height(safe, columns)
    heads_height = paint.heads_height(safe)
    heights = [row_height(row, columns) for row in safe.rows]
    room = None if page_height is None else page_height - heads_height - 3 * PAGE_MARGIN
    portions = _portions(heights, room, title_height)
    pages = [_page(safe, columns, heights, portion, portions) for portion in portions]
    if page_height is not None and safe.findings:
        pages.extend(_legend_page(safe, columns, part) for part in _legend_parts(safe, columns, page_height))
    return pages


@dataclass(frozen=True, slots=True)
class _Portion:
    """Rows of one page, from `start` up to `end`."""

    number: int
    start: int
    end: int


def _portions(heights: Sequence[float], room: float | None, first_less: float) -> list[_Portion]:
    if room is None:
        return [_Portion(1, 0, len(heights))]
    portions: list[_Portion] = []
    start, used = 0, first_less
    for index, height in enumerate(heights):
        if used + height > room and index > start:
            portions.append(_Portion(len(portions) + 1, start, index))
            start, used = index, 0.0
        used += height
    portions.append(_Portion(len(portions) + 1, start, len(heights)))
    return portions


def _page(
    ladder: Ladder, columns: Columns, heights: Sequence[float], portion: _Portion, portions: Sequence[_Portion]
) -> Drawing:
    items: list[Primitive] = []
    top = PAGE_MARGIN
    if portion.number == 1:
        items.extend(_title(ladder, columns, top))
        top += _title_height(ladder, columns)
    first_row = top + paint.heads_height(ladder)
    tops = _tops(heights[portion.start : portion.end], first_row)
    bottom = tops[-1] + 8
    rows = ladder.rows[portion.start : portion.end]
    spots = [(row, y, tops[number + 1] - y) for number, (row, y) in enumerate(zip(rows, tops, strict=False))]
    for row, y, height in spots:
        items.extend(paint.ground(row, columns, y, height))
    items.extend(_lifelines(columns, ladder, portion, tops, first_row, bottom))
    items.extend(_activity(ladder, columns, portion, tops))
    items.extend(paint.heads(ladder, columns, top))
    for row, y, height in spots:
        items.extend(paint.row_items(row, columns, y, height))
    if len(portions) == 1 and bottom - top > TALL:
        items.extend(paint.heads(ladder, columns, bottom, captions=False))
        bottom += paint.heads_height(ladder)
    if len(portions) == 1 and ladder.findings:
        legend, bottom = _legend(ladder.findings, columns, bottom + 14)
        items.extend(legend)
    if len(portions) > 1:
        items.append(_page_number(portion, portions, bottom + 18))
        bottom += 18
    return Drawing(
        width=columns.width,
        height=bottom + PAGE_MARGIN,
        items=tuple(items),
        title=ladder.title,
        description=_described(ladder),
    )


def _tops(heights: Sequence[float], start: float) -> list[float]:
    found = [start]
    for height in heights:
        found.append(found[-1] + height)
    return found


def _described(ladder: Ladder) -> str:
    messages = sum(isinstance(row, Arrow) for row in ladder.rows)
    nodes = ", ".join(lane.head for lane in ladder.lanes)
    facts = f"{messages} messages between {nodes}." if nodes else "No messages."
    return " ".join([*ladder.subtitle, facts, f"{len(ladder.findings)} findings."])


def _title_lines(ladder: Ladder, columns: Columns) -> list[str]:
    room = columns.width - 2 * PAGE_MARGIN
    return [line for text in ladder.subtitle for line in wrapped(text, room, lambda part: pixels(part, 13), limit=4)]


def _title_height(ladder: Ladder, columns: Columns) -> float:
    return 34 + 19 * len(_title_lines(ladder, columns)) + 10


def _title(ladder: Ladder, columns: Columns, top: float) -> Iterator[Primitive]:
    room = columns.width - 2 * PAGE_MARGIN
    title = wrapped(ladder.title, room, lambda part: pixels(part, 18, bold=True), limit=1)
    yield Words(x=PAGE_MARGIN, y=top + 16, text=title[0] if title else "", size=18, colour=INK, bold=True)
    for number, line in enumerate(_title_lines(ladder, columns)):
        yield Words(x=PAGE_MARGIN, y=top + 40 + 19 * number, text=line, size=13, colour=MUTED_INK)


def _lifelines(
    columns: Columns, ladder: Ladder, portion: _Portion, tops: Sequence[float], start: float, end: float
) -> Iterator[Primitive]:
    """A line a lane, dotted where nothing happens for long."""
    breaks = [
        (tops[index], tops[index + 1])
        for index, row in enumerate(ladder.rows[portion.start : portion.end])
        if isinstance(row, Break)
    ]
    edges = [start - 6, *(edge for pair in breaks for edge in pair), end]
    for x in columns.lanes:
        for position, (y1, y2) in enumerate(pairwise(edges)):
            dash = (2.0, 5.0) if position % 2 else ()
            yield Stroke(x1=x, y1=y1, x2=x, y2=y2, colour=FAINT, width=1.4, dash=dash)


def _activity(ladder: Ladder, columns: Columns, portion: _Portion, tops: Sequence[float]) -> Iterator[Primitive]:
    """Bars on the lanes of a band from its first packet to its last, drawn as far as they reach into the page."""
    for index, row in enumerate(ladder.rows):
        if not isinstance(row, Band) or row.first == row.second or index >= portion.end:
            continue
        end = _end_row(ladder.rows, index, row.until)
        if end < portion.start:
            continue
        y1 = tops[max(index, portion.start) - portion.start]
        y2 = tops[min(end + 1, portion.end) - portion.start]
        yield from paint.activity(columns, row, y1 + 8, y2)


def _end_row(rows: Sequence[Row], start: int, until: int) -> int:
    """The last row that begins before the band ends."""
    last = start
    for index in range(start + 1, len(rows)):
        if rows[index].offset <= until:
            last = index
    return last


def _legend(findings: Sequence[Badge], columns: Columns, top: float) -> tuple[list[Primitive], float]:
    """Findings by severity with their whole text, and where the list ends."""
    items: list[Primitive] = [
        Stroke(x1=PAGE_MARGIN, y1=top, x2=columns.width - PAGE_MARGIN, y2=top, colour=FAINT),
        Words(x=PAGE_MARGIN, y=top + 24, text="Findings", size=14, colour=INK, bold=True),
    ]
    y = top + 36
    for badge, lines in _legend_entries(findings, columns):
        items.append(paint.badge_group(badge, PAGE_MARGIN, y + 1))
        x = PAGE_MARGIN + _legend_indent(findings)
        for number, line in enumerate(lines):
            items.append(Words(x=x, y=y + 13 + 16 * number, text=line, size=12, colour=COLOURS[Tone.PLAIN]))
        y += 8 + 16 * len(lines)
    return items, y


def _legend_indent(findings: Sequence[Badge]) -> float:
    return max(paint.badge_width(badge.code) for badge in findings) + 12


def _legend_entries(findings: Sequence[Badge], columns: Columns) -> list[tuple[Badge, list[str]]]:
    room = columns.width - 2 * PAGE_MARGIN - _legend_indent(findings)
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    ordered = sorted(findings, key=lambda badge: order.index(badge.severity))
    return [(badge, wrapped(badge.text, room, lambda part: pixels(part, 12), limit=6) or [""]) for badge in ordered]


def _legend_parts(ladder: Ladder, columns: Columns, page_height: float) -> list[list[Badge]]:
    room = page_height - 2 * PAGE_MARGIN - 60
    parts: list[list[Badge]] = [[]]
    used = 0.0
    for badge, lines in _legend_entries(ladder.findings, columns):
        height = 8 + 16 * len(lines)
        if used + height > room and parts[-1]:
            parts.append([])
            used = 0.0
        parts[-1].append(badge)
        used += height
    return parts


def _legend_page(ladder: Ladder, columns: Columns, findings: Sequence[Badge]) -> Drawing:
    items, bottom = _legend(findings, columns, PAGE_MARGIN)
    return Drawing(width=columns.width, height=bottom + PAGE_MARGIN, items=tuple(items), title=ladder.title)


def _page_number(portion: _Portion, portions: Sequence[_Portion], y: float) -> Words:
    text = f"page {portion.number} of {len(portions)}"
    return Words(x=PAGE_MARGIN, y=y, text=text, size=11, colour=MUTED_INK)
