"""One sentence for every call: why it went as it did, how sure that is, and what to try."""

from collections.abc import Sequence

from sipscope.diagnosis.grouping import consequences_of, with_causes
from sipscope.diagnosis.status_words import meaning_of
from sipscope.model.call import Call, CallOutcome, Release
from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Diagnosis, Finding
from sipscope.model.message import Message, Response
from sipscope.model.time import Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferOutcome
from sipscope.values import dataclass


def diagnoses_of(trace: Trace) -> tuple[tuple[Diagnosis, ...], tuple[Finding, ...]]:
    """A diagnosis for each call, and the findings with their causes filled in."""
    findings = with_causes(trace.findings)
    by_call: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.call_id is not None:
            by_call.setdefault(finding.call_id, []).append(finding)
    transfers = {transfer.id: transfer for transfer in trace.transfers}
    diagnoses = tuple(
        _diagnosis(call, by_call.get(call.id, []), _story(call, trace, [transfers[item] for item in call.transfer_ids]))
        for call in trace.calls
    )
    return diagnoses, findings


@dataclass(frozen=True, slots=True)
class _Story:
    """What the call itself tells, before any finding."""

    text: str
    steps: tuple[str, ...] = ()


def _diagnosis(call: Call, findings: Sequence[Finding], story: _Story) -> Diagnosis:
    causes = [
        finding
        for finding in findings
        if finding.caused_by is None
        and finding.suppressed is None
        and finding.severity is not Severity.INFO
        and finding.confidence is not Confidence.POSSIBLE
    ]
    causes.sort(key=lambda finding: (-finding.severity.rank, -finding.confidence.rank, finding.at, finding.rule))
    if not causes:
        return Diagnosis(call_id=call.id, headline=story.text, confidence=Confidence.CERTAIN, next_steps=story.steps)
    root = causes[0]
    consequences = [finding.id for finding in consequences_of(root, findings)]
    rest = [finding.id for finding in causes[1:]]
    return Diagnosis(
        call_id=call.id,
        headline=f"{story.text} {root.text}",
        confidence=root.confidence,
        causes=(root.id, *consequences, *rest),
        next_steps=root.next_steps,
    )


def _story(call: Call, trace: Trace, transfers: Sequence[Transfer]) -> _Story:
    told = _OUTCOMES[call.outcome](call, trace)
    parts = [told.text, *(_transfer_words(transfer) for transfer in transfers if _is_of(transfer, call))]
    return _Story(" ".join(parts), told.steps)


def _is_of(transfer: Transfer, call: Call) -> bool:
    return any(dialog.id == transfer.dialog_id for dialog in call.dialogs)


def _answered(call: Call, _trace: Trace) -> _Story:
    talking = call.talking
    if talking is None:
        return _Story("Answered; the capture doesn't show its end.")
    by = f", ended by the {call.released_by}" if call.released_by is not None else ""
    return _Story(f"Answered and lasted {_span(talking)}{by}.")


def _rejected(call: Call, _trace: Trace) -> _Story:
    status = call.final_status or 0
    meaning = meaning_of(status)
    reason = _reason_of(call)
    after = "" if reason is None else f" ({reason})"
    return _Story(f"Refused with {status}: {meaning.words}{after}.", (meaning.step,))


def _cancelled(call: Call, trace: Trace) -> _Story:
    by = " by the caller" if call.released_by is Release.CALLER else ""
    reason = _cancel_reason(call, trace)
    after = "" if reason is None else f" ({reason})"
    if call.ringing_at is not None and call.ended_at is not None:
        return _Story(f"Cancelled{by} after {_span(call.ended_at - call.ringing_at)} of ringing{after}.")
    if call.ended_at is not None:
        return _Story(f"Cancelled{by} after {_span(call.ended_at - call.started_at)}, before it rang{after}.")
    return _Story(f"Cancelled{by}{after}.")


def _cancel_reason(call: Call, trace: Trace) -> str | None:
    """Reason of the CANCEL on the hop nearest the caller, such as "Call completed elsewhere" (RFC 3326 §3.1)."""
    for invite in call.invites:
        cancel = None if invite.cancelled_by is None else trace.index.transactions.get(invite.cancelled_by)
        if cancel is not None:
            return _first_reason(cancel.first)
    return None


def _redirected(call: Call, _trace: Trace) -> _Story:
    targets = [contact.uri.text for response in _finals(call)[:1] for contact in response.contacts]
    to = f" to {', '.join(targets)}" if targets else ""
    return _Story(
        f"Redirected with {call.final_status}{to}; no further attempt has this Call-ID.", ("Read its Contact.",)
    )


def _unanswered(call: Call, _trace: Trace) -> _Story:
    if call.final_status is not None and call.ringing is not None:
        return _Story(f"Rang for {_span(call.ringing)} and was not answered ({call.final_status}).")
    if call.final_status is not None:
        meaning = meaning_of(call.final_status)
        return _Story(f"Not answered, {call.final_status}: {meaning.words}.", (meaning.step,))
    return _Story("Not answered: no final response came.", ("Find the hop that fell silent.",))


def _open(call: Call, trace: Trace) -> _Story:
    last = call.invites[-1].final if call.invites else None
    if last is not None and last.status >= 300 and trace.ended_at is not None:
        soon = _span(trace.ended_at - last.at)
        return _Story(f"Undecided: the capture ends {soon} behind the {last.label}, too soon to see another attempt.")
    if call.invites:
        return _Story("Undecided: the capture ends before the call was answered or refused.")
    if call.ended_at is not None:
        return _Story("Already going on when the capture begins; its end is in it.")
    return _Story("Already going on when the capture begins, and still when it ends.")


_OUTCOMES = {
    CallOutcome.ANSWERED: _answered,
    CallOutcome.REJECTED: _rejected,
    CallOutcome.CANCELLED: _cancelled,
    CallOutcome.REDIRECTED: _redirected,
    CallOutcome.UNANSWERED: _unanswered,
    CallOutcome.OPEN: _open,
}

_TRANSFER_OUTCOMES = {
    TransferOutcome.SUCCEEDED: "succeeded",
    TransferOutcome.FAILED: "failed",
    TransferOutcome.REFUSED: "was refused",
    TransferOutcome.UNKNOWN: "has an unknown outcome",
}


def _transfer_words(transfer: Transfer) -> str:
    target = "an unknown target" if transfer.target is None else transfer.target.uri.address_of_record
    return f"A transfer ({transfer.kind}) to {target} {_TRANSFER_OUTCOMES[transfer.outcome]}."


def _reason_of(call: Call) -> str | None:
    """The first Reason, else the first Warning, of the deciding responses (RFC 3326 §2, RFC 3261 §20.43)."""
    for response in _finals(call):
        reason = _first_reason(response)
        if reason is not None:
            return reason
        for warning in response.warnings:
            return f"Warning {warning.code}: {warning.text}"
    return None


def _first_reason(message: Message) -> str | None:
    """The first Reason with its cause and text, as far as they are given."""
    for reason in message.reasons:
        cause, text = reason.parameters.get("cause"), reason.parameters.get("text")
        known = reason.value if cause is None else f"{reason.value} cause {cause}"
        return known if not text else f"{known}, {text}"
    return None


def _finals(call: Call) -> list[Response]:
    return [
        invite.final for invite in call.invites if invite.final is not None and invite.final.status == call.final_status
    ]


def _span(duration: Duration) -> str:
    seconds = in_seconds(duration)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
