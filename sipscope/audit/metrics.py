"""Performance metrics of RFC 6076, and the telephone network's older ones, from the database of an audit.

What is counted is the request series: challenges, redirections and fail-overs are inside of it, retransmissions never
restart a clock, and a leg that a B2BUA made counts with the leg it was made of (RFC 6076 §3, §5.2). Each metric is one
row of a literal table here; the reference page is printed from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sipscope.audit.store import Store
from sipscope.errors import UsageError


class Kind(StrEnum):
    """What a metric is: a share of series, or a time."""

    RATIO = "ratio"
    DELAY = "delay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric.

    Attributes:
        code: `KPI-001` …; a word for those that RFC 6076 doesn't define.
        name: Its short name.
        title: Its name in full.
        kind: Share or time.
        clause: Where it is defined.
        text: What is counted, in words.
        base: Rows that it is about: `registrations`, `sessions` or `releases`.
        counted: Condition for a row to count: the denominator, or the times.
        hit: Ratio: condition for the numerator. Delay: expression for the time in milliseconds.
        excluded: Conditions by reason, for rows of the base that don't count.
        unit: `%`, `ms` or `s`.
    """

    code: str
    name: str
    title: str
    kind: Kind
    clause: str
    text: str
    base: str
    counted: str
    hit: str
    excluded: tuple[tuple[str, str], ...] = ()
    unit: str = "%"


_OPEN = ("open at the end of the capture", "outcome = 'pending'")
_REDIRECTED = ("ended in a redirection", "is_redirected")
_UNKNOWN_END = ("end not in the capture", "outcome = 'succeeded' AND release_outcome IS NULL")
_CHALLENGE = "final_status IN (401, 402, 407)"
_FAILED = f"(outcome = 'failed' AND NOT {_CHALLENGE} AND NOT is_redirected)"
_FIRST = "coalesce(provisional_ns, final_ns) - started_ns"

METRICS = (
    Metric(
        code="KPI-001",
        name="RRD",
        title="Registration Request Delay",
        kind=Kind.DELAY,
        clause="RFC 6076 §4.1",
        text="From the first REGISTER of a series, before any challenge, to the 200 OK that ends it",
        base="registrations",
        counted="outcome = 'succeeded'",
        hit="(final_ns - started_ns) / 1e6",
        excluded=(_OPEN, ("failed", "outcome IN ('failed', 'unanswered')")),
        unit="ms",
    ),
    Metric(
        code="KPI-002",
        name="IRA",
        title="Ineffective Registration Attempts",
        kind=Kind.RATIO,
        clause="RFC 6076 §4.2",
        text="Series that end in 4xx but 401, 402 and 407, in 5xx, 6xx or unanswered, of all series of REGISTER",
        base="registrations",
        counted="outcome <> 'pending'",
        hit=f"{_FAILED} OR outcome = 'unanswered'",
        excluded=(_OPEN,),
    ),
    Metric(
        code="KPI-003",
        name="SRD success",
        title="Session Request Delay, successful",
        kind=Kind.DELAY,
        clause="RFC 6076 §4.3.1",
        text="From the first INVITE to the first response from 101 to 199, else to the 200, of series that end in 2xx",
        base="sessions",
        counted="outcome = 'succeeded'",
        hit=f"({_FIRST}) / 1e6",
        excluded=(_OPEN,),
        unit="ms",
    ),
    Metric(
        code="KPI-004",
        name="SRD failed",
        title="Session Request Delay, failed",
        kind=Kind.DELAY,
        clause="RFC 6076 §4.3.2",
        text="From the first INVITE to the first response from 101 to 199, else to the failure, of series that fail",
        base="sessions",
        counted=_FAILED,
        hit=f"({_FIRST}) / 1e6",
        excluded=(_OPEN, ("unanswered", "outcome = 'unanswered'")),
        unit="ms",
    ),
    Metric(
        code="KPI-005",
        name="SDD",
        title="Session Disconnect Delay",
        kind=Kind.DELAY,
        clause="RFC 6076 §4.4",
        text="From the first BYE to its 2xx",
        base="releases",
        counted="outcome = 'succeeded'",
        hit="(final_ns - started_ns) / 1e6",
        excluded=(_OPEN, ("unanswered", "outcome = 'unanswered'"), ("failed", "outcome = 'failed'")),
        unit="ms",
    ),
    Metric(
        code="KPI-006",
        name="SDT completed",
        title="Session Duration Time, completed",
        kind=Kind.DELAY,
        clause="RFC 6076 §4.5.1",
        text="From the 200 to the INVITE to a BYE that was answered",
        base="sessions",
        counted="outcome = 'succeeded' AND release_outcome IN ('succeeded', 'failed')",
        hit="(release_ns - final_ns) / 1e9",
        excluded=(_UNKNOWN_END,),
        unit="s",
    ),
    Metric(
        code="KPI-007",
        name="SDT failed",
        title="Session Duration Time, failed completion",
        kind=Kind.DELAY,
        clause="RFC 6076 §4.5.2",
        text="From the 200 to the INVITE to 32 s behind a BYE that nobody answered (Timer F)",
        base="sessions",
        counted="outcome = 'succeeded' AND release_outcome = 'unanswered'",
        hit="(release_ns - final_ns) / 1e9 + 32",
        excluded=(_UNKNOWN_END,),
        unit="s",
    ),
    Metric(
        code="KPI-008",
        name="SER",
        title="Session Establishment Ratio",
        kind=Kind.RATIO,
        clause="RFC 6076 §4.6",
        text="Series that end in 2xx, of all new sessions but those that end in 3xx",
        base="sessions",
        counted="outcome <> 'pending' AND NOT is_redirected",
        hit="outcome = 'succeeded'",
        excluded=(_OPEN, _REDIRECTED),
    ),
    Metric(
        code="KPI-009",
        name="SEER",
        title="Session Establishment Effectiveness Ratio",
        kind=Kind.RATIO,
        clause="RFC 6076 §4.7",
        text="Series that end in 2xx, 480, 486, 600 or 603, of all new sessions but those that end in 3xx",
        base="sessions",
        counted="outcome <> 'pending' AND NOT is_redirected",
        hit="outcome = 'succeeded' OR final_status IN (480, 486, 600, 603)",
        excluded=(_OPEN, _REDIRECTED),
    ),
    Metric(
        code="KPI-010",
        name="ISA",
        title="Ineffective Session Attempts",
        kind=Kind.RATIO,
        clause="RFC 6076 §4.8",
        text="Series that end in 408, 500, 503 or 504, or that nobody answers, of all new sessions",
        base="sessions",
        counted="outcome <> 'pending'",
        hit="final_status IN (408, 500, 503, 504) OR outcome = 'unanswered'",
        excluded=(_OPEN,),
    ),
    Metric(
        code="KPI-011",
        name="SCR",
        title="Session Completion Ratio",
        kind=Kind.RATIO,
        clause="RFC 6076 §4.9",
        text="Sessions that were answered and whose BYE was answered, of all new sessions",
        base="sessions",
        counted="outcome <> 'pending' AND NOT (outcome = 'succeeded' AND release_outcome IS NULL)",
        hit="outcome = 'succeeded' AND release_outcome IN ('succeeded', 'failed')",
        excluded=(_OPEN, _UNKNOWN_END),
    ),
    Metric(
        code="abandoned",
        name="abandoned",
        title="Abandoned attempts",
        kind=Kind.RATIO,
        clause="sipscope",
        text="Series that end in 487, of all new sessions but those that end in 3xx; they lower SER and SEER",
        base="sessions",
        counted="outcome <> 'pending' AND NOT is_redirected",
        hit="final_status = 487",
        excluded=(_OPEN, _REDIRECTED),
    ),
    Metric(
        code="ASR",
        name="ASR",
        title="Answer-Seizure Ratio",
        kind=Kind.RATIO,
        clause="ITU-T E.425",
        text="Answered calls of all attempts",
        base="sessions",
        counted="outcome <> 'pending'",
        hit="outcome = 'succeeded'",
        excluded=(_OPEN,),
    ),
    Metric(
        code="NER",
        name="NER",
        title="Network Effectiveness Ratio",
        kind=Kind.RATIO,
        clause="ITU-T E.425",
        text="Attempts that reached the callee, answered or busy, ringing, declined or abandoned, of all attempts",
        base="sessions",
        counted="outcome <> 'pending'",
        hit="outcome = 'succeeded' OR final_status IN (480, 486, 487, 600, 603)",
        excluded=(_OPEN,),
    ),
    Metric(
        code="ACD",
        name="ACD",
        title="Average Call Duration",
        kind=Kind.DELAY,
        clause="ITU-T E.437",
        text="From the answer to the BYE, whether or not it was answered; the mean is the figure",
        base="sessions",
        counted="outcome = 'succeeded' AND release_outcome IS NOT NULL",
        hit="(release_ns - final_ns) / 1e9",
        excluded=(_UNKNOWN_END,),
        unit="s",
    ),
    Metric(
        code="PDD",
        name="PDD",
        title="Post-Dial Delay",
        kind=Kind.DELAY,
        clause="sipscope",
        text="From the first INVITE of a call to the first ringing, else to the answer",
        base="sessions",
        counted="setup_ms IS NOT NULL",
        hit="setup_ms",
        excluded=(("neither ringing nor answer", "setup_ms IS NULL"),),
        unit="ms",
    ),
)
"""All metrics, in the order of reports."""

DIMENSIONS = {
    "capture": "capture",
    "source": "source",
    "destination": "destination",
    "trunk": "source || ' → ' || destination",
    "caller_agent": "coalesce(agent, '(not told)')",
    "callee_agent": "coalesce(server, '(not told)')",
    "hour": "strftime(make_timestamp(started_ns // 1000), '%Y-%m-%dT%H:00Z')",
    "day": "strftime(make_timestamp(started_ns // 1000), '%Y-%m-%d')",
}
"""What figures can be told by, and the expression for it."""

_COLUMNS = """
    a.capture, a.source, a.destination, a.agent, a.server, a.outcome, a.final_status, a.requests,
    epoch_ns(a.started_at) AS started_ns,
    epoch_ns(a.provisional_at) AS provisional_ns,
    epoch_ns(a.final_at) AS final_ns,
    coalesce(a.final_status BETWEEN 300 AND 399, false) AS is_redirected
"""

_BASES = {
    "registrations": f"SELECT {_COLUMNS} FROM attempts AS a WHERE a.method = 'REGISTER' AND NOT a.is_partial",
    "releases": f"SELECT {_COLUMNS} FROM attempts AS a WHERE a.method = 'BYE' AND a.is_origin AND NOT a.is_partial",
    "sessions": f"""
        SELECT {_COLUMNS}, c.setup_ms, r.release_ns, r.release_outcome
        FROM attempts AS a
        LEFT JOIN calls AS c ON c.capture = a.capture AND c.call = a.call
        LEFT JOIN (
            SELECT capture, call, min(epoch_ns(started_at)) AS release_ns,
                   arg_min(outcome, started_at) AS release_outcome
            FROM attempts WHERE method = 'BYE' AND is_origin AND call IS NOT NULL AND outcome <> 'pending'
            GROUP BY capture, call
        ) AS r ON r.capture = a.capture AND r.call = a.call AND a.outcome = 'succeeded'
        WHERE a.method = 'INVITE' AND NOT a.in_dialog AND a.is_origin AND NOT a.is_partial
    """,
}
"""The rows that metrics are about, each a series; a session has the first BYE of its call beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What a metric came to.

    Attributes:
        metric: Which one.
        group: What it is told of; empty for everything.
        count: How many rows counted: the denominator, or the number of times.
        hits: Ratio: the numerator.
        minimum: Delay: the shortest, in the metric's unit; None without any.
        mean: Delay: the mean.
        median: Delay: half are shorter.
        percentile_95: Delay: 95 % are shorter.
        maximum: Delay: the longest.
        excluded: How many rows did not count, by reason, those with any.
    """

    metric: Metric
    group: str
    count: int
    hits: int = 0
    minimum: float | None = None
    mean: float | None = None
    median: float | None = None
    percentile_95: float | None = None
    maximum: float | None = None
    excluded: tuple[tuple[str, int], ...] = field(default=())

    @property
    def percent(self) -> float | None:
        """Ratio: the share; None where nothing counted."""
        return None if self.metric.kind is not Kind.RATIO or not self.count else 100 * self.hits / self.count


def figures_of(
    store: Store, *, by: str | None = None, since: str | None = None, until: str | None = None, literal: bool = False
) -> tuple[Figure, ...]:
    """Every metric, by group, then in the order of `METRICS`.

    Args:
        store: The database.
        by: One of `DIMENSIONS`; None for everything together.
        since: Only series that began then or later, ISO 8601.
        until: Only series that began before then.
        literal: Count requests instead of series, as the formulas of RFC 6076 read word for word: a challenged INVITE
            and its repetition are two.

    Raises:
        UsageError: A time is none.
    """
    found = [figure for metric in METRICS for figure in _figures(store, metric, by, since, until, literal=literal)]
    order = {metric.code: number for number, metric in enumerate(METRICS)}
    return tuple(sorted(found, key=lambda item: (item.group, order[item.metric.code])))


def _figures(
    store: Store, metric: Metric, by: str | None, since: str | None, until: str | None, *, literal: bool
) -> Iterator[Figure]:
    weight = "requests" if literal else "1"
    # Without groups there is one row even where there is nothing to count.
    group, grouped = ("''", "") if by is None else (DIMENSIONS[by], " GROUP BY told_by")
    if metric.kind is Kind.RATIO:
        hits = f"count(*) FILTER (({metric.counted}) AND ({metric.hit}))"
        values = f"coalesce(sum({weight}) FILTER ({metric.counted}), 0), {hits}"
    else:
        time = f"({metric.hit}) FILTER ({metric.counted})"
        values = (
            f"count{time}, min{time}, avg{time}, quantile_cont({metric.hit}, 0.5) FILTER ({metric.counted}), "
            f"quantile_cont({metric.hit}, 0.95) FILTER ({metric.counted}), max{time}"
        )
    reasons = "".join(f", count(*) FILTER ({condition})" for _, condition in metric.excluded)
    condition, limits = _between(since, until)
    rows = _asked(
        store,
        f"SELECT {group} AS told_by, {values}{reasons} FROM ({_BASES[metric.base]}) WHERE {condition}{grouped}",
        limits,
    )
    for row in rows:
        own = len(row) - len(metric.excluded)
        counts = zip((reason for reason, _ in metric.excluded), map(_whole, row[own:]), strict=True)
        excluded = tuple((reason, count) for reason, count in counts if count)
        if metric.kind is Kind.RATIO:
            yield Figure(metric=metric, group=str(row[0]), count=_whole(row[1]), hits=_whole(row[2]), excluded=excluded)
        else:
            low, mean, median, high, top = map(_number, row[2:7])
            yield Figure(
                metric=metric,
                group=str(row[0]),
                count=_whole(row[1]),
                minimum=low,
                mean=mean,
                median=median,
                percentile_95=high,
                maximum=top,
                excluded=excluded,
            )


def final_statuses(store: Store) -> tuple[tuple[str, int], ...]:
    """How often new sessions ended in each final status, most frequent first; what had none by its outcome."""
    rows = store.query(
        f"SELECT coalesce(final_status::VARCHAR, outcome) AS ending, count(*) FROM ({_BASES['sessions']}) "
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
    return float(value) if isinstance(value, int | float) else None
