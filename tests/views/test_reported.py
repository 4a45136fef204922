"""Streams that only the reports of capture agents tell of."""

import json
from pathlib import Path

import pytest

from sipscope.model.trace import Trace
from sipscope.pipeline import reconstruct
from sipscope.views.report import report_of
from sipscope.views.reported import reported_table
from sipscope.views.summary import summary_of
from tests.capture.builders import ethernet, ipv4, pcap, rtp, udp
from tests.capture.hep import chunk, hep3

CALL_ID = "a84b4c76e66710"
INVITE = (
    b"INVITE sip:bob@198.51.100.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKa\r\n"
    b"From: <sip:alice@198.51.100.1>;tag=1\r\nTo: <sip:bob@198.51.100.2>\r\nCall-ID: " + CALL_ID.encode() + b"\r\n"
    b"CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:alice@198.51.100.1>\r\nContent-Length: 0\r\n\r\n"
)


def report(lost: int, fraction: int, jitter: int) -> bytes:
    """What 198.51.100.1 reports on the stream 0x7 that it gets, as heplify writes it."""
    block = {"source_ssrc": 7, "fraction_lost": fraction, "packets_lost": lost, "highest_seq_no": 900}
    block |= {"ia_jitter": jitter, "lsr": 0, "dlsr": 0}
    told = {"type": 201, "ssrc": 9, "report_count": 1, "report_blocks": [block]}
    return hep3(json.dumps(told).encode(), kind=5, ports=(4001, 4003), extra=chunk(17, CALL_ID.encode()))


def traced(folder: Path, *payloads: bytes) -> Trace:
    path = folder / "hep.pcap"
    path.write_bytes(pcap([ethernet(ipv4(udp(payload, 9060, 9060))) for payload in payloads]))
    return reconstruct(str(path))


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return traced(tmp_path, hep3(INVITE), report(3, 64, 80), report(5, 0, 160))


def test_a_stream_without_packets_is_known_by_its_reports(trace: Trace):
    assert trace.streams == ()
    (stream,) = trace.media.reported
    assert (stream.ssrc, str(stream.hop.source), str(stream.hop.destination)) == (
        7,
        "198.51.100.2:4003",
        "198.51.100.1:4001",
    )
    assert [item.cumulative_lost for item in stream.rtcp.receiver_reports] == [3, 5]


def test_its_table_says_that_nothing_was_measured(trace: Trace):
    table = reported_table(trace)
    assert "not measured" in table.title
    assert [cell.text for cell in table.rows[0]] == [
        *("0x00000007", "1", "198.51.100.2:4003", "198.51.100.1:4001", "2", "5", "25.0", "160", "", ""),
    ]
    assert table in summary_of(trace).tables
    assert summary_of(trace).media is None


def test_the_report_has_it_apart_from_measured_streams(trace: Trace):
    told = report_of(trace, version="1")
    assert told["streams"] == []
    (stream,) = told["reported_streams"]
    assert (stream["ssrc"], stream["call"], stream["correlation_id"]) == ("0x00000007", 1, CALL_ID)
    assert (stream["jitter_rtp_units_max"], stream["rtcp"]["cumulative_lost"]) == (160, 5)


def test_a_stream_that_was_captured_is_not_told_twice(tmp_path: Path):
    frames = [
        ethernet(ipv4(udp(rtp(number), 4002, 4000), source="198.51.100.2", destination="198.51.100.1"))
        for number in range(60)
    ]
    path = tmp_path / "both.pcap"
    path.write_bytes(pcap([*frames, ethernet(ipv4(udp(report(3, 64, 80), 9060, 9060)))]))
    trace = reconstruct(str(path))
    assert len(trace.streams) == 1
    assert trace.media.reported == ()
    assert "reported_streams" not in report_of(trace, version="1")


def test_without_reports_there_is_no_table(tmp_path: Path):
    trace = traced(tmp_path, hep3(INVITE))
    assert not reported_table(trace).rows
    assert all("measured" not in table.title for table in summary_of(trace).tables)


A, B = "192.0.2.1", "192.0.2.2"


def session(address: str, *formats: str) -> bytes:
    listed = "".join(f"a=rtpmap:{number} {name}\r\n" for number, name in enumerate(formats, 96))
    numbers = " ".join(str(96 + number) for number in range(len(formats)))
    return (
        f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        f"m=audio 4000 RTP/AVP {numbers}\r\n{listed}"
    ).encode()


def call_with_reports(folder: Path, *formats: str) -> Trace:
    """A call whose capture has RTCP and no RTP: B reports on what A sends it."""

    def signalling(start: bytes, body: bytes, *, to_tag: bytes = b"", back: bool = False) -> bytes:
        head = (
            b"\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\n"
            b"To: <sip:b@192.0.2.2>" + to_tag + b"\r\nCall-ID: " + CALL_ID.encode() + b"\r\nCSeq: 1 INVITE\r\n"
            b"Max-Forwards: 70\r\nContact: <sip:x@192.0.2.9>\r\nContent-Type: application/sdp\r\n"
        )
        ends = {"source": B, "destination": A} if back else {}
        whole = start + head + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        return ethernet(ipv4(udp(whole), **ends))

    block = (7).to_bytes(4) + bytes([64]) + (3).to_bytes(3) + (900).to_bytes(4) + (160).to_bytes(4) + bytes(8)
    told = udp(b"\x81\xc9" + (7).to_bytes(2) + (9).to_bytes(4) + block, 4001, 4001)
    reports = [ethernet(ipv4(told, source=B, destination=A))] * 2
    path = folder / "call.pcap"
    frames = [
        signalling(b"INVITE sip:b@192.0.2.2 SIP/2.0", session(A, *formats)),
        signalling(b"SIP/2.0 200 OK", session(B, *formats), to_tag=b";tag=2", back=True),
    ]
    path.write_bytes(pcap([*frames, *reports]))
    return reconstruct(str(path))


def test_reports_on_the_wire_belong_to_the_call_that_asked_for_media_there(tmp_path: Path):
    trace = call_with_reports(tmp_path, "PCMA/8000", "telephone-event/8000")
    (stream,) = report_of(trace, version="1")["reported_streams"]
    assert (stream["source"], stream["destination"], stream["call"]) == ("192.0.2.1:4001", "192.0.2.2:4001", 1)
    assert (stream["jitter_rtp_units_max"], stream["rtcp"]["jitter_ms_max"]) == (160, 20.0)
    assert [cell.text for cell in reported_table(trace).rows[0]][7:9] == ["160", "20.0"]


def test_jitter_stays_in_rtp_units_where_the_clock_is_not_known(tmp_path: Path):
    trace = call_with_reports(tmp_path, "opus/48000/2", "PCMA/8000")
    (stream,) = report_of(trace, version="1")["reported_streams"]
    assert (stream["call"], stream["jitter_rtp_units_max"], stream["rtcp"]["jitter_ms_max"]) == (1, 160, None)
