"""Builds captures byte by byte: packets from the inside out, records, files."""

import ipaddress
import struct
from pathlib import Path
from typing import Any

from sipscope.capture.native.engine import NativeReader
from sipscope.model.packets import CaptureFacts, Chunk, Packet

OPTIONS = b"OPTIONS sip:b@example.net SIP/2.0\r\nCall-ID: 1@a\r\nContent-Length: 0\r\n\r\n"
RINGING = b"SIP/2.0 180 Ringing\r\nCall-ID: 1@a\r\nContent-Length: 0\r\n\r\n"
A4, B4 = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"
START = 1_790_000_000_000_000_000


def rtp(sequence: int = 1, payload: bytes = bytes(160), ssrc: int = 7) -> bytes:
    return struct.pack(">BBHII", 0x80, 0, sequence, sequence * 160, ssrc) + payload


def udp(payload: bytes, source: int = 5060, destination: int = 5060, length: int | None = None) -> bytes:
    return struct.pack(">HHHH", source, destination, length or len(payload) + 8, 0) + payload


def tcp(
    payload: bytes, sequence: int, *, flags: int = 0x18, ack: int = 0, ports: tuple[int, int] = (5060, 5060)
) -> bytes:
    return struct.pack(">HHIIBBHHH", *ports, sequence, ack, 0x50, flags, 65535, 0, 0) + payload


def ipv4(
    payload: bytes,
    *,
    protocol: int = 17,
    source: str = A4,
    destination: str = B4,
    identification: int = 1,
    fragment: int = 0,
    service: int = 0,
    options: bytes = b"",
    length: int | None = None,
) -> bytes:
    header_bytes = 20 + len(options)
    total = header_bytes + len(payload) if length is None else length
    head = struct.pack(">BBHHHBBH", 0x40 | header_bytes // 4, service, total, identification, fragment, 64, protocol, 0)
    return head + _packed(source) + _packed(destination) + options + payload


def ipv6(payload: bytes, *, protocol: int = 17, source: str = A6, destination: str = B6, service: int = 0) -> bytes:
    head = struct.pack(">IHBB", 6 << 28 | service << 20, len(payload), protocol, 64)
    return head + _packed(source) + _packed(destination) + payload


def ethernet(payload: bytes, ethertype: int = 0x0800, tags: tuple[int, ...] = ()) -> bytes:
    middle = b"".join(struct.pack(">HH", tag, 100) for tag in tags)
    return bytes(12) + middle + struct.pack(">H", ethertype) + payload


def record(frame: bytes, at: int = START, *, original: int | None = None, order: str = "<", unit: int = 1000) -> bytes:
    seconds, rest = divmod(at, 10**9)
    sizes = len(frame), len(frame) if original is None else original
    return struct.pack(order + "IIII", seconds, rest // unit, *sizes) + frame


def pcap_header(link: int = 1, *, order: str = "<", unit: int = 1000) -> bytes:
    magic = 0xA1B2C3D4 if unit == 1000 else 0xA1B23C4D
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)


def pcap(frames: list[bytes], link: int = 1, *, order: str = "<", unit: int = 1000, step: int = 20_000_000) -> bytes:
    """A pcap file whose frames are `step` nanoseconds apart."""
    records = (record(frame, START + n * step, order=order, unit=unit) for n, frame in enumerate(frames))
    return pcap_header(link, order=order, unit=unit) + b"".join(records)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(link: int = 1, options: bytes = b"", order: str = "<", snap_length: int = 0) -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snap_length) + options, order)


def enhanced(frame: bytes, ticks: int = START // 1000, number: int = 0, order: str = "<") -> bytes:
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(6, head + frame, order)


def with_options(frame: bytes, options: bytes, ticks: int = START // 1000, order: str = "<") -> bytes:
    """An enhanced packet block with options."""
    head = struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(6, head + frame + bytes(-len(frame) % 4) + options, order)


def simple(frame: bytes, order: str = "<") -> bytes:
    return block(3, struct.pack(order + "I", len(frame)) + frame, order)


def obsolete(frame: bytes, ticks: int = START // 1000, number: int = 0, order: str = "<") -> bytes:
    head = struct.pack(order + "HHIIII", number, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame))
    return block(2, head + frame, order)


def pcapng(frames: list[bytes], link: int = 1, order: str = "<") -> bytes:
    blocks = (enhanced(frame, START // 1000 + n * 20_000, order=order) for n, frame in enumerate(frames))
    return section(order) + interface(link, order=order) + b"".join(blocks)


class Content:
    """What a reader gave, in a shape that two readings can be compared in."""

    def __init__(self, chunks: list[Chunk], facts: CaptureFacts) -> None:
        self.packets: list[Packet] = [packet for chunk in chunks for packet in chunk.packets]
        self.rows: list[tuple[Any, ...]] = []
        for columns in (chunk.datagrams for chunk in chunks if chunk.datagrams is not None):
            for n in range(len(columns.frame)):
                names = ("frame", "at", "length", "dscp", "identification")
                row = tuple(int(getattr(columns, name)[n]) for name in names)
                self.rows.append((*row, columns.hops[int(columns.hop[n])], columns.head[n].tobytes()))
        self.facts = facts

    @property
    def used(self) -> set[int]:
        return {number for packet in self.packets for number in packet.frames} | {row[0] for row in self.rows}

    @property
    def adds_up(self) -> bool:
        return len(self.used) + sum(self.facts.set_aside.values()) == self.facts.frames


def read(path: Path, data: bytes | None = None, **options: int) -> Content:
    """Read a capture natively, after writing `data` to it."""
    if data is not None:
        path.write_bytes(data)
    reader = NativeReader(str(path), **options)
    return Content(list(reader.chunks()), reader.facts())


def _packed(address: str) -> bytes:
    return ipaddress.ip_address(address).packed


SIP = ethernet(ipv4(udp(OPTIONS)))
"""A frame with a SIP request."""
