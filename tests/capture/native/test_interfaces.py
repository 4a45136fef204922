import struct

import pytest

from sipscope.capture.native.ledger import COMMENTS_KEPT, GAPS_OF_A_KIND
from sipscope.model.packets import CaptureInterface, GapKind
from tests.capture.builders import (
    SIP,
    START,
    block,
    enhanced,
    interface,
    option,
    pcap,
    pcap_header,
    record,
    section,
    with_options,
)

DESCRIBED = (
    option(2, b"eth0")
    + option(3, b"uplink")
    + option(9, b"\x09")
    + option(11, b"\x00udp port 5060")
    + option(12, b"Linux 6.1")
    + option(15, b"Intel X540")
)


def statistics(number: int = 0, **counts: int) -> bytes:
    codes = {"received": 4, "dropped_by_interface": 5, "accepted": 6, "dropped_by_system": 7}
    options = b"".join(option(codes[name], struct.pack("<Q", count)) for name, count in counts.items())
    return block(5, struct.pack("<III", number, 0, 0) + options)


def test_interface_tells_what_its_description_says(reading):
    data = section() + interface(options=DESCRIBED, snap_length=512) + enhanced(SIP, START)
    assert reading(data).facts.interfaces == (
        CaptureInterface(
            number=0,
            link_type="ethernet",
            name="eth0",
            description="uplink",
            capture_filter="udp port 5060",
            operating_system="Linux 6.1",
            hardware="Intel X540",
            snap_length=512,
            ticks_per_second=10**9,
            frames=1,
        ),
    )


def test_compiled_filter_is_not_shown_as_text(reading):
    data = section() + interface(options=option(11, b"\x01" + bytes(8))) + enhanced(SIP)
    assert reading(data).facts.interfaces[0].capture_filter is None


def test_packets_are_counted_by_interface(reading):
    blocks = [enhanced(SIP, number=number) for number in (1, 0, 1, 1)]
    facts = reading(section() + interface() + interface(101) + b"".join(blocks)).facts
    assert [item.frames for item in facts.interfaces] == [1, 3]


def test_interfaces_of_each_section_are_counted_apart(reading):
    one = section() + interface(options=option(2, b"a")) + enhanced(SIP)
    other = section() + interface(options=option(2, b"b")) + enhanced(SIP) + enhanced(SIP)
    facts = reading(one + other).facts
    assert [(item.number, item.name, item.frames) for item in facts.interfaces] == [(0, "a", 1), (0, "b", 2)]


def test_last_statistics_of_an_interface_count(reading):
    first = statistics(received=10, accepted=5, dropped_by_interface=0, dropped_by_system=1)
    last = statistics(received=90, accepted=40, dropped_by_interface=2, dropped_by_system=3)
    account = reading(section() + interface() + enhanced(SIP) + first + last).facts.interfaces[0]
    assert (account.received, account.accepted) == (90, 40)
    assert (account.dropped_by_interface, account.dropped_by_system) == (2, 3)


def test_interface_without_statistics_has_no_counts(reading):
    account = reading(section() + interface() + enhanced(SIP)).facts.interfaces[0]
    assert (account.received, account.dropped_by_interface, account.dropped_by_system) == (None, None, None)


@pytest.mark.parametrize("body", [b"", bytes(8), bytes(12), struct.pack("<IIIHH", 7, 0, 0, 5, 400)])
def test_damaged_statistics_tell_nothing(reading, body):
    facts = reading(section() + interface() + block(5, body) + enhanced(SIP)).facts
    assert facts.interfaces[0].dropped_by_interface is None
    assert facts.gaps == ()


def test_packets_lost_before_a_packet_are_a_gap_at_its_time(reading):
    lost = with_options(SIP, option(4, struct.pack("<Q", 17)))
    gaps = reading(section() + interface() + enhanced(SIP) + lost).facts.gaps
    assert [(gap.kind, gap.frames, gap.at) for gap in gaps] == [(GapKind.DROPPED_BY_CAPTURE, (2,), START)]
    assert "17 packets" in gaps[0].text


def test_losses_that_are_not_told_one_by_one_keep_their_times(reading):
    lost = option(4, struct.pack("<Q", 1))
    seconds = range(GAPS_OF_A_KIND + 3)
    packets = (with_options(SIP, lost, START // 1000 + second * 1_000_000) for second in seconds)
    facts = reading(section() + interface() + b"".join(packets)).facts
    assert len(facts.gaps) == GAPS_OF_A_KIND + 1
    assert facts.more_losses_at == tuple(START + second * 10**9 for second in seconds[GAPS_OF_A_KIND:])


def test_drop_count_of_zero_is_no_gap(reading):
    assert reading(section() + interface() + with_options(SIP, option(4, bytes(8)))).facts.gaps == ()


def test_section_tells_who_wrote_it_and_its_comment(reading):
    head = option(2, b"x86") + option(3, b"Linux") + option(4, b"dumpcap") + option(1, b"before the upgrade")
    body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + head
    facts = reading(block(0x0A0D0D0A, body) + interface() + enhanced(SIP)).facts
    assert facts.written_by == ("x86", "Linux", "dumpcap")
    assert [(item.subject, item.text) for item in facts.comments] == [("section", "before the upgrade")]


def test_only_so_many_comments_are_kept_and_the_rest_is_counted(reading):
    packet = with_options(SIP, option(1, b"x"))
    facts = reading(section() + interface() + packet * (COMMENTS_KEPT + 2)).facts
    assert len(facts.comments) == COMMENTS_KEPT
    assert facts.notes == ("2 more comments of the file are not kept.",)


def test_pcap_file_is_one_interface(reading):
    account = reading(pcap([SIP, SIP], unit=1)).facts.interfaces
    assert account == (
        CaptureInterface(number=0, link_type="ethernet", snap_length=262144, ticks_per_second=10**9, frames=2),
    )


def test_packets_that_the_snap_length_cut_are_counted(reading):
    whole, cut = record(SIP), record(SIP[:60], original=len(SIP))
    assert reading(pcap_header() + whole + cut + cut).facts.cut_frames == 2
