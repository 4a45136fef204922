"""Runs the machine of `offer_answer_table` over the messages of one leg in one dialog (RFC 3264, RFC 6337).

Messages become events, events move the machine, and its actions open, close, refuse and compare exchanges. Nothing here
decides by itself what is legal.
"""

from collections.abc import Iterable, Sequence

from sipscope.model.defects import Anomaly
from sipscope.model.description import SessionDescription
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.message import Message, Request, Response
from sipscope.model.offer_answer import ExchangeOutcome, MachineState
from sipscope.model.transaction import Transaction
from sipscope.signalling.offer_answer_draft import Draft, differ
from sipscope.signalling.offer_answer_messages import acknowledges, may_answer
from sipscope.signalling.offer_answer_table import DURING_REINVITE, TABLE, Action, Event, Transition


class Machine:
    """One machine: a leg of a dialog.

    Attributes:
        drafts: The exchanges so far; those that overlapped stand where they were settled.
        anomalies: What belongs to no exchange.
        state: Where the messages leave it.
    """

    def __init__(self, dialog: Dialog, leg: Leg, *, begins_here: bool) -> None:
        """Stand at the beginning of a leg, or anywhere in it where it does not begin in the capture."""
        self.dialog, self.leg = dialog, leg
        self.state = MachineState.NOTHING if begins_here else MachineState.UNKNOWN
        self.drafts: list[Draft] = []
        self.pending: Draft | None = None
        self.previous: dict[Side, SessionDescription] = {}
        self.uac = Side.CALLER
        self.invite: Transaction | None = None
        self.acknowledged: Transaction | None = None
        self.overlapping: dict[str, Draft] = {}
        self.anomalies: list[Anomaly] = []
        self.unacknowledged: dict[int, Response] = {}
        self.reliable: dict[int, Response] = {}

    def run(self, messages: Iterable[tuple[Message, Transaction]]) -> None:
        """Feed messages of the leg with their transactions, by time."""
        for message, transaction in messages:
            event = None
            if isinstance(message, Response):
                event = self._response_event(message, transaction)
            elif isinstance(message, Request):
                event = self._request_event(message, transaction)
            if event is not None:
                self._step(event, message, transaction)

    # -- messages to events

    def _request_event(self, request: Request, transaction: Transaction) -> Event | None:
        if request.method == "INVITE":
            return self._invite_event(request, transaction)
        if request.method == "ACK":
            return self._ack_event(request)
        if request.method == "PRACK":
            return self._prack_event(request)
        if request.method == "UPDATE" and request.description is not None:
            self._forget_unseen()
            return Event.UPDATE_BY_UAC if self._sender(request) is self.uac else Event.UPDATE_BY_UAS
        return Event.RELEASE if request.method == "BYE" else None

    def _invite_event(self, request: Request, transaction: Transaction) -> Event | None:
        self._forget_unseen()
        if self.state is MachineState.ENDED:
            return None
        if self.state not in _READY:
            self._overlap(request, transaction)
            return None
        self.invite = transaction
        self.uac = self._sender(request)
        self.reliable, self.unacknowledged = {}, {}
        return Event.INVITE_SDP if request.description is not None else Event.INVITE_PLAIN

    def _forget_unseen(self) -> None:
        """An acknowledged INVITE without its final response in the capture: what it agreed on is unknown."""
        if self.state not in _INVITING or self.invite is None or self.acknowledged is not self.invite:
            return
        if self.pending is not None:
            self.pending.outcome = ExchangeOutcome.UNKNOWN
        self.pending, self.previous, self.state = None, {}, MachineState.UNKNOWN

    def _overlap(self, request: Request, transaction: Transaction) -> None:
        """An INVITE while another one goes on: glare, or a sender that doesn't wait (RFC 3261 §14.1)."""
        self._set_aside(Event.INVITE_SDP, request, transaction)
        if request.description is None and self.pending is None:
            return
        sender = self._sender(request)
        if self.pending is not None and self.pending.offerer is sender:
            code = "OA-020"
        else:
            code = "OA-022" if self.pending is None and sender is self.uac else "OA-021"
        offers = [self.pending.offer_message] if self.pending is not None else []
        self._note(Transition(self.state, anomaly=code), [*offers, request])

    def _ack_event(self, ack: Request) -> Event | None:
        """The first ACK to the newest INVITE; its repetitions may carry branches of their own."""
        if self.invite is not None and (self.acknowledged is self.invite or not acknowledges(ack, self.invite)):
            return None
        self.acknowledged = self.invite
        return Event.ACK_PLAIN if ack.description is None else Event.ACK_SDP

    def _prack_event(self, request: Request) -> Event | None:
        number = None if request.rack is None else request.rack.rseq
        acknowledged = None if number is None else self.reliable.get(number)
        if number is not None:
            self.unacknowledged.pop(number, None)
        if request.description is None:
            return Event.PRACK_PLAIN
        if acknowledged is None:
            return Event.PRACK_SDP
        if any(draft.offer_message is acknowledged and draft.answer is not None for draft in self.drafts):
            # The same answer once more, because the first PRACK was challenged: no offer.
            return None
        return Event.PRACK_SDP if acknowledged.description is not None else Event.PRACK_SDP_STRAY

    def _response_event(self, response: Response, transaction: Transaction) -> Event | None:
        if transaction.method == "INVITE":
            return self._invite_response_event(response, transaction)
        if response.is_provisional or transaction.method not in _FAILURE:
            return None
        has_sdp = response.description is not None
        if not self._answers_pending(transaction):
            if not response.is_success:
                self._refused_aside(response, transaction)
            return self._stray_success(response, transaction) if has_sdp and response.is_success else None
        if response.is_success:
            return (_SUCCESS_SDP if has_sdp else _SUCCESS_PLAIN)[transaction.method]
        return _FAILURE[transaction.method]

    def _stray_success(self, response: Response, transaction: Transaction) -> Event | None:
        """SDP in a 2xx of another request than the one that waits: it answers an offer that overlapped, or nothing."""
        if transaction.id in self.overlapping:
            self._aside(response, transaction)
            return None
        event = _SUCCESS_SDP[transaction.method]
        step = TABLE[self.state].get(event)
        return None if step is None or step.action is Action.ANSWER else event

    def _set_aside(self, event: Event, request: Request, transaction: Transaction) -> None:
        """Keep an offer that overlapped until its response tells what became of it."""
        if request.description is None:
            return
        draft = self._draft(event, request, request.description, transaction)
        draft.invite = transaction if event is Event.INVITE_SDP else self.invite
        self.overlapping[transaction.id] = draft

    def _aside(self, answer: Response, transaction: Transaction) -> None:
        """An offer that overlapped was accepted all the same: an exchange beside the one that waits."""
        draft = self.overlapping.pop(transaction.id)
        if answer.description is None:
            return
        draft.previous = dict(self.previous)
        draft.answer_message, draft.answer = answer, answer.description
        draft.outcome = ExchangeOutcome.ANSWERED
        self.drafts.append(draft)
        self.previous = {draft.offerer: draft.offer, draft.offerer.other: answer.description}

    def _refused_aside(self, refusal: Response, transaction: Transaction) -> None:
        """An offer that overlapped was refused, as it must be: an exchange that changes nothing (RFC 3261 §14.2)."""
        draft = self.overlapping.pop(transaction.id, None)
        if draft is None or draft.offer_message.to_tag is None:
            return
        draft.answer_message, draft.outcome = refusal, ExchangeOutcome.REJECTED
        if transaction.method == "UPDATE":
            draft.invite = None
        self.drafts.append(draft)

    def _answers_pending(self, transaction: Transaction) -> bool:
        return self.pending is not None and self.pending.transaction is transaction

    def _invite_response_event(self, response: Response, transaction: Transaction) -> Event | None:
        if self.overlapping:
            if transaction.id in self.overlapping and may_answer(response):
                self._aside(response, transaction)
            if response.status >= 300:
                self._refused_aside(response, transaction)
        if self.invite is not None and transaction is not self.invite:
            return None
        if response.status >= 300:
            return Event.FAILURE
        if response.status == 100 or not self._is_own(response):
            return None
        has_sdp = response.description is not None
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
        tag, key = response.to_tag or "", self.dialog.key
        return tag in (key.caller_tag, key.callee_tag)

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
        if self.unacknowledged:
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
        elif event in _UPDATES and isinstance(message, Request):
            self._set_aside(Event.UPDATE_BY_UAC, message, transaction)
        if step.anomaly and action is not Action.COMPARE:
            self._note(step, [message])
        if action in _CLOSING:
            self.pending = None
        self.state = step.state

    def _precondition(self, event: Event, message: Message) -> None:
        """What the table can't see: reliable responses that still wait for their PRACK."""
        if event in {Event.SUCCESS_SDP, Event.SUCCESS_PLAIN}:
            waiting = list(self.unacknowledged.values())
            self._note(Transition(self.state, anomaly="PRK-009"), [*waiting, message])
        if event is Event.UPDATE_BY_UAS and self.state in _EARLY_COMPLETE:
            self._note(Transition(self.state, anomaly="UPD-002", variant="before-prack"), [message])

    def _open(self, event: Event, message: Message, transaction: Transaction) -> None:
        if message.description is None:
            return
        if event is Event.PRACK_SDP:
            self.unacknowledged = {}
        self.pending = self._draft(event, message, message.description, transaction)
        self.drafts.append(self.pending)

    def _draft(self, event: Event, message: Message, offer: SessionDescription, transaction: Transaction) -> Draft:
        return Draft(
            offerer=self._sender(message),
            carrier=event,
            offer_message=message,
            offer=offer,
            previous=dict(self.previous),
            is_initial=not self.previous and not self.drafts and self.state is not MachineState.UNKNOWN,
            transaction=transaction,
            invite=self.invite,
        )

    def _answer(self, message: Message) -> None:
        draft = self.pending
        if draft is None or message.description is None:
            return
        draft.answer_message, draft.answer = message, message.description
        draft.outcome = ExchangeOutcome.ANSWERED
        if draft.preview is not None and differ(draft.preview, message.description):
            earlier = [draft.preview_message] if draft.preview_message is not None else []
            self._note(Transition(self.state, anomaly="OA-016"), [*earlier, message])
        self._completed(draft)

    def _completed(self, draft: Draft) -> None:
        if draft.answer is not None:
            self.previous = {draft.offerer: draft.offer, draft.offerer.other: draft.answer}
        self.pending = None

    def _preview(self, message: Message) -> None:
        draft = self.pending
        if draft is None or message.description is None:
            return
        if draft.preview is None:
            draft.preview_message, draft.preview = message, message.description
        elif differ(draft.preview, message.description):
            earlier = [draft.preview_message] if draft.preview_message is not None else []
            self._note(Transition(self.state, anomaly="OA-016", variant="previews"), [*earlier, message])

    def _compare(self, step: Transition, message: Message) -> None:
        """What a party says again during its INVITE is no fault; what differs from all it has said is."""
        description = message.description
        if description is None:
            return
        side = self._sender(message)
        said = [(draft, draft.written_by(side)) for draft in reversed(self.drafts) if draft.invite is self.invite]
        written = [(draft, *item) for draft, item in said if item is not None]
        for draft, carrier, earlier in written:
            if not differ(earlier, description):
                if carrier is draft.answer_message:
                    draft.repeats.append(message)
                return
        if written:
            self._note(step, [written[0][1], message])

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
        draft = self.pending
        if draft is None and self.state not in _WAITING and self.drafts:
            draft = self.drafts[-1]
        (self.anomalies if draft is None else draft.anomalies).append(anomaly)


_READY = frozenset({MachineState.NOTHING, MachineState.STABLE, MachineState.BROKEN, MachineState.UNKNOWN})
_WAITING = frozenset({MachineState.WAITING, MachineState.R_WAITING})
_INVITING = frozenset(
    {*DURING_REINVITE, *DURING_REINVITE.values(), MachineState.RELIABLE_OFFER_LATE, MachineState.PRACK_OFFER_LATE}
)
_UPDATES = frozenset({Event.UPDATE_BY_UAC, Event.UPDATE_BY_UAS})
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
