"""An audit in a few tables, from the database."""

from collections.abc import Iterator, Sequence

from sipscope.audit.baseline import News
from sipscope.audit.store import Store
from sipscope.model.defects import Severity
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone, tone_of_severity
from sipscope.views.words import counted

_RULES_SHOWN = 15
_CAPTURES_SHOWN = 10
_NEWS_SHOWN = 20
_RIGHT = Alignment.RIGHT

_OUTCOMES = "SELECT outcome, count(*) FROM calls GROUP BY outcome ORDER BY count(*) DESC, outcome"

_RULES = """
SELECT rule, any_value(name), severity, count(*) AS times, count(DISTINCT capture),
       count(DISTINCT CASE WHEN call IS NOT NULL THEN struct_pack(capture, call) END)
FROM findings WHERE suppressed IS NULL GROUP BY rule, severity
ORDER BY CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, times DESC, rule
"""

_WORST = """
SELECT capture, calls, errors, warnings,
       (SELECT string_agg(rule, ', ' ORDER BY rule)
        FROM (SELECT DISTINCT rule FROM findings
              WHERE findings.capture = captures.capture AND severity = 'error' AND suppressed IS NULL))
FROM captures WHERE errors > 0 ORDER BY errors DESC, capture
"""

_UNREAD = """
SELECT capture, status, error FROM captures WHERE status NOT IN ('read', 'duplicate') ORDER BY capture
"""

_FAILED = """
SELECT name, count(*) AS times, list(capture ORDER BY capture)[1], list(failures[1] ORDER BY capture)[1]
FROM expectations WHERE NOT holds GROUP BY name ORDER BY times DESC, name
"""

_DUPLICATES = "SELECT capture, same_as FROM captures WHERE status = 'duplicate' ORDER BY capture"


def overview_of(store: Store) -> tuple[Table, ...]:
    """Calls by outcome, findings by rule, the worst captures, and those that could not be read, as far as there are."""
    return tuple(table for table in _tables(store) if table.rows)


def headline_of(store: Store) -> str:
    """The counts of everything in one line."""
    ((captures, unread, copies, calls, errors, warnings, suppressed),) = store.query(
        "SELECT count(*), count(*) FILTER (status NOT IN ('read', 'damaged', 'duplicate')), "
        "count(*) FILTER (status = 'duplicate'), sum(calls), sum(errors), sum(warnings), sum(suppressed) "
        "FROM captures"
    )
    counts = ((captures, "capture"), (calls, "call"), (errors, "error"), (warnings, "warning"))
    parts = [counted(int(str(number or 0)), name) for number, name in counts]
    if unread:
        parts.insert(1, f"{unread} of them not read")
    if suppressed:
        parts.append(f"{suppressed} suppressed")
    if copies:
        parts.insert(1, f"{copies} of them the same as another")
    return " · ".join(parts)


def _tables(store: Store) -> Iterator[Table]:
    yield Table(
        title="Calls by outcome",
        columns=(Column(heading="Outcome"), Column(heading="Calls", alignment=_RIGHT)),
        rows=tuple(_cells(row) for row in store.query(_OUTCOMES)),
    )
    rules = store.query(_RULES)
    yield Table(
        title="Findings by rule",
        columns=(
            Column(heading="Rule"),
            Column(heading="Name", may_wrap=True),
            Column(heading="Severity"),
            Column(heading="Times", alignment=_RIGHT),
            Column(heading="Captures", alignment=_RIGHT),
            Column(heading="Calls", alignment=_RIGHT),
        ),
        rows=tuple(_cells(row, tone=tone_of_severity(Severity(str(row[2])))) for row in rules[:_RULES_SHOWN]),
        note=_more(rules, _RULES_SHOWN, "rules"),
    )
    worst = store.query(_WORST)
    yield Table(
        title="Captures with most errors",
        columns=(
            Column(heading="Capture", may_wrap=True),
            Column(heading="Calls", alignment=_RIGHT),
            Column(heading="Errors", alignment=_RIGHT),
            Column(heading="Warnings", alignment=_RIGHT),
            Column(heading="Rules", may_wrap=True),
        ),
        rows=tuple(_cells(row) for row in worst[:_CAPTURES_SHOWN]),
        note=_more(worst, _CAPTURES_SHOWN, "captures"),
    )
    unread = store.query(_UNREAD)
    yield Table(
        title="Captures not read, or not to their end",
        columns=(
            Column(heading="Capture", may_wrap=True),
            Column(heading="Status"),
            Column(heading="Why", may_wrap=True),
        ),
        rows=tuple(_cells(row, tone=Tone.WARNING) for row in unread[:_CAPTURES_SHOWN]),
        note=_more(unread, _CAPTURES_SHOWN, "captures"),
    )
    failed = store.query(_FAILED)
    yield Table(
        title="Expectations that don't hold",
        columns=(
            Column(heading="Expectation", may_wrap=True),
            Column(heading="Captures", alignment=_RIGHT),
            Column(heading="First", may_wrap=True),
            Column(heading="Why", may_wrap=True),
        ),
        rows=tuple(_cells(row, tone=Tone.ERROR) for row in failed[:_CAPTURES_SHOWN]),
        note=_more(failed, _CAPTURES_SHOWN, "expectations"),
    )
    copies = store.query(_DUPLICATES)
    yield Table(
        title="Captures with the bytes of another, not counted again",
        columns=(Column(heading="Capture", may_wrap=True), Column(heading="Same as", may_wrap=True)),
        rows=tuple(_cells(row) for row in copies[:_CAPTURES_SHOWN]),
        note=_more(copies, _CAPTURES_SHOWN, "captures"),
    )


def news_table(news: Sequence[News]) -> Table:
    """What is new or worse than in an earlier audit."""
    rows = tuple(
        (
            Cell(text=item.severity, tone=tone_of_severity(Severity(item.severity))),
            Cell(text=item.rule),
            Cell(text=f"was {item.before}" if item.before else "new"),
            Cell(text=item.capture),
            Cell(text="" if item.call is None else str(item.call)),
            Cell(text=item.text),
        )
        for item in news[:_NEWS_SHOWN]
    )
    return Table(
        title="New or worse than the baseline",
        columns=(
            Column(heading="Severity"),
            Column(heading="Rule"),
            Column(heading="State"),
            Column(heading="Capture", may_wrap=True),
            Column(heading="Call", alignment=_RIGHT),
            Column(heading="What was found", may_wrap=True),
        ),
        rows=rows,
        note=_more(news, _NEWS_SHOWN, "findings"),
    )


def _more(rows: Sequence[object], limit: int, what: str) -> str:
    return f"and {len(rows) - limit} {what} more" if len(rows) > limit else ""


def _cells(row: Sequence[object], *, tone: Tone = Tone.PLAIN) -> tuple[Cell, ...]:
    """A row as text; the first cell is painted."""
    texts = ["" if value is None else str(value) for value in row]
    return (Cell(text=texts[0], tone=tone), *(Cell(text=text) for text in texts[1:]))
