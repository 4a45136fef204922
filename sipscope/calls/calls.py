"""Calls as a person counts them: correlated INVITEs and dialogs with an outcome, times and who ended it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from sipscope.calls.correlation import JOINING, correlation_graph, correlations_of
from sipscope.calls.services import services_of
from sipscope.model.call import Call, CallOutcome, Correlation, CorrelationKind, Release
from sipscope.model.dialog import Dialog, Side
from sipscope.model.message import Response
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.model.transfer import Transfer
from sipscope.values import dataclass, replace

CHALLENGES = frozenset({401, 407})
"""Final responses that ask for credentials; the attempt goes on (RFC 3261 §22)."""

CORRECTABLE = CHALLENGES | {413, 415, 420, 421, 422}
"""Final responses behind which a client tries again by itself, corrected (RFC 3261 §8.1.3.5, RFC 4028 §7.4)."""

OTHER_OFFERS = frozenset({488, 606})
"""Refusals of the offer; with a description of what is taken they invite another one (RFC 3261 §21.4.26)."""

RETRY_WITHIN: Duration = 4 * SECOND
"""A client that can try again does so at once; a capture that goes on for longer shows that it doesn't."""

_DECIDED_BY_DOMAIN = frozenset({403, 404, 410, 416, 482, 483, 484})
"""Failures that a proxy gives on its own account, for its policy, its users and its routes (RFC 3261 §21.4)."""


def calls_of(
    transactions: Sequence[Transaction],
    dialogs: Sequence[Dialog],
    transfers: Sequence[Transfer],
    ledgers: Sequence[Ledger],
    streams: Sequence[RtpStream],
    *,
    capture_ended_at: Instant | None = None,
    call_id_headers: Collection[str] = (),
) -> tuple[tuple[Call, ...], tuple[Correlation, ...], tuple[RtpStream, ...]]:
    """Calls by time, all correlations, and the streams with the id of their call in the binding."""
    invites = [item for item in transactions if item.is_dialog_creating_invite or _is_initial_response(item)]
    invite_dialogs = [dialog for dialog in dialogs if dialog.is_invite]
    correlations = correlations_of(invites, invite_dialogs, transfers, call_id_headers)
    groups = _components([*(item.id for item in invites), *(item.id for item in invite_dialogs)], correlations)
    calls = [_undecided(call, capture_ended_at) for call in _calls(groups, invites, invite_dialogs)]
    call_of_node = {node: call.id for call in calls for node in _nodes_of(call)}
    bound = tuple(_with_call(stream, call_of_node) for stream in streams)
    belongings = _belongings(calls, call_of_node, correlations, transfers, ledgers, bound)
    cancels = {item.id: item for item in transactions if item.method == "CANCEL"}
    finished = tuple(_finished(call, belongings[call.id], cancels) for call in calls)
    return finished, correlations, bound


def _is_initial_response(transaction: Transaction) -> bool:
    """An INVITE whose request is not in the capture and that made no dialog: its failure is all there is."""
    return transaction.method == "INVITE" and transaction.request is None


def _components(nodes: Sequence[str], correlations: Sequence[Correlation]) -> list[list[str]]:
    """Nodes grouped by the edges that join, each group and the list of groups in the order of `nodes`."""
    if all(edge.kind is CorrelationKind.SAME_CALL_ID for edge in correlations):
        return _stars(nodes, correlations)
    from networkx import connected_components, subgraph_view

    graph = correlation_graph(nodes, correlations)
    order = {node: number for number, node in enumerate(nodes)}
    # A REFER outside a dialog makes one that is no part of any call, and yet refers to one.
    joined = subgraph_view(
        graph,
        filter_node=order.__contains__,
        filter_edge=lambda one, other: graph[one][other]["correlation"].kind in JOINING,
    )
    groups = [sorted(component, key=order.__getitem__) for component in connected_components(joined)]
    return sorted(groups, key=lambda group: order[group[0]])


def _stars(nodes: Sequence[str], edges: Sequence[Correlation]) -> list[list[str]]:
    """The same where each node has one edge at most, to the centre of its star: no graph is needed then."""
    centre = {edge.second: edge.first for edge in edges}
    groups: dict[str, list[str]] = {}
    for node in nodes:
        groups.setdefault(centre.get(node, node), []).append(node)
    return list(groups.values())


def _calls(groups: list[list[str]], invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> list[Call]:
    by_transaction = {item.id: item for item in invites}
    by_dialog = {item.id: item for item in dialogs}
    drafts = [
        _draft(
            [by_transaction[node] for node in group if node in by_transaction],
            [by_dialog[node] for node in group if node in by_dialog],
        )
        for group in groups
    ]
    ordered = sorted(drafts, key=lambda call: (call.started_at, call.call_ids))
    return [replace(call, id=number) for number, call in enumerate(ordered, start=1)]


def _draft(invites: list[Transaction], dialogs: list[Dialog]) -> Call:
    invites = sorted(invites, key=lambda item: (item.started_at, item.first.frames))
    firsts = [item.first for item in invites] + [dialog.transactions[0].first for dialog in dialogs]
    first = min(firsts, key=lambda message: (message.at, message.frames))
    caller, callee = first.from_, first.to
    if not invites and dialogs:
        caller, callee = dialogs[0].caller.address, dialogs[0].callee.address
    call_ids = tuple(dict.fromkeys(message.call_id for message in [first, *firsts] if message.call_id))
    call = Call(
        id=0,
        call_ids=call_ids,
        caller=caller,
        callee=callee,
        invites=tuple(invites),
        dialogs=tuple(dialogs),
        started_at=first.at,
    )
    own = call if len(call_ids) < 2 else replace(call, invites=call.caller_invites, dialogs=call.caller_dialogs)
    # Where no INVITE that began it is in view, a 2xx answers a change of the session, and no call.
    own_dialogs = own.dialogs if own.invites else ()
    answered = (dialog.confirmed_at for dialog in own_dialogs if dialog.confirmed_at is not None)
    told = _with_outcome(
        replace(own, ringing_at=_ringing_at(own.invites), answered_at=min(answered, default=None)),
    )
    return replace(told, invites=call.invites, dialogs=call.dialogs)


def _ringing_at(invites: Sequence[Transaction]) -> Instant | None:
    """First 180; where none came, the first other 18x."""
    provisionals = [response for item in invites for response in item.provisionals if 180 <= response.status < 190]
    alerting = [response.at for response in provisionals if response.status == 180]
    return min(alerting or [response.at for response in provisionals], default=None)


def _with_outcome(call: Call) -> Call:
    if call.answered_at is not None:
        return _answered(call)
    if not call.invites or _was_going_on(call):
        return _joined_late(call)
    attempt = _last_attempt(call.invites)
    branches = _branches_of_caller(attempt)
    if branches[-1].cancelled_by is not None:
        return _cancelled(call, branches[-1])
    final = _deciding_response(attempt, branches)
    if final is not None:
        return _failed(call, attempt, final)
    timed_out = all(item.state is TransactionState.TIMED_OUT for item in attempt)
    return replace(call, outcome=CallOutcome.UNANSWERED if timed_out else CallOutcome.OPEN)


def _answered(call: Call) -> Call:
    confirmed = [dialog for dialog in call.dialogs if dialog.confirmed_at is not None]
    confirmed = [dialog for dialog in confirmed if _was_taken_up(dialog)] or confirmed
    ended = [dialog.ended_at for dialog in confirmed]
    last = None if any(at is None for at in ended) else max(at for at in ended if at is not None)
    released = None
    closing = next((dialog for dialog in confirmed if dialog.ended_at == last and last is not None), None)
    if closing is not None and closing.released_by is not None:
        released = Release.CALLER if closing.released_by is Side.CALLER else Release.CALLEE
    return replace(call, outcome=CallOutcome.ANSWERED, final_status=200, ended_at=last, released_by=released)


def _was_taken_up(dialog: Dialog) -> bool:
    """Whether the caller got the answer of a fork: it acknowledges every one that it gets (RFC 3261 §13.2.2.4)."""
    return not dialog.forked_with or any(item.method in {"ACK", "BYE"} for item in dialog.transactions)


def _joined_late(call: Call) -> Call:
    """The capture begins inside the call: how it came about is unknown, how it ended may be seen.

    Where nothing shows the INVITE, who called is unknown too: the one that speaks first in view may be the callee.
    """
    ended = [dialog.ended_at for dialog in call.dialogs if dialog.ended_at is not None]
    return replace(call, ended_at=max(ended, default=None), released_by=_hung_up_by(call) if call.invites else None)


def _was_going_on(call: Call) -> bool:
    """Whether the capture begins inside an established dialog, where a bare INVITE response is a re-INVITE's."""
    if any(item.request is not None for item in call.invites):
        return False
    return any(item.method in {"ACK", "BYE"} for dialog in call.dialogs for item in dialog.transactions)


def _last_attempt(invites: Sequence[Transaction]) -> list[Transaction]:
    """All hops and branches of the newest INVITE of whoever sent the first one: one From tag and CSeq number."""
    newest = [item for item in invites if item.key.client == invites[0].key.client][-1].first
    return [item for item in invites if item.first.cseq == newest.cseq and item.first.from_tag == newest.from_tag]


def _branches_of_caller(attempt: Sequence[Transaction]) -> list[Transaction]:
    """The transactions of the node nearest the caller: several where a forking proxy is the first in view."""
    return [item for item in attempt if item.key.client == attempt[0].key.client]


def _cancelled(call: Call, invite: Transaction) -> Call:
    """Cancelled by the caller where its own INVITE was cancelled; a proxy cancels branches on its own account too."""
    request, final = invite.request, invite.final
    is_callers = request is not None and len(request.vias) == 1
    return replace(
        call,
        outcome=CallOutcome.CANCELLED,
        final_status=None if final is None else final.status,
        ended_at=None if final is None else final.at,
        released_by=Release.CALLER if is_callers else None,
    )


def _deciding_response(attempt: Sequence[Transaction], branches: Sequence[Transaction]) -> Response | None:
    """The final response that reached the caller: the last one on the first hop, none while a branch is undecided.

    Where no response of the first hop was seen at all, the hops behind it speak, when all of them failed.
    """
    decided = [item for item in branches if item.state is not TransactionState.TIMED_OUT]
    if not any(item.responses for item in branches):
        decided = [item for item in attempt if item not in branches]
    finals = [item.final for item in decided]
    known = [final for final in finals if final is not None]
    return max(known, key=lambda final: (final.at, final.frames)) if known and len(known) == len(finals) else None


_OUTCOME_OF_STATUS = {408: CallOutcome.UNANSWERED, 487: CallOutcome.CANCELLED}


def _failed(call: Call, attempt: Sequence[Transaction], final: Response) -> Call:
    outcome = CallOutcome.REDIRECTED if final.status < 400 else _OUTCOME_OF_STATUS.get(final.status)
    return replace(
        call,
        outcome=outcome or CallOutcome.REJECTED,
        final_status=final.status,
        ended_at=final.at,
        released_by=_hung_up_by(call) if final.status == 487 else _refused_by(call, attempt, final),
    )


def _undecided(call: Call, capture_ended_at: Instant | None) -> Call:
    """Open instead of refused, where the capture ends so soon that the next attempt may be cut off."""
    if call.outcome not in {CallOutcome.REJECTED, CallOutcome.REDIRECTED} or call.ended_at is None:
        return call
    if capture_ended_at is None or capture_ended_at - call.ended_at > RETRY_WITHIN or not _invites_another(call):
        return call
    return replace(call, outcome=CallOutcome.OPEN, final_status=None, ended_at=None, released_by=None)


def _invites_another(call: Call) -> bool:
    """Whether a client answers what decided the call with another attempt: corrected, or elsewhere."""
    status = call.final_status or 0
    if status in CORRECTABLE:
        return True
    deciding = [item.final for item in call.invites if item.final is not None and item.final.status == status]
    if status in OTHER_OFFERS:
        return any(final.description is not None for final in deciding)
    return 300 <= status < 400 and any(final.contacts for final in deciding)


def _hung_up_by(call: Call) -> Release | None:
    """Who sent the first BYE, which a caller may do before the answer too (RFC 3261 §15); None where none was seen."""
    byes = [(item.request, dialog) for dialog in call.dialogs for item in dialog.byes if item.request is not None]
    if not byes:
        return None
    request, dialog = min(byes, key=lambda pair: (pair[0].at, pair[0].frames))
    side = dialog.sender_of(request)
    return None if side is None else Release(side.value)


def _refused_by(call: Call, attempt: Sequence[Transaction], final: Response) -> Release:
    """The callee where a last hop shows the same status, else an element in between.

    A server that asked for credentials with 407 is a proxy (RFC 3261 §22.3); what its domain decides is its own word,
    and so is such a decision of an element that no callee was heard behind before.
    """
    if final.status in CHALLENGES or final.status in {408, 500, 502, 503, 504}:
        return Release.NETWORK
    proxies = {item.key.client for item in attempt}
    if final.status in _DECIDED_BY_DOMAIN:
        proxies.update(item.key.server for item in call.invites if item.final_status == 407)
    last_hops = [item for item in attempt if item.key.server not in proxies]
    refusing = [item for item in last_hops if item.final_status == final.status]
    if final.status in _DECIDED_BY_DOMAIN:
        refusing = [item for item in refusing if any(response.status > 100 for response in item.provisionals)]
    return Release.CALLEE if refusing else Release.NETWORK


def _nodes_of(call: Call) -> list[str]:
    return [*(item.id for item in call.invites), *(dialog.id for dialog in call.dialogs)]


def _with_call(stream: RtpStream, call_of_node: Mapping[str, int]) -> RtpStream:
    if stream.binding is None:
        return stream
    call_id = call_of_node.get(stream.binding.dialog_id)
    return replace(stream, binding=replace(stream.binding, call_id=call_id))


@dataclass(slots=True)
class _Belongings:
    """What belongs to one call, in the order of the trace."""

    correlations: list[Correlation] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    ledgers: list[Ledger] = field(default_factory=list)
    streams: list[RtpStream] = field(default_factory=list)


def _belongings(
    calls: Sequence[Call],
    call_of_node: Mapping[str, int],
    correlations: Sequence[Correlation],
    transfers: Sequence[Transfer],
    ledgers: Sequence[Ledger],
    streams: Sequence[RtpStream],
) -> dict[int, _Belongings]:
    """Everything handed out to the calls in one pass over each kind."""
    found = {call.id: _Belongings() for call in calls}
    for edge in correlations:
        for call_id in _distinct(call_of_node.get(edge.first), call_of_node.get(edge.second)):
            found[call_id].correlations.append(edge)
    for transfer in transfers:
        nodes = [transfer.dialog_id, transfer.consultation_dialog_id, transfer.resulting_dialog_id]
        nodes.append(None if transfer.triggered is None else transfer.triggered.id)
        for call_id in _distinct(*(None if node is None else call_of_node.get(node) for node in nodes)):
            found[call_id].transfers.append(transfer)
    for ledger in ledgers:
        for call_id in _distinct(call_of_node.get(ledger.dialog_id)):
            found[call_id].ledgers.append(ledger)
    for stream in streams:
        for call_id in _distinct(None if stream.binding is None else stream.binding.call_id):
            found[call_id].streams.append(stream)
    return found


def _distinct(*call_ids: int | None) -> list[int]:
    return list(dict.fromkeys(call_id for call_id in call_ids if call_id is not None))


def _finished(
    call: Call,
    belongings: _Belongings,
    cancels: Mapping[str, Transaction],
) -> Call:
    return replace(
        call,
        correlations=tuple(belongings.correlations),
        stream_ids=tuple(stream.id for stream in belongings.streams),
        transfer_ids=tuple(transfer.id for transfer in belongings.transfers),
        services=services_of(call, belongings.transfers, belongings.ledgers, belongings.streams, cancels),
    )
