"""RTCP about streams."""

import pytest

from sipscope.media import StreamTracker
from sipscope.media.reports import round_trip_units
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import Packet
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND
from tests.media.datagrams import HOP, SIGNALLED, columns, voice

SENT = Hop(
    Endpoint(HOP.source.address, HOP.source.port + 1), Endpoint(HOP.destination.address, HOP.destination.port + 1)
)
SSRC = (0x1234).to_bytes(4)
OTHER = (0x9999).to_bytes(4)
NTP = 0xB44DB705_20000000


def sender_report() -> bytes:
    return bytes([0x80, 200]) + (6).to_bytes(2) + SSRC + NTP.to_bytes(8) + bytes(12)


def receiver_report(last: int = 0xB7052000, delay: int = 0x00054000) -> bytes:
    block = (
        SSRC
        + bytes([64])
        + (3).to_bytes(3)
        + (105).to_bytes(4)
        + (16).to_bytes(4)
        + last.to_bytes(4)
        + delay.to_bytes(4)
    )
    return bytes([0x81, 201]) + (7).to_bytes(2) + OTHER + block


def description() -> bytes:
    return bytes([0x81, 202]) + (4).to_bytes(2) + SSRC + bytes([1, 9]) + b"me@a.test" + bytes(1)


def goodbye() -> bytes:
    return bytes([0x81, 203]) + (1).to_bytes(2) + SSRC


def stream(*packets: tuple[int, Hop, bytes]) -> RtpStream:
    tracker = StreamTracker()
    tracker.add(columns(voice(20)), SIGNALLED)
    for number, (at, hop, payload) in enumerate(packets, 100):
        tracker.add_rtcp(Packet(at=at, frames=(number,), hop=hop, payload=payload))
    (found,), _ = tracker.finish()
    return found


def test_round_trip_example_of_rfc_3550():
    assert round_trip_units(0xB7108000, 0xB7052000, 0x00054000) == 0x00062000


def test_round_trip_starts_when_the_sender_report_passed_the_tap():
    found = stream((SECOND, SENT, sender_report()), (1 * SECOND + 11_375_000_000, SENT.reversed(), receiver_report()))
    (report,) = found.rtcp.receiver_reports
    assert report.round_trip == 11_375_000_000 - 5_250_000_000


def test_round_trip_is_unknown_without_the_sender_report():
    (report,) = stream((SECOND, SENT.reversed(), receiver_report())).rtcp.receiver_reports
    assert report.round_trip is None


def test_report_block_is_about_the_stream_of_the_other_direction():
    (report,) = stream((SECOND, SENT.reversed(), receiver_report())).rtcp.receiver_reports
    assert (report.reporter_ssrc, report.fraction_lost, report.cumulative_lost, report.jitter_rtp_units) == (
        0x9999,
        pytest.approx(0.25),
        3,
        16,
    )


def test_name_and_goodbye_of_the_sender():
    found = stream((SECOND, SENT, sender_report() + description()), (2 * SECOND, SENT, goodbye()))
    assert (found.rtcp.sender_reports, found.rtcp.cname, found.rtcp.bye_at) == (1, "me@a.test", 2 * SECOND)


def test_reports_on_the_media_port_count_too():
    assert stream((SECOND, HOP, sender_report())).rtcp.sender_reports == 1


def test_reports_between_far_ports_belong_to_another_stream():
    far = Hop(Endpoint(HOP.source.address, 9001), Endpoint(HOP.destination.address, 9003))
    assert stream((SECOND, far, sender_report())).rtcp.sender_reports == 0


def test_datagram_captured_twice_counts_once():
    found = stream((SECOND, SENT, sender_report()), (SECOND + 100_000, SENT, sender_report()))
    assert found.rtcp.sender_reports == 1


def test_bytes_that_are_no_rtcp_are_counted():
    tracker = StreamTracker()
    tracker.add_rtcp(Packet(at=0, frames=(1,), hop=SENT, payload=b"\x80\xc8\xff\xff" + bytes(20)))
    _, facts = tracker.finish()
    assert (facts.rtcp_packets, facts.unconfirmed) == (0, {"no-rtcp-header": 1})


def test_reports_on_streams_that_are_not_there_are_counted():
    tracker = StreamTracker()
    for number, hop in enumerate((SENT, SENT.reversed()), 100):
        tracker.add_rtcp(Packet(at=number * SECOND, frames=(number,), hop=hop, payload=receiver_report()))
    assert tracker.finish()[1].reports_without_stream == 2


def test_reports_on_a_stream_that_is_there_are_not_among_them():
    tracker = StreamTracker()
    tracker.add(columns(voice(20)), SIGNALLED)
    tracker.add_rtcp(Packet(at=SECOND, frames=(100,), hop=SENT.reversed(), payload=receiver_report()))
    assert tracker.finish()[1].reports_without_stream == 0
