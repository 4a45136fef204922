import json
import struct

import pytest

from sipscope.capture.native.hep_reports import is_same_report, rtcp_of
from sipscope.pipeline import reconstruct
from sipscope.rtp import ReceiverReport, SenderReport, SourceDescription, parse_rtcp
from tests.capture.builders import A4, B4, ethernet, ipv4, pcap, rtp, udp
from tests.capture.hep import carried, hep3

SENDER = {
    "ntp_timestamp_sec": 3953699806,
    "ntp_timestamp_usec": 2147483648,
    "rtp_timestamp": 3613598720,
    "packets": 35,
    "octets": 5600,
}
BLOCK = {
    "source_ssrc": 7,
    "fraction_lost": 64,
    "packets_lost": 12,
    "highest_seq_no": 3543,
    "ia_jitter": 80,
    "lsr": 1588494336,
    "dlsr": 65536,
}
REPORT = {"sender_information": SENDER, "ssrc": 9, "type": 200, "report_count": 1, "report_blocks": [BLOCK]}
WIRE = struct.pack(">BBHI", 0x81, 200, 12, 9) + struct.pack(
    ">11I", 3953699806, 1 << 31, 3613598720, 35, 5600, 7, 64 << 24 | 12, 3543, 80, 1588494336, 65536
)


def packets_of(report: object) -> tuple:
    return parse_rtcp(rtcp_of(json.dumps(report).encode()) or b"")[0]


def test_a_sender_report_becomes_the_bytes_it_was_read_from():
    assert rtcp_of(json.dumps(REPORT).encode()) == WIRE


def test_numbers_written_as_text_are_numbers():
    report = {**REPORT, "sender_information": {name: str(value) for name, value in SENDER.items()}}
    assert rtcp_of(json.dumps(report).encode()) == WIRE


def test_a_receiver_report_has_no_sender_information():
    (packet,) = packets_of({"ssrc": 9, "type": 201, "report_blocks": [BLOCK]})
    assert isinstance(packet, ReceiverReport)
    assert (packet.ssrc, packet.blocks[0].ssrc, packet.blocks[0].fraction_lost) == (9, 7, 0.25)


def test_a_sender_report_without_its_senders_part_tells_its_blocks():
    (packet,) = packets_of({**REPORT, "sender_information": {"packets": 35}})
    assert isinstance(packet, ReceiverReport)


def test_a_sender_report_may_have_no_blocks():
    (packet,) = packets_of({**REPORT, "report_blocks": []})
    assert isinstance(packet, SenderReport)
    assert (packet.packet_count, packet.blocks) == (35, ())


@pytest.mark.parametrize("lost", [-1, 0xFFFFFF], ids=["signed", "as-24-bits"])
def test_negative_losses_are_read_either_way(lost: int):
    (packet,) = packets_of({"ssrc": 9, "type": 201, "report_blocks": [{**BLOCK, "packets_lost": lost}]})
    assert packet.blocks[0].cumulative_lost == -1


def test_names_of_a_source_come_behind_the_report():
    items = [{"type": 1, "text": "alice@host"}, {"type": 0, "text": "x"}, {"type": 6}]
    packets = packets_of({**REPORT, "sdes_ssrc": 9, "sdes_information": items})
    assert isinstance(packets[1], SourceDescription)
    assert [(item.ssrc, item.kind, item.text) for item in packets[1].items] == [(9, 1, "alice@host")]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"[" * 100_000,
        b'{"type":200}',
        json.dumps({**REPORT, "ssrc": 1 << 32}).encode(),
        json.dumps({**REPORT, "ssrc": True}).encode(),
        json.dumps({**REPORT, "report_blocks": [{**BLOCK, "fraction_lost": 256}]}).encode(),
        json.dumps({**REPORT, "report_blocks": [{**BLOCK, "ia_jitter": None}]}).encode(),
        json.dumps({**REPORT, "report_blocks": [BLOCK] * 32}).encode(),
        json.dumps({**REPORT, "report_blocks": 3}).encode(),
        json.dumps({"ssrc": 9, "type": 201, "report_blocks": []}).encode(),
    ],
    ids=lambda payload: payload[:24].decode("latin-1"),
)
def test_what_lacks_a_field_of_rtcp_is_no_report(payload: bytes):
    assert rtcp_of(payload) is None


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (WIRE + b"\x81\xca\0\x01\0\0\0\x09", True),
        (WIRE[:8] + bytes(8) + WIRE[16:], True),
        (WIRE[:4] + b"\0\0\0\x0a" + WIRE[8:], False),
        (WIRE[:20] + bytes(4) + WIRE[24:], False),
        (b"\x81\xc9" + WIRE[2:], False),
    ],
    ids=["more-behind-it", "another-clock", "another-source", "other-counts", "another-type"],
)
def test_a_report_is_known_again(other: bytes, is_same: bool):
    assert is_same_report(WIRE, other) is is_same


def told() -> bytes:
    """A report of B about what it gets from A, as an agent tells it."""
    payload = json.dumps({"ssrc": 9, "type": 201, "report_blocks": [BLOCK]}).encode()
    return hep3(payload, kind=5, ends=(B4, A4), ports=(4003, 4001))


def media(count: int = 60) -> list[bytes]:
    return [ethernet(ipv4(udp(rtp(n), 4000, 4002))) for n in range(1, count + 1)]


def test_reports_in_json_are_figures_of_the_stream_they_name(tmp_path):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap([*media(), carried(told())]))
    trace = reconstruct(str(path))
    (stream,) = trace.streams
    (report,) = stream.rtcp.receiver_reports
    assert (report.fraction_lost, report.cumulative_lost, report.jitter_rtp_units) == (0.25, 12, 80)


def test_a_report_on_the_wire_and_in_json_counts_once(tmp_path):
    wire = struct.pack(">BBHI", 0x81, 201, 7, 9) + WIRE[28:]
    path = tmp_path / "capture.pcap"
    path.write_bytes(
        pcap([*media(), ethernet(ipv4(udp(wire, 4003, 4001), source=B4, destination=A4)), carried(told())])
    )
    trace = reconstruct(str(path))
    assert len(trace.streams[0].rtcp.receiver_reports) == 1
    assert trace.facts.set_aside["hep-copy"] == 1
