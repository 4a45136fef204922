"""HEP over TCP, seen from outside: segments in a capture, packets out."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipscope.capture.native.hep_stream import is_hep
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import GapKind
from tests.capture.builders import A4, B4, OPTIONS, RINGING, Content, ethernet, ipv4, pcap, tcp, udp
from tests.capture.hep import SEEN_AT, hep3, over_tcp

HOP = Hop(Endpoint("198.51.100.1", 5060), Endpoint("198.51.100.2", 5080))
TWO = hep3(OPTIONS) + hep3(RINGING)


def test_messages_have_the_way_and_the_time_their_agent_tells(reading):
    packets = reading(pcap(over_tcp(hep3(OPTIONS), hep3(RINGING)))).packets
    assert [(each.payload, each.hop, each.at) for each in packets] == [(OPTIONS, HOP, SEEN_AT), (RINGING, HOP, SEEN_AT)]


def test_several_messages_in_a_segment_are_told_apart(reading):
    packets = reading(pcap(over_tcp(TWO))).packets
    assert [(each.payload, each.frames) for each in packets] == [(OPTIONS, (1,)), (RINGING, (1,))]


def test_a_message_in_several_segments_names_their_frames(reading):
    packets = reading(pcap(over_tcp(TWO[:50], TWO[50:90], TWO[90:]))).packets
    assert [each.frames for each in packets] == [(1, 2, 3), (3,)]


@given(cuts=st.lists(st.integers(1, len(TWO) - 1), max_size=6))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_segments_cut_changes_nothing(reading, cuts: list[int]):
    places = [0, *sorted(set(cuts)), len(TWO)]
    parts = [TWO[begin:end] for begin, end in pairwise(places)]
    assert [each.payload for each in reading(pcap(over_tcp(*parts))).packets] == [OPTIONS, RINGING]


def test_a_capture_that_begins_inside_a_message_goes_on_with_the_next(reading):
    content: Content = reading(pcap(over_tcp(hep3(OPTIONS)[40:], hep3(RINGING))))
    assert [each.payload for each in content.packets] == [RINGING]
    assert content.facts.set_aside == {"tcp-before-first-message": 1}


def test_behind_a_hole_reading_goes_on_where_a_segment_begins_with_hep(reading):
    first, second = hep3(OPTIONS), hep3(RINGING)
    frames = over_tcp(first, first[:60], first[60:], second)
    content: Content = reading(pcap([frames[0], frames[1], frames[3]]))
    assert [each.payload for each in content.packets] == [OPTIONS, RINGING]
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.STREAM_BYTES_MISSING]
    assert content.facts.set_aside == {"hep-incomplete": 1}


def test_bytes_that_are_no_hep_are_incomplete_until_a_segment_begins_with_it(reading):
    content: Content = reading(pcap(over_tcp(hep3(OPTIONS), b"garbage", b"more of it", hep3(RINGING))))
    assert [each.payload for each in content.packets] == [OPTIONS, RINGING]
    assert content.facts.set_aside == {"hep-incomplete": 2}


def test_what_is_no_sip_is_set_aside_by_reason(reading):
    content: Content = reading(pcap(over_tcp(hep3(b"", kind=1), hep3(b"a line", kind=100), hep3(OPTIONS))))
    assert content.facts.set_aside == {"hep-keep-alive": 1, "hep-log": 1}


def test_a_segment_that_holds_a_message_as_well_is_used(reading):
    content: Content = reading(pcap(over_tcp(hep3(b"", kind=1) + hep3(OPTIONS))))
    assert content.facts.set_aside == {}


def test_the_same_message_on_the_wire_is_told_once(reading):
    wire = ethernet(ipv4(udp(OPTIONS, 5060, 5080)))
    content: Content = reading(pcap([wire, *over_tcp(hep3(OPTIONS, ends=(A4, B4)))]))
    assert [each.frames for each in content.packets] == [(1,)]
    assert content.facts.set_aside == {"hep-copy": 1}


def test_sip_over_tcp_and_its_hep_over_tcp_are_told_once(reading):
    wire = ethernet(ipv4(tcp(OPTIONS, 1, ports=(5060, 5080)), protocol=6))
    content: Content = reading(pcap([wire, *over_tcp(hep3(OPTIONS, ends=(A4, B4), protocol=6))]))
    assert [each.frames for each in content.packets] == [(1,)]


def test_agents_are_noted(reading):
    notes = reading(pcap(over_tcp(TWO))).facts.notes
    assert notes == (
        "SIP came in HEP from capture agent 2001: its addresses, transport and times are what the agent tells.",
    )


@pytest.mark.parametrize(
    "data",
    [b"", b"HEP3", b"HEP3\0", b"HEP3\0\x06", b"HEP2\0\x80", b"hep3\0\x80"],
    ids=["nothing", "no-length", "half-length", "too-short", "version-2", "lower-case"],
)
def test_what_has_no_head_of_hep_3_is_no_hep(data: bytes):
    assert not is_hep(data)
