"""Builds SCTP packets."""

import struct

from tests.capture.builders import ethernet, ipv4

FIRST, LAST = 2, 1
WHOLE = FIRST | LAST


def chunk(payload: bytes, sequence: int, flags: int = WHOLE, stream_sequence: int = 0) -> bytes:
    """A DATA chunk of stream 0."""
    length = 16 + len(payload)
    head = struct.pack(">BBHIHHI", 0, flags, length, sequence, 0, stream_sequence, 0)
    return head + payload + bytes(-length % 4)


def packet(*chunks: bytes, ports: tuple[int, int] = (5060, 5061)) -> bytes:
    return ethernet(ipv4(struct.pack(">HHII", *ports, 0x1234, 0) + b"".join(chunks), protocol=132))
