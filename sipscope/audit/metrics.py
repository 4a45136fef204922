"""Figures of an audit: every metric, asked of its database.

What is counted is the request series: challenges, redirections and fail-overs are inside of it, retransmissions never
restart a clock, and a leg that a B2BUA made counts with the leg it was made of (RFC 6076 §3, §5.2).
"""

from collections.abc import Iterator, Sequence
from dataclasses import field

from sipscope.audit.companions import COMPANIONS
from sipscope.audit.metric_rows import BASES, DIMENSIONS, Base
from sipscope.audit.metric_table import STANDARD, Kind, Metric
from sipscope.audit.store import Store
from sipscope.errors import UsageError
from sipscope.model.time import Instant
from sipscope.values import dataclass

METRICS = (*STANDARD, *COMPANIONS)
"""All metrics, in the order of reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a metric came to.

    Attributes:
        metric: Which one.
        group: What it is told of; empty for everything.
        count: How many rows counted: the denominator, or the number of times.
        hits: Ratio: the numerator.
        minimum: Delay and level: the shortest or lowest, in the metric's unit; None without any.
        mean: Their mean.
        percentile_5: 5 % are shorter or lower.
        median: Half are shorter.
        percentile_95: 95 % are shorter.
        maximum: The longest; of a peak the peak.
        at: Peak: when it was first reached, nanoseconds.
        excluded: How many rows did not count, by reason, those with any.
    """

    metric: Metric
    group: str
    count: int
    hits: int = 0
    minimum: float | None = None
    percentile_5: float | None = None
    mean: float | None = None
    median: float | None = None
    percentile_95: float | None = None
    maximum: float | None = None
    at: Instant | None = None
    excluded: tuple[tuple[str, int], ...] = field(default=())

    @property
    def percent(self) -> float | None:
        """Ratio: the share; None where nothing counted."""
        return None if self.metric.kind is not Kind.RATIO or not self.count else 100 * self.hits / self.count


def figures_of(
    store: Store,
    *,
    by: str | None = None,
    since: str | None = None,
    until: str | None = None,
    literal: bool = False,
    metrics: Sequence[Metric] = METRICS,
) -> tuple[Figure, ...]:
    """Every metric, by group, then in the order of `METRICS`; without those that `by` says nothing of.

    Args:
        store: The database.
        by: One of `DIMENSIONS`; None for everything together.
        since: Only what began then or later, ISO 8601.
        until: Only what began before then.
        literal: Count requests instead of series, as the formulas of RFC 6076 read word for word: a challenged INVITE
            and its repetition are two.
        metrics: Only these.

    Raises:
        UsageError: A time is none.
    """
    found: list[Figure] = []
    for metric in metrics:
        rows = _Rows(store=store, base=BASES[metric.base], by=by, since=since, until=until)
        if by not in rows.base.untold:
            found += _peaks(rows, metric) if metric.kind is Kind.PEAK else _aggregated(rows, metric, literal=literal)
    order = {metric.code: number for number, metric in enumerate(METRICS)}
    return tuple(sorted(found, key=lambda item: (item.group, order[item.metric.code])))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Rows of a base within a period, with what they are told by."""

    store: Store
    base: Base
    by: str | None
    since: str | None
    until: str | None

    def ask(self, form: str) -> list[tuple[object, ...]]:
        """Rows of a query that has `{told}` for the group's expression and `{rows}` for what to select from."""
        condition, limits = _between(self.since, self.until)
        told = "''" if self.by is None else DIMENSIONS[self.by]
        rows = f"(SELECT * FROM ({self.base.told_by(self.by)}) WHERE {condition})"
        return _asked(self.store, form.replace("{told}", told).replace("{rows}", rows), limits)


def _aggregated(rows: _Rows, metric: Metric, *, literal: bool) -> Iterator[Figure]:
    """A share, time or level; each is a query of its own, which reads no more columns than it needs."""
    columns = ", ".join(_columns_of(metric, is_literal=literal and rows.base.is_series))
    # Without groups there is one row even where there is nothing to count.
    grouped = "" if rows.by is None else " GROUP BY told_by"
    for group, *values in rows.ask(f"SELECT {{told}} AS told_by, {columns} FROM {{rows}}{grouped}"):
        yield _figure(metric, str(group), values)


def _columns_of(metric: Metric, *, is_literal: bool) -> list[str]:
    reasons = [f"count(*) FILTER ({condition})" for _, condition in metric.excluded]
    if metric.kind is Kind.RATIO:
        whole = "requests" if is_literal and metric.whole == "1" else metric.whole
        return [
            f"coalesce(sum({whole}) FILTER ({metric.counted}), 0)",
            f"coalesce(sum({metric.part}) FILTER (({metric.counted}) AND ({metric.hit})), 0)",
            *reasons,
        ]
    value = f"({metric.hit}) FILTER ({metric.counted})"
    quantiles = f"quantile_cont({metric.hit}, [0.05, 0.5, 0.95]) FILTER ({metric.counted})"
    return [f"count{value}", f"min{value}", f"avg{value}", f"max{value}", quantiles, *reasons]


def _figure(metric: Metric, group: str, values: Sequence[object]) -> Figure:
    counts = zip(metric.excluded, values[-len(metric.excluded) :] if metric.excluded else (), strict=True)
    excluded = tuple((reason, _whole(count)) for (reason, _), count in counts if count)
    if metric.kind is Kind.RATIO:
        return Figure(metric=metric, group=group, count=_whole(values[0]), hits=_whole(values[1]), excluded=excluded)
    quantiles = values[4] if isinstance(values[4], list) else [None, None, None]
    low, median, high = map(_number, quantiles)
    return Figure(
        metric=metric,
        group=group,
        count=_whole(values[0]),
        minimum=_number(values[1]),
        percentile_5=low,
        mean=_number(values[2]),
        median=median,
        percentile_95=high,
        maximum=_number(values[3]),
        excluded=excluded,
    )


_CONCURRENT = """
WITH spans AS MATERIALIZED (SELECT {told} AS told_by, started_ns, {hit} AS until_ns FROM {rows} WHERE {counted}),
changes AS (
    SELECT told_by, started_ns AS at_ns, 1 AS change FROM spans
    UNION ALL SELECT told_by, until_ns, -1 FROM spans WHERE until_ns IS NOT NULL
),
running AS (
    SELECT told_by, at_ns, change,
           sum(change) OVER (PARTITION BY told_by ORDER BY at_ns, change ROWS UNBOUNDED PRECEDING) AS level
    FROM changes
)
SELECT told_by, count(*) FILTER (change = 1), max(level), min_by(at_ns, (-level, at_ns)) FROM running GROUP BY told_by
"""
"""Who leaves at the instant at which another comes makes room for them."""

_RATE = """
WITH seconds AS (
    SELECT {told} AS told_by, {hit} AS second, count(*) AS level FROM {rows} WHERE {counted} GROUP BY ALL
)
SELECT told_by, sum(level), max(level), min_by(second * 1000000000, (-level, second)) FROM seconds GROUP BY told_by
"""


def _peaks(rows: _Rows, metric: Metric) -> Iterator[Figure]:
    form = _CONCURRENT if metric.code == "concurrent" else _RATE
    found = rows.ask(form.replace("{hit}", metric.hit).replace("{counted}", metric.counted))
    if not found and rows.by is None:
        yield Figure(metric=metric, group="", count=0)
    for group, count, peak, at in found:
        yield Figure(metric=metric, group=str(group), count=_whole(count), maximum=_number(peak), at=_whole(at))


def final_statuses(store: Store) -> tuple[tuple[str, int], ...]:
    """How often new sessions ended in each final status, most frequent first; what had none by its outcome."""
    rows = store.query(
        f"SELECT coalesce(final_status::VARCHAR, outcome) AS ending, count(*) FROM ({BASES['sessions'].query}) "
        "GROUP BY ending ORDER BY count(*) DESC, ending"
    )
    return tuple((str(ending), _whole(count)) for ending, count in rows)


def _between(since: str | None, until: str | None) -> tuple[str, list[object]]:
    parts, values = ["true"], list[object]()
    for text, sign in ((since, ">="), (until, "<")):
        if text is not None:
            parts.append(f"started_ns {sign} epoch_ns(?::TIMESTAMPTZ)")
            values.append(text)
    return " AND ".join(parts), values


def _asked(store: Store, query: str, values: Sequence[object]) -> list[tuple[object, ...]]:
    """Rows of a query with times that a user gave."""
    import duckdb

    try:
        return store.query(query, values)
    except duckdb.ConversionException as error:
        raise UsageError(f"{' or '.join(map(str, values))} is no time: give it as 2026-01-31T10:00Z") from error


def _whole(value: object) -> int:
    return int(str(value or 0))


def _number(value: object) -> float | None:
    """A number as such; sums of DuckDB are wider than a machine's integer."""
    return float(value) if isinstance(value, int | float) else None
