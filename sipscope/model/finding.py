"""Findings, and the rules that make them."""

from enum import StrEnum

from sipscope.model.defects import Confidence, Severity, Span
from sipscope.model.time import Instant
from sipscope.values import dataclass


class SubjectKind(StrEnum):
    """What a finding speaks of."""

    MESSAGE = "message"
    TRANSACTION = "transaction"
    DIALOG = "dialog"
    EXCHANGE = "exchange"
    SUBSCRIPTION = "subscription"
    REGISTRATION = "registration"
    TRANSFER = "transfer"
    STREAM = "stream"
    CALL = "call"
    CAPTURE = "capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One frame that proves a finding.

    Attributes:
        frame: Frame number, counted from 1.
        note: What to look at, such as the SDP line; one line, safe to show after escaping.
        span: Where in the message's payload; None for the whole of it.
    """

    frame: int
    note: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A statement that a person can act on.

    Attributes:
        id: `f1`, `f2` … by time.
        rule: Code of the rule, such as `OA-003`.
        name: Its name, such as `media-section-dropped`.
        severity: How bad.
        confidence: How sure.
        text: One or two sentences.
        at: When.
        frames: Frames of the evidence in time order; the first one is the anchor.
        subject_kind: What it speaks of.
        subject_id: Id of that object.
        call_id: The call it belongs to; None when it belongs to none.
        evidence: Frame by frame.
        standards: Clauses, such as `RFC 3264 §8`.
        next_steps: What to try, first thing first.
        guards: Circumstances that lowered the confidence, in words.
        caused_by: Id of the finding that explains this one; None when it stands for itself.
        suppressed: Why the policy counts it as known; None where it doesn't.
    """

    id: str
    rule: str
    name: str
    severity: Severity
    confidence: Confidence
    text: str
    at: Instant
    frames: tuple[int, ...]
    subject_kind: SubjectKind
    subject_id: str
    call_id: int | None = None
    evidence: tuple[Evidence, ...] = ()
    standards: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    caused_by: str | None = None
    suppressed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why a call went as it did, in one sentence.

    Attributes:
        call_id: The call.
        headline: One sentence.
        confidence: How sure.
        causes: Ids of the findings it rests on, the first one the root.
        next_steps: What to try, first thing first.
    """

    call_id: int
    headline: str
    confidence: Confidence
    causes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
