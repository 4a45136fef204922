"""Figures compared with those of Wireshark's `rtp,streams` table."""

import shutil
import struct
import subprocess
from ipaddress import ip_address
from pathlib import Path
from random import Random

import pytest

from sipscope.capture import open_capture
from sipscope.media import StreamTracker
from sipscope.model.description import RtpFormat
from sipscope.model.network import Hop
from sipscope.model.stream import RtpStream
from tests.media.datagrams import Rtp, later, voice

pytestmark = pytest.mark.tshark

PLAIN = {
    "goffinet__sip_captures__private-test-sip-2.pcapng": {},
    "realjimmy__sample-captures__sip-rtp-g722.pcap": {},
    "realjimmy__sample-captures__sip-rtp-g729a.pcap": {},
    "realjimmy__sample-captures__sip-rtp-opus.pcap": {99: ("opus", 48000)},
    "realjimmy__sample-captures__rtp_example.raw.gz": {},
    "realjimmy__sample-captures__Asterisk_ZFONE_XLITE.pcap": {},
    "realjimmy__sample-captures__sip-tls-1.3-and-rtcp.zip__sip.pcap": {},
    "t0data__PCAP_wireshark__SIP_CALL_RTP_G711": {},
    "BelledonneCommunications__mediastreamer2__rtp-120late-1000total.pcapng": {},
}
"""Captures whose streams carry one payload type without comfort noise, and the dynamic types in them."""

MARKED_TALKSPURTS = {"t0data__PCAP_wireshark__SIP_CALL_RTP_G711"}
"""Wireshark leaves the pause before a marked packet out of its deltas; ours are all pauses."""


def ours(path: Path, types: dict[int, tuple[str, int]]) -> dict[tuple[str, int, str, int, int], RtpStream]:
    def format_of(_hop: Hop, payload_type: int, _at: int) -> RtpFormat | None:
        if payload_type not in types:
            return None
        encoding, clock = types[payload_type]
        return RtpFormat(payload_type=payload_type, encoding=encoding, clock_rate_hz=clock)

    tracker = StreamTracker()
    for chunk in open_capture(str(path)).chunks():
        if chunk.datagrams is not None:
            tracker.add(chunk.datagrams, format_of)
    streams, _ = tracker.finish()
    return {
        (
            stream.hop.source.address,
            stream.hop.source.port,
            stream.hop.destination.address,
            stream.hop.destination.port,
            stream.ssrc,
        ): stream
        for stream in streams
    }


def theirs(path: Path) -> dict[tuple[str, int, str, int, int], list[str]]:
    """Columns behind the payload name: packets, lost, share, delta (3), jitter (3)."""
    tshark = shutil.which("tshark")
    assert tshark is not None
    command = [tshark, "-r", str(path), "-o", "rtp.heuristic_rtp:TRUE", "-q", "-z", "rtp,streams"]
    table = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in table.splitlines():
        words = line.split()
        place = next((place for place, word in enumerate(words) if word.startswith("0x")), None)
        if place is not None:
            figures = words[place:] if words[-1] != "X" else words[place:-1]
            key = (words[2], int(words[3]), words[4], int(words[5]), int(words[6], 16))
            found[key] = figures[-9:]
    return found


@pytest.mark.parametrize("name", PLAIN)
def test_packets_loss_and_jitter_are_wiresharks(shared: Path, name: str):
    path = shared / "captures" / name
    mine, other = ours(path, PLAIN[name]), theirs(path)
    assert mine
    for key, stream in mine.items():
        packets, lost, _, _, _, delta, _, mean, longest = other[key]
        assert (stream.packets, stream.lost) == (int(packets), int(lost))
        if stream.clock_rate_hz is not None:
            assert stream.jitter_ms_mean == pytest.approx(float(mean), abs=0.01)
            assert stream.jitter_ms_max == pytest.approx(float(longest), abs=0.01)
        if name not in MARKED_TALKSPURTS:
            assert stream.delta_ms_max == pytest.approx(float(delta), abs=0.01)


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("SIPp__sipp__dtmf_2833_1.pcap", [("1", 3)]),
        ("asterisk__testsuite__dtmf_2833_1_noend.pcap", [("1", 0)]),
        ("realjimmy__sample-captures__SIP_DTMF2.cap", [(symbol, 1) for symbol in "6789123"]),
    ],
)
def test_digits_of_captures_without_description(shared: Path, name: str, digits: list[tuple[str, int]]):
    found = ours(shared / "captures" / name, {})
    assert [(digit.symbol, digit.end_packets) for stream in found.values() for digit in stream.digits] == digits


def record(packet: Rtp) -> bytes:
    """One packet as a record of a capture file with raw IPv4 frames."""
    datagram = packet.datagram()
    udp = packet.hop.source.port.to_bytes(2) + packet.hop.destination.port.to_bytes(2)
    udp += (8 + len(datagram)).to_bytes(2) + bytes(2) + datagram
    addresses = b"".join(ip_address(end.address).packed for end in (packet.hop.source, packet.hop.destination))
    ip = bytes([0x45, 0]) + (20 + len(udp)).to_bytes(2) + bytes([0, 1, 0, 0, 64, 17, 0, 0]) + addresses
    frame = ip + udp
    microseconds = round(packet.ms * 1000)
    return struct.pack("<IIII", 1000 + microseconds // 10**6, microseconds % 10**6, len(frame), len(frame)) + frame


@pytest.mark.parametrize("seed", range(4))
def test_generated_streams_with_loss_and_late_packets(tmp_path: Path, seed: int):
    random = Random(seed)
    packets = [
        later(packet, packet.ms + random.random() * (30 if number % 37 == 5 else 6))
        for start in (65000, 3, 30000)
        for number, packet in enumerate(voice(900, first=start, ssrc=start, timestamp=random.getrandbits(32)))
        if number in {0, 899} or random.random() > 0.03
    ]
    packets.sort(key=lambda packet: packet.ms)
    path = tmp_path / "generated.pcap"
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    path.write_bytes(header + b"".join(record(packet) for packet in packets))
    mine, other = ours(path, {}), theirs(path)
    assert len(mine) == 3
    for key, stream in mine.items():
        count, lost, _, _, mean_delta, delta, _, mean, longest = other[key]
        assert (stream.packets, stream.lost) == (int(count), int(lost))
        found = (stream.delta_ms_mean, stream.delta_ms_max, stream.jitter_ms_mean, stream.jitter_ms_max)
        assert found == pytest.approx([float(text) for text in (mean_delta, delta, mean, longest)], abs=0.01)
