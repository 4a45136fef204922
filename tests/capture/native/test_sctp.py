"""SIP over SCTP, seen from outside: packets in a capture, messages out."""

import struct

import pytest

from tests.capture.builders import OPTIONS, RINGING, ethernet, ipv4, pcap
from tests.capture.sctp import FIRST, LAST, WHOLE, chunk, packet


def messages(content) -> list[tuple[bytes, tuple[int, ...]]]:
    return [(each.payload, each.frames) for each in content.packets]


def test_several_chunks_in_a_packet_are_messages_of_their_own(reading):
    content = reading(pcap([packet(chunk(OPTIONS, 1), chunk(RINGING, 2))]))
    assert messages(content) == [(OPTIONS, (1,)), (RINGING, (1,))]


def test_fragments_are_joined(reading):
    parts = (chunk(OPTIONS[:30], 1, FIRST), chunk(OPTIONS[30:50], 2, 0), chunk(OPTIONS[50:], 3, LAST))
    content = reading(pcap([packet(part) for part in parts]))
    assert messages(content) == [(OPTIONS, (1, 2, 3))]


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_fragments_are_joined_in_any_order(reading, order):
    parts = (chunk(OPTIONS[:30], 1, FIRST), chunk(OPTIONS[30:50], 2, 0), chunk(OPTIONS[50:], 3, LAST))
    assert messages(reading(pcap([packet(parts[place]) for place in order]))) == [(OPTIONS, (1, 2, 3))]


def test_a_fragment_and_a_message_may_share_a_packet(reading):
    frames = [packet(chunk(OPTIONS[:30], 1, FIRST)), packet(chunk(OPTIONS[30:], 2, LAST), chunk(RINGING, 3))]
    assert messages(reading(pcap(frames))) == [(OPTIONS, (1, 2)), (RINGING, (2,))]


def test_sequence_numbers_run_round(reading):
    frames = [packet(chunk(OPTIONS[:30], 0xFFFFFFFF, FIRST)), packet(chunk(OPTIONS[30:], 0, LAST))]
    assert messages(reading(pcap(frames))) == [(OPTIONS, (1, 2))]


def test_a_chunk_sent_again_is_told_once(reading):
    content = reading(pcap([packet(chunk(OPTIONS, 1)), packet(chunk(OPTIONS, 1))]))
    assert messages(content) == [(OPTIONS, (1,))]
    assert content.facts.set_aside == {"sctp-retransmission": 1}


def test_a_chunk_sent_again_next_to_another_one_is_told_once(reading):
    content = reading(pcap([packet(chunk(OPTIONS, 1)), packet(chunk(OPTIONS, 1), chunk(RINGING, 2))]))
    assert messages(content) == [(OPTIONS, (1,)), (RINGING, (2,))]
    assert content.facts.set_aside == {}


def test_a_message_sent_again_by_its_user_is_told_again(reading):
    content = reading(pcap([packet(chunk(OPTIONS, 1)), packet(chunk(OPTIONS, 2))]))
    assert len(content.packets) == 2


def test_the_same_number_on_other_ports_is_another_chunk(reading):
    content = reading(pcap([packet(chunk(OPTIONS, 1)), packet(chunk(OPTIONS, 1), ports=(5060, 5070))]))
    assert len(content.packets) == 2


def test_a_message_that_lacks_a_fragment_is_set_aside(reading):
    content = reading(pcap([packet(chunk(OPTIONS[:30], 1, FIRST)), packet(chunk(OPTIONS[50:], 3, LAST))]))
    assert (content.packets, content.facts.set_aside) == ([], {"sctp-incomplete": 2})


@pytest.mark.parametrize(
    "chunks",
    [
        (chunk(b"not of SIP at all", 1, WHOLE),),
        (struct.pack(">BBHIIHHI", 1, 0, 20, 7, 65536, 10, 10, 1),),
        (struct.pack(">BBH", 0, 3, 2),),
    ],
    ids=["other-data", "init", "no-length"],
)
def test_packets_without_sip_are_set_aside(reading, chunks):
    assert reading(pcap([packet(*chunks)])).facts.set_aside == {"sctp-other": 1}


def test_a_packet_cut_in_its_header_is_set_aside(reading):
    assert reading(pcap([ethernet(ipv4(b"\x13\xc4", protocol=132))])).facts.set_aside == {"sctp-other": 1}
