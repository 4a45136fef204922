"""Which dialogs belong together, and why: a graph whose edges carry the evidence (networkx).

Nodes are dialogs and dialog-creating INVITE transactions. Edges of kind `same-call-id` join them into one call, and so
do those that join the two sides of a B2BUA. Edges of kind `replaces` and `refer` link calls without merging them: a
consultation and a call that a transfer brings about stay entries of their own.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sipscope.calls.bridges import bridges_of
from sipscope.model.call import Correlation, CorrelationKind
from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer

if TYPE_CHECKING:
    from networkx import Graph

JOINING = frozenset(set(CorrelationKind) - {CorrelationKind.REPLACES, CorrelationKind.REFER})
"""Kinds of evidence that make one call of two nodes; the others link calls."""

DIRECT_SCORE = 70
"""From this score on a triggered INVITE is direct evidence; below it is probable (rule catalogue of transfers)."""


def correlations_of(
    invites: Sequence[Transaction], dialogs: Sequence[Dialog], transfers: Sequence[Transfer]
) -> tuple[Correlation, ...]:
    """The evidence between every two nodes, ids of transactions and dialogs; the first of several counts."""
    found: dict[frozenset[str], Correlation] = {}
    for correlation in _edges(invites, dialogs, transfers):
        found.setdefault(frozenset((correlation.first, correlation.second)), correlation)
    return tuple(found.values())


def correlation_graph(nodes: Iterable[str], correlations: Iterable[Correlation]) -> "Graph[str]":
    """The graph: nodes are ids of transactions and dialogs, edges have the attribute `correlation`."""
    from networkx import Graph

    graph: Graph[str] = Graph()
    graph.add_nodes_from(nodes)
    for correlation in correlations:
        graph.add_edge(correlation.first, correlation.second, correlation=correlation)
    return graph


def _edges(
    invites: Sequence[Transaction], dialogs: Sequence[Dialog], transfers: Sequence[Transfer]
) -> Iterator[Correlation]:
    yield from _same_call_id(invites, dialogs)
    yield from _replaces(invites, dialogs)
    referred = tuple(_referred(transfers))
    yield from referred
    # What a REFER or a Replaces brought about is a call of its own, whoever sends it.
    linked = {item.second for item in referred}
    yield from bridges_of([item for item in invites if item.id not in linked and not _replaces_something(item)])


def _replaces_something(transaction: Transaction) -> bool:
    return transaction.request is not None and transaction.request.replaces is not None


def _same_call_id(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> Iterator[Correlation]:
    """Every node is joined to the first one with its Call-ID: a star, not a mesh."""
    first: dict[str, tuple[str, tuple[int, ...]]] = {}
    for node, call_id, frames in _nodes(invites, dialogs):
        if call_id not in first:
            first[call_id] = (node, frames)
            continue
        centre, centre_frames = first[call_id]
        yield Correlation(
            kind=CorrelationKind.SAME_CALL_ID,
            confidence=Confidence.CERTAIN,
            text="Both carry the same Call-ID.",
            frames=tuple(sorted({*centre_frames, *frames})),
            first=centre,
            second=node,
        )


def _nodes(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    for transaction in invites:
        if transaction.first.call_id is not None:
            yield transaction.id, transaction.first.call_id, transaction.first.frames
    for dialog in dialogs:
        yield dialog.id, dialog.key.call_id, dialog.transactions[0].first.frames


def _replaces(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> Iterator[Correlation]:
    """An INVITE with Replaces and the dialog it names, tags in either order (RFC 3891 §3)."""
    by_key = {
        (dialog.key.call_id, frozenset({dialog.key.caller_tag, dialog.key.callee_tag})): dialog for dialog in dialogs
    }
    for transaction in invites:
        reference = None if transaction.request is None else transaction.request.replaces
        if reference is None or transaction.request is None:
            continue
        dialog = by_key.get((reference.call_id, frozenset({reference.to_tag or "", reference.from_tag or ""})))
        if dialog is not None and dialog.key.call_id != transaction.request.call_id:
            yield Correlation(
                kind=CorrelationKind.REPLACES,
                confidence=Confidence.CERTAIN,
                text="The INVITE names the other dialog in its Replaces header.",
                frames=transaction.request.frames,
                first=dialog.id,
                second=transaction.id,
            )


def _referred(transfers: Sequence[Transfer]) -> Iterator[Correlation]:
    for transfer in transfers:
        if transfer.triggered is None or transfer.dialog_id is None:
            continue
        direct = transfer.triggered_score >= DIRECT_SCORE
        yield Correlation(
            kind=CorrelationKind.REFER,
            confidence=Confidence.CERTAIN if direct else Confidence.LIKELY,
            text="A REFER brought the INVITE about: " + "; ".join(transfer.triggered_evidence) + ".",
            frames=tuple(sorted({*transfer.refer.first.frames, *transfer.triggered.first.frames})),
            first=transfer.dialog_id,
            second=transfer.triggered.id,
        )
