"""What happened in a call in a user's words, as a timeline: each kind of service has a module, here they are joined."""

from collections.abc import Iterator, Sequence

from sipscope.calls.digits import digits_of
from sipscope.calls.forwarding import forwards_of
from sipscope.calls.holds import holds_of
from sipscope.calls.milestones import milestones_of
from sipscope.calls.session_changes import changes_of, settled_exchanges
from sipscope.model.call import Call, Service
from sipscope.model.dialog import Dialog, Side
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import RtpStream
from sipscope.model.transfer import Transfer, TransferKind

_TRANSFER_NAMES = {
    TransferKind.BLIND: "blind-transfer",
    TransferKind.ATTENDED: "attended-transfer",
    TransferKind.SEMI_ATTENDED: "semi-attended-transfer",
    TransferKind.OUT_OF_DIALOG: "out-of-dialog-transfer",
    TransferKind.CONFERENCE: "conference-join",
    TransferKind.OTHER: "refer",
}


def services_of(
    call: Call, transfers: Sequence[Transfer], ledgers: Sequence[Ledger], streams: Sequence[RtpStream]
) -> tuple[Service, ...]:
    """Services of one call by time."""
    own = {dialog.id for dialog in call.dialogs}
    found: list[Service] = [*milestones_of(call), *forwards_of(call), *digits_of(call, streams)]
    for dialog in call.dialogs:
        exchanges = settled_exchanges(dialog.id, ledgers)
        found.extend(holds_of([item for item in exchanges if item.answer is not None]))
        found.extend(changes_of(exchanges))
        found.extend(_within(dialog))
    found.extend(_forks(call))
    found.extend(_redirects(call))
    found.extend(_conferences(call))
    found.extend(_early_media(call, streams))
    found.extend(_transfers(transfers, own))
    return tuple(sorted(found, key=lambda service: (service.at, service.name, service.frames)))


def _within(dialog: Dialog) -> Iterator[Service]:
    """The first acknowledged reliable response, and text messages within the dialog (RFC 3262, RFC 3428 §6)."""
    acknowledged = next((item for item in dialog.transactions if item.method == "PRACK"), None)
    if acknowledged is not None:
        yield Service(
            name="reliable-provisional",
            at=acknowledged.started_at,
            by=None if acknowledged.request is None else dialog.sender_of(acknowledged.request),
            frames=acknowledged.first.frames,
        )
    seen = set()
    for item in dialog.transactions:
        if item.method == "MESSAGE" and item.request is not None and item.request.cseq not in seen:
            seen.add(item.request.cseq)
            by = dialog.sender_of(item.request)
            yield Service(name="message", at=item.started_at, by=by, frames=item.request.frames)


def _conferences(call: Call) -> Iterator[Service]:
    """A party that is a conference focus says so in its Contact (RFC 4579 §5.1, RFC 3840 §9)."""
    for dialog in call.caller_dialogs:
        for side in Side:
            contact = dialog.party(side).contact
            if contact is not None and "isfocus" in contact.parameters:
                first = dialog.transactions[0].first
                yield Service(name="conference", at=dialog.confirmed_at or first.at, by=side, frames=first.frames)


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
    """Media towards the caller before the answer, or before the call failed (RFC 3960 §2)."""
    end = call.answered_at if call.answered_at is not None else call.ended_at
    own = {dialog.id for dialog in call.dialogs}
    early = [
        stream
        for stream in streams
        if stream.binding is not None
        and stream.binding.dialog_id in own
        and stream.binding.receiver is Side.CALLER
        and end is not None
        and stream.first_packet_at < end
    ]
    if early and call.invites:
        first = min(early, key=lambda stream: (stream.first_packet_at, stream.first_frame))
        yield Service(
            name="early-media", at=first.first_packet_at, until=end, by=Side.CALLEE, frames=(first.first_frame,)
        )


def _transfers(transfers: Sequence[Transfer], dialog_ids: set[str]) -> Iterator[Service]:
    for transfer in transfers:
        if transfer.dialog_id in dialog_ids:
            last = transfer.reports[-1].at if transfer.reports else None
            yield Service(
                name=_TRANSFER_NAMES[transfer.kind],
                at=transfer.started_at,
                until=last,
                by=transfer.transferor_side,
                frames=transfer.refer.first.frames,
            )
