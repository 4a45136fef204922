"""Metrics of RFC 6076, and the telephone network's older ones, as a literal table.

The reference page is printed from it; what sipscope adds of its own is in `companions`.
"""

from enum import StrEnum

from sipscope.values import dataclass


class Kind(StrEnum):
    """What a metric is: a share, a time, a level that each row has, or the highest of something."""

    RATIO = "ratio"
    DELAY = "delay"
    LEVEL = "level"
    PEAK = "peak"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric.

    Attributes:
        code: `KPI-001` …; a word for those that RFC 6076 doesn't define.
        name: Its short name.
        title: Its name in full.
        kind: Share, time, level or peak.
        clause: Where it is defined.
        text: What is counted, in words.
        base: Rows that it is about, one of `BASES`.
        counted: Condition for a row to count: the denominator, or the times.
        hit: Ratio: condition for the numerator. Delay and level: expression for the value in the metric's unit. Peak:
            expression for the nanosecond until which a row lasts, or for its second where rows don't last.
        whole: Ratio: expression for what a row adds to the denominator.
        part: Ratio: expression for what a row adds to the numerator.
        excluded: Conditions by reason, for rows of the base that don't count.
        unit: `%`, `ms`, `s`, or what is counted.
        worst_is_low: Level: low values are the bad ones, so that a limit looks at the 5th percentile.
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
    whole: str = "1"
    part: str = "1"
    excluded: tuple[tuple[str, str], ...] = ()
    unit: str = "%"
    worst_is_low: bool = False


OPEN = ("open at the end of the capture", "outcome = 'pending'")
"""Why most series don't count that don't."""

_REDIRECTED = ("ended in a redirection", "is_redirected")
_UNKNOWN_END = ("end not in the capture", "outcome = 'succeeded' AND release_outcome IS NULL")
_CHALLENGE = "final_status IN (401, 402, 407)"
_FAILED = f"(outcome = 'failed' AND NOT {_CHALLENGE} AND NOT is_redirected)"
_FIRST = "coalesce(provisional_ns, final_ns) - started_ns"

STANDARD = (
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
        excluded=(OPEN, ("failed", "outcome IN ('failed', 'unanswered')")),
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
        excluded=(OPEN,),
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
        excluded=(OPEN,),
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
        excluded=(OPEN, ("unanswered", "outcome = 'unanswered'")),
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
        excluded=(OPEN, ("unanswered", "outcome = 'unanswered'"), ("failed", "outcome = 'failed'")),
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
        excluded=(OPEN, _REDIRECTED),
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
        excluded=(OPEN, _REDIRECTED),
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
        excluded=(OPEN,),
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
        excluded=(OPEN, _UNKNOWN_END),
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
        excluded=(OPEN, _REDIRECTED),
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
        excluded=(OPEN,),
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
        excluded=(OPEN,),
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
"""Metrics that a standard defines, and post-dial delay, in the order of reports."""
