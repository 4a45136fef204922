"""The ledger of offers and answers, leg by leg and dialog by dialog (RFC 3264, RFC 6337).

Messages become events, events move the machine of `offer_answer_table`, and its actions open, close, refuse and compare
exchanges. Nothing here decides by itself what is legal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from sipscope.model.comparison import common_formats, differences, effective_direction
from sipscope.model.defects import Anomaly
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.message import Message, Request, Response
from sipscope.model.offer_answer import (
    ExchangeOutcome,
    Ledger,
    MachineState,
    NegotiatedMedia,
    OfferAnswerExchange,
    Pattern,
)
from sipscope.model.transaction import Transaction
from sipscope.signalling.in_force import in_force_of
from sipscope.signalling.offer_answer_table import TABLE, Action, Event, Transition


def ledgers_of(dialogs: Sequence[Dialog]) -> tuple[Ledger, ...]:
    """A ledger for each leg of each dialog that an INVITE created; exchanges are numbered by time over all of them."""
    ledgers = [_Machine(dialog, leg).run() for dialog in dialogs if "invite" in dialog.usages for leg in dialog.legs]
    found = [exchange for ledger in ledgers for exchange in ledger.exchanges]
    found.sort(key=lambda exchange: (exchange.at, exchange.offer_frames, exchange.leg_id, exchange.dialog_id))
    names = {exchange.id: f"e{number}" for number, exchange in enumerate(found, start=1)}
    return tuple(_renamed(ledger, names) for ledger in ledgers)


def _renamed(ledger: Ledger, names: dict[str, str]) -> Ledger:
    return replace(
        ledger,
        exchanges=tuple(replace(item, id=names[item.id]) for item in ledger.exchanges),
        in_force=tuple(replace(item, exchange_id=names[item.exchange_id]) for item in ledger.in_force),
    )


@dataclass(slots=True)
class _Draft:
    """An exchange while it is negotiated."""

    number: int
    offerer: Side
    carrier: Event
    offer_message: Message
    offer: SessionDescription
    previous: dict[Side, SessionDescription]
    is_initial: bool
    transaction: Transaction
    in_reinvite: bool
    outcome: ExchangeOutcome = ExchangeOutcome.PENDING
    answer_message: Message | None = None
    answer: SessionDescription | None = None
    preview_message: Message | None = None
    preview: SessionDescription | None = None
    repeats: list[Message] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)


class _Machine:
    """One machine: a leg of a dialog."""

    def __init__(self, dialog: Dialog, leg: Leg) -> None:
        self.dialog, self.leg = dialog, leg
        self.state = MachineState.NOTHING if _begins_here(dialog, leg) else MachineState.UNKNOWN
        self.drafts: list[_Draft] = []
        self.pending: _Draft | None = None
        self.previous: dict[Side, SessionDescription] = {}
        self.uac = Side.CALLER
        self.invite: Transaction | None = None
        self.anomalies: list[Anomaly] = []
        self.unacknowledged: dict[int, Response] = {}
        self.reliable: dict[int, Response] = {}

    def run(self) -> Ledger:
        """Feed every message of the leg, and freeze what came of it."""
        for message, transaction in _in_order(self.leg):
            event = self._event(message, transaction)
            if event is not None:
                self._step(event, message, transaction)
        exchanges = tuple(_frozen(draft, self.dialog, self.leg) for draft in self.drafts)
        return Ledger(
            leg_id=self.leg.id,
            dialog_id=self.dialog.id,
            exchanges=exchanges,
            in_force=in_force_of(exchanges, self.dialog.ended_at),
            state=self.state,
            anomalies=tuple(self.anomalies),
        )

    # -- messages to events

    def _event(self, message: Message, transaction: Transaction) -> Event | None:
        if isinstance(message, Response):
            return self._response_event(message, transaction)
        return self._request_event(message, transaction) if isinstance(message, Request) else None

    def _request_event(self, request: Request, transaction: Transaction) -> Event | None:
        has_sdp = request.description is not None
        if request.method == "INVITE":
            return self._invite_event(request, transaction)
        if request.method == "ACK":
            if self.invite is not None and request.cseq and self.invite.first.cseq != _as_invite(request):
                return None
            return Event.ACK_SDP if has_sdp else Event.ACK_PLAIN
        if request.method == "PRACK":
            return self._prack_event(request, has_sdp=has_sdp)
        if request.method == "UPDATE" and has_sdp:
            return Event.UPDATE_BY_UAC if self._sender(request) is self.uac else Event.UPDATE_BY_UAS
        return Event.RELEASE if request.method == "BYE" else None

    def _invite_event(self, request: Request, transaction: Transaction) -> Event | None:
        if self.state not in _READY:
            self._overlap(request)
            return None
        self.invite = transaction
        self.uac = self._sender(request)
        self.reliable, self.unacknowledged = {}, {}
        return Event.INVITE_SDP if request.description is not None else Event.INVITE_PLAIN

    def _overlap(self, request: Request) -> None:
        """An INVITE while another exchange goes on: glare, or a sender that doesn't wait (RFC 3261 §14.1)."""
        if request.description is None and self.pending is None:
            return
        same = self.pending is not None and self.pending.offerer is self._sender(request)
        offers = [self.pending.offer_message] if self.pending is not None else []
        self._note(Transition(self.state, anomaly="OA-020" if same else "OA-021"), [*offers, request])

    def _prack_event(self, request: Request, *, has_sdp: bool) -> Event:
        number = None if request.rack is None else request.rack.rseq
        acknowledged = None if number is None else self.reliable.get(number)
        if number is not None:
            self.unacknowledged.pop(number, None)
        if not has_sdp:
            return Event.PRACK_PLAIN
        stray = acknowledged is not None and acknowledged.description is None
        return Event.PRACK_SDP_STRAY if stray else Event.PRACK_SDP

    def _response_event(self, response: Response, transaction: Transaction) -> Event | None:
        has_sdp = response.description is not None
        if transaction.method == "INVITE":
            return self._invite_response_event(response, transaction, has_sdp=has_sdp)
        if response.is_provisional or transaction.method not in {"PRACK", "UPDATE"}:
            return None
        if not self._answers_pending(transaction):
            return None if not (has_sdp and response.is_success) else _SUCCESS_SDP[transaction.method]
        if response.is_success:
            return (_SUCCESS_SDP if has_sdp else _SUCCESS_PLAIN)[transaction.method]
        return _FAILURE[transaction.method]

    def _answers_pending(self, transaction: Transaction) -> bool:
        return self.pending is not None and self.pending.transaction is transaction

    def _invite_response_event(self, response: Response, transaction: Transaction, *, has_sdp: bool) -> Event | None:
        if self.invite is not None and transaction is not self.invite:
            return None
        if response.status >= 300:
            return Event.FAILURE
        if response.status == 100 or not self._is_own(response):
            return None
        if response.is_success:
            return Event.SUCCESS_SDP if has_sdp else Event.SUCCESS_PLAIN
        if not response.is_reliable_provisional:
            return Event.UNRELIABLE_SDP if has_sdp else Event.UNRELIABLE_PLAIN
        number = response.rseq or 0
        self.reliable[number] = response
        if has_sdp:
            self.unacknowledged[number] = response
        return Event.RELIABLE_SDP if has_sdp else Event.RELIABLE_PLAIN

    def _is_own(self, response: Response) -> bool:
        """Whether a response belongs to this dialog and not to another fork."""
        return (response.to_tag or "") in {self.dialog.key.caller_tag, self.dialog.key.callee_tag}

    def _sender(self, message: Message) -> Side:
        if isinstance(message, Request):
            side = self.dialog.sender_of(message)
            if side is not None:
                return side
        return self.leg.side_of(message)

    # -- events to exchanges

    def _step(self, event: Event, message: Message, transaction: Transaction) -> None:
        step = TABLE[self.state].get(event)
        if step is None:
            return
        self._precondition(event, message)
        action = step.action
        if action is Action.OFFER:
            self._open(event, message, transaction)
        elif action is Action.ANSWER:
            self._answer(message)
        elif action is Action.PREVIEW:
            self._preview(message)
        elif action is Action.COMPARE:
            self._compare(step, message)
        elif action in _CLOSING:
            self._close(action, message)
        if step.anomaly and action is not Action.COMPARE:
            self._note(step, [message])
        if action in _CLOSING:
            self.pending = None
        self.state = step.state

    def _precondition(self, event: Event, message: Message) -> None:
        """What the table can't see: reliable responses that still wait for their PRACK."""
        if event in {Event.SUCCESS_SDP, Event.SUCCESS_PLAIN} and self.unacknowledged:
            waiting = list(self.unacknowledged.values())
            self._note(Transition(self.state, anomaly="PRK-009"), [*waiting, message])
        if event is Event.UPDATE_BY_UAS and self.state in _EARLY_COMPLETE and self.unacknowledged:
            self._note(Transition(self.state, anomaly="UPD-002", variant="before-prack"), [message])

    def _open(self, event: Event, message: Message, transaction: Transaction) -> None:
        description = message.description
        if description is None:
            return
        if event is Event.PRACK_SDP:
            self.unacknowledged = {}
        self.pending = _Draft(
            number=len(self.drafts) + 1,
            offerer=self._sender(message),
            carrier=event,
            offer_message=message,
            offer=description,
            previous=dict(self.previous),
            is_initial=not self.previous and not self.drafts and self.state is not MachineState.UNKNOWN,
            transaction=transaction,
            in_reinvite=self.invite is not None and _is_reinvite(self.invite),
        )
        self.drafts.append(self.pending)

    def _answer(self, message: Message) -> None:
        draft = self.pending
        if draft is None or message.description is None:
            return
        draft.answer_message, draft.answer = message, message.description
        draft.outcome = ExchangeOutcome.ANSWERED
        if draft.preview is not None and _differ(draft.preview, message.description):
            earlier = [draft.preview_message] if draft.preview_message is not None else []
            self._note(Transition(self.state, anomaly="OA-016"), [*earlier, message])
        self._completed(draft)

    def _completed(self, draft: _Draft) -> None:
        if draft.answer is not None:
            self.previous = {draft.offerer: draft.offer, draft.offerer.other: draft.answer}
        self.pending = None

    def _preview(self, message: Message) -> None:
        draft = self.pending
        if draft is None or message.description is None:
            return
        if draft.preview is None:
            draft.preview_message, draft.preview = message, message.description
        elif _differ(draft.preview, message.description):
            earlier = [draft.preview_message] if draft.preview_message is not None else []
            self._note(Transition(self.state, anomaly="OA-016", variant="previews"), [*earlier, message])

    def _compare(self, step: Transition, message: Message) -> None:
        draft = self.drafts[-1] if self.drafts else None
        if draft is None or draft.answer is None or message.description is None:
            return
        if _differ(draft.answer, message.description):
            earlier = [draft.answer_message] if draft.answer_message is not None else []
            self._note(step, [*earlier, message])
        else:
            draft.repeats.append(message)

    def _close(self, action: Action, message: Message) -> None:
        draft = self.pending
        if draft is None:
            return
        draft.outcome = _OUTCOMES[action]
        if action is Action.TAKE_PREVIEW:
            draft.answer_message, draft.answer = draft.preview_message, draft.preview
            self._completed(draft)
            self.pending = draft
        elif action in {Action.REFUSE, Action.KEEP}:
            draft.answer_message = message

    def _note(self, step: Transition, messages: Sequence[Message]) -> None:
        anomaly = Anomaly(
            code=step.anomaly, variant=step.variant, message_ids=tuple(message.id for message in messages)
        )
        draft = self.pending or (self.drafts[-1] if self.drafts else None)
        (self.anomalies if draft is None else draft.anomalies).append(anomaly)


_READY = frozenset({MachineState.NOTHING, MachineState.STABLE, MachineState.BROKEN, MachineState.UNKNOWN})
_EARLY_COMPLETE = frozenset({MachineState.EARLY_COMPLETE, MachineState.R_COMPLETE})
_CLOSING = frozenset({Action.TAKE_PREVIEW, Action.BREAK, Action.KEEP, Action.REFUSE, Action.END})
_OUTCOMES = {
    Action.TAKE_PREVIEW: ExchangeOutcome.ANSWERED,
    Action.BREAK: ExchangeOutcome.BROKEN,
    Action.KEEP: ExchangeOutcome.BROKEN,
    Action.REFUSE: ExchangeOutcome.REJECTED,
    Action.END: ExchangeOutcome.SUPERSEDED,
}
_SUCCESS_SDP = {"PRACK": Event.PRACK_SUCCESS_SDP, "UPDATE": Event.UPDATE_SUCCESS_SDP}
_SUCCESS_PLAIN = {"PRACK": Event.PRACK_SUCCESS_PLAIN, "UPDATE": Event.UPDATE_SUCCESS_PLAIN}
_FAILURE = {"PRACK": Event.PRACK_FAILURE, "UPDATE": Event.UPDATE_FAILURE}


def _begins_here(dialog: Dialog, leg: Leg) -> bool:
    """Whether this leg shows the INVITE that created the dialog; without it the machine knows no history."""
    return dialog.started_in_capture and any(
        item.is_dialog_creating_invite and item.method == dialog.created_by for item in leg.transactions
    )


def _as_invite(ack: Request) -> object:
    """The CSeq that the INVITE of an ACK has."""
    return None if ack.cseq is None else replace(ack.cseq, method="INVITE")


def _is_reinvite(invite: Transaction) -> bool:
    return invite.request is not None and invite.request.to_tag is not None


def _in_order(leg: Leg) -> Iterator[tuple[Message, Transaction]]:
    pairs = [(message, transaction) for transaction in leg.transactions for message in transaction.messages]
    pairs.sort(key=lambda pair: (pair[0].at, pair[0].frames))
    return iter(pairs)


def _differ(first: SessionDescription, second: SessionDescription) -> bool:
    return first.content != second.content and (bool(differences(first, second)) or _version(first) != _version(second))


def _version(description: SessionDescription) -> object:
    origin = description.origin
    return None if origin is None else (origin.session_id, origin.session_version)


def _frozen(draft: _Draft, dialog: Dialog, leg: Leg) -> OfferAnswerExchange:
    return OfferAnswerExchange(
        id=f"{dialog.id} {leg.id} {draft.number}",
        dialog_id=dialog.id,
        leg_id=leg.id,
        number=draft.number,
        offerer=draft.offerer,
        pattern=_pattern(draft),
        outcome=draft.outcome,
        offer_message=draft.offer_message,
        offer=draft.offer,
        answer_message=draft.answer_message,
        answer=draft.answer,
        preview_message=draft.preview_message,
        preview=draft.preview,
        repeats=tuple(draft.repeats),
        previous_offerer=draft.previous.get(draft.offerer),
        previous_answerer=draft.previous.get(draft.offerer.other),
        history_complete=_begins_here(dialog, leg),
        is_initial=draft.is_initial,
        media=_negotiated(draft.offer, draft.answer),
        anomalies=tuple(draft.anomalies),
    )


def _pattern(draft: _Draft) -> Pattern:
    """Which of the six pairs; an INVITE offer that waits is named for the answer in the 2xx (RFC 6337 §2.2)."""
    if draft.carrier is Event.INVITE_SDP:
        answer = draft.answer_message
        reliable = isinstance(answer, Response) and answer.is_reliable_provisional
        if draft.in_reinvite:
            return Pattern.REINVITE_PROVISIONAL if reliable else Pattern.REINVITE_200
        return Pattern.INVITE_PROVISIONAL if reliable else Pattern.INVITE_200
    return _PATTERNS.get(draft.carrier, Pattern.UNKNOWN)


_PATTERNS = {
    Event.SUCCESS_SDP: Pattern.RESPONSE_ACK,
    Event.RELIABLE_SDP: Pattern.PROVISIONAL_PRACK,
    Event.PRACK_SDP: Pattern.PRACK_200,
    Event.UPDATE_BY_UAC: Pattern.UPDATE_200,
    Event.UPDATE_BY_UAS: Pattern.UPDATE_200,
}


def _negotiated(offer: SessionDescription, answer: SessionDescription | None) -> tuple[NegotiatedMedia, ...]:
    answered: Sequence[MediaDescription] = () if answer is None else answer.media
    positions = range(max(len(offer.media), len(answered)))
    return tuple(
        _position(
            index,
            offer.media[index] if index < len(offer.media) else None,
            answered[index] if index < len(answered) else None,
        )
        for index in positions
    )


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
