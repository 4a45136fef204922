"""The network for other programs."""

from sipscope.model.defects import Confidence
from sipscope.model.topology import Host, HostRole, MediaLink, Role, SignallingLink, Topology
from sipscope.views.topology_report import topology_graph, topology_report

ROLE = HostRole(role=Role.PROXY, confidence=Confidence.LIKELY, signs=2, text="It passed on.", frames=(3, 4))
NETWORK = Topology(
    hosts=(Host(node="a"), Host(node="b", name="PBX", roles=(ROLE,), products=("kamailio",))),
    signalling=(
        SignallingLink(client="a", server="b", transports=("TCP", "UDP"), methods=(("BYE", 2),), unanswered=1),
    ),
    media=(MediaLink(source="a", destination="b", codecs=("PCMA",), streams=1, packets=7),),
)


def test_report_tells_roles_with_their_evidence():
    (role,) = topology_report(NETWORK, version="1")["hosts"][1]["roles"]
    assert role == {
        "role": "proxy",
        "confidence": "likely",
        "signs": 2,
        "text": "It passed on.",
        "frames": [3, 4],
    }


def test_report_tells_signalling():
    assert topology_report(NETWORK, version="1")["signalling"] == [
        {"from": "a", "to": "b", "transports": ["TCP", "UDP"], "methods": {"BYE": 2}, "unanswered": 1}
    ]


def test_report_tells_media():
    assert topology_report(NETWORK, version="1")["media"] == [
        {"from": "a", "to": "b", "codecs": ["PCMA"], "streams": 1, "packets": 7}
    ]


def test_graph_has_an_edge_for_each_kind_between_two_hosts():
    edges = topology_graph(NETWORK).edges(data="kind")
    assert list(edges) == [("a", "b", "signalling"), ("a", "b", "media")]


def test_graph_keeps_names_and_roles():
    node = topology_graph(NETWORK).nodes["b"]
    assert (node["name"], node["roles"], node["product"]) == ("PBX", "proxy", "kamailio")
