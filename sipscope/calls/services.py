"""What happened in a call in a user's words, as a timeline: each kind of service has a module, here they are joined."""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.calls.digits import digits_of
from sipscope.calls.forwarding import forwards_of
from sipscope.calls.holds import holds_of
from sipscope.calls.message_sessions import message_sessions_of
from sipscope.calls.milestones import milestones_of
from sipscope.calls.relayed import told_once
from sipscope.calls.session_changes import changes_of, settled_exchanges
from sipscope.model.call import Call, Service
from sipscope.model.dialog import Dialog, Side
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer, TransferKind, TransferOutcome

_TRANSFER_NAMES = {
    TransferKind.BLIND: "blind-transfer",
    TransferKind.ATTENDED: "attended-transfer",
    TransferKind.SEMI_ATTENDED: "semi-attended-transfer",
    TransferKind.OUT_OF_DIALOG: "out-of-dialog-transfer",
    TransferKind.CONFERENCE: "conference-join",
    TransferKind.OTHER: "refer",
}


AHEAD_OF_ANSWER: Duration = SECOND // 2
"""Media that begins so soon before the answer was sent with it, and overtook the 2xx on its way over the proxies."""


def services_of(
    call: Call,
    transfers: Sequence[Transfer],
    ledgers: Sequence[Ledger],
    streams: Sequence[RtpStream],
    cancels: Mapping[str, Transaction],
) -> tuple[Service, ...]:
    """Services of one call by time; `cancels` are the CANCELs of the trace by id."""
    found: list[Service] = [*milestones_of(call, cancels), *forwards_of(call), *digits_of(call, streams)]
    found.extend(told_once((dialog, _on_dialog(dialog, transfers, ledgers)) for dialog in call.dialogs))
    found.extend(_forks(call))
    found.extend(_redirects(call))
    if streams:
        found.extend(_early_media(call, streams))
    return tuple(sorted(found, key=lambda service: (service.at, service.name, service.frames)))


def _on_dialog(dialog: Dialog, transfers: Sequence[Transfer], ledgers: Sequence[Ledger]) -> list[Service]:
    found: list[Service] = []
    exchanges = settled_exchanges(dialog.id, ledgers)
    if exchanges:
        found += holds_of([item for item in exchanges if item.answer is not None])
        found += changes_of(exchanges)
        found += message_sessions_of(exchanges, dialog.ended_at)
    found += _within(dialog)
    if transfers:
        found += _transfers([transfer for transfer in transfers if transfer.dialog_id == dialog.id])
    return found


def _within(dialog: Dialog) -> Iterator[Service]:
    """The first acknowledged reliable response, and text messages within the dialog (RFC 3262, RFC 3428 §6)."""
    acknowledged, seen = False, set()
    for item in dialog.transactions:
        request = item.request
        if item.method == "PRACK" and not acknowledged:
            acknowledged = True
            by = None if request is None else dialog.sender_of(request)
            yield Service(name="reliable-provisional", at=item.started_at, by=by, frames=item.first.frames)
        elif item.method == "MESSAGE" and request is not None and request.cseq not in seen:
            seen.add(request.cseq)
            by = dialog.sender_of(request)
            yield Service(name="message", at=item.started_at, by=by, frames=request.frames)


def _forks(call: Call) -> Iterator[Service]:
    forked = [dialog for dialog in call.dialogs if dialog.forked_with]
    if len(forked) > 1:
        created = [dialog.transactions[0].first for dialog in forked]
        first = min(created, key=lambda message: (message.at, message.frames))
        yield Service(name="fork", at=first.at, frames=first.frames)


def _redirects(call: Call) -> Iterator[Service]:
    for invite in call.invites:
        final = invite.final
        if final is not None and 300 <= final.status < 400:
            yield Service(name="redirect", at=final.at, frames=final.frames)


def _early_media(call: Call, streams: Sequence[RtpStream]) -> Iterator[Service]:
    """Media towards the caller well before the answer, or before the call failed (RFC 3960 §2)."""
    end = call.answered_at if call.answered_at is not None else call.ended_at
    ahead = AHEAD_OF_ANSWER if call.answered_at is not None else 0
    own = {dialog.id for dialog in call.dialogs}
    early = [
        stream
        for stream in streams
        if stream.binding is not None
        and stream.binding.dialog_id in own
        and stream.binding.receiver is Side.CALLER
        and end is not None
        and stream.first_packet_at < end - ahead
    ]
    if early and call.invites:
        first = min(early, key=lambda stream: (stream.first_packet_at, stream.first_frame))
        yield Service(
            name="early-media", at=first.first_packet_at, until=end, by=Side.CALLEE, frames=(first.first_frame,)
        )


def _transfers(transfers: Sequence[Transfer]) -> Iterator[Service]:
    for transfer in transfers:
        yield Service(
            name=_TRANSFER_NAMES[transfer.kind],
            at=transfer.started_at,
            until=transfer.reports[-1].at if transfer.reports else None,
            by=transfer.transferor_side,
            frames=transfer.refer.first.frames,
            detail=_result_of(transfer),
        )


def _result_of(transfer: Transfer) -> str:
    """What became of it, with the status that refused the REFER or that the new call failed with."""
    if transfer.outcome is TransferOutcome.UNKNOWN:
        return ""
    final = transfer.refer.final if transfer.outcome is TransferOutcome.REFUSED else None
    status = final.label if final is not None else transfer.observed_status or transfer.reported_status
    failed = transfer.outcome is not TransferOutcome.SUCCEEDED and status is not None
    return f"{transfer.outcome.value}: {status}" if failed else transfer.outcome.value
