"""The page of an audit as tables, for terminals, mail and Markdown."""

from collections.abc import Iterator, Sequence

from sipscope.views.audit_page import AuditPage, Share
from sipscope.views.kpi import KpiRow, endings_table, kpi_tables
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone, tone_of_severity
from sipscope.views.words import counted

NOT_TOLD = "(not told)"
"""A product that says nothing of itself."""

_RULES_SHOWN = 25
_PAIRS_SHOWN = 15
_FRAMES_SHOWN = 8
_RIGHT = Alignment.RIGHT


def headline_of(page: AuditPage) -> str:
    """The counts of everything in one line."""
    counts = page.counts
    parts = [
        counted(counts.captures, "capture"),
        counted(counts.calls, "call"),
        counted(counts.errors, "error"),
        counted(counts.warnings, "warning"),
    ]
    if page.changes is not None:
        parts.append(f"{sum(change.new for change in page.changes)} new")
    if counts.suppressed:
        parts.append(f"{counts.suppressed} suppressed")
    if counts.copies:
        parts.insert(1, f"{counts.copies} of them the same as another")
    if counts.unread:
        parts.insert(1, f"{counts.unread} of them not read, or not to their end")
    return " · ".join(parts)


def period_of(page: AuditPage) -> str:
    """From when to when the captures are; empty where that isn't known."""
    counts = page.counts
    return f"{counts.first_at} to {counts.last_at} UTC" if counts.first_at else ""


def share_of(part: int, whole: int) -> str:
    """A share in percent, with one decimal; empty of nothing."""
    return f"{100 * part / whole:.1f}" if whole else ""


def frames_of(frames: Sequence[int]) -> str:
    """Where a finding is, behind the name of a capture: `, frames 3, 7`; empty for nowhere."""
    if not frames:
        return ""
    more = ", …" if len(frames) > _FRAMES_SHOWN else ""
    return f", {'frame' if len(frames) == 1 else 'frames'} {', '.join(map(str, frames[:_FRAMES_SHOWN]))}{more}"


def audit_tables(page: AuditPage) -> tuple[Table, ...]:
    """All tables that have a row."""
    return tuple(table for table in _tables(page) if table.rows)


def _tables(page: AuditPage) -> Iterator[Table]:
    yield slots_table(page)
    yield from kpi_tables(counted_figures(page), by=None)
    yield endings_table(page.endings)
    yield rules_table(page, shown=_RULES_SHOWN)
    yield trunks_table(page)
    yield agents_table(page)
    yield pairs_table(page)
    yield mos_table(page)
    yield captures_table(page)
    yield unread_table(page)
    yield unmet_table(page)
    yield changes_table(page)


def counted_figures(page: AuditPage) -> list[KpiRow]:
    """Metrics that something counted for."""
    return [row for row in page.figures if row.count]


def slots_table(page: AuditPage) -> Table:
    """Calls over time; a time without a call has no row."""
    return Table(
        title="Calls over time",
        columns=(Column(heading="Begin"), *_numbers("Calls", "Answered", "Not answered", "With errors")),
        rows=tuple(
            _row(slot.label, slot.calls, slot.answered, slot.unanswered, slot.faulty)
            for slot in page.slots
            if slot.calls
        ),
        note="Answered and not answered are calls without an error.",
    )


def rules_table(page: AuditPage, *, shown: int | None = None) -> Table:
    """Findings by rule, all rules or so many."""
    limit = len(page.rules) if shown is None else shown
    return Table(
        title="Findings by rule",
        columns=(
            Column(heading="Rule"),
            Column(heading="Name", may_wrap=True),
            *_numbers("Errors", "Warnings", "Remarks", "Captures", "Calls"),
        ),
        rows=tuple(
            _row(
                use.rule.code,
                use.rule.name,
                use.errors,
                use.warnings,
                use.remarks,
                use.captures,
                use.calls,
                tone=tone_of_severity(use.severity),
            )
            for use in page.rules[:limit]
        ),
        note=_more(len(page.rules) - limit, "rule"),
    )


def trunks_table(page: AuditPage) -> Table:
    """Pairs of hosts with faulty calls."""
    return _shares("Trunks with most faulty calls", "Source → destination", page.trunks, page.more("trunks"), "trunk")


def agents_table(page: AuditPage) -> Table:
    """Products with faulty calls."""
    return _shares(
        "Products with most faulty calls", "User-Agent or Server", page.agents, page.more("agents"), "product"
    )


def _shares(title: str, heading: str, shares: Sequence[Share], more: int, what: str) -> Table:
    with_mos = any(share.mos is not None for share in shares)
    return Table(
        title=title,
        columns=(
            Column(heading=heading, may_wrap=True),
            *_numbers("Calls", "Answered", "With errors"),
            Column(heading="Share", alignment=_RIGHT, unit="%"),
            *(_numbers("MOS") if with_mos else ()),
            Column(heading="Most frequent"),
        ),
        rows=tuple(
            _row(
                share.name,
                share.calls,
                share.answered,
                share.faulty,
                share_of(share.faulty, share.calls),
                *([_decimal(share.mos)] if with_mos else []),
                share.rule,
            )
            for share in shares
        ),
        note=_more(more, what),
    )


def pairs_table(page: AuditPage) -> Table:
    """Products that fail with each other."""
    faulty = [pair for pair in page.pairs if pair.faulty]
    return Table(
        title="Pairs of products with most faulty calls",
        columns=(
            Column(heading="Caller", may_wrap=True),
            Column(heading="Callee", may_wrap=True),
            *_numbers("Calls", "With errors"),
            Column(heading="Share", alignment=_RIGHT, unit="%"),
            Column(heading="Most frequent"),
        ),
        rows=tuple(
            _row(
                pair.caller or NOT_TOLD,
                pair.callee or NOT_TOLD,
                pair.calls,
                pair.faulty,
                share_of(pair.faulty, pair.calls),
                pair.rule,
            )
            for pair in faulty[:_PAIRS_SHOWN]
        ),
        note=_more(len(faulty) - _PAIRS_SHOWN, "pair"),
    )


def mos_table(page: AuditPage) -> Table:
    """Streams by quality."""
    streams = sum(band.streams for band in page.mos)
    return Table(
        title="Streams by MOS",
        columns=(
            Column(heading="MOS"),
            Column(heading="What users say"),
            *_numbers("Streams"),
            Column(heading="Share", alignment=_RIGHT, unit="%"),
        ),
        rows=tuple(_row(band.label, band.meaning, band.streams, share_of(band.streams, streams)) for band in page.mos),
    )


def captures_table(page: AuditPage) -> Table:
    """Captures with most errors."""
    return Table(
        title="Captures with most errors",
        columns=(
            Column(heading="Capture", may_wrap=True),
            *_numbers("Calls", "Errors", "Warnings"),
            Column(heading="Rules", may_wrap=True),
        ),
        rows=tuple(
            _row(item.name, item.calls, item.errors, item.warnings, ", ".join(item.rules)) for item in page.captures
        ),
        note=_more(page.more("captures"), "capture"),
    )


def unread_table(page: AuditPage) -> Table:
    """Captures that could not be read."""
    return Table(
        title="Captures not read, or not to their end",
        columns=(
            Column(heading="Capture", may_wrap=True),
            Column(heading="Status"),
            Column(heading="Why", may_wrap=True),
        ),
        rows=tuple(_row(item.name, item.status, item.error, tone=Tone.WARNING) for item in page.unread),
        note=_more(page.more("unread"), "capture"),
    )


def unmet_table(page: AuditPage) -> Table:
    """Expectations of the configuration that don't hold."""
    return Table(
        title="Expectations that don't hold",
        columns=(
            Column(heading="Expectation", may_wrap=True),
            *_numbers("Captures"),
            Column(heading="One of them", may_wrap=True),
            Column(heading="What doesn't hold there", may_wrap=True),
        ),
        rows=tuple(_row(item.name, item.captures, item.capture, item.failure, tone=Tone.ERROR) for item in page.unmet),
    )


def changes_table(page: AuditPage) -> Table:
    """Rules that found something new, or no more what they found, against an earlier audit."""
    changes = [change for change in page.changes or () if change.new or change.gone]
    return Table(
        title="Against the baseline",
        columns=(
            Column(heading="Rule"),
            Column(heading="Name", may_wrap=True),
            *_numbers("New", "As before", "Gone"),
        ),
        rows=tuple(
            _row(
                change.rule,
                change.name,
                change.new,
                change.kept,
                change.gone,
                tone=Tone.STRONG if change.new else Tone.PLAIN,
            )
            for change in changes
        ),
    )


def _numbers(*headings: str) -> tuple[Column, ...]:
    return tuple(Column(heading=heading, alignment=_RIGHT) for heading in headings)


def _row(*values: object, tone: Tone = Tone.PLAIN) -> tuple[Cell, ...]:
    """Cells; the first is painted, and zero stays back."""
    first, *others = values
    cells = (Cell(text=str(value), tone=Tone.MUTED if value == 0 else Tone.PLAIN) for value in others)
    return (Cell(text=str(first), tone=tone), *cells)


def _decimal(number: float | None) -> str:
    return "" if number is None else f"{number:.2f}"


def _more(number: int, what: str) -> str:
    return f"and {counted(number, f'{what} more', f'{what}s more')}" if number > 0 else ""
