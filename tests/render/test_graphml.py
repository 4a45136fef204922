"""GraphML: what networkx reads back, whatever a capture names its hosts."""

import io

from networkx import read_graphml

from sipscope.model.topology import Host, SignallingLink, Topology
from sipscope.render.graphml import topology_graphml

LINK = SignallingLink(client="a", server="b", transports=("UDP",), methods=(("INVITE", 3),))


def test_document_is_read_back_as_the_same_graph():
    graph = read_graphml(
        io.BytesIO(topology_graphml(Topology(hosts=(Host(node="a"), Host(node="b")), signalling=(LINK,))).encode())
    )
    assert list(graph.edges(data="methods")) == [("a", "b", "INVITE 3")]


def test_controls_and_markup_in_a_name_are_text():
    hostile = Host(node="a", name="\x1b[2J\x00<script>\u202e\udcff&")
    graph = read_graphml(io.BytesIO(topology_graphml(Topology(hosts=(hostile,))).encode()))
    assert graph.nodes["a"]["name"] == r"\x1b[2J\x00<script>\u202e\xff&"
