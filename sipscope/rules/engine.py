"""Runs every rule over every subject of its type, and turns hits into findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from sipscope.model.call import Call
from sipscope.model.defects import Confidence, Severity
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence, Finding, SubjectKind
from sipscope.model.message import Request, Response
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.series import RequestSeries
from sipscope.model.stream import RtpStream
from sipscope.model.subscription import Registration, Subscription
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import AnyRule, Hit, Subject
from sipscope.rules.traits import Form, Forms
from sipscope.values import dataclass

CHECK_GATES = False
"""Whether rules are also run over the subjects that lack what they need, to prove that they yield nothing. Tests set
it; programs that users run trust them."""


class GateError(Exception):
    """A rule says that it needs a trait, and yet would speak of a subject that hasn't got it."""


def findings_of(trace: Trace, rules: Sequence[AnyRule]) -> tuple[Finding, ...]:
    """Everything the rules say of a trace, by time, then code, then frames; ids count from `f1`."""
    drafts: dict[tuple[object, ...], _Draft] = {}
    by_subject: dict[type[Subject], list[AnyRule]] = {}
    for rule in rules:
        by_subject.setdefault(rule.subject, []).append(rule)
    forms = Forms(trace)
    for kind, of_kind in by_subject.items():
        for number, (subject, speaking) in enumerate(_asked(trace, kind, of_kind, forms)):
            for rule in speaking:
                for hit in rule.check(subject, trace):
                    key = _key(rule, number, hit, len(drafts))
                    if key in drafts:
                        drafts[key].join(hit)
                    else:
                        drafts[key] = _Draft(rule, subject, hit, list(hit.evidence))
    # Hits of one rule stay in the order of their subjects where all of this is equal.
    ordered = sorted(drafts.values(), key=lambda draft: (draft.hit.at, draft.rule.code, draft.frames))
    return tuple(draft.finding(f"f{number}", trace) for number, draft in enumerate(ordered, start=1))


def _asked(
    trace: Trace, kind: type[Subject], rules: Sequence[AnyRule], forms: Forms
) -> Iterator[tuple[Subject, Sequence[AnyRule]]]:
    """The subjects of a kind, each with the rules that may speak of it."""
    form_of = forms.of_kind(kind) if any(rule.needs for rule in rules) else None
    if form_of is None:
        for subject in _subjects(trace, kind):
            yield subject, rules
        return
    speaking: dict[Form, list[AnyRule]] = {}
    for subject in _subjects(trace, kind):
        form = form_of(subject)
        found = speaking.get(form)
        if found is None:
            found = speaking[form] = [rule for rule in rules if rule.may_speak(form.traits)]
        if CHECK_GATES:
            _prove_silent([rule for rule in rules if not rule.may_speak(form.traits)], subject, trace, form)
        if found:
            yield subject, found


def _prove_silent(rules: Iterable[AnyRule], subject: Subject, trace: Trace, form: Form) -> None:
    for rule in rules:
        for hit in rule.check(subject, trace):
            traits = ", ".join(sorted(form.traits))
            raise GateError(f"{rule.code} needs {rule.needs}, but speaks of a subject that holds {traits}: {hit.text}")


@dataclass(slots=True)
class _Draft:
    """A finding while hits of several hops are folded into it."""

    rule: AnyRule
    subject: Subject
    hit: Hit
    evidence: list[Evidence]
    known: set[int] | None = None
    """Frames of the evidence, once another hit was joined: of one fault there may be thousands of hits."""

    def join(self, other: Hit) -> None:
        """Add another hop's evidence."""
        if self.known is None:
            self.known = {item.frame for item in self.evidence}
        further = [item for item in other.evidence if item.frame not in self.known]
        self.evidence += further
        self.known.update([item.frame for item in further])

    @property
    def frames(self) -> tuple[int, ...]:
        """Frames of the evidence in order, each once."""
        return tuple(sorted({item.frame for item in self.evidence}))

    def finding(self, finding_id: str, trace: Trace) -> Finding:
        """The finding, stamped with the rule's facts."""
        kind, subject_id = _name_of(self.subject)
        documentation = self.rule.documentation
        return Finding(
            id=finding_id,
            rule=self.rule.code,
            name=self.rule.name,
            severity=self.hit.severity or self.rule.severity,
            confidence=self.hit.confidence,
            text=self.hit.text,
            at=self.hit.at,
            frames=self.frames,
            subject_kind=kind,
            subject_id=subject_id,
            call_id=_call_of(self.subject, trace),
            evidence=tuple(sorted(self.evidence, key=lambda item: item.frame)),
            standards=documentation.standards,
            next_steps=self.hit.next_steps or documentation.steps,
            guards=self.hit.guards,
        )


def _key(rule: AnyRule, number: int, hit: Hit, count: int) -> tuple[object, ...]:
    if hit.identity is None:
        return (rule.code, number, count)
    return (rule.code, "identity", *hit.identity)


def _subjects(trace: Trace, kind: type[Subject]) -> Iterable[Subject]:
    if kind is Trace:
        return (trace,)
    return _COLLECTIONS[kind](trace)


_COLLECTIONS: Mapping[type[Subject], Callable[[Trace], Iterable[Subject]]] = {
    Request: lambda trace: (message for message in trace.messages if isinstance(message, Request)),
    Response: lambda trace: (message for message in trace.messages if isinstance(message, Response)),
    Transaction: lambda trace: trace.transactions,
    RequestSeries: lambda trace: trace.series,
    Dialog: lambda trace: trace.dialogs,
    OfferAnswerExchange: lambda trace: trace.exchanges,
    WrittenDescription: lambda trace: trace.descriptions,
    Subscription: lambda trace: trace.subscriptions,
    Registration: lambda trace: trace.registrations,
    Transfer: lambda trace: trace.transfers,
    RtpStream: lambda trace: trace.streams,
    Call: lambda trace: trace.calls,
}

_KINDS = {
    Request: SubjectKind.MESSAGE,
    Response: SubjectKind.MESSAGE,
    Transaction: SubjectKind.TRANSACTION,
    Dialog: SubjectKind.DIALOG,
    OfferAnswerExchange: SubjectKind.EXCHANGE,
    WrittenDescription: SubjectKind.MESSAGE,
    Subscription: SubjectKind.SUBSCRIPTION,
    Registration: SubjectKind.REGISTRATION,
    Transfer: SubjectKind.TRANSFER,
    RtpStream: SubjectKind.STREAM,
    Call: SubjectKind.CALL,
}


def _name_of(subject: Subject) -> tuple[SubjectKind, str]:
    if isinstance(subject, Trace):
        return SubjectKind.CAPTURE, "capture"
    if isinstance(subject, RequestSeries):
        # A report names a series by the transaction that decided it.
        return SubjectKind.TRANSACTION, subject.transactions[-1].id
    return _KINDS[type(subject)], str(subject.id)


def _call_of(subject: Subject, trace: Trace) -> int | None:
    """The call a subject belongs to."""
    by_dialog = trace.index.call_of_dialog
    if isinstance(subject, Call):
        return subject.id
    if isinstance(subject, Dialog):
        return by_dialog.get(subject.id)
    if isinstance(subject, OfferAnswerExchange | Subscription | Transfer):
        return None if subject.dialog_id is None else by_dialog.get(subject.dialog_id)
    if isinstance(subject, Transaction | RequestSeries | WrittenDescription):
        return trace.index.call_of_transaction.get(_transaction_of(subject))
    if isinstance(subject, RtpStream):
        return None if subject.binding is None else subject.binding.call_id
    return None


def _transaction_of(subject: Transaction | RequestSeries | WrittenDescription) -> str:
    """Id of the transaction that shows a subject first."""
    if isinstance(subject, WrittenDescription):
        return subject.transaction_id
    return subject.id if isinstance(subject, Transaction) else subject.transactions[0].id


def at_least(findings: Iterable[Finding], threshold: Severity) -> tuple[Finding, ...]:
    """Findings that reach a severity, are more than possible and not suppressed: they may change an exit status."""
    return tuple(
        finding
        for finding in findings
        if finding.severity.rank >= threshold.rank
        and finding.confidence is not Confidence.POSSIBLE
        and finding.suppressed is None
    )
