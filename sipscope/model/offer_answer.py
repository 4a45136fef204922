"""Offers, answers and what is in force when (RFC 3264, RFC 6337)."""

from collections.abc import Sequence
from enum import StrEnum

from sipscope.model.defects import Anomaly
from sipscope.model.description import Direction, MediaDescription, RtpFormat, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.message import Message
from sipscope.model.time import Instant
from sipscope.values import dataclass


class Pattern(StrEnum):
    """The six legal pairs of carriers (RFC 6337 §2.2), re-INVITE told apart from INVITE, and what is neither."""

    INVITE_200 = "INVITE/200"
    RESPONSE_ACK = "200/ACK"
    INVITE_PROVISIONAL = "INVITE/183-PRACK"
    PROVISIONAL_PRACK = "183/PRACK"
    PRACK_200 = "PRACK/200"
    UPDATE_200 = "UPDATE/200"
    REINVITE_200 = "re-INVITE/200"
    REINVITE_PROVISIONAL = "re-INVITE/183-PRACK"
    UNKNOWN = "unknown"


class ExchangeOutcome(StrEnum):
    """What became of an offer.

    `PENDING`: the capture ends before an answer was due. `BROKEN`: the last legal carrier of the answer came without
    one. `UNANSWERED`: no answer and none came by the deadline. `SUPERSEDED`: the release or a later offer overtook it.
    `UNKNOWN`: the message that settled it isn't in the capture.
    """

    ANSWERED = "answered"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    PENDING = "pending"
    BROKEN = "broken"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


class MachineState(StrEnum):
    """States of the offer/answer machine of one early or confirmed dialog on one leg.

    `R_` forms are the same states during a re-INVITE, with the last stable exchange kept for rollback. `_LATE` forms
    are those where the 2xx to the INVITE overtook the answer in or to a PRACK.
    """

    NOTHING = "N0"
    OFFERED = "I1"
    PREVIEWED = "I1p"
    WAITING = "W1"
    RELIABLE_OFFER = "R1"
    ACK_DUE = "K1"
    EARLY_COMPLETE = "E0"
    PRACK_OFFER = "E1"
    EARLY_UPDATE_CALLER = "E2U"
    EARLY_UPDATE_CALLEE = "E2V"
    STABLE = "S0"
    RELIABLE_OFFER_LATE = "R2"
    PRACK_OFFER_LATE = "S2"
    UPDATE_CALLER = "S3U"
    UPDATE_CALLEE = "S3V"
    R_OFFERED = "I1r"
    R_PREVIEWED = "I1pr"
    R_WAITING = "W1r"
    R_RELIABLE_OFFER = "R1r"
    R_ACK_DUE = "K1r"
    R_COMPLETE = "E0r"
    R_PRACK_OFFER = "E1r"
    R_UPDATE_CALLER = "E2Ur"
    R_UPDATE_CALLEE = "E2Vr"
    BROKEN = "BR"
    ENDED = "X"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """Why a description is in force for receiving."""

    OFFER = "offer"
    PREVIEW = "preview"
    ANSWER = "answer"
    HINT = "hint"


@dataclass(frozen=True, slots=True, kw_only=True)
class NegotiatedMedia:
    """One media position of an exchange: both sections and what follows from them.

    Attributes:
        index: Position, counted from 0.
        offer: The offered section; None when only the answer has that position.
        answer: The answered section; None while unanswered, or when the answer lacks it.
        formats: Formats both sides can use, in the answer's order; telephone-event, CN and redundancy included.
        direction: What the offerer may do with it in the end; None while unanswered.
    """

    index: int
    offer: MediaDescription | None
    answer: MediaDescription | None
    formats: tuple[RtpFormat, ...] = ()
    direction: Direction | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether both ports are non-zero."""
        return self.offer is not None and self.answer is not None and self.offer.port != 0 and self.answer.port != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAnswerExchange:
    """One offer and what came of it, on one leg.

    Attributes:
        id: `e1`, `e2` … by time of the offer.
        dialog_id: The dialog, early or confirmed.
        leg_id: The leg.
        number: Counts the exchanges of this leg and dialog from 1.
        offerer: Who offered.
        pattern: Which carriers; known once answered, from the offer's carrier before.
        outcome: What became of it.
        offer_message: Carrier of the offer.
        offer: The offered description.
        answer_message: Carrier of the answer; for a refusal the refusing response; None while there is none.
        answer: The answering description.
        preview_message: First unreliable 18x with SDP after an INVITE offer (RFC 3261 §13.2.1).
        preview: Its description.
        repeats: Later messages that carried the same answer again.
        previous_offerer: The description the offerer had sent last before this one, in an exchange that
            completed; None at the first exchange or when the capture starts later.
        previous_answerer: The same for the answerer.
        history_complete: True when the dialog's first exchange is in the capture.
        is_initial: First exchange of the dialog.
        media: Position by position.
        anomalies: What the machine found, each with the code of the rule that speaks of it.
    """

    id: str
    dialog_id: str
    leg_id: str
    number: int
    offerer: Side
    pattern: Pattern
    outcome: ExchangeOutcome
    offer_message: Message
    offer: SessionDescription
    answer_message: Message | None = None
    answer: SessionDescription | None = None
    preview_message: Message | None = None
    preview: SessionDescription | None = None
    repeats: tuple[Message, ...] = ()
    previous_offerer: SessionDescription | None = None
    previous_answerer: SessionDescription | None = None
    history_complete: bool = True
    is_initial: bool = False
    media: tuple[NegotiatedMedia, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def at(self) -> Instant:
        """Time of the offer."""
        return self.offer_message.at

    @property
    def answered_at(self) -> Instant | None:
        """Time of the answer; None when there is none."""
        return self.answer_message.at if self.answer is not None and self.answer_message is not None else None

    @property
    def offer_frames(self) -> tuple[int, ...]:
        """Frames of the offer."""
        return self.offer_message.frames

    @property
    def answer_frames(self) -> tuple[int, ...]:
        """Frames of the answer or the refusal."""
        return () if self.answer_message is None else self.answer_message.frames

    def description_of(self, side: Side) -> SessionDescription | None:
        """What that party wrote in this exchange."""
        return self.offer if side is self.offerer else self.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInForce:
    """What one party wants to receive in one media position during an interval.

    Attributes:
        since: From when.
        until: Until when; None while it stays in force.
        side: The party that receives.
        media: Its section: address, port, formats.
        remote: The other party's section at that moment; None while unanswered.
        basis: Offer, preview or answer.
        exchange_id: The exchange it comes from.
        direction: Effective direction seen from `side`; before the answer, what `side` itself wrote.
    """

    since: Instant
    until: Instant | None
    side: Side
    media: MediaDescription
    remote: MediaDescription | None
    basis: Basis
    exchange_id: str
    direction: Direction

    def covers(self, at: Instant) -> bool:
        """Whether it is in force at that instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All exchanges of one leg in one early or confirmed dialog, and what was in force at any moment.

    Attributes:
        leg_id: The leg.
        dialog_id: The dialog.
        exchanges: By time of the offer.
        in_force: Every interval, by side, position and time.
        state: Where the messages leave the machine.
        anomalies: What belongs to no exchange, such as SDP in a message that may not carry any.
        early_exchanges: Exchanges of the session for early media alone (RFC 3959 §4), by time of the offer.
    """

    leg_id: str
    dialog_id: str
    exchanges: tuple[OfferAnswerExchange, ...]
    in_force: Sequence[MediaInForce]
    state: MachineState
    anomalies: tuple[Anomaly, ...] = ()
    early_exchanges: tuple[OfferAnswerExchange, ...] = ()

    def negotiated(self, at: Instant, side: Side, index: int) -> MediaInForce | None:
        """What a party wanted to receive at an instant in one media position; the latest where two overlap."""
        found = [item for item in self.in_force if item.side is side and item.media.index == index and item.covers(at)]
        return found[-1] if found else None

    def sections(self, side: Side, index: int) -> tuple[MediaInForce, ...]:
        """Every interval of one party and position, by time."""
        return tuple(item for item in self.in_force if item.side is side and item.media.index == index)
