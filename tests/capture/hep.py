"""Builds HEP datagrams, as capture agents send them to a collector."""

import struct
from ipaddress import ip_address

from tests.capture.builders import A4, A6, B4, B6, START, ethernet, ipv4, tcp, udp

SEEN_AT = START + 5_000_000
"""When the agent saw a message, by its own clock."""


def chunk(kind: int, value: bytes, vendor: int = 0) -> bytes:
    return struct.pack(">HHH", vendor, kind, len(value) + 6) + value


def hep3(
    payload: bytes,
    *,
    kind: int = 1,
    protocol: int = 17,
    ends: tuple[str, str] = ("198.51.100.1", "198.51.100.2"),
    ports: tuple[int, int] = (5060, 5080),
    content: int = 15,
    extra: bytes = b"",
    at: int = SEEN_AT,
) -> bytes:
    packed = [ip_address(end).packed for end in ends]
    family, first = (2, 3) if len(packed[0]) == 4 else (10, 5)
    chunks = [
        chunk(1, bytes([family])),
        chunk(2, bytes([protocol])),
        *(chunk(first + n, end) for n, end in enumerate(packed)),
        chunk(7, struct.pack(">H", ports[0])),
        chunk(8, struct.pack(">H", ports[1])),
        chunk(9, struct.pack(">I", at // 10**9)),
        chunk(10, struct.pack(">I", at % 10**9 // 1000)),
        chunk(11, bytes([kind])),
        chunk(12, struct.pack(">I", 2001)),
        extra,
        chunk(content, payload),
    ]
    body = b"".join(chunks)
    return b"HEP3" + struct.pack(">H", len(body) + 6) + body


def hep_fixed(version: int, payload: bytes, *, is_long: bool = False, protocol: int = 17) -> bytes:
    family, ends = (10, (A6, B6)) if is_long else (2, (A4, B4))
    addresses = b"".join(ip_address(end).packed for end in ends)
    time = struct.pack("<IIHH", SEEN_AT // 10**9, SEEN_AT % 10**9 // 1000, 2001, 0) if version == 2 else b""
    head = struct.pack(">BBBBHH", version, 8 + len(addresses), family, protocol, 5060, 5080)
    return head + addresses + time + payload


def carried(payload: bytes) -> bytes:
    """A frame that takes a datagram from an agent to its collector."""
    return ethernet(ipv4(udp(payload, 40000, 9060), source="203.0.113.5", destination="203.0.113.6"))


def over_tcp(*payloads: bytes, begin: int = 100) -> list[bytes]:
    """Segments that follow one another from an agent to its collector."""
    frames = []
    for payload in payloads:
        segment = tcp(payload, begin, ports=(40000, 9060))
        frames.append(ethernet(ipv4(segment, protocol=6, source="203.0.113.5", destination="203.0.113.6")))
        begin += len(payload)
    return frames
