"""An exchange while it is negotiated, and the frozen one that comes of it.

What may live here: what one offer and its answer say together. What may not: states, and which message means what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from itertools import zip_longest

from sipscope.model.comparison import common_formats, differences, effective_direction
from sipscope.model.defects import Anomaly
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.message import Message, Response
from sipscope.model.offer_answer import ExchangeOutcome, NegotiatedMedia, OfferAnswerExchange, Pattern
from sipscope.model.transaction import Transaction
from sipscope.signalling.offer_answer_table import Event
from sipscope.values import dataclass


@dataclass(slots=True, kw_only=True)
class Draft:
    """An exchange while it is negotiated.

    Attributes:
        offerer: Who offered.
        carrier: What carried the offer.
        offer_message: The carrier itself.
        offer: The offered description.
        previous: What each side had written in the last completed exchange before.
        is_initial: First exchange of the dialog.
        transaction: Transaction of the offer's carrier.
        invite: The INVITE in progress, or the last one; None where none is in the capture.
        id: The id that the exchange gets; empty until all of them are known.
    """

    offerer: Side
    carrier: Event
    offer_message: Message
    offer: SessionDescription
    previous: Mapping[Side, SessionDescription]
    is_initial: bool
    transaction: Transaction
    invite: Transaction | None
    id: str = ""
    outcome: ExchangeOutcome = ExchangeOutcome.PENDING
    answer_message: Message | None = None
    answer: SessionDescription | None = None
    preview_message: Message | None = None
    preview: SessionDescription | None = None
    repeats: list[Message] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)

    def written_by(self, side: Side) -> tuple[Message, SessionDescription] | None:
        """What that party wrote in this exchange, and in which message; None while it wrote nothing."""
        if side is self.offerer:
            return self.offer_message, self.offer
        if self.answer_message is None or self.answer is None:
            return None
        return self.answer_message, self.answer

    def frozen(self, number: int, *, dialog_id: str, leg_id: str, history_complete: bool) -> OfferAnswerExchange:
        """The exchange as it stands."""
        return OfferAnswerExchange(
            id=self.id,
            dialog_id=dialog_id,
            leg_id=leg_id,
            number=number,
            offerer=self.offerer,
            pattern=_pattern(self),
            outcome=self.outcome,
            offer_message=self.offer_message,
            offer=self.offer,
            answer_message=self.answer_message,
            answer=self.answer,
            preview_message=self.preview_message,
            preview=self.preview,
            repeats=tuple(self.repeats),
            previous_offerer=self.previous.get(self.offerer),
            previous_answerer=self.previous.get(self.offerer.other),
            history_complete=history_complete,
            is_initial=self.is_initial,
            media=_negotiated(self.offer, self.answer),
            anomalies=tuple(self.anomalies),
        )


def differ(first: SessionDescription, second: SessionDescription) -> bool:
    """Whether two descriptions of one party say different things, or the same under another version."""
    return first.content != second.content and (bool(differences(first, second)) or _version(first) != _version(second))


def _version(description: SessionDescription) -> object:
    origin = description.origin
    return None if origin is None else (origin.session_id, origin.session_version)


_PATTERNS = {
    Event.SUCCESS_SDP: Pattern.RESPONSE_ACK,
    Event.RELIABLE_SDP: Pattern.PROVISIONAL_PRACK,
    Event.PRACK_SDP: Pattern.PRACK_200,
    Event.UPDATE_BY_UAC: Pattern.UPDATE_200,
    Event.UPDATE_BY_UAS: Pattern.UPDATE_200,
}


def _pattern(draft: Draft) -> Pattern:
    """Which of the six pairs; an INVITE offer that waits is named for the answer in the 2xx (RFC 6337 §2.2)."""
    if draft.carrier is not Event.INVITE_SDP:
        return _PATTERNS.get(draft.carrier, Pattern.UNKNOWN)
    answer = draft.answer_message
    reliable = isinstance(answer, Response) and answer.is_reliable_provisional
    if draft.invite is not None and draft.invite.request is not None and draft.invite.request.to_tag is not None:
        return Pattern.REINVITE_PROVISIONAL if reliable else Pattern.REINVITE_200
    return Pattern.INVITE_PROVISIONAL if reliable else Pattern.INVITE_200


def _negotiated(offer: SessionDescription, answer: SessionDescription | None) -> tuple[NegotiatedMedia, ...]:
    answered: Sequence[MediaDescription] = () if answer is None else answer.media
    return tuple([_position(index, *pair) for index, pair in enumerate(zip_longest(offer.media, answered))])


def _position(index: int, offered: MediaDescription | None, answered: MediaDescription | None) -> NegotiatedMedia:
    if offered is None or answered is None:
        return NegotiatedMedia(index=index, offer=offered, answer=answered)
    return NegotiatedMedia(
        index=index,
        offer=offered,
        answer=answered,
        formats=common_formats(offered, answered),
        direction=effective_direction(offered, answered),
    )
