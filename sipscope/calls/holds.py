"""Hold and resume, by party.

Hold follows two independent wishes, one of each party: a party sets its own by offering, or answering an offered
sendrecv, so that it no longer receives; answering what the other's hold requires sets nothing (RFC 3264 §8.4,
RFC 6337 §5.3). The first exchange of a dialog never sets one, and repeating it sets none either.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Service
from sipscope.model.description import Direction, MediaDescription
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import OfferAnswerExchange


def holds_of(exchanges: Sequence[OfferAnswerExchange]) -> Iterator[Service]:
    """Holds and resumes among the answered exchanges of one dialog."""
    if len(exchanges) == 1 and _opens_dialog(exchanges[0]):
        # As in most calls; a hold takes another one.
        return
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
