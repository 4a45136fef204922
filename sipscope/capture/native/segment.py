"""A TCP segment (RFC 9293 §3.1) and the arithmetic of its sequence numbers."""

from typing import NamedTuple

from sipscope.capture.native.origin import Origin

_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10


class Segment(NamedTuple):
    """What reassembly needs of a segment.

    Attributes:
        source_port: Where it came from.
        destination_port: Where it was sent to.
        sequence: Sequence number of the first payload byte (of the SYN, where it is one).
        acknowledged: The next byte the sender expects; None without the ACK flag.
        is_syn: It opens a direction.
        is_end: It closes (FIN) or resets (RST) a direction.
        payload: Its bytes.
        origin: Its frames.
    """

    source_port: int
    destination_port: int
    sequence: int
    acknowledged: int | None
    is_syn: bool
    is_end: bool
    payload: bytes
    origin: Origin


def segment_of(data: bytes, origin: Origin) -> Segment | None:
    """The segment in an IP packet's payload; None if its header isn't whole."""
    if len(data) < 20:
        return None
    header_bytes = (data[12] >> 4) * 4
    if header_bytes < 20 or header_bytes > len(data):
        return None
    flags = data[13]
    return Segment(
        source_port=data[0] << 8 | data[1],
        destination_port=data[2] << 8 | data[3],
        sequence=int.from_bytes(data[4:8], "big"),
        acknowledged=int.from_bytes(data[8:12], "big") if flags & _ACK else None,
        is_syn=bool(flags & _SYN),
        is_end=bool(flags & (_FIN | _RST)),
        payload=data[header_bytes:],
        origin=origin,
    )


def distance(sequence: int, reference: int) -> int:
    """How far `sequence` is ahead of `reference`, negative if behind, modulo 2³² (RFC 9293 §3.4)."""
    ahead = (sequence - reference) & 0xFFFFFFFF
    return ahead - (1 << 32) if ahead & 0x80000000 else ahead
