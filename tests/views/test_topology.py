"""The network as people look at it: columns from callers to callees, wires with words."""

import pytest

from sipscope.model.defects import Confidence
from sipscope.model.topology import Host, HostRole, MediaLink, Role, SignallingLink, Topology
from sipscope.views.tone import Tone
from sipscope.views.topology import MOST_BOXES, network_of, topology_tables


def link(client: str, server: str, *methods: str, unanswered: int = 0) -> SignallingLink:
    return SignallingLink(
        client=client,
        server=server,
        transports=("UDP",),
        methods=tuple((method, 1) for method in methods or ("INVITE",)),
        unanswered=unanswered,
    )


def media(source: str, destination: str) -> MediaLink:
    return MediaLink(source=source, destination=destination, codecs=("PCMA",), streams=1, packets=10)


def network(*links: SignallingLink | MediaLink) -> Topology:
    signalling = tuple(item for item in links if isinstance(item, SignallingLink))
    streams = tuple(item for item in links if isinstance(item, MediaLink))
    spoke = dict.fromkeys(node for item in signalling for node in (item.client, item.server))
    silent = dict.fromkeys(node for item in streams for node in (item.source, item.destination) if node not in spoke)
    hosts = [Host(node=node) for node in spoke] + [Host(node=node, carries_signalling=False) for node in silent]
    return Topology(hosts=tuple(hosts), signalling=signalling, media=streams)


def columns(topology: Topology) -> dict[str, int]:
    return {box.node: box.column for box in network_of(topology, "").boxes}


def test_path_of_an_invite_runs_from_left_to_right():
    assert columns(network(link("in", "bob"), link("alice", "out"), link("out", "in"))) == {
        "alice": 0,
        "out": 1,
        "in": 2,
        "bob": 3,
    }


def test_registration_of_the_callee_does_not_move_it_to_the_left():
    found = columns(network(link("bob", "pbx", "REGISTER"), link("alice", "pbx"), link("pbx", "bob")))
    assert found == {"alice": 0, "pbx": 1, "bob": 2}


def test_requests_back_do_not_change_the_columns():
    assert columns(network(link("alice", "bob"), link("bob", "alice", "BYE"))) == {"alice": 0, "bob": 1}


def test_host_of_media_alone_stands_between_those_it_serves():
    found = columns(network(link("a", "b"), link("b", "c"), media("a", "relay"), media("relay", "c")))
    assert found["relay"] == 1


def test_both_directions_are_one_wire():
    (wire,) = network_of(network(link("alice", "bob"), link("bob", "alice", "BYE")), "").wires
    assert (wire.there, wire.back) == ("INVITE 1 · UDP", "BYE 1 · UDP")


@pytest.mark.parametrize(
    ("links", "tone"),
    [
        ([link("a", "b", "INVITE", "ACK", unanswered=1)], Tone.FAILURE),
        ([link("a", "b", "INVITE", "BYE", unanswered=1)], Tone.REQUEST),
        ([link("a", "b", "ACK")], Tone.REQUEST),
        ([link("a", "b", unanswered=1), link("b", "a")], Tone.REQUEST),
    ],
    ids=["nothing answered", "some answered", "only ACK", "other direction answered"],
)
def test_wire_without_any_answer_stands_out(links, tone):
    assert network_of(network(*links), "").wires[0].tone is tone


def test_doubt_about_a_role_is_said_and_certainty_is_not():
    roles = tuple(
        HostRole(role=role, confidence=confidence, signs=1, text="so", frames=(1,))
        for role, confidence in ((Role.REGISTRAR, Confidence.LIKELY), (Role.B2BUA, Confidence.CERTAIN))
    )
    host = Host(node="192.0.2.1", name="SBC", roles=roles)
    (box,) = network_of(Topology(hosts=(host,)), "").boxes
    assert (box.title, box.lines) == ("SBC", ("192.0.2.1", "registrar (likely)", "B2BUA"))


def test_hosts_beyond_what_a_picture_holds_are_counted():
    view = network_of(network(*(link(f"phone{number}", "pbx") for number in range(MOST_BOXES + 4))), "")
    assert (len(view.boxes), view.note) == (
        MOST_BOXES,
        "5 more hosts with fewer links; GraphML and JSON hold them all",
    )


def test_tables_hold_every_host_and_link():
    tables = topology_tables(network(link("a", "b"), media("a", "b"), media("b", "a")))
    assert [len(table.rows) for table in tables] == [2, 1, 2]
