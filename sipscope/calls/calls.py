"""Calls as a person counts them: correlated INVITEs and dialogs with an outcome, times and who ended it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from sipscope.calls.correlation import JOINING, correlation_graph, correlations_of
from sipscope.calls.outcome import end_of, undecided
from sipscope.calls.services import services_of
from sipscope.model.call import Call, Correlation, CorrelationKind
from sipscope.model.dialog import Dialog
from sipscope.model.header_values import Address
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import RtpStream
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.values import dataclass, replace


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
    calls = [undecided(call, capture_ended_at) for call in _calls(groups, invites, invite_dialogs)]
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
    drafts.sort(key=lambda draft: (draft.started_at, draft.call_ids))
    return [_call(draft, number) for number, draft in enumerate(drafts, start=1)]


@dataclass(slots=True)
class _Draft:
    """The parts and parties of a call, as those of `Call`."""

    call_ids: tuple[str, ...]
    caller: Address | None
    callee: Address | None
    invites: list[Transaction]
    dialogs: list[Dialog]
    started_at: Instant


def _draft(invites: list[Transaction], dialogs: list[Dialog]) -> _Draft:
    if len(invites) > 1:
        invites.sort(key=lambda item: (item.started_at, item.first.frames))
    firsts = [item.first for item in invites] + [dialog.transactions[0].first for dialog in dialogs]
    first = min(firsts, key=lambda message: (message.at, message.frames))
    caller, callee = first.from_, first.to
    if not invites and dialogs:
        caller, callee = dialogs[0].caller.address, dialogs[0].callee.address
    call_ids = tuple(dict.fromkeys([message.call_id for message in [first, *firsts] if message.call_id]))
    return _Draft(call_ids, caller, callee, invites, dialogs, first.at)


def _call(draft: _Draft, number: int) -> Call:
    """The call with its number and with what the caller's own legs tell of it."""
    invites, dialogs = draft.invites, draft.dialogs
    if len(draft.call_ids) > 1:
        own = draft.call_ids[0]
        invites = [item for item in invites if item.first.call_id == own]
        dialogs = [dialog for dialog in dialogs if dialog.key.call_id == own]
    # Where no INVITE that began it is in view, a 2xx answers a change of the session, and no call.
    answered = [dialog.confirmed_at for dialog in dialogs if dialog.confirmed_at is not None] if invites else []
    end = end_of(invites, dialogs, is_answered=bool(answered))
    return Call(
        id=number,
        call_ids=draft.call_ids,
        caller=draft.caller,
        callee=draft.callee,
        invites=tuple(draft.invites),
        dialogs=tuple(draft.dialogs),
        started_at=draft.started_at,
        ringing_at=_ringing_at(invites),
        answered_at=min(answered, default=None),
        outcome=end.outcome,
        final_status=end.final_status,
        ended_at=end.ended_at,
        released_by=end.released_by,
    )


def _ringing_at(invites: Sequence[Transaction]) -> Instant | None:
    """First 180; where none came, the first other 18x."""
    provisionals = [response for item in invites for response in item.provisionals if 180 <= response.status < 190]
    alerting = [response.at for response in provisionals if response.status == 180]
    return min(alerting or [response.at for response in provisionals], default=None)


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
        first, second = call_of_node.get(edge.first), call_of_node.get(edge.second)
        if first is not None:
            found[first].correlations.append(edge)
        if second is not None and second != first:
            found[second].correlations.append(edge)
    for transfer in transfers:
        nodes = [transfer.dialog_id, transfer.consultation_dialog_id, transfer.resulting_dialog_id]
        nodes.append(None if transfer.triggered is None else transfer.triggered.id)
        for call_id in _distinct(*(None if node is None else call_of_node.get(node) for node in nodes)):
            found[call_id].transfers.append(transfer)
    for ledger in ledgers:
        owner = call_of_node.get(ledger.dialog_id)
        if owner is not None:
            found[owner].ledgers.append(ledger)
    for stream in streams:
        owner = None if stream.binding is None else stream.binding.call_id
        if owner is not None:
            found[owner].streams.append(stream)
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
        stream_ids=tuple([stream.id for stream in belongings.streams]),
        transfer_ids=tuple([transfer.id for transfer in belongings.transfers]),
        services=services_of(call, belongings.transfers, belongings.ledgers, belongings.streams, cancels),
    )
