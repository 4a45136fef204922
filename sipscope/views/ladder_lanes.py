"""Lanes: which nodes a ladder shows, in which order, and what stands at their heads."""

from collections.abc import Iterable, Mapping, Sequence

from sipscope.calls.roles import host_roles_of, role_signs_of
from sipscope.model.defects import Confidence
from sipscope.model.dialog import Side
from sipscope.model.stream import RtpStream
from sipscope.model.topology import Role
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.views.ladder_rows import Lane
from sipscope.views.topology import role_of
from sipscope.views.words import party_of, product_of

_PARTIES_SHOWN = 2
_ROLES_SHOWN = 2
_AGENTS = frozenset({Role.USER_AGENT_CLIENT, Role.USER_AGENT_SERVER})


def lanes_of(transactions: Sequence[Transaction], streams: Sequence[RtpStream], trace: Trace) -> tuple[Lane, ...]:
    """Signalling nodes in call order, and between them the addresses that only media names."""
    nodes = call_order(transactions)
    names = trace.facts.names
    heads = _heads(transactions, names)
    roles = _role_lines(trace)
    lanes = [_lane(node, (*heads.get(node, ()), *roles.get(node, ())), names) for node in nodes]
    for stream in streams:
        _add_media_lanes(lanes, stream, trace)
    return tuple(lanes)


def _lane(node: str, lines: tuple[str, ...], names: Mapping[str, str], *, carries_signalling: bool = True) -> Lane:
    """A lane with its node's name at the head, where it has one; the node then stands beneath."""
    name = names.get(node) or names.get(host_of(node))
    return Lane(
        node=node,
        lines=(node, *lines) if name else lines,
        carries_signalling=carries_signalling,
        name=name,
    )


def call_order(transactions: Sequence[Transaction]) -> list[str]:
    """Nodes along the paths of the dialog-creating INVITEs, depth first: caller, hops, callee, next branch.

    Requests inside a dialog run both ways and may skip a proxy, so they order only nodes that no INVITE names.
    """
    invites = [item for item in transactions if item.is_dialog_creating_invite]
    paths = _children([*invites, *transactions])
    called = {item.key.server for item in invites if item.key.server != item.key.client}
    callers = [item.key.client for item in invites if item.key.client not in called]
    visited: dict[str, None] = {}
    for root in [*callers, *paths]:
        _visit(root, paths, visited)
    return list(visited)


def _children(transactions: Iterable[Transaction]) -> dict[str, dict[str, None]]:
    children: dict[str, dict[str, None]] = {}
    for item in transactions:
        children.setdefault(item.key.client, {})[item.key.server] = None
        children.setdefault(item.key.server, {})
    return children


def _visit(root: str, children: Mapping[str, Mapping[str, None]], visited: dict[str, None]) -> None:
    """Pre-order without recursion: a damaged capture may hold a path of any length."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node in visited:
            continue
        visited[node] = None
        waiting.extend(reversed(list(children.get(node, {}))))


def _heads(transactions: Sequence[Transaction], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Lines beneath each node: the parties that call and are called there, then the product."""
    creating = [item for item in transactions if item.request is not None and item.request.to_tag is None]
    forwarding = {(item.key.client, item.first.call_id) for item in creating}
    receiving = {(item.key.server, item.first.call_id) for item in creating}
    parties: dict[str, dict[str, None]] = {}
    products: dict[str, str] = {}
    for item in creating:
        client, server, call_id = item.key.client, item.key.server, item.first.call_id
        if (client, call_id) not in receiving:
            _note_party(parties, client, party_of(item.first.from_, names))
            _note_product(products, client, None if item.request is None else item.request.user_agent)
        if (server, call_id) not in forwarding:
            if item.method == "INVITE":
                _note_party(parties, server, party_of(item.first.to, names))
            for response in item.responses:
                _note_product(products, server, response.user_agent)
    return {node: _head(list(parties.get(node, {})), products.get(node)) for node in {**parties, **products}}


def _role_lines(trace: Trace) -> dict[str, tuple[str, ...]]:
    """What tells a node from a phone, in a line: every node is a user agent now and then."""
    found: dict[str, tuple[str, ...]] = {}
    for node, roles in host_roles_of(role_signs_of(trace)).items():
        telling = [role for role in roles if role.role not in _AGENTS and role.confidence is not Confidence.POSSIBLE]
        if telling:
            found[node] = (", ".join(map(role_of, telling[:_ROLES_SHOWN])),)
    return found


def _note_party(parties: dict[str, dict[str, None]], node: str, party: str | None) -> None:
    if party is not None:
        parties.setdefault(node, {})[party] = None


def _note_product(products: dict[str, str], node: str, user_agent: str | None) -> None:
    product = product_of(user_agent)
    if product is not None:
        products.setdefault(node, product)


def _head(parties: Sequence[str], product: str | None) -> tuple[str, ...]:
    shown = ", ".join(parties[:_PARTIES_SHOWN])
    if len(parties) > _PARTIES_SHOWN:
        shown += f" +{len(parties) - _PARTIES_SHOWN}"
    return tuple(line for line in (shown, product) if line)


def _add_media_lanes(lanes: list[Lane], stream: RtpStream, trace: Trace) -> None:
    """Place a media-only address beside the other end of its stream, on the side that faces the middle."""
    for is_source in (True, False):
        if lane_of(stream, lanes, trace, is_source=is_source) is not None:
            continue
        facing = lane_of(stream, lanes, trace, is_source=not is_source)
        position = len(lanes) if facing is None else facing + (1 if facing < len(lanes) / 2 else 0)
        end = stream.hop.source if is_source else stream.hop.destination
        lanes.insert(position, _lane(end.address, ("media",), trace.facts.names, carries_signalling=False))


def lane_of(stream: RtpStream, lanes: Sequence[Lane], trace: Trace, *, is_source: bool) -> int | None:
    """The lane that an end of a stream belongs to; None when none has its address.

    Where an address hosts several nodes, the leg that the stream is bound to tells which one is meant.
    """
    address = (stream.hop.source if is_source else stream.hop.destination).address
    candidates = [index for index, lane in enumerate(lanes) if host_of(lane.node) == address]
    if len(candidates) <= 1 or stream.binding is None:
        return candidates[0] if candidates else None
    leg = trace.index.legs.get(stream.binding.leg_id)
    if leg is None:
        return candidates[0]
    is_callee = (stream.binding.receiver is Side.CALLEE) != is_source
    node = leg.callee_node if is_callee else leg.caller_node
    return next((index for index in candidates if lanes[index].node == node), candidates[0])


def host_of(node: str) -> str:
    """The address of a node name: an IPv6 node with a port is in brackets, an IPv4 one has a single colon."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node.partition(":")[0] if node.count(":") == 1 else node
