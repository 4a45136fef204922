"""Messages grouped into transactions, hop by hop (RFC 3261 §17.1.3, §17.2.3).

A retransmission has the key of its first copy. The same request on the next hop has another branch, so it is another
transaction; whoever wants one story over several hops joins them above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sipscope.model.defects import Anomaly
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Hop
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
    drafts = sorted(collector.drafts, key=lambda draft: (draft.first.at, draft.first.frames, draft.order))
    cancels = {draft.key: f"t{number}" for number, draft in enumerate(drafts, start=1) if draft.key.method == "CANCEL"}
    return tuple(
        _frozen(draft, f"t{number}", _cancel_of(draft.key, cancels), ended_at)
        for number, draft in enumerate(drafts, start=1)
    )


@dataclass(slots=True)
class _Draft:
    """A transaction while it is collected."""

    key: TransactionKey
    hop: Hop
    first: Message
    order: int
    request: Request | None = None
    ack: Request | None = None
    responses: list[Response] = field(default_factory=list)
    copies: list[Request] = field(default_factory=list)
    response_copies: list[Response] = field(default_factory=list)
    ack_copies: list[Request] = field(default_factory=list)
    events: list[tuple[Event, Message]] = field(default_factory=list)
    seen: set[tuple[int, str | None, int | None, bool]] = field(default_factory=set)

    @property
    def has_success(self) -> bool:
        return any(response.is_success for response in self.responses)

    @property
    def has_failure(self) -> bool:
        return any(response.status >= 300 for response in self.responses)


class _Collector:
    """Takes messages in order and files each under its transaction."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.drafts: list[_Draft] = []
        self._by_key: dict[TransactionKey, _Draft] = {}
        self._by_branch: dict[tuple[str, str, str], _Draft] = {}

    def add(self, message: Request | Response) -> None:
        if isinstance(message, Response):
            self._add_response(message)
        elif message.method == "ACK":
            self._add_ack(message)
        else:
            self._add_request(message)

    def _add_request(self, request: Request) -> None:
        key = self._key(request, request.hop, request.method)
        draft = self._by_key.get(key)
        if draft is None:
            draft = self._new(key, request.hop, request)
        if draft.request is None:
            draft.request = request
        else:
            draft.copies.append(request)
        draft.events.append((Event.REQUEST, request))

    def _add_ack(self, ack: Request) -> None:
        invite = self._by_key.get(self._key(ack, ack.hop, "INVITE"))
        if invite is None or (invite.has_success and not invite.has_failure):
            # A 2xx is acknowledged end to end, by a transaction of its own (RFC 3261 §17.1.1.3); some stacks
            # reuse the branch of the INVITE for it.
            self._add_request(ack)
            return
        if invite.ack is None:
            invite.ack = ack
        else:
            invite.ack_copies.append(ack)
        invite.events.append((Event.ACK, ack))

    def _add_response(self, response: Response) -> None:
        key = self._key(response, response.hop.reversed(), response.method)
        draft = self._by_key.get(key) or self._by_branch.get((key.branch, key.sent_by, key.method))
        if draft is None:
            draft = self._new(key, response.hop.reversed(), response)
        # RFC 3262 §3: reliable provisional responses differ by RSeq; forks differ by To tag.
        identity = (response.status, response.to_tag, response.rseq, response.description is not None)
        if identity in draft.seen and _repeats(response, draft.responses):
            draft.response_copies.append(response)
        else:
            draft.seen.add(identity)
            draft.responses.append(response)
        draft.events.append((_event_of(response), response))

    def _new(self, key: TransactionKey, hop: Hop, first: Message) -> _Draft:
        draft = _Draft(key, hop, first, len(self.drafts))
        self.drafts.append(draft)
        self._by_key[key] = draft
        if key.branch.startswith(MAGIC_COOKIE):
            # A response from another address than the request went to still names its branch.
            self._by_branch.setdefault((key.branch, key.sent_by, key.method), draft)
        return draft

    def _key(self, message: Message, hop: Hop, method: str) -> TransactionKey:
        vias = message.vias
        sent_by = vias[0].sent_by_with_port if vias else ""
        branch = vias[0].branch if vias else None
        return TransactionKey(
            client=self.nodes.name(hop.source),
            server=self.nodes.name(hop.destination),
            branch=branch if branch and branch.startswith(MAGIC_COOKIE) else _old_branch(message, branch),
            sent_by=sent_by,
            method=method,
        )


def _old_branch(message: Message, branch: str | None) -> str:
    """A key for peers of RFC 2543, whose branch is missing or not unique (RFC 3261 §17.2.3)."""
    cseq = message.cseq
    if message.call_id is None or cseq is None:
        return f"malformed {message.id}"
    return f"{message.call_id} {message.from_tag or ''} {cseq.number} {branch or ''}"


def _repeats(response: Response, earlier: Sequence[Response]) -> bool:
    """Whether a response of known identity repeats one: a 18x with other SDP under equal tags does not."""
    description = response.description
    content = None if description is None else description.content
    for other in earlier:
        if (other.status, other.to_tag, other.rseq) != (response.status, response.to_tag, response.rseq):
            continue
        if (None if other.description is None else other.description.content) == content:
            return True
    return False


def _event_of(response: Response) -> Event:
    if response.is_provisional:
        return Event.PROVISIONAL
    return Event.SUCCESS if response.is_success else Event.FAILURE


def _cancel_of(key: TransactionKey, cancels: Mapping[TransactionKey, str]) -> str | None:
    """Id of the CANCEL that matches an INVITE: everything equal but the method (RFC 3261 §9.1)."""
    if key.method != "INVITE":
        return None
    return cancels.get(TransactionKey(key.client, key.server, key.branch, key.sent_by, "CANCEL"))


def _frozen(draft: _Draft, transaction_id: str, cancelled_by: str | None, ended_at: Instant | None) -> Transaction:
    state, anomalies = _run(draft, ended_at)
    return Transaction(
        id=transaction_id,
        key=draft.key,
        method=draft.key.method,
        hop=draft.hop,
        request=draft.request,
        request_copies=tuple(draft.copies),
        responses=tuple(draft.responses),
        response_copies=tuple(draft.response_copies),
        ack=draft.ack,
        ack_copies=tuple(draft.ack_copies),
        cancelled_by=cancelled_by,
        state=state,
        anomalies=anomalies,
    )


def _run(draft: _Draft, ended_at: Instant | None) -> tuple[TransactionState, tuple[Anomaly, ...]]:
    table = table_of(draft.key.method)
    state = TransactionState.UNKNOWN
    anomalies = []
    deadline = draft.first.at + DEADLINE
    waiting = {TransactionState.CALLING, TransactionState.TRYING, TransactionState.PROCEEDING}
    for event, message in draft.events:
        if state in waiting and message.at > deadline:
            state = table[state].get(Event.DEADLINE, state)
        following = table.get(state, {}).get(event)
        if following is None:
            anomalies.append(_unforeseen(state, event, message))
        else:
            state = following
    if state in waiting and ended_at is not None and ended_at > deadline:
        state = table[state].get(Event.DEADLINE, state)
    return state, tuple(anomalies)


def _unforeseen(state: TransactionState, event: Event, message: Message) -> Anomaly:
    return Anomaly(
        code=f"{event.name.lower()}-in-{state.value}",
        message_ids=(message.id,),
        text=f"{event.name.lower().capitalize()} while the transaction is {state.value}.",
    )
