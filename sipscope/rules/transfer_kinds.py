"""Which kind of transfer a REFER makes, as finely as RFC 5589 tells them apart, in words."""

from sipscope.model.dialog import Dialog
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferKind
from sipscope.rules.transfers import original_dialog

ABANDONED_WITHIN: Duration = 3 * SECOND
"""How near to the REFER a consultation is given up that RFC 5589 §7.6 would have turned into a transfer."""


def kind_words(transfer: Transfer, trace: Trace) -> str:
    """The kind as a noun: `blind transfer`, `attended transfer to a target that still rings` and so on."""
    request = transfer.refer.request
    if request is None or request.refer_to is None:
        return "REFER without a target"
    if transfer.kind is TransferKind.OTHER:
        method = request.refer_to.uri.parameters.get("method") or "another request"
        return f"REFER that asks for {method}"
    if transfer.kind is TransferKind.CONFERENCE:
        return "conference join"
    if transfer.kind is TransferKind.ATTENDED:
        return _attended_words(transfer, request, trace)
    if original_dialog(transfer, trace) is None:
        return "transfer by a REFER outside of the call"
    return _blind_words(request, consultation_of(transfer, trace))


def consultation_of(transfer: Transfer, trace: Trace) -> Dialog | None:
    """The dialog between transferor and target."""
    return trace.index.dialogs.get(transfer.consultation_dialog_id or "")


def is_abandoned(consultation: Dialog, at: Instant) -> bool:
    """Whether a consultation was unanswered at the REFER, and given up about then or not at all."""
    if consultation.confirmed_at is not None and consultation.confirmed_at <= at:
        return False
    return consultation.ended_at is None or abs(consultation.ended_at - at) <= ABANDONED_WITHIN


def _attended_words(transfer: Transfer, request: Request, trace: Trace) -> str:
    consultation = consultation_of(transfer, trace)
    if consultation is None:
        return "attended transfer, its consultation out of view"
    original = original_dialog(transfer, trace)
    if original is not None and consultation.transactions[0].started_at < original.transactions[0].started_at:
        # The REFER went to the party that was called second: it is to take over the first call (RFC 5589 §7.2).
        return "attended transfer that protects its target"
    if consultation.confirmed_at is None or consultation.confirmed_at > request.at:
        return "attended transfer to a target that still rings"
    return "attended transfer"


def _blind_words(request: Request, consultation: Dialog | None) -> str:
    if consultation is None:
        return "blind transfer"
    if is_abandoned(consultation, request.at):
        return "semi-attended transfer"
    answered, ended = consultation.confirmed_at, consultation.ended_at
    if answered is not None and ended is not None and ended <= request.at:
        return "blind transfer after a consultation"
    return "blind transfer"
