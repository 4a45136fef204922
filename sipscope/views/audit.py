"""What the database of an audit tells, as plain values: rules, findings, and captures with the calls in them."""

from enum import StrEnum

from sipscope.model.defects import Confidence, Severity
from sipscope.values import dataclass


class BaselineState(StrEnum):
    """What a finding is against an earlier audit, in the words of SARIF 2.1.0 §3.27.24."""

    NEW = "new"
    """Not there before, or not so bad."""

    UNCHANGED = "unchanged"
    """There before, in the same bytes."""

    UPDATED = "updated"
    """There before, in other bytes of a capture with the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRule:
    """A rule that spoke.

    Attributes:
        code: `OA-003`.
        name: `media-section-dropped`.
        severity: Its own level; a finding may have another.
        summary: What it is about, in a sentence. Empty, like the rest, for a rule that this version doesn't have.
        finds: What it finds.
        matters: Why that matters.
        steps: What to check, first thing first.
        standards: Clauses.
        url: Where its first standard can be read; empty where that is not on the net for everybody.
    """

    code: str
    name: str
    severity: Severity
    summary: str = ""
    finds: str = ""
    matters: str = ""
    steps: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFinding:
    """A finding, with what is needed to look at it.

    Attributes:
        capture: Path of the capture as it was found.
        call: Number of the call in the capture; None where it speaks of none.
        rule: Code of the rule.
        name: Name of the rule.
        severity: How bad it is.
        confidence: How sure that is.
        text: What was found.
        at: When, ISO 8601; None where that isn't known.
        frames: Where.
        subject: What it speaks of: `dialog`, `stream` …
        standards: Clauses.
        next_steps: What to try.
        guards: Why confidence was lowered.
        suppressed: Why the policy counts it as known; None where it doesn't.
        fingerprint: The same in every audit of the same bytes, wherever they lie.
        content: Digest of the bytes of its capture.
        parties: Caller and callee of its call; empty where it speaks of none.
        command: What shows it.
        state: What it is against an earlier audit; None where there is none to compare with.
    """

    capture: str
    call: int | None
    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    text: str
    at: str | None = None
    frames: tuple[int, ...] = ()
    subject: str = ""
    standards: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    suppressed: str | None = None
    fingerprint: str = ""
    content: str = ""
    parties: str = ""
    command: str = ""
    state: BaselineState | None = None

    @property
    def is_failure(self) -> bool:
        """Whether an audit fails by it: an error that is more than possible, and known by no policy or baseline."""
        is_sure = self.severity is Severity.ERROR and self.confidence is not Confidence.POSSIBLE
        return is_sure and self.suppressed is None and self.state in (None, BaselineState.NEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCall:
    """A call.

    Attributes:
        number: In its capture.
        caller: Address of record; None where no message shows it.
        callee: Likewise.
        headline: What became of it, in words.
        findings: What was found in it.
    """

    number: int
    caller: str | None
    callee: str | None
    headline: str
    findings: tuple[AuditFinding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditExpectation:
    """What the configuration expects of a capture.

    Attributes:
        number: In its capture.
        name: Its name.
        failures: What doesn't hold, in words; none where it does.
    """

    number: int
    name: str
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCapture:
    """A capture with its calls.

    Attributes:
        name: Path as it was found.
        status: `read`, `damaged`, `unreadable` …
        error: Why it could not be read, or not to its end; empty for none.
        same_as: Capture with the same bytes, which counts for both; empty for none.
        calls: In order.
        findings: Those that speak of no call.
        expectations: What the configuration expects of it, in order.
    """

    name: str
    status: str
    error: str = ""
    same_as: str = ""
    calls: tuple[AuditCall, ...] = ()
    findings: tuple[AuditFinding, ...] = ()
    expectations: tuple[AuditExpectation, ...] = ()
