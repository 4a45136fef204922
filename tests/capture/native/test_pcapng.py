import struct

import pytest

from sipscope.errors import UnreadableInput
from sipscope.model.packets import GapKind
from tests.capture.builders import (
    OPTIONS,
    START,
    block,
    enhanced,
    ethernet,
    interface,
    ipv4,
    obsolete,
    option,
    pcapng,
    section,
    simple,
    udp,
)

IP = ipv4(udp(OPTIONS))
SIP = ethernet(IP)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(reading, order):
    content = reading(pcapng([SIP, SIP], order=order))
    assert [packet.at for packet in content.packets] == [START, START + 20_000_000]


@pytest.mark.parametrize("order", ["<", ">"])
def test_obsolete_packet_blocks_are_read(reading, order):
    data = section(order) + interface(101, order=order) + interface(order=order) + obsolete(SIP, number=1, order=order)
    content = reading(data)
    assert [(packet.at, packet.payload) for packet in content.packets] == [(START, OPTIONS)]


def test_simple_packet_takes_the_time_before_it(reading):
    data = section() + interface() + enhanced(SIP) + simple(SIP)
    content = reading(data)
    assert [packet.at for packet in content.packets] == [START, START]
    assert "no time" in content.facts.notes[0]


def test_simple_packet_is_cut_by_the_snap_length_of_its_interface(reading):
    data = section() + interface(snap_length=60) + block(3, struct.pack("<I", len(SIP)) + SIP[:60])
    packet = reading(data).packets[0]
    assert packet.truncated
    assert packet.payload == OPTIONS[:18]


def test_sections_have_their_own_order_and_interfaces(reading):
    data = pcapng([SIP]) + section(">") + interface(101, order=">") + enhanced(IP, order=">")
    content = reading(data)
    assert [packet.frames for packet in content.packets] == [(1,), (2,)]
    assert content.facts.link_types == ("ethernet", "raw-ip")


def test_each_interface_has_its_link_type(reading):
    data = section() + interface(1) + interface(101) + enhanced(IP, number=1) + enhanced(SIP, number=0)
    assert len(reading(data).packets) == 2


@pytest.mark.parametrize(
    ("resolution", "ticks"),
    [
        (6, START // 1000),
        (9, START),
        (3, START // 10**6),
        (0, START // 10**9),
        (12, START * 1000 % 2**64),
        (0x80 | 10, (START // 10**9) << 10),
        (0x80 | 32, (START // 10**9) << 32),
    ],
)
def test_resolution_of_an_interface_counts(reading, resolution, ticks):
    at = (ticks // 1000) if resolution == 12 else START
    data = section() + interface(options=option(9, bytes([resolution]))) + enhanced(SIP, ticks)
    assert reading(data).packets[0].at == at


def test_offset_of_an_interface_is_added(reading):
    data = section() + interface(options=option(14, struct.pack("<q", -5))) + enhanced(SIP)
    assert reading(data).packets[0].at == START - 5 * 10**9


def test_impossible_times_are_held_at_a_limit(reading):
    data = section() + interface(options=option(9, b"\0")) + enhanced(SIP, 2**64 - 1)
    assert 0 < reading(data).packets[0].at < 2**63


def test_unknown_blocks_are_passed_over(reading):
    data = section() + interface() + block(0x0BAD, b"abc") + enhanced(SIP) + block(5, bytes(12)) + enhanced(SIP)
    assert reading(data).facts.frames == 2


def test_frames_are_numbered_by_packet_blocks_alone(reading):
    data = section() + interface() + block(4, bytes(8)) + enhanced(SIP) + block(4, bytes(8)) + enhanced(SIP)
    assert [packet.frames for packet in reading(data).packets] == [(1,), (2,)]


def test_drops_of_an_interface_are_a_gap(reading):
    statistics = struct.pack("<III", 0, 0, 0) + option(5, struct.pack("<Q", 3)) + option(7, struct.pack("<Q", 4))
    gaps = reading(section() + interface() + enhanced(SIP) + block(5, statistics)).facts.gaps
    assert [gap.kind for gap in gaps] == [GapKind.DROPPED_BY_CAPTURE]
    assert "dropped 7 packets" in gaps[0].text


def test_packet_of_an_unknown_interface_is_set_aside(reading):
    content = reading(section() + interface() + enhanced(SIP, number=5))
    assert content.facts.set_aside == {"link-type-other": 1}


def test_damaged_block_is_a_gap_and_ends_the_reading(reading):
    content = reading(pcapng([SIP]) + struct.pack("<II", 6, 3) + bytes(100))
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.UNREADABLE_BLOCK]
    assert content.facts.frames == 1


def test_cut_block_is_a_gap(reading):
    content = reading(pcapng([SIP, SIP])[:-1])
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.TRUNCATED_FILE]


def test_section_without_byte_order_is_unreadable(reading):
    with pytest.raises(UnreadableInput, match="byte-order magic"):
        reading(struct.pack("<III", 0x0A0D0D0A, 28, 0) + bytes(16))
