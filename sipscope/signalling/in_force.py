"""What each party wants to receive, from when until when (RFC 3264 §5.1, §8.3.1).

An offer is in force for receiving from the moment it is sent. The earlier generation stays until the new exchange is
answered, so that two are valid during a change, and for good when the new offer is refused.
"""

from collections.abc import Iterator, Sequence
from typing import overload

from sipscope.model.comparison import effective_direction
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import Basis, ExchangeOutcome, MediaInForce, OfferAnswerExchange
from sipscope.model.time import Instant
from sipscope.values import dataclass

_COMPLETED = frozenset({ExchangeOutcome.ANSWERED})


class InForce(Sequence[MediaInForce]):
    """Every interval of a ledger, worked out when somebody asks: without media few do."""

    __slots__ = ("_ended_at", "_exchanges", "_made")

    def __init__(self, exchanges: Sequence[OfferAnswerExchange], ended_at: Instant | None) -> None:
        """Keep the exchanges, and when their dialog ended."""
        self._exchanges = exchanges
        self._ended_at = ended_at
        self._made: tuple[MediaInForce, ...] | None = None

    def _all(self) -> tuple[MediaInForce, ...]:
        made = self._made
        if made is None:
            made = self._made = in_force_of(self._exchanges, self._ended_at)
        return made

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> MediaInForce: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[MediaInForce, ...]: ...

    def __getitem__(self, index: int | slice) -> MediaInForce | tuple[MediaInForce, ...]:
        return self._all()[index]

    def __iter__(self) -> Iterator[MediaInForce]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, InForce) else other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


def in_force_of(exchanges: Sequence[OfferAnswerExchange], ended_at: Instant | None) -> tuple[MediaInForce, ...]:
    """Every interval, by side, position and time; the last ones are open, or end with the dialog."""
    collector = _Collector()
    for exchange in exchanges:
        collector.add(exchange)
    found = collector.closed + collector.open
    if ended_at is not None:
        _end(found, ended_at)
    found.sort(key=_place_of)
    return tuple([_frozen(item) for item in found])


@dataclass(slots=True)
class _Interval:
    """A section in force, while its end may still come."""

    exchange: OfferAnswerExchange
    side: Side
    media: MediaDescription
    remote: MediaDescription | None
    since: Instant
    basis: Basis
    until: Instant | None = None


def _place_of(item: _Interval) -> tuple[Side, int, Instant, Basis, int]:
    return item.side, item.media.index, item.since, item.basis, item.exchange.number


class _Collector:
    def __init__(self) -> None:
        self.open: list[_Interval] = []
        self.closed: list[_Interval] = []

    def add(self, exchange: OfferAnswerExchange) -> None:
        offered = [
            _Interval(exchange, exchange.offerer, section, None, exchange.at, Basis.OFFER)
            for section in exchange.offer.media
        ]
        offered += _previews(exchange)
        if exchange.outcome in _COMPLETED and exchange.answer is not None and exchange.answer_message is not None:
            at = max(exchange.answer_message.at, exchange.at)
            self._close(self.open, at)
            self._close([item for item in offered if item.since < at], at)
            self.open = _answered(exchange, exchange.answer, at)
        elif exchange.outcome is not ExchangeOutcome.PENDING and exchange.answer_message is not None:
            # An offer that failed is over with the message that says so, or else with the next answer.
            self._close(offered, exchange.answer_message.at)
        else:
            self.open += offered

    def _close(self, items: list[_Interval], at: Instant) -> None:
        _end(items, at)
        self.closed += items


def _end(items: Sequence[_Interval], at: Instant) -> None:
    """End whatever goes on at that instant."""
    for item in items:
        if item.until is None or item.until > at:
            item.until = max(at, item.since)


def _previews(exchange: OfferAnswerExchange) -> list[_Interval]:
    preview, message = exchange.preview, exchange.preview_message
    if preview is None or message is None:
        return []
    side = exchange.offerer.other
    return [
        _Interval(exchange, side, section, _at(exchange.offer, section.index), message.at, Basis.PREVIEW)
        for section in preview.media
    ]


def _answered(exchange: OfferAnswerExchange, answer: SessionDescription, at: Instant) -> list[_Interval]:
    """Both parties' sections once the answer is there; the answerer's from when the answer was sent."""
    own = [
        _Interval(exchange, exchange.offerer, section, _at(answer, section.index), at, Basis.OFFER)
        for section in exchange.offer.media
    ]
    side = exchange.offerer.other
    other = [
        _Interval(exchange, side, section, _at(exchange.offer, section.index), at, Basis.ANSWER)
        for section in answer.media
    ]
    return own + other


def _frozen(item: _Interval) -> MediaInForce:
    section, remote = item.media, item.remote
    return MediaInForce(
        since=item.since,
        until=item.until,
        side=item.side,
        media=section,
        remote=remote,
        basis=item.basis,
        exchange_id=item.exchange.id,
        direction=section.direction if remote is None else effective_direction(section, remote),
    )


def _at(description: SessionDescription, index: int) -> MediaDescription | None:
    return description.media[index] if index < len(description.media) else None
