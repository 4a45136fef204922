"""Sessions for instant messages that a description sets up by MSRP, as a service of its call."""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Service
from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import Instant

_Open = tuple[OfferAnswerExchange, Instant, str]


def message_sessions_of(exchanges: Sequence[OfferAnswerExchange], ended_at: Instant | None) -> Iterator[Service]:
    """From the answer that accepts `m=message` over MSRP to the one that ends it, or to the end of the dialog."""
    running: _Open | None = None
    for exchange in exchanges:
        if exchange.answer is None:
            continue
        at = exchange.answered_at or exchange.at
        kinds = _agreed_kinds(exchange)
        if kinds is None and running is not None:
            yield _service(running, at)
            running = None
        elif kinds is not None and running is None:
            running = (exchange, at, kinds)
    if running is not None:
        yield _service(running, ended_at)


def _service(running: _Open, until: Instant | None) -> Service:
    exchange, at, kinds = running
    return Service(
        name="message-session", at=at, until=until, by=exchange.offerer, frames=exchange.offer_frames, detail=kinds
    )


def _agreed_kinds(exchange: OfferAnswerExchange) -> str | None:
    """What the answerer takes (`accept-types`), empty where it doesn't say; None where no session is agreed on."""
    offered, answered = (_section(exchange, side) for side in (exchange.offerer, exchange.offerer.other))
    if offered is None or answered is None:
        return None
    return ", ".join(kind for text in answered.attribute_values("accept-types") for kind in (text or "").split())


def _section(exchange: OfferAnswerExchange, side: Side) -> MediaDescription | None:
    description = exchange.description_of(side)
    sections = () if description is None else description.media
    for item in sections:
        # Nearly all sections are of this protocol, and need no splitting.
        if item.protocol != "RTP/AVP" and item.port != 0 and "MSRP" in item.protocol.upper().split("/"):
            return item
    return None
