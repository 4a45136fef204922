"""Transactions: one request with its responses, on one hop (RFC 3261 §17, RFC 6026)."""

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum
from operator import attrgetter

from sipscope.model.defects import Anomaly
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Hop
from sipscope.model.time import Instant
from sipscope.values import dataclass


class TransactionState(StrEnum):
    """States of RFC 3261 §17 with the Accepted state of RFC 6026, as a passive observer can know them.

    One table serves client and server: an observer sits between them. `TERMINATED` is reached by timers that no
    message shows, so a transaction ends here in the last state its messages prove, and `TIMED_OUT` when the
    capture goes on beyond 64·T1 without a final response.
    """

    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"
    TIMED_OUT = "timed-out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TransactionKey:
    """What makes messages of one hop belong together (RFC 3261 §17.1.3, §17.2.3).

    Attributes:
        client: Node that sent the request: its address, or `address:port` where an address hosts several nodes.
        server: Node that got it.
        branch: Branch of the topmost Via; for RFC 2543 peers a key made of Call-ID, From tag and CSeq number.
        sent_by: Sent-by of the topmost Via, with the port that is meant where none is written (RFC 3261 §18.1.1).
        method: The method; ACK to a non-2xx and its INVITE share `INVITE`.
    """

    client: str
    server: str
    branch: str
    sent_by: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One request and what came back on one hop. An ACK to a 2xx is a transaction of its own.

    Attributes:
        id: `t1`, `t2` … by time of the first message.
        key: The match key.
        method: Method of the request, `ACK` for an ACK to a 2xx.
        hop: From client to server.
        request: First copy; None when the capture holds only responses.
        request_copies: Retransmissions of the request, in order.
        responses: Distinct responses in order, retransmissions left out.
        response_copies: Retransmitted responses, in order.
        ack: For INVITE: the ACK to its non-2xx final response (same transaction).
        ack_copies: Its retransmissions.
        cancelled_by: Id of the CANCEL transaction that names this INVITE, if any.
        state: Where the messages leave it.
        anomalies: What the state table did not foresee.
        messages: Request, responses and ACK without retransmissions, by time.
        first: The earliest message: the request, or a response where the request is missing.
        started_at: Time of the first message.
        final: The first final response; None when none was seen.
        final_status: Status of the final response.
        provisionals: The 1xx responses.
        copies: How many retransmissions of any kind were seen.
        is_dialog_creating_invite: Whether this is an INVITE without a To tag (RFC 3261 §12.1).
    """

    id: str
    key: TransactionKey
    method: str
    hop: Hop
    request: Request | None
    request_copies: tuple[Request, ...] = ()
    responses: tuple[Response, ...] = ()
    response_copies: tuple[Response, ...] = ()
    ack: Request | None = None
    ack_copies: tuple[Request, ...] = ()
    cancelled_by: str | None = None
    state: TransactionState = TransactionState.UNKNOWN
    anomalies: tuple[Anomaly, ...] = ()
    messages: tuple[Message, ...] = field(init=False, repr=False, compare=False)
    first: Message = field(init=False, repr=False, compare=False)
    started_at: Instant = field(init=False, repr=False, compare=False)
    final: Response | None = field(init=False, repr=False, compare=False)
    final_status: int | None = field(init=False, repr=False, compare=False)
    provisionals: tuple[Response, ...] = field(init=False, repr=False, compare=False)
    copies: int = field(init=False, repr=False, compare=False)
    is_dialog_creating_invite: bool = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[object, ...]:
        """The messages in their order and what follows from them: everything that judges it asks for these."""
        request, responses = self.request, self.responses
        messages: tuple[Message, ...] = responses if request is None else (request, *responses)
        if self.ack is not None:
            messages = (*messages, self.ack)
        messages = by_time(messages)
        final = None
        for response in responses:
            if response.status >= 200:
                final = response
                break
        return (
            messages,
            messages[0],
            messages[0].at,
            final,
            None if final is None else final.status,
            tuple([response for response in responses if response.is_provisional]),
            len(self.request_copies) + len(self.response_copies) + len(self.ack_copies),
            self.method == "INVITE" and request is not None and request.to_tag is None,
        )

    @property
    def is_accepted(self) -> bool:
        """Whether its final response is a 2xx."""
        return self.final is not None and self.final.is_success

    @property
    def all_messages(self) -> tuple[Message, ...]:
        """The messages and every retransmission, by time."""
        if not self.copies:
            return self.messages
        return by_time((*self.messages, *self.request_copies, *self.response_copies, *self.ack_copies))

    def copies_of(self, message: Message) -> tuple[Message, ...]:
        """Retransmissions of one of its messages: equal start line and CSeq."""
        if message is self.request:
            return self.request_copies
        if message is self.ack:
            return self.ack_copies
        return tuple(
            copy
            for copy in self.response_copies
            if isinstance(message, Response)
            and copy.status == message.status
            and copy.to_tag == message.to_tag
            and copy.rseq == message.rseq
        )


def ascend(transactions: Sequence[Transaction]) -> bool:
    """Whether each began later than the one before it, so that they need no sorting."""
    before = None
    for transaction in transactions:
        if before is not None and transaction.started_at <= before:
            return False
        before = transaction.started_at
    return True


def in_order(transactions: Sequence[Transaction]) -> Sequence[Transaction] | None:
    """The transactions by time; None where some began at one instant, so that time alone doesn't order them."""
    if ascend(transactions):
        return transactions
    ordered = sorted(transactions, key=_START)
    return ordered if ascend(ordered) else None


_START = attrgetter("started_at")


def by_time(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages by time, and by frames within one instant."""
    if len(messages) == 1:
        return messages
    before = None
    for message in messages:
        # Most come in their order.
        if before is not None and message.at <= before:
            return tuple(sorted(messages, key=_place_of))
        before = message.at
    return messages


def _place_of(message: Message) -> tuple[Instant, tuple[int, ...]]:
    return message.at, message.frames
