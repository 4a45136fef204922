"""Who holds whom: the wish of each party, stream by stream, as its offers and answers tell it (RFC 3264 §8.4).

Hold is a wish of one party and no state of the stream: each side has a flag of its own. What a party answers because
the other one holds says nothing about its own wish.
"""

from collections.abc import Iterable, Iterator

from sipscope.model.comparison import effective_direction
from sipscope.model.description import Direction, MediaDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.offer_answer import Ledger, OfferAnswerExchange
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.rules.exchanges import is_answered
from sipscope.values import dataclass

_WITHOUT_RECEIVING = frozenset({Direction.SENDONLY, Direction.INACTIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldStep:
    """What one completed exchange does to one media position.

    Attributes:
        exchange: The exchange.
        offered: The offered section.
        answered: The answered section.
        holding_before: Parties that held the stream when the offer came.
        holding: Parties that hold it from the answer on.
        direction: What the offerer may do from the answer on.
    """

    exchange: OfferAnswerExchange
    offered: MediaDescription
    answered: MediaDescription
    holding_before: frozenset[Side]
    holding: frozenset[Side]
    direction: Direction

    @property
    def at(self) -> Instant:
        """Time of the answer."""
        return self.exchange.answered_at or self.exchange.at

    def section_of(self, side: Side) -> MediaDescription:
        """What that party wrote."""
        return self.offered if side is self.exchange.offerer else self.answered


def positions_of(ledger: Ledger) -> int:
    """How many media positions the exchanges have at most."""
    return max((len(exchange.offer.media) for exchange in ledger.exchanges), default=0)


def hold_steps(ledger: Ledger, index: int) -> Iterator[HoldStep]:
    """The completed exchanges of one RTP position, with the wishes before and after each.

    The first exchange expresses no hold: announcement servers and third-party controllers begin with restricted
    media. A position that is refused, or not RTP, begins anew.
    """
    previous: HoldStep | None = None
    for exchange in ledger.exchanges:
        pair = _sections(exchange, index)
        if pair is None:
            continue
        offered, answered = pair
        if not (offered.port and answered.port and offered.is_rtp and answered.is_rtp):
            previous = None
            continue
        previous = _step(exchange, offered, answered, previous)
        yield previous


def _sections(exchange: OfferAnswerExchange, index: int) -> tuple[MediaDescription, MediaDescription] | None:
    if not is_answered(exchange) or exchange.answer is None:
        return None
    if index >= min(len(exchange.offer.media), len(exchange.answer.media)):
        return None
    return exchange.offer.media[index], exchange.answer.media[index]


def _step(
    exchange: OfferAnswerExchange,
    offered: MediaDescription,
    answered: MediaDescription,
    previous: HoldStep | None,
) -> HoldStep:
    before = frozenset[Side]() if previous is None else previous.holding
    holding = before if previous is None else _wishes(exchange.offerer, offered, answered, previous)
    return HoldStep(
        exchange=exchange,
        offered=offered,
        answered=answered,
        holding_before=before,
        holding=holding,
        direction=effective_direction(offered, answered),
    )


def _wishes(
    offerer: Side, offered: MediaDescription, answered: MediaDescription, previous: HoldStep
) -> frozenset[Side]:
    """Who holds behind an exchange: the offer tells its sender's wish, an answer only where it had the choice."""
    holding = set(previous.holding)
    if not is_held(offered):
        holding.discard(offerer)
    elif _received(offerer, previous):
        holding.add(offerer)
    if offered.direction is Direction.SENDRECV and not is_null(offered):
        if answered.direction in _WITHOUT_RECEIVING:
            holding.add(offerer.other)
        elif answered.direction is Direction.SENDRECV:
            holding.discard(offerer.other)
    return frozenset(holding)


def expresses_hold(ledger: Ledger) -> bool:
    """Whether anybody may have expressed a hold: without a restricted section behind the first exchange nobody did."""
    for exchange in ledger.exchanges[1:]:
        for description in (exchange.offer, exchange.answer):
            if description is not None and any(map(is_held, description.media)):
                return True
    return False


def hold_in_force(dialog: Dialog, trace: Trace, side: Side, at: Instant) -> HoldStep | None:
    """The exchange with which a party put the other one on hold, where it still does at an instant."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        for index in range(0 if ledger is None else positions_of(ledger)):
            began = None if ledger is None else _began_by(hold_steps(ledger, index), side, at)
            if began is not None:
                return began
    return None


def _began_by(steps: Iterable[HoldStep], side: Side, at: Instant) -> HoldStep | None:
    began: HoldStep | None = None
    for step in steps:
        if step.at <= at:
            began = None if side not in step.holding else began or step
    return began


def is_held(section: MediaDescription) -> bool:
    """Whether a section asks the peer to send nothing: sendonly, inactive, or the null address."""
    return section.direction in _WITHOUT_RECEIVING or is_null(section)


def is_null(section: MediaDescription) -> bool:
    """Whether the address is 0.0.0.0 or ::."""
    return section.connection is not None and section.connection.is_null


def _received(side: Side, step: HoldStep) -> bool:
    """Whether a party wanted to receive media by what it wrote in that exchange."""
    return step.section_of(side).direction.receives and not is_null(step.section_of(side))
