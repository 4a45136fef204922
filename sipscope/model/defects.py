"""What is wrong with bytes (`Defect`) and what is out of order between messages (`Anomaly`).

Neither is an exception: parsers and state machines return them beside their result.
"""

from enum import StrEnum

from sipscope.values import dataclass


class Severity(StrEnum):
    """How bad it is.

    `ERROR` breaks a MUST or certainly breaks the call; `WARNING` breaks a SHOULD or breaks with common peers; `INFO`
    explains.
    """

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error: for comparison with a threshold."""
        return _RANKS[self]


_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Confidence(StrEnum):
    """How sure a passive observer can be of a finding."""

    POSSIBLE = "possible"
    LIKELY = "likely"
    CERTAIN = "certain"

    @property
    def rank(self) -> int:
        """0 for possible, 1 for likely, 2 for certain."""
        return _CONFIDENCE_RANKS[self]


_CONFIDENCE_RANKS = {Confidence.POSSIBLE: 0, Confidence.LIKELY: 1, Confidence.CERTAIN: 2}


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of byte offsets inside a message's payload or inside a body."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """Bytes that break the grammar or the meaning of their standard.

    Attributes:
        code: Kebab-case name of the fault, such as `content-length-mismatch`; stable, for programs.
        severity: ERROR where the standard lets a receiver reject the message for it.
        span: Where it stands; None when it is an absence.
        text: One sentence for a person, without the offending bytes' control characters.
        standard: The clause, such as `RFC 3261 §20.14`.
        header: Canonical name of the header field concerned, if one is.
    """

    code: str
    severity: Severity
    span: Span | None = None
    text: str
    standard: str
    header: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """An event that a state table doesn't foresee, or foresees as a fault.

    Attributes:
        code: The catalogue's rule that speaks of it (`OA-015`), or a kebab-case name where there is none.
        variant: Which sub-case of the rule, kebab-case; empty for the plain one.
        message_ids: The messages that make it, in time order; the last one is the event.
        text: One sentence for a person.
    """

    code: str
    variant: str = ""
    message_ids: tuple[str, ...] = ()
    text: str = ""
