"""Writes a large capture of calls with media: SIP sets each call up and ends it, and RTP flows both ways.

By default 100 calls of 200 s, 200 streams and two million RTP packets of G.711, 460 MB. The same arguments give the
same bytes. The packets come from numpy, so that writing takes seconds.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

CALLS = 100
PACKETS_A_STREAM = 10_000

_EPOCH_MICROSECONDS = 1_790_000_000_000_000
_TICK_MICROSECONDS = 20_000
_PAYLOAD_BYTES = 160
_FRAME = np.dtype(
    [
        ("macs", "u1", (12,)),
        ("ethertype", ">u2"),
        ("version", "u1"),
        ("service", "u1"),
        ("length", ">u2"),
        ("identification", ">u2"),
        ("fragment", ">u2"),
        ("hops_left", "u1"),
        ("protocol", "u1"),
        ("header_checksum", ">u2"),
        ("source", ">u4"),
        ("destination", ">u4"),
        ("source_port", ">u2"),
        ("destination_port", ">u2"),
        ("udp_length", ">u2"),
        ("udp_checksum", ">u2"),
        ("first", "u1"),
        ("payload_type", "u1"),
        ("sequence", ">u2"),
        ("timestamp", ">u4"),
        ("ssrc", ">u4"),
        ("payload", "u1", (_PAYLOAD_BYTES,)),
    ]
)
_PCAP_RECORD = np.dtype(
    [("seconds", "<u4"), ("fraction", "<u4"), ("captured", "<u4"), ("original", "<u4"), ("frame", _FRAME)]
)
_PADDING = -_FRAME.itemsize % 4
_PCAPNG_RECORD = np.dtype(
    [
        ("kind", "<u4"),
        ("total", "<u4"),
        ("interface", "<u4"),
        ("high", "<u4"),
        ("low", "<u4"),
        ("captured", "<u4"),
        ("original", "<u4"),
        ("frame", _FRAME),
        ("padding", "u1", (_PADDING,)),
        ("total_again", "<u4"),
    ]
)


def write_rtp_capture(
    path: Path, *, calls: int = CALLS, packets_a_stream: int = PACKETS_A_STREAM, pcapng: bool = False
) -> int:
    """Write the capture to `path`; how many frames it has.

    Every call sends `packets_a_stream` packets each way, 20 ms apart with up to 5 ms of jitter; one in 400 is lost.
    """
    rng = np.random.default_rng(5060)
    frames = 0
    with path.open("wb") as file:
        file.write(_pcapng_header() if pcapng else struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        frames += _write_messages(file, _setup(calls), pcapng=pcapng)
        begin = _EPOCH_MICROSECONDS + 4 * calls * 1000
        for tick in range(packets_a_stream):
            records = _records(_tick(rng, calls, tick), begin + tick * _TICK_MICROSECONDS, rng, pcapng=pcapng)
            file.write(records.tobytes())
            frames += len(records)
        frames += _write_messages(file, _teardown(calls, begin + packets_a_stream * _TICK_MICROSECONDS), pcapng=pcapng)
    return frames


def _tick(rng: np.random.Generator, calls: int, tick: int) -> np.ndarray:
    """The frames of all streams for one packet time, without those that are lost."""
    streams = np.arange(2 * calls)
    streams = streams[rng.random(2 * calls) >= 1 / 400]
    call, is_answer = streams // 2, streams % 2
    caller, callee = 0x0A000000 + 1 + call, 0x0A010000 + 1 + call
    frames = np.zeros(len(streams), dtype=_FRAME)
    frames["ethertype"] = 0x0800
    frames["version"], frames["service"] = 0x45, 0xB8
    frames["length"] = _FRAME.itemsize - 14
    frames["identification"] = tick
    frames["hops_left"], frames["protocol"] = 64, 17
    frames["source"] = np.where(is_answer, callee, caller)
    frames["destination"] = np.where(is_answer, caller, callee)
    frames["source_port"] = np.where(is_answer, 30000, 20000)
    frames["destination_port"] = np.where(is_answer, 20000, 30000)
    frames["udp_length"] = _FRAME.itemsize - 34
    frames["first"] = 0x80
    frames["payload_type"] = 0x80 if tick == 0 else 0
    frames["sequence"] = (tick + streams * 7) & 0xFFFF
    frames["timestamp"] = tick * _PAYLOAD_BYTES + streams * 1000
    frames["ssrc"] = 0x10000000 + streams * 13
    frames["payload"] = 0xD5
    return frames


def _records(frames: np.ndarray, begin: int, rng: np.random.Generator, *, pcapng: bool) -> np.ndarray:
    """Records for frames of one packet time, in the order they arrive."""
    at = np.sort(begin + rng.integers(0, 5000, len(frames)))
    records = np.zeros(len(frames), dtype=_PCAPNG_RECORD if pcapng else _PCAP_RECORD)
    records["frame"] = frames[rng.permutation(len(frames))]
    records["captured"] = records["original"] = _FRAME.itemsize
    if pcapng:
        records["kind"] = 6
        records["total"] = records["total_again"] = _PCAPNG_RECORD.itemsize
        records["high"], records["low"] = at >> 32, at & 0xFFFFFFFF
    else:
        records["seconds"], records["fraction"] = at // 1_000_000, at % 1_000_000
    return records


def _setup(calls: int) -> Iterator[tuple[int, bytes]]:
    """INVITE, 180, 200 and ACK of every call, a millisecond apart."""
    at = _EPOCH_MICROSECONDS
    for call in range(calls):
        offer, answer = _description(call, 0, 20000), _description(call, 1, 30000)
        for start, from_caller, body in (
            (f"INVITE sip:{call}@example.net SIP/2.0", True, offer),
            ("SIP/2.0 180 Ringing", False, ""),
            ("SIP/2.0 200 OK", False, answer),
            (f"ACK sip:{call}@10.1.{(call + 1) >> 8}.{(call + 1) & 255} SIP/2.0", True, ""),
        ):
            at += 1000
            yield at, _message(call, start, "1 ACK" if start.startswith("ACK") else "1 INVITE", body, from_caller)


def _teardown(calls: int, at: int) -> Iterator[tuple[int, bytes]]:
    """BYE and its 200 of every call, a millisecond apart."""
    for call in range(calls):
        for start, from_caller in ((f"BYE sip:{call}@example.net SIP/2.0", True), ("SIP/2.0 200 OK", False)):
            at += 1000
            yield at, _message(call, start, "2 BYE", "", from_caller)


def _message(call: int, start: str, cseq: str, body: str, from_caller: bool) -> bytes:
    """An Ethernet frame with a SIP message over UDP."""
    caller, callee = 0x0A000000 + 1 + call, 0x0A010000 + 1 + call
    to_tag = "" if start.startswith("INVITE") else f";tag=b{call}"
    branch = f"z9hG4bK{call}{cseq.replace(' ', '')}"
    headers = [
        start,
        f"Via: SIP/2.0/UDP {_dotted(caller)}:5060;branch={branch}",
        f"From: <sip:caller{call}@example.com>;tag=a{call}",
        f"To: <sip:{call}@example.net>{to_tag}",
        f"Call-ID: {call}@benchmark.example.com",
        f"CSeq: {cseq}",
        f"Contact: <sip:{_dotted(caller if from_caller else callee)}:5060>",
        *(["Max-Forwards: 70"] if not start.startswith("SIP/") else []),
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    payload = ("\r\n".join(headers) + "\r\n\r\n" + body).encode()
    source, destination = (caller, callee) if from_caller else (callee, caller)
    udp = struct.pack(">HHHH", 5060, 5060, len(payload) + 8, 0) + payload
    internet = struct.pack(">BBHHHBBHII", 0x45, 0, len(udp) + 20, 0, 0, 64, 17, 0, source, destination)
    return bytes(12) + b"\x08\x00" + internet + udp


def _description(call: int, side: int, port: int) -> str:
    address = _dotted((0x0A010000 if side else 0x0A000000) + 1 + call)
    lines = ["v=0", f"o=- {call} 1 IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]
    return "\r\n".join([*lines, f"m=audio {port} RTP/AVP 0", "a=rtpmap:0 PCMU/8000", ""])


def _dotted(address: int) -> str:
    return ".".join(str(octet) for octet in address.to_bytes(4, "big"))


def _write_messages(file: BinaryIO, messages: Iterator[tuple[int, bytes]], *, pcapng: bool) -> int:
    count = 0
    for at, frame in messages:
        count += 1
        if pcapng:
            padded = frame + bytes(-len(frame) % 4)
            total = len(padded) + 32
            head = struct.pack("<7I", 6, total, 0, at >> 32, at & 0xFFFFFFFF, len(frame), len(frame))
            file.write(head + padded + struct.pack("<I", total))
        else:
            file.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(frame), len(frame)) + frame)
    return count


def _pcapng_header() -> bytes:
    """A section header and one Ethernet interface with microseconds."""
    section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    return section + struct.pack("<IIHHII", 1, 20, 1, 0, 262144, 20)
