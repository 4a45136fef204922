"""When a transfer failed for the transferor, and whether the one who was to be transferred had somebody left."""

from sipscope.model.dialog import Dialog
from sipscope.model.message import Message
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferOutcome
from sipscope.rules.transfers import DIRECT_SCORE, original_dialog

TO_BE_TRIED_AGAIN = frozenset({401, 407, 422, 491, *range(300, 400)})
"""Final statuses that are followed by another attempt, be it out of view."""

ANOTHER_CALL: Duration = 60 * SECOND
"""How long after the acceptance a further call of the transferee to the target still belongs to the transfer."""


def failure_told(transfer: Transfer) -> Message | None:
    """The message from which the transferor knows that the transfer failed, else the one that made it fail."""
    answer = transfer.refer.final
    if transfer.outcome is TransferOutcome.REFUSED:
        return None if answer is None or answer.status in TO_BE_TRIED_AGAIN else answer
    if transfer.outcome is not TransferOutcome.FAILED:
        return None
    told = next((item for item in transfer.reports if item.status is not None and item.status >= 300), None)
    return failure_observed(transfer) if told is None else told.transaction.first


def failure_observed(transfer: Transfer) -> Message | None:
    """The last failure of the triggered INVITE, where it is told by direct evidence."""
    triggered = transfer.triggered
    final = None if triggered is None or transfer.triggered_score < DIRECT_SCORE else triggered.final
    return None if final is None or final.status < 300 or final.status in TO_BE_TRIED_AGAIN else final


def transferee_still_talks(transfer: Transfer, trace: Trace, at: Instant) -> bool:
    """Whether the call has another answered dialog at an instant, as behind a B2BUA that stays in it."""
    original = original_dialog(transfer, trace)
    call = None if original is None else trace.index.calls.get(trace.index.call_of_dialog.get(original.id, 0))
    others = () if call is None else call.dialogs
    aside = {original.id if original is not None else "", transfer.consultation_dialog_id}
    return any(dialog.id not in aside and _talks(dialog, at) for dialog in others)


def reached_otherwise(transfer: Transfer, trace: Trace) -> bool:
    """Whether a call of the transferee to the same user was answered about then."""
    refer, target = transfer.refer.request, transfer.target
    if refer is None or target is None:
        return False
    return any(
        invite.is_dialog_creating_invite
        and invite.request is not None
        and invite.final is not None
        and invite.final.is_success
        and invite.hop.source.address == refer.hop.destination.address
        and refer.at <= invite.request.at <= refer.at + ANOTHER_CALL
        and invite.request.request_uri is not None
        and invite.request.request_uri.user == target.uri.user
        for invite in trace.transactions
    )


def _talks(dialog: Dialog, at: Instant) -> bool:
    began = dialog.confirmed_at is not None and dialog.confirmed_at <= at
    return began and (dialog.ended_at is None or dialog.ended_at > at)
