import struct

import pytest

from sipscope.errors import UnreadableInput
from sipscope.model.packets import GapKind
from tests.capture.builders import OPTIONS, START, ethernet, ipv4, pcap, pcap_header, record, rtp, udp

SIP = ethernet(ipv4(udp(OPTIONS)))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("unit", [1000, 1])
def test_both_byte_orders_and_units_give_the_same_time(reading, order, unit):
    at = START + 123_456_000
    content = reading(pcap_header(order=order, unit=unit) + record(SIP, at, order=order, unit=unit))
    assert [packet.at for packet in content.packets] == [at]


def test_nanoseconds_are_kept(reading):
    content = reading(pcap_header(unit=1) + record(SIP, START + 7, unit=1))
    assert content.packets[0].at == START + 7


def test_upper_half_of_the_link_type_field_is_ignored(reading):
    assert len(reading(pcap_header(0x1000_0001) + record(SIP)).packets) == 1


def test_file_without_packets_is_a_capture(reading):
    facts = reading(pcap_header()).facts
    assert (facts.frames, facts.first_packet_at, facts.gaps) == (0, None, ())


def test_half_a_file_header_is_unreadable(reading):
    with pytest.raises(UnreadableInput, match="inside its pcap file header"):
        reading(pcap_header()[:20])


def test_cut_record_is_a_gap_and_the_rest_is_there(reading):
    content = reading(pcap([SIP, SIP])[:-3])
    assert [packet.frames for packet in content.packets] == [(1,)]
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.TRUNCATED_FILE]


def test_impossible_length_is_a_gap_and_ends_the_reading(reading):
    data = pcap([SIP]) + struct.pack("<IIII", 1, 1, 0xFFFFFFF0, 60) + bytes(1000)
    content = reading(data)
    assert len(content.packets) == 1
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.UNREADABLE_BLOCK]


def test_snap_length_marks_the_packet_and_is_told_once(reading):
    whole = ethernet(ipv4(udp(OPTIONS)))
    data = pcap_header() + 2 * record(whole[:-10], original=len(whole))
    content = reading(data)
    assert [packet.truncated for packet in content.packets] == [True, True]
    assert [(gap.kind, gap.frames) for gap in content.facts.gaps] == [(GapKind.SNAP_LENGTH, (1, 2))]


def test_records_longer_than_their_packet_are_read_and_noted(reading):
    content = reading(pcap_header() + record(SIP + bytes(16), original=len(SIP)))
    assert content.packets[0].payload == OPTIONS
    assert "1 records hold more bytes" in content.facts.notes[0]


def test_ethernet_padding_is_trimmed(reading):
    content = reading(pcap([ethernet(ipv4(udp(rtp(payload=b"\x01")))) + b"\xff" * 30]))
    assert content.rows[0][-1] == rtp(payload=b"\x01").ljust(32, b"\0")


@pytest.mark.parametrize("step", [-2 * 10**9, 2 * 3600 * 10**9])
def test_step_of_the_clock_is_a_gap(reading, step):
    data = pcap_header() + record(SIP, START) + record(SIP, START + step)
    gaps = reading(data).facts.gaps
    assert [(gap.kind, gap.frames) for gap in gaps] == [(GapKind.CLOCK_STEP, (1, 2))]


def test_small_disorder_of_time_is_no_gap(reading):
    data = pcap_header() + record(SIP, START) + record(SIP, START - 10**8)
    assert reading(data).facts.gaps == ()


def test_many_clock_steps_are_summarised(reading):
    data = pcap_header() + b"".join(record(SIP, START + n % 2 * 10**13) for n in range(200))
    gaps = reading(data).facts.gaps
    assert len(gaps) == 51
    assert "149 more" in gaps[-1].text


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("window", [64, 100, 1 << 20])
def test_files_put_one_behind_the_other_are_read_as_one(reading, order: str, window: int):
    frame = ethernet(ipv4(udp(OPTIONS)))
    one, other = pcap([frame] * 3, order=order), pcap([frame[14:]] * 2, link=101, order=order)
    read = reading(one + other + other, window_bytes=window)
    assert [packet.frames for packet in read.packets] == [(number,) for number in range(1, 8)]
    assert read.facts.link_types == ("ethernet", "raw-ip")
    assert read.facts.gaps == ()
    assert read.facts.notes == (
        "Another pcap file stands in this one behind frame 3, and is read as part of it.",
        "Another pcap file stands in this one behind frame 5, and is read as part of it.",
    )


def test_a_file_behind_an_empty_one_is_read(reading):
    read = reading(pcap([]) + pcap([ethernet(ipv4(udp(OPTIONS)))]))
    assert len(read.packets) == 1
    assert read.facts.notes == (
        "Another pcap file stands in this one before its first frame, and is read as part of it.",
    )


def test_a_header_that_the_end_of_the_file_cuts_is_told(reading):
    read = reading(pcap([ethernet(ipv4(udp(OPTIONS)))]) + pcap([])[:20])
    assert len(read.packets) == 1
    assert [gap.kind for gap in read.facts.gaps] == [GapKind.TRUNCATED_FILE]


def test_an_empty_frame_is_no_header(reading):
    frame = ethernet(ipv4(udp(OPTIONS)))
    read = reading(pcap([frame, b"", frame]))
    assert len(read.packets) == 2
    assert read.facts.notes == ()
