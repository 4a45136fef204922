"""What offers within a dialog changed: addresses, ports, codecs, media; and changes that were refused."""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Service
from sipscope.model.comparison import Difference, DifferenceKind, differences
from sipscope.model.description import SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.header_values import CSeq
from sipscope.model.message import Response
from sipscope.model.offer_answer import ExchangeOutcome, Ledger, OfferAnswerExchange
from sipscope.values import replace

_TOLD = {
    DifferenceKind.ADDRESS: "address",
    DifferenceKind.PORT: "port",
    DifferenceKind.PROTOCOL: "transport",
    DifferenceKind.KEYS: "keys",
    DifferenceKind.FORMATS: "codecs",
    DifferenceKind.FIRST_FORMAT: "preferred codec",
    DifferenceKind.PAYLOAD_TYPES: "payload types",
    DifferenceKind.PACKET_TIME: "packet time",
    DifferenceKind.KIND: "media type",
}
"""Differences worth a word; direction is told as hold and resume."""


def settled_exchanges(dialog_id: str, ledgers: Sequence[Ledger]) -> list[OfferAnswerExchange]:
    """The answered and the refused exchanges of a dialog, each once and as its first hop shows it.

    A re-INVITE takes another way than the INVITE where a proxy does not record-route, so no single leg has them all.
    """
    found: dict[object, list[OfferAnswerExchange]] = {}
    for ledger in ledgers:
        if ledger.dialog_id == dialog_id:
            for exchange in ledger.exchanges:
                if exchange.answer is not None or exchange.outcome is ExchangeOutcome.REJECTED:
                    found.setdefault(_carrier_of(exchange), []).append(exchange)
    ordered = list(found.values())
    if len(ordered) > 1:
        ordered.sort(key=lambda copies: (copies[0].at, copies[0].offer_frames))
    return list(_continued(ordered))


def _continued(exchanges: Sequence[Sequence[OfferAnswerExchange]]) -> Iterator[OfferAnswerExchange]:
    """The first copy of each; one that is the first on its own leg follows what was agreed on the others."""
    answered: Sequence[OfferAnswerExchange] = ()
    for copies in exchanges:
        exchange = copies[0]
        if answered and exchange.is_initial:
            before = {side: _agreed([copy.description_of(side) for copy in answered]) for side in Side}
            exchange = replace(
                exchange,
                is_initial=False,
                previous_offerer=before[exchange.offerer],
                previous_answerer=before[exchange.offerer.other],
            )
        if exchange.answer is not None:
            answered = copies
        yield exchange


def _agreed(copies: Sequence[SessionDescription | None]) -> SessionDescription | None:
    """A description that is the same on every hop; None where a node on the way rewrote it."""
    first = copies[0]
    if first is None or any(other is None or differences(first, other) for other in copies[1:]):
        return None
    return first


def _carrier_of(exchange: OfferAnswerExchange) -> tuple[Side, CSeq | None, int | None, int | None]:
    """What copies of one offer have in common on all hops: who made it, CSeq, and for responses status and RSeq."""
    message = exchange.offer_message
    status = message.status if isinstance(message, Response) else None
    return (exchange.offerer, message.cseq, status, message.rseq)


def changes_of(exchanges: Sequence[OfferAnswerExchange]) -> Iterator[Service]:
    """What each exchange after the first one changed; an offer that says the same again refreshes the session."""
    for exchange in exchanges:
        if exchange.is_initial or (exchange.previous_offerer is None and exchange.history_complete):
            continue
        if exchange.outcome is ExchangeOutcome.REJECTED:
            yield _refused(exchange)
        else:
            yield from _changed(exchange)


def _refused(exchange: OfferAnswerExchange) -> Service:
    refusal = exchange.answer_message
    label = refusal.label if isinstance(refusal, Response) else ""
    return Service(
        name="session-change-refused",
        at=exchange.at,
        until=None if refusal is None else refusal.at,
        by=exchange.offerer.other,
        frames=(*exchange.offer_frames, *exchange.answer_frames),
        detail=", ".join(part for part in (label, _words(exchange, exchange.offerer)) if part),
    )


def _changed(exchange: OfferAnswerExchange) -> Iterator[Service]:
    own, others = _words(exchange, exchange.offerer), _words(exchange, exchange.offerer.other)
    words = [part for part in (own, f"{exchange.offerer.other.value}: {others}" if others else "") if part]
    if words:
        yield Service(
            name="session-change",
            at=exchange.answered_at or exchange.at,
            by=exchange.offerer,
            frames=(*exchange.offer_frames, *exchange.answer_frames),
            detail="; ".join(words),
        )


def _words(exchange: OfferAnswerExchange, side: Side) -> str:
    """What a party's description differs in from its last one."""
    before = exchange.previous_offerer if side is exchange.offerer else exchange.previous_answerer
    now = exchange.description_of(side)
    if before is None or now is None:
        return ""
    found: list[str] = []
    for index, section in enumerate(now.media):
        if index >= len(before.media):
            found.append(f"{section.kind} added")
        elif section.port == 0 and before.media[index].port != 0:
            found.append(f"{section.kind} removed")
        elif before.media[index].port == 0 and section.port != 0:
            found.append(f"{section.kind} added")
    moved = [item for item in differences(before, now) if _is_told(item, found, exchange, side)]
    other_codecs = {item.index for item in moved if item.kind is DifferenceKind.FORMATS}
    for item in moved:
        # Another set of codecs has another order and other numbers too.
        if item.index not in other_codecs or item.kind not in {
            DifferenceKind.FIRST_FORMAT,
            DifferenceKind.PAYLOAD_TYPES,
        }:
            values = f" {item.first} → {item.second}" if _is_short(item) else ""
            found.append(f"{now.media[item.index or 0].kind} {_TOLD[item.kind]}{values}")
    return ", ".join(dict.fromkeys(found))


def _is_told(item: Difference, found: Sequence[str], exchange: OfferAnswerExchange, side: Side) -> bool:
    if item.kind not in _TOLD or item.index is None:
        return False
    description = exchange.description_of(side)
    if description is None or item.index >= len(description.media):
        return False
    section = description.media[item.index]
    # What appears or goes isn't told again by its port, and the null address is hold.
    is_null = section.connection is not None and section.connection.is_null
    return section.port != 0 and not is_null and f"{section.kind} added" not in found


def _is_short(item: Difference) -> bool:
    return item.kind in {DifferenceKind.ADDRESS, DifferenceKind.PORT, DifferenceKind.PROTOCOL, DifferenceKind.KIND}
