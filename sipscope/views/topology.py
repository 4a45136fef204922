"""The network as people look at it: boxes in columns from callers to callees, and wires between them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sipscope.model.defects import Confidence
from sipscope.model.topology import Host, HostRole, Role, SignallingLink, Topology
from sipscope.values import dataclass
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, product_of

if TYPE_CHECKING:
    from networkx import DiGraph

ROLE_WORDS = {role: role.value.replace("-", " ") for role in Role} | {Role.B2BUA: "B2BUA"}

MOST_BOXES = 60
"""Hosts that a picture shows; those with the least links are left out first, and counted."""

_ROLES_SHOWN = 3
_METHODS_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkBox:
    """A host.

    Attributes:
        node: Its address, or `address:port`.
        title: Its name, else its address.
        lines: Beneath the title: the address where the title is a name, product, roles.
        column: From 0: callers left, the hosts they call right of them.
        carries_signalling: Whether it spoke SIP.
        tooltip: Its roles with their evidence.
    """

    node: str
    title: str
    lines: tuple[str, ...]
    column: int
    carries_signalling: bool
    tooltip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkWire:
    """What went between two hosts, in one kind.

    Attributes:
        first: Number of the box on the left.
        second: Number of the box on the right, or of one in the same column.
        there: What went from the first to the second; empty for nothing.
        back: What went from the second to the first.
        tone: Of signalling, of media, or of signalling that nobody answered.
    """

    first: int
    second: int
    there: str
    back: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkView:
    """The picture of a network.

    Attributes:
        title: Its heading.
        boxes: By column, then by appearance.
        wires: Signalling first.
        note: What is left out; empty for nothing.
    """

    title: str
    boxes: tuple[NetworkBox, ...]
    wires: tuple[NetworkWire, ...]
    note: str = ""


def network_of(topology: Topology, title: str) -> NetworkView:
    """The picture's content."""
    shown = _shown(topology)
    columns = _columns(shown)
    hosts = sorted(shown.hosts, key=lambda host: columns[host.node])
    number_of = {host.node: number for number, host in enumerate(hosts)}
    boxes = tuple(_box(host, columns[host.node]) for host in hosts)
    left_out = len(topology.hosts) - len(hosts)
    return NetworkView(
        title=title,
        boxes=boxes,
        wires=(*_signalling_wires(shown, number_of, boxes), *_media_wires(shown, number_of, boxes)),
        note=f"{counted(left_out, 'more host')} with fewer links; GraphML and JSON hold them all" if left_out else "",
    )


def _shown(topology: Topology) -> Topology:
    """The topology without the least connected hosts where there are too many for a picture."""
    if len(topology.hosts) <= MOST_BOXES:
        return topology
    degree = {host.node: 0 for host in topology.hosts}
    for one, other in _pairs(topology):
        degree[one] += 1
        degree[other] += 1
    kept = {host.node for host in sorted(topology.hosts, key=lambda host: -degree[host.node])[:MOST_BOXES]}
    return Topology(
        hosts=tuple(host for host in topology.hosts if host.node in kept),
        signalling=tuple(link for link in topology.signalling if {link.client, link.server} <= kept),
        media=tuple(link for link in topology.media if {link.source, link.destination} <= kept),
    )


def _pairs(topology: Topology) -> list[tuple[str, str]]:
    signalling = [(link.client, link.server) for link in topology.signalling]
    return signalling + [(link.source, link.destination) for link in topology.media]


# -- columns


def _columns(topology: Topology) -> dict[str, int]:
    """A host stands right of everybody who calls it. Links that would close a circle count for nothing.

    INVITEs place hosts first, other requests those that are left, and media the hosts without signalling.
    """
    from networkx import DiGraph, topological_sort

    graph: DiGraph[str] = DiGraph()
    graph.add_nodes_from(host.node for host in topology.hosts)
    ranked = sorted(topology.signalling, key=lambda link: all(method != "INVITE" for method, _ in link.methods))
    for link in ranked:
        _add_unless_circle(graph, link)
    found: dict[str, int] = {}
    for node in topological_sort(graph):
        found[node] = max((found[before] + 1 for before in graph.predecessors(node)), default=0)
    for host in topology.hosts:
        if not host.carries_signalling:
            found[host.node] = _between([found[node] for node in _media_neighbours(host, topology)])
    return found


def _add_unless_circle(graph: "DiGraph[str]", link: SignallingLink) -> None:
    from networkx import has_path

    if link.client != link.server and not has_path(graph, link.server, link.client):
        graph.add_edge(link.client, link.server)


def _media_neighbours(host: Host, topology: Topology) -> list[str]:
    ends = [(link.source, link.destination) for link in topology.media]
    signalling = {item.node for item in topology.hosts if item.carries_signalling}
    found = {other for pair in ends if host.node in pair for other in pair if other != host.node}
    return sorted(found & signalling)


def _between(columns: Sequence[int]) -> int:
    return (min(columns) + max(columns)) // 2 if columns else 0


# -- boxes


def _box(host: Host, column: int) -> NetworkBox:
    product = product_of(host.products[0]) if host.products else None
    lines = [host.node if host.name else "", product or "", *_role_lines(host)]
    return NetworkBox(
        node=host.node,
        title=host.name or host.node,
        lines=tuple(line for line in lines if line),
        column=column,
        carries_signalling=host.carries_signalling,
        tooltip="; ".join(f"{role_of(role)}: {role.text}" for role in host.roles),
    )


def _role_lines(host: Host) -> list[str]:
    if not host.carries_signalling and not host.roles:
        return ["media only"]
    shown = [role_of(role) for role in host.roles[:_ROLES_SHOWN]]
    rest = len(host.roles) - _ROLES_SHOWN
    return [*shown, f"+{rest} more"] if rest > 0 else shown


def role_of(role: HostRole) -> str:
    """A role in words, with a doubt where there is one: `registrar (likely)`."""
    words = ROLE_WORDS[role.role]
    return words if role.confidence is Confidence.CERTAIN else f"{words} ({role.confidence.value})"


# -- wires


def _signalling_wires(
    topology: Topology, number_of: dict[str, int], boxes: Sequence[NetworkBox]
) -> Iterable[NetworkWire]:
    links = {(link.client, link.server): link for link in topology.signalling}
    for first, second in _ordered_pairs(links, number_of):
        there, back = (
            links.get((boxes[first].node, boxes[second].node)),
            links.get((boxes[second].node, boxes[first].node)),
        )
        both = [link for link in (there, back) if link is not None]
        silent = all(link.unanswered and link.unanswered == _requests(link) for link in both)
        yield NetworkWire(
            first=first,
            second=second,
            there="" if there is None else signalling_words(there),
            back="" if back is None else signalling_words(back),
            tone=Tone.FAILURE if silent else Tone.REQUEST,
        )


def _requests(link: SignallingLink) -> int:
    return sum(count for method, count in link.methods if method != "ACK")


def signalling_words(link: SignallingLink) -> str:
    """The methods with how many of each, and the transports: `INVITE 3, BYE 1 · UDP`."""
    methods = [f"{method} {count}" for method, count in link.methods[:_METHODS_SHOWN]]
    if len(link.methods) > _METHODS_SHOWN:
        methods.append(f"+{len(link.methods) - _METHODS_SHOWN}")
    return f"{', '.join(methods)} · {' '.join(link.transports)}"


def _media_wires(topology: Topology, number_of: dict[str, int], boxes: Sequence[NetworkBox]) -> Iterable[NetworkWire]:
    links = {(link.source, link.destination): link for link in topology.media}
    for first, second in _ordered_pairs(links, number_of):
        there = links.get((boxes[first].node, boxes[second].node))
        back = links.get((boxes[second].node, boxes[first].node))
        yield NetworkWire(
            first=first,
            second=second,
            there="" if there is None else media_words(there.codecs, there.streams),
            back="" if back is None else media_words(back.codecs, back.streams),
            tone=Tone.MEDIA,
        )


def media_words(codecs: Sequence[str], streams: int) -> str:
    """Codecs, and how many streams where there are several: `PCMA`, `PCMA opus, 4 streams`."""
    words = " ".join(codecs)
    return words if streams == 1 else f"{words}, {streams} streams"


def _ordered_pairs(links: Iterable[tuple[str, str]], number_of: dict[str, int]) -> list[tuple[int, int]]:
    """Each pair of different boxes once, the left one first."""
    pairs = (sorted((number_of[one], number_of[other])) for one, other in links if one != other)
    return list(dict.fromkeys((first, second) for first, second in pairs))


# -- tables


def topology_tables(topology: Topology) -> tuple[Table, ...]:
    """Hosts with their roles, signalling and media, as tables."""
    return (_hosts_table(topology), _signalling_table(topology), _media_table(topology))


def _hosts_table(topology: Topology) -> Table:
    rows = [
        (
            Cell(text=host.node, tone=Tone.STRONG),
            Cell(text=host.name or ""),
            Cell(text=", ".join(role_of(role) for role in host.roles) or ("" if host.carries_signalling else "media")),
            Cell(text=(product_of(host.products[0]) or "") if host.products else "", tone=Tone.MUTED),
        )
        for host in topology.hosts
    ]
    columns = (
        Column(heading="host"),
        Column(heading="name"),
        Column(heading="roles", may_wrap=True),
        Column(heading="product", may_wrap=True),
    )
    return Table(title="Hosts", columns=columns, rows=tuple(rows))


def _signalling_table(topology: Topology) -> Table:
    rows = [
        (
            Cell(text=link.client),
            Cell(text=link.server),
            Cell(text=" ".join(link.transports)),
            Cell(text=", ".join(f"{method} {count}" for method, count in link.methods)),
            Cell(text=str(link.unanswered or ""), tone=Tone.WARNING),
        )
        for link in topology.signalling
    ]
    columns = (
        Column(heading="from"),
        Column(heading="to"),
        Column(heading="transport"),
        Column(heading="requests", may_wrap=True),
        Column(heading="unanswered", alignment=Alignment.RIGHT),
    )
    return Table(title="Signalling", columns=columns, rows=tuple(rows))


def _media_table(topology: Topology) -> Table:
    rows = [
        (
            Cell(text=link.source),
            Cell(text=link.destination),
            Cell(text=" ".join(link.codecs)),
            Cell(text=str(link.streams)),
            Cell(text=str(link.packets)),
        )
        for link in topology.media
    ]
    columns = (
        Column(heading="from"),
        Column(heading="to"),
        Column(heading="codecs", may_wrap=True),
        Column(heading="streams", alignment=Alignment.RIGHT),
        Column(heading="packets", alignment=Alignment.RIGHT),
    )
    return Table(title="Media", columns=columns, rows=tuple(rows))
