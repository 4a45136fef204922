"""The network that a capture shows: hosts with their roles, and what went between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from sipscope.calls.media_hosts import MediaHosts
from sipscope.calls.request_paths import RequestPaths
from sipscope.calls.roles import host_roles_of, role_signs_of
from sipscope.model.network import Transport
from sipscope.model.topology import Host, HostRole, MediaLink, SignallingLink, Topology
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass


def topology_of(trace: Trace) -> Topology:
    """Hosts in order of appearance, signalling first, and the links between them."""
    paths = RequestPaths(trace.transactions)
    roles = host_roles_of(role_signs_of(trace, paths))
    media = _media_links(trace)
    signalling = _signalling_links(trace.transactions)
    nodes = dict.fromkeys(node for link in signalling for node in (link.client, link.server))
    media_nodes = dict.fromkeys(node for link in media for node in (link.source, link.destination))
    products = _products(trace.transactions, paths)
    hosts = [_host(node, trace.facts.names, roles, products) for node in nodes]
    hosts += [
        _host(node, trace.facts.names, roles, products, carries_signalling=False)
        for node in media_nodes
        if node not in nodes
    ]
    return Topology(hosts=tuple(hosts), signalling=signalling, media=media)


def _host(
    node: str,
    names: Mapping[str, str],
    roles: Mapping[str, tuple[HostRole, ...]],
    products: Mapping[str, Mapping[str, None]],
    *,
    carries_signalling: bool = True,
) -> Host:
    return Host(
        node=node,
        name=names.get(node) or names.get(_address_of(node)),
        roles=roles.get(node, ()),
        products=tuple(products.get(node, ())),
        carries_signalling=carries_signalling,
    )


def _address_of(node: str) -> str:
    """The address of a node name: an IPv6 node with a port is in brackets, an IPv4 one has a single colon."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return node.partition(":")[0] if node.count(":") == 1 else node


@dataclass(slots=True)
class _SignallingDraft:
    transports: set[Transport] = field(default_factory=set)
    methods: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0


def _signalling_links(transactions: Iterable[Transaction]) -> tuple[SignallingLink, ...]:
    drafts: dict[tuple[str, str], _SignallingDraft] = {}
    for item in transactions:
        ends = (item.key.client, item.key.server)
        draft = drafts.get(ends)
        if draft is None:
            draft = drafts[ends] = _SignallingDraft()
        method = item.method
        draft.transports.add(item.hop.transport)
        draft.methods[method] = draft.methods.get(method, 0) + 1
        draft.unanswered += method != "ACK" and item.final is None
    return tuple(
        SignallingLink(
            client=client,
            server=server,
            transports=tuple(sorted(item.value for item in draft.transports)),
            methods=tuple(draft.methods.items()),
            unanswered=draft.unanswered,
        )
        for (client, server), draft in drafts.items()
    )


@dataclass(slots=True)
class _MediaDraft:
    codecs: dict[str, None] = field(default_factory=dict)
    streams: int = 0
    packets: int = 0


def _media_links(trace: Trace) -> tuple[MediaLink, ...]:
    hosts = MediaHosts(trace)
    drafts: dict[tuple[str, str], _MediaDraft] = {}
    for stream in trace.streams:
        draft = drafts.setdefault((hosts.source(stream), hosts.destination(stream)), _MediaDraft())
        draft.codecs[stream.codec or "unknown"] = None
        draft.streams += 1
        draft.packets += stream.packets
    return tuple(
        MediaLink(
            source=source,
            destination=destination,
            codecs=tuple(draft.codecs),
            streams=draft.streams,
            packets=draft.packets,
        )
        for (source, destination), draft in drafts.items()
    )


def _products(transactions: Sequence[Transaction], paths: RequestPaths) -> dict[str, dict[str, None]]:
    """User-Agent of requests with one Via, and Server of responses by the last host in view, by host."""
    found: dict[str, dict[str, None]] = {}
    for item in transactions:
        request = item.request
        product = None if request is None else request.user_agent
        if product and request is not None and len(request.vias) == 1:
            found.setdefault(item.key.client, {})[product] = None
        if item.responses and not paths.is_passed_on(item):
            products = [product for response in item.responses if (product := response.user_agent)]
            if products:
                found.setdefault(item.key.server, {}).update(dict.fromkeys(products))
    return found
