"""Messages grouped into transactions, hop by hop (RFC 3261 §17.1.3, §17.2.3).

A retransmission has the key of its first copy. The same request on the next hop has another branch, so it is another
transaction; whoever wants one story over several hops joins them above.
"""

from collections.abc import Mapping, Sequence

from sipscope.model.defects import Anomaly
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction, TransactionKey, TransactionState
from sipscope.signalling.nodes import Nodes
from sipscope.signalling.transaction_table import Event, table_of

T1: Duration = SECOND // 2
"""Round-trip estimate (RFC 3261 §17.1.1.1)."""

DEADLINE: Duration = 64 * T1
"""Timers B, F, H, L, M (RFC 3261 §17, RFC 6026 §7.1)."""

MAGIC_COOKIE = "z9hG4bK"
"""A branch that starts so is unique in space and time (RFC 3261 §8.1.1.7)."""


Key = tuple[str, str, str, str, str]
"""The parts of a `TransactionKey` in their order: a plain tuple is looked up faster."""


def transactions_of(
    messages: Sequence[Request | Response], nodes: Nodes, ended_at: Instant | None
) -> tuple[Transaction, ...]:
    """All transactions, by time of their first message.

    Args:
        messages: In capture order, retransmissions included.
        nodes: Names of the elements.
        ended_at: Time of the last packet; a deadline beyond it is never judged.
    """
    collector = _Collector(nodes)
    for message in messages:
        collector.add(message)
    drafts = collector.drafts
    drafts.sort(key=lambda draft: (draft.first.at, draft.first.frames, draft.order))
    cancels = {draft.key: f"t{number}" for number, draft in enumerate(drafts, start=1) if draft.method == "CANCEL"}
    return tuple(
        [
            _frozen(draft, f"t{number}", _cancel_of(draft.key, cancels) if draft.method == "INVITE" else None, ended_at)
            for number, draft in enumerate(drafts, start=1)
        ]
    )


class _Draft:
    """A transaction while it is collected; the state follows the messages as they come."""

    __slots__ = (
        *("ack", "ack_copies", "anomalies", "copies", "deadline", "first", "hop", "key", "method", "order", "request"),
        *("response_copies", "responses", "state", "table"),
    )

    def __init__(self, key: Key, hop: Hop, first: Message, order: int) -> None:
        self.key, self.hop, self.first, self.order = key, hop, first, order
        self.method = key[-1]
        self.request: Request | None = None
        self.ack: Request | None = None
        self.responses: list[Response] = []
        self.copies: list[Request] = []
        self.response_copies: list[Response] = []
        self.ack_copies: list[Request] = []
        self.table = table_of(self.method)
        self.state = TransactionState.UNKNOWN
        self.deadline = first.at + DEADLINE
        self.anomalies: list[Anomaly] = []

    @property
    def has_success(self) -> bool:
        return any(response.is_success for response in self.responses)

    @property
    def has_failure(self) -> bool:
        return any(response.status >= 300 for response in self.responses)

    def step(self, event: Event, message: Message) -> None:
        """Go where the table says; what it does not foresee is kept, and the state stays."""
        if message.at > self.deadline:
            self.wait_until(message.at)
        following = self.table.get(self.state, _NO_ROW).get(event)
        if following is None:
            self.anomalies.append(_unforeseen(self.state, event, message))
        else:
            self.state = following

    def wait_until(self, at: Instant) -> None:
        """Let the time pass."""
        if at > self.deadline and self.state in _WAITING:
            self.state = self.table[self.state].get(Event.DEADLINE, self.state)


_NO_ROW: Mapping[Event, TransactionState] = {}
_WAITING = frozenset({TransactionState.CALLING, TransactionState.TRYING, TransactionState.PROCEEDING})


class _Collector:
    """Takes messages in order and files each under its transaction."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.drafts: list[_Draft] = []
        self._by_key: dict[Key, _Draft] = {}
        self._by_branch: dict[tuple[str, str, str], _Draft] | None = None
        self._first_with: dict[tuple[int, int], Response] = {}
        self._said: dict[tuple[int, int], set[_Said]] = {}

    def add(self, message: Request | Response) -> None:
        hop = message.hop
        if isinstance(message, Response):
            self._add_response(message, self._key(message, hop.destination, hop.source, message.method))
            return
        method = message.method
        key = self._key(message, hop.source, hop.destination, method)
        if method == "ACK":
            self._add_ack(message, key)
        else:
            self._add_request(message, key)

    def _add_request(self, request: Request, key: Key) -> None:
        draft = self._by_key.get(key)
        if draft is None:
            draft = self._new(key, request.hop, request)
        if draft.request is None:
            draft.request = request
        else:
            draft.copies.append(request)
        draft.step(Event.REQUEST, request)

    def _add_ack(self, ack: Request, key: Key) -> None:
        invite = self._by_key.get((*key[:4], "INVITE"))
        if invite is None or (invite.has_success and not invite.has_failure):
            # A 2xx is acknowledged end to end, by a transaction of its own (RFC 3261 §17.1.1.3); some stacks
            # reuse the branch of the INVITE for it.
            self._add_request(ack, key)
            return
        if invite.ack is None:
            invite.ack = ack
        else:
            invite.ack_copies.append(ack)
        invite.step(Event.ACK, ack)

    def _add_response(self, response: Response, key: Key) -> None:
        draft = self._by_key.get(key) or self._of_branch(key)
        if draft is None:
            draft = self._new(key, response.hop.reversed(), response)
        (draft.response_copies if self._repeats(response, draft) else draft.responses).append(response)
        draft.step(_EVENTS.get(response.status // 100, Event.FAILURE), response)

    def _repeats(self, response: Response, draft: _Draft) -> bool:
        """Whether the transaction has had the response before."""
        place = (draft.order, response.status)
        first = self._first_with.setdefault(place, response)
        if first is response:
            # Mostly no two responses of a transaction have one status.
            return False
        said = self._said.get(place)
        if said is None:
            said = self._said[place] = {_said_by(first)}
        before = len(said)
        said.add(_said_by(response))
        return len(said) == before

    def _new(self, key: Key, hop: Hop, first: Message) -> _Draft:
        draft = _Draft(key, hop, first, len(self.drafts))
        self.drafts.append(draft)
        self._by_key[key] = draft
        if self._by_branch is not None:
            _note_branch(draft, self._by_branch)
        return draft

    def _of_branch(self, key: Key) -> _Draft | None:
        """A response from another address than the request went to still names its branch; few come from one."""
        if self._by_branch is None:
            self._by_branch = {}
            for draft in self.drafts:
                _note_branch(draft, self._by_branch)
        return self._by_branch.get(key[2:])

    def _key(self, message: Message, client: Endpoint, server: Endpoint, method: str) -> Key:
        one, other = self.nodes.names(client, server)
        vias = message.vias
        if not vias:
            return one, other, _old_branch(message, None), "", method
        via = vias[0]
        branch = via.branch
        if not branch or not branch.startswith(MAGIC_COOKIE):
            branch = _old_branch(message, branch)
        return one, other, branch, via.sent_by_with_port, method


def _note_branch(draft: _Draft, by_branch: dict[tuple[str, str, str], _Draft]) -> None:
    if draft.key[2].startswith(MAGIC_COOKIE):
        by_branch.setdefault(draft.key[2:], draft)


def _old_branch(message: Message, branch: str | None) -> str:
    """A key for peers of RFC 2543, whose branch is missing or not unique (RFC 3261 §17.2.3)."""
    cseq = message.cseq
    if message.call_id is None or cseq is None:
        return f"malformed {message.id}"
    return f"{message.call_id} {message.from_tag or ''} {cseq.number} {branch or ''}"


_Said = tuple[str | None, int | None, bytes | None]


def _said_by(response: Response) -> _Said:
    """What tells apart responses of one status: reliable provisional ones RSeq (RFC 3262 §3), forks the To tag.

    A 18x with other SDP under equal tags repeats none either.
    """
    description = response.description
    return response.to_tag, response.rseq, None if description is None else description.content


_EVENTS = {1: Event.PROVISIONAL, 2: Event.SUCCESS}
"""What a response means, by the class of its status; any other is a failure."""


def _cancel_of(key: Key, cancels: Mapping[Key, str]) -> str | None:
    """Id of the CANCEL that matches an INVITE: everything equal but the method (RFC 3261 §9.1)."""
    return cancels.get((*key[:4], "CANCEL")) if cancels else None


def _frozen(draft: _Draft, transaction_id: str, cancelled_by: str | None, ended_at: Instant | None) -> Transaction:
    if ended_at is not None and ended_at > draft.deadline:
        draft.wait_until(ended_at)
    return Transaction(
        id=transaction_id,
        key=TransactionKey(*draft.key),
        method=draft.method,
        hop=draft.hop,
        request=draft.request,
        request_copies=tuple(draft.copies),
        responses=tuple(draft.responses),
        response_copies=tuple(draft.response_copies),
        ack=draft.ack,
        ack_copies=tuple(draft.ack_copies),
        cancelled_by=cancelled_by,
        state=draft.state,
        anomalies=tuple(draft.anomalies),
    )


def _unforeseen(state: TransactionState, event: Event, message: Message) -> Anomaly:
    return Anomaly(
        code=f"{event.name.lower()}-in-{state.value}",
        message_ids=(message.id,),
        text=f"{event.name.lower().capitalize()} while the transaction is {state.value}.",
    )
