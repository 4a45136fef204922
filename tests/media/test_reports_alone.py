"""RTCP about streams of which the capture holds no RTP."""

from sipscope.media import StreamTracker
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import AgentRecord, Packet
from sipscope.model.stream import ReportedStream
from sipscope.model.time import SECOND
from tests.media.datagrams import HOP, SIGNALLED, Rtp, columns, voice

THERE = Hop(
    Endpoint(HOP.source.address, HOP.source.port + 1), Endpoint(HOP.destination.address, HOP.destination.port + 1)
)
BACK = THERE.reversed()
SENDER, RECEIVER = 0x1234, 0x9999
NTP = 0xB44DB705_20000000


def block(about: int, *, lost: int = 3, jitter: int = 16, last: int = 0, delay: int = 0) -> bytes:
    numbers = (105, jitter, last, delay)
    return about.to_bytes(4) + bytes([64]) + lost.to_bytes(3) + b"".join(number.to_bytes(4) for number in numbers)


def sends(ssrc: int, *blocks: bytes) -> bytes:
    body = ssrc.to_bytes(4) + NTP.to_bytes(8) + bytes(12) + b"".join(blocks)
    return bytes([0x80 | len(blocks), 200]) + (len(body) // 4).to_bytes(2) + body


def receives(ssrc: int, *blocks: bytes) -> bytes:
    body = ssrc.to_bytes(4) + b"".join(blocks)
    return bytes([0x80 | len(blocks), 201]) + (len(body) // 4).to_bytes(2) + body


def reported(
    *datagrams: tuple[Hop, bytes], rtp: list[Rtp] | None = None, agent: AgentRecord | None = None
) -> tuple[ReportedStream, ...]:
    """One datagram a second."""
    tracker = StreamTracker()
    if rtp:
        tracker.add(columns(rtp), SIGNALLED)
    for number, (hop, payload) in enumerate(datagrams, 1):
        tracker.add_rtcp(Packet(at=number * SECOND, frames=(number,), hop=hop, payload=payload, agent=agent))
    return tracker.finish()[1].reported


def test_stream_whose_sender_says_that_it_sends_is_told_with_its_first_report():
    (stream,) = reported((THERE, sends(SENDER)), (BACK, receives(RECEIVER, block(SENDER))))
    assert (stream.ssrc, stream.hop, stream.rtcp.sender_reports, stream.correlation_id) == (SENDER, THERE, 1, None)
    (report,) = stream.rtcp.receiver_reports
    assert (report.fraction_lost, report.cumulative_lost, report.jitter_rtp_units) == (0.25, 3, 16)
    assert report.round_trip is None


def test_round_trip_needs_the_sender_report_that_the_receiver_names():
    named = block(SENDER, last=(NTP >> 16) & 0xFFFFFFFF, delay=0x8000)
    (stream,) = reported((THERE, sends(SENDER)), (BACK, receives(RECEIVER, named)))
    assert [report.round_trip for report in stream.rtcp.receiver_reports] == [SECOND // 2]
    (stream,) = reported((BACK, receives(RECEIVER, named)), (BACK, receives(RECEIVER, named)))
    assert [report.round_trip for report in stream.rtcp.receiver_reports] == [None, None]


def test_both_directions_are_told():
    both = reported((THERE, sends(SENDER, block(RECEIVER))), (BACK, sends(RECEIVER, block(SENDER))))
    assert [(stream.ssrc, stream.hop) for stream in both] == [(RECEIVER, BACK), (SENDER, THERE)]


def test_sender_that_is_not_heard_is_believed_when_it_is_reported_on_again():
    once = (BACK, receives(RECEIVER, block(SENDER)))
    assert reported(once) == ()
    (stream,) = reported(once, once)
    assert stream.hop == THERE


def test_source_that_only_receives_has_no_stream():
    """FreeSWITCH goes on reporting on a party that never sent, with a highest sequence number of zero."""
    silent, told = (BACK, receives(RECEIVER)), (THERE, sends(SENDER, block(RECEIVER)))
    assert reported(silent, told, silent, told) == ()


def test_encrypted_blocks_are_about_nobody():
    """SRTCP leaves the header and the sender's SSRC in clear; what follows is chance, another one each time."""
    chance = (0x51D3_A0B1, 0x0C77_19E2, 0xF20D_6634)
    datagrams = [(BACK, sends(RECEIVER, block(ssrc))) for ssrc in chance]
    assert reported((THERE, sends(SENDER)), *datagrams) == ()


def test_blocks_on_nobody_and_on_the_reporter_are_filling():
    filled = (BACK, receives(RECEIVER, block(0), block(RECEIVER)))
    assert reported(filled, filled, filled) == ()


def test_stream_that_was_captured_is_never_told_again():
    reports = [(THERE, sends(SENDER)), (BACK, receives(RECEIVER, block(SENDER)))]
    assert reported(*reports, rtp=voice(20, ssrc=SENDER)) == ()


def test_stream_that_was_captured_on_another_hop_is_not_told_again():
    elsewhere = Hop(Endpoint("198.51.100.7", 7000), HOP.source)
    reports = [(THERE, sends(SENDER)), (BACK, receives(RECEIVER, block(SENDER)))]
    assert reported(*reports, rtp=voice(20, ssrc=SENDER, hop=elsewhere)) == ()


def test_stream_too_short_to_be_told_is_no_stream_without_packets():
    reports = [(THERE, sends(SENDER)), (BACK, receives(RECEIVER, block(SENDER)))]
    assert reported(*reports, rtp=voice(2, ssrc=SENDER, payload_type=77)) == ()


def test_stream_is_not_told_again_where_its_reports_go_between_far_ports():
    far = Hop(Endpoint(HOP.source.address, 9001), Endpoint(HOP.destination.address, 9003))
    reports = [(far, sends(SENDER)), (far.reversed(), receives(RECEIVER, block(SENDER)))]
    assert reported(*reports, rtp=voice(20, ssrc=SENDER)) == ()
    assert reported(*reports, rtp=voice(20, ssrc=SENDER), agent=AgentRecord()) == ()


def test_agent_is_believed_at_once():
    (stream,) = reported((BACK, receives(RECEIVER, block(SENDER))), agent=AgentRecord(correlation_id="a@b"))
    assert (stream.hop, stream.correlation_id) == (THERE, "a@b")
