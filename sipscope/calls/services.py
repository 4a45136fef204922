"""What happened in a call in a user's words: hold and resume, early media, forks, redirects, transfers.

Hold follows two independent wishes, one of each party: a party sets its own by offering, or answering an offered
sendrecv, so that it no longer receives; answering what the other's hold requires sets nothing (RFC 3264 §8.4,
RFC 6337 §5.3). The first exchange of a dialog never sets one, and repeating it sets none either.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Call, Service
from sipscope.model.description import Direction, MediaDescription
from sipscope.model.dialog import Side
from sipscope.model.header_values import CSeq
from sipscope.model.message import Response
from sipscope.model.offer_answer import ExchangeOutcome, Ledger, OfferAnswerExchange
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
    found: list[Service] = []
    for dialog in call.dialogs:
        found.extend(_holds(_exchanges(dialog.id, ledgers)))
    found.extend(_forks(call))
    found.extend(_redirects(call))
    found.extend(_early_media(call, streams))
    found.extend(_transfers(transfers, own))
    return tuple(sorted(found, key=lambda service: (service.at, service.name, service.frames)))


def _exchanges(dialog_id: str, ledgers: Sequence[Ledger]) -> list[OfferAnswerExchange]:
    """The answered exchanges of a dialog, each once and as its first hop shows it.

    A re-INVITE takes another way than the INVITE where a proxy does not record-route, so no single leg has them all.
    """
    found: dict[object, OfferAnswerExchange] = {}
    for ledger in ledgers:
        if ledger.dialog_id == dialog_id:
            for exchange in ledger.exchanges:
                if exchange.outcome is ExchangeOutcome.ANSWERED and exchange.answer is not None:
                    found.setdefault(_carrier_of(exchange), exchange)
    return sorted(found.values(), key=lambda exchange: (exchange.at, exchange.offer_frames))


def _carrier_of(exchange: OfferAnswerExchange) -> tuple[Side, CSeq | None, int | None, int | None]:
    """What copies of one offer have in common on all hops: who made it, CSeq, and for responses status and RSeq."""
    message = exchange.offer_message
    status = message.status if isinstance(message, Response) else None
    return (exchange.offerer, message.cseq, status, message.rseq)


def _holds(exchanges: Sequence[OfferAnswerExchange]) -> Iterator[Service]:
    holding: dict[Side, tuple[OfferAnswerExchange, int]] = {}
    wishes: dict[Side, bool] = {}
    for exchange in exchanges:
        for side in (exchange.offerer, exchange.offerer.other):
            wish = _wish(exchange, side)
            if wish is None:
                continue
            at = exchange.answered_at or exchange.at
            if wish and not wishes.get(side, False) and not _opens_dialog(exchange):
                holding[side] = (exchange, at)
            elif not wish and side in holding:
                begun, since = holding.pop(side)
                yield Service(name="hold", at=since, until=at, by=side, frames=begun.offer_frames)
                yield Service(name="resume", at=at, by=side, frames=exchange.offer_frames)
            wishes[side] = wish
    for side, (begun, since) in holding.items():
        yield Service(name="hold", at=since, by=side, frames=begun.offer_frames)


def _opens_dialog(exchange: OfferAnswerExchange) -> bool:
    """Whether it is the dialog's very first exchange, and not merely the first one in view on its hop."""
    return exchange.is_initial and exchange.history_complete


def _wish(exchange: OfferAnswerExchange, side: Side) -> bool | None:
    """Whether a party wants hold after this exchange; None when the exchange says nothing of its wish."""
    section = _audio(exchange, side)
    if section is None:
        return None
    if side is exchange.offerer:
        return _refuses_media(section)
    offered = _audio(exchange, exchange.offerer)
    if offered is None or offered.direction is not Direction.SENDRECV or _is_null(offered):
        return None
    return _refuses_media(section)


def _audio(exchange: OfferAnswerExchange, side: Side) -> MediaDescription | None:
    description = exchange.description_of(side)
    if description is None:
        return None
    return next((section for section in description.media if section.is_rtp and section.port != 0), None)


def _refuses_media(section: MediaDescription) -> bool:
    return _is_null(section) or not section.direction.receives


def _is_null(section: MediaDescription) -> bool:
    return section.connection is not None and section.connection.is_null


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
