"""What each party wants to receive, from when until when (RFC 3264 §5.1, §8.3.1).

An offer is in force for receiving from the moment it is sent. The earlier generation stays until the new exchange is
answered, so that two are valid during a change, and for good when the new offer is refused.
"""

from collections.abc import Sequence
from dataclasses import replace

from sipscope.model.comparison import effective_direction
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import Basis, ExchangeOutcome, MediaInForce, OfferAnswerExchange
from sipscope.model.time import Instant

_COMPLETED = frozenset({ExchangeOutcome.ANSWERED})


def in_force_of(exchanges: Sequence[OfferAnswerExchange], ended_at: Instant | None) -> tuple[MediaInForce, ...]:
    """Every interval, by side, position and time; the last ones are open, or end with the dialog."""
    collector = _Collector()
    for exchange in exchanges:
        collector.add(exchange)
    finished = [_until(item, ended_at) for item in collector.closed + collector.open]
    return tuple(
        sorted(finished, key=lambda item: (item.side, item.media.index, item.since, item.basis, item.exchange_id))
    )


class _Collector:
    def __init__(self) -> None:
        self.open: list[MediaInForce] = []
        self.closed: list[MediaInForce] = []

    def add(self, exchange: OfferAnswerExchange) -> None:
        offered = [
            _entry(exchange, exchange.offerer, section, None, exchange.at, Basis.OFFER)
            for section in exchange.offer.media
        ]
        previews = self._previews(exchange)
        if exchange.outcome in _COMPLETED and exchange.answer is not None and exchange.answer_message is not None:
            at = max(exchange.answer_message.at, exchange.at)
            self._close(self.open, at)
            self.closed.extend(_until(item, at) for item in (*offered, *previews) if item.since < at)
            self.open = list(_answered(exchange, exchange.answer, at))
        elif exchange.outcome is ExchangeOutcome.PENDING:
            self.open.extend((*offered, *previews))
        else:
            self._settled(exchange, (*offered, *previews))

    def _settled(self, exchange: OfferAnswerExchange, items: Sequence[MediaInForce]) -> None:
        """An offer that failed: over with the message that says so, or else with the next answer."""
        if exchange.answer_message is None:
            self.open.extend(items)
        else:
            end = exchange.answer_message.at
            self.closed.extend(_until(item, end) for item in items)

    def _previews(self, exchange: OfferAnswerExchange) -> list[MediaInForce]:
        preview, message = exchange.preview, exchange.preview_message
        if preview is None or message is None:
            return []
        return [
            _entry(
                exchange, exchange.offerer.other, section, _at(exchange.offer, section.index), message.at, Basis.PREVIEW
            )
            for section in preview.media
        ]

    def _close(self, items: list[MediaInForce], at: Instant) -> None:
        self.closed.extend(_until(item, at) for item in items)


def _answered(exchange: OfferAnswerExchange, answer: SessionDescription, at: Instant) -> list[MediaInForce]:
    """Both parties' sections once the answer is there; the answerer's from when the answer was sent."""
    own = [
        _entry(exchange, exchange.offerer, section, _at(answer, section.index), at, Basis.OFFER)
        for section in exchange.offer.media
    ]
    other = [
        _entry(exchange, exchange.offerer.other, section, _at(exchange.offer, section.index), at, Basis.ANSWER)
        for section in answer.media
    ]
    return [*own, *other]


def _entry(
    exchange: OfferAnswerExchange,
    side: Side,
    section: MediaDescription,
    remote: MediaDescription | None,
    since: Instant,
    basis: Basis,
) -> MediaInForce:
    return MediaInForce(
        since=since,
        until=None,
        side=side,
        media=section,
        remote=remote,
        basis=basis,
        exchange_id=exchange.id,
        direction=section.direction if remote is None else effective_direction(section, remote),
    )


def _at(description: SessionDescription, index: int) -> MediaDescription | None:
    return description.media[index] if index < len(description.media) else None


def _until(item: MediaInForce, at: Instant | None) -> MediaInForce:
    if at is None or (item.until is not None and item.until <= at):
        return item
    return replace(item, until=max(at, item.since))
