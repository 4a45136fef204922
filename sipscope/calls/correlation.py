"""Which dialogs belong together, and why: a graph whose edges carry the evidence (networkx).

Nodes are dialogs and dialog-creating INVITE transactions. Edges of kind `same-call-id` join them into one call, and so
do those that join the two sides of a B2BUA. The kinds of `LINKING` link calls without merging them: a consultation, and
a call that a transfer brings about or that barges in, stay entries of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from sipscope.calls.bridges import bridges_of
from sipscope.model.call import Correlation, CorrelationKind
from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.header_values import Address, DialogReference
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer

if TYPE_CHECKING:
    from networkx import Graph

LINKING = frozenset(
    {
        CorrelationKind.REPLACES,
        CorrelationKind.JOIN,
        CorrelationKind.TARGET_DIALOG,
        CorrelationKind.REFER,
        CorrelationKind.REFERRED_BY,
    }
)
"""Kinds of evidence that link calls which stay calls of their own."""

JOINING = frozenset(CorrelationKind) - LINKING
"""Kinds of evidence that make one call of two nodes."""

AFTERWARDS: Duration = 5 * SECOND
"""How long after its call with the referrer ended a party may call on the referrer's behalf."""

DIRECT_SCORE = 70
"""From this score on a triggered INVITE is direct evidence; below it is probable (rule catalogue of transfers)."""


def correlations_of(
    invites: Sequence[Transaction],
    dialogs: Sequence[Dialog],
    transfers: Sequence[Transfer],
    call_id_headers: Collection[str] = (),
) -> tuple[Correlation, ...]:
    """The evidence between every two nodes, ids of transactions and dialogs; the first of several counts.

    `call_id_headers` are those that name the Call-ID on the other side of a B2BUA, besides all that begin with `X-`.
    """
    same = tuple(_same_call_id(invites, dialogs))
    others = tuple(_others(invites, dialogs, transfers, call_id_headers))
    if not others:
        # A star has one edge between two nodes.
        return same
    found: dict[frozenset[str], Correlation] = {}
    for correlation in (*same, *others):
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


def _others(
    invites: Sequence[Transaction],
    dialogs: Sequence[Dialog],
    transfers: Sequence[Transfer],
    call_id_headers: Collection[str],
) -> Iterator[Correlation]:
    naming = [item for item in invites if item.request is not None and _names_another(item.request)]
    yield from _named_dialogs(naming, dialogs)
    referred = tuple(_referred(transfers))
    yield from referred
    linked = {item.second for item in referred}
    on_behalf = tuple(_on_behalf(naming, dialogs, linked))
    yield from on_behalf
    # What a REFER, Replaces or Join brought about is a call of its own, whoever sends it.
    linked.update(item.second for item in on_behalf)
    linked.update(item.id for item in naming if _enters_another(item))
    yield from bridges_of([item for item in invites if item.id not in linked] if linked else invites, call_id_headers)


def _names_another(request: Request) -> bool:
    """Whether an INVITE names another dialog, or a party of one; few do."""
    values = request.headers.values
    return "replaces" in values or "join" in values or "target-dialog" in values or "referred-by" in values


def _enters_another(transaction: Transaction) -> bool:
    """Whether its INVITE asks to take the place of a party of another call, or to become one more."""
    request = transaction.request
    return request is not None and (request.replaces is not None or request.join is not None)


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
            # Mostly it is the same message.
            frames=frames if frames == centre_frames and len(frames) == 1 else _both(centre_frames, frames),
            first=centre,
            second=node,
        )


def _both(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*one, *other}))


def _nodes(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    for transaction in invites:
        if transaction.first.call_id is not None:
            yield transaction.id, transaction.first.call_id, transaction.first.frames
    for dialog in dialogs:
        yield dialog.id, dialog.key.call_id, dialog.transactions[0].first.frames


def _named_dialogs(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> Iterator[Correlation]:
    """An INVITE and the dialogs it names, tags in either order (RFC 3891 §3, RFC 3911 §4)."""
    by_key: dict[tuple[str, frozenset[str]], Dialog] = {}
    for transaction in invites:
        request = transaction.request
        for kind, name, reference in () if request is None else _references(request):
            by_key = by_key or _by_tags(dialogs)
            dialog = by_key.get((reference.call_id, frozenset({reference.to_tag or "", reference.from_tag or ""})))
            if request is not None and dialog is not None and dialog.key.call_id != request.call_id:
                yield Correlation(
                    kind=kind,
                    confidence=Confidence.CERTAIN,
                    text=f"The INVITE names the other dialog in its {name} header.",
                    frames=request.frames,
                    first=dialog.id,
                    second=transaction.id,
                )


def _references(request: Request) -> Iterator[tuple[CorrelationKind, str, DialogReference]]:
    for kind, name, reference in (
        (CorrelationKind.REPLACES, "Replaces", request.replaces),
        (CorrelationKind.JOIN, "Join", request.join),
        (CorrelationKind.TARGET_DIALOG, "Target-Dialog", request.target_dialog),
    ):
        if reference is not None:
            yield kind, name, reference


def _by_tags(dialogs: Sequence[Dialog]) -> dict[tuple[str, frozenset[str]], Dialog]:
    return {
        (dialog.key.call_id, frozenset({dialog.key.caller_tag, dialog.key.callee_tag})): dialog for dialog in dialogs
    }


def _on_behalf(
    invites: Sequence[Transaction], dialogs: Sequence[Dialog], linked: Collection[str]
) -> Iterator[Correlation]:
    """An INVITE with Referred-By whose REFER is out of view: the referrer's only call with its sender at that time."""
    for transaction in invites:
        request = transaction.request
        referrer = None if request is None else request.referred_by
        if request is None or referrer is None or transaction.id in linked or len(request.vias) > 1:
            continue
        fitting = [dialog for dialog in dialogs if _is_between(dialog, referrer, transaction)]
        if len(fitting) == 1:
            yield Correlation(
                kind=CorrelationKind.REFERRED_BY,
                confidence=Confidence.LIKELY,
                text="Its sender was in this dialog with the party that the INVITE names in its Referred-By header.",
                frames=tuple(sorted({*fitting[0].transactions[0].first.frames, *request.frames})),
                first=fitting[0].id,
                second=transaction.id,
            )


def _is_between(dialog: Dialog, referrer: Address, transaction: Transaction) -> bool:
    """Whether the sender of an INVITE talked to its referrer when it sent it."""
    at, request = transaction.started_at, transaction.request
    if request is None or dialog.key.call_id == request.call_id or dialog.confirmed_at is None:
        return False
    if dialog.confirmed_at > at or (dialog.ended_at is not None and dialog.ended_at < at - AFTERWARDS):
        return False
    pairs = ((dialog.caller, dialog.legs[-1].callee_node), (dialog.callee, dialog.legs[0].caller_node))
    return any(
        node == transaction.key.client and party.address is not None and _is_same_party(party.address, referrer)
        for party, node in pairs
    )


def _is_same_party(one: Address, other: Address) -> bool:
    return one.uri.user is not None and (one.uri.user, one.uri.host) == (other.uri.user, other.uri.host)


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
