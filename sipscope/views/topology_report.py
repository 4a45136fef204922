"""The network for other programs: plain values, and a graph of them.

Names are a promise as those of the report are.
"""

from typing import TYPE_CHECKING

from sipscope.model.topology import Host, Topology

if TYPE_CHECKING:
    from networkx import MultiDiGraph

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""


def topology_report(topology: Topology, *, version: str) -> dict[str, object]:
    """Hosts with every role and its evidence, and the links between them."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "hosts": hosts_report(topology),
        "signalling": [
            {
                "from": link.client,
                "to": link.server,
                "transports": list(link.transports),
                "methods": dict(link.methods),
                "unanswered": link.unanswered,
            }
            for link in topology.signalling
        ],
        "media": [
            {
                "from": link.source,
                "to": link.destination,
                "codecs": list(link.codecs),
                "streams": link.streams,
                "packets": link.packets,
            }
            for link in topology.media
        ],
    }


def hosts_report(topology: Topology) -> list[dict[str, object]]:
    """Hosts in order of appearance, each with every role and its evidence."""
    return [_host(host) for host in topology.hosts]


def _host(host: Host) -> dict[str, object]:
    return {
        "host": host.node,
        "name": host.name,
        "carries_signalling": host.carries_signalling,
        "products": list(host.products),
        "roles": [
            {
                "role": role.role.value,
                "confidence": role.confidence.value,
                "signs": role.signs,
                "text": role.text,
                "frames": list(role.frames),
            }
            for role in host.roles
        ],
    }


def topology_graph(topology: Topology) -> "MultiDiGraph[str]":
    """The same as a networkx graph: hosts are nodes, links are edges, of the kind `signalling` or `media`.

    Every attribute is a text or a number, as the formats that networkx writes ask for.
    """
    from networkx import MultiDiGraph

    graph: MultiDiGraph[str] = MultiDiGraph()
    for host in topology.hosts:
        graph.add_node(
            host.node,
            name=host.name or "",
            roles=", ".join(role.role.value for role in host.roles),
            confidence=", ".join(role.confidence.value for role in host.roles),
            product=host.products[0] if host.products else "",
            signalling=host.carries_signalling,
        )
    for number, link in enumerate(topology.signalling, start=1):
        graph.add_edge(
            link.client,
            link.server,
            key=f"signalling-{number}",
            kind="signalling",
            transports=" ".join(link.transports),
            methods=", ".join(f"{method} {count}" for method, count in link.methods),
            transactions=sum(count for _, count in link.methods),
            unanswered=link.unanswered,
        )
    for number, media in enumerate(topology.media, start=1):
        graph.add_edge(
            media.source,
            media.destination,
            key=f"media-{number}",
            kind="media",
            codecs=" ".join(media.codecs),
            streams=media.streams,
            packets=media.packets,
        )
    return graph
