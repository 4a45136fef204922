"""RTP datagrams as columns, for tests: packets are written one by one, as a list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sipscope.media import StreamTracker
from sipscope.model.description import RtpFormat
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import HEAD_BYTES, DatagramColumns
from sipscope.model.stream import MediaFacts, RtpStream

HOP = Hop(Endpoint("192.0.2.1", 4000), Endpoint("192.0.2.2", 5000))
PCMA = RtpFormat(payload_type=8, encoding="PCMA", clock_rate_hz=8000, stated=False)
EVENTS = RtpFormat(payload_type=101, encoding="telephone-event", clock_rate_hz=8000)
NOISE = RtpFormat(payload_type=13, encoding="CN", clock_rate_hz=8000, stated=False)


@dataclass(frozen=True, kw_only=True)
class Rtp:
    """One RTP packet; times in milliseconds."""

    ms: float
    sequence: int
    timestamp: int
    payload_type: int = 8
    ssrc: int = 0x1234
    marker: bool = False
    payload: bytes = bytes(160)
    hop: Hop = HOP
    identification: int = -1
    dscp: int = 46

    def datagram(self) -> bytes:
        second = self.payload_type | (0x80 if self.marker else 0)
        return (
            bytes([0x80, second])
            + (self.sequence & 0xFFFF).to_bytes(2)
            + (self.timestamp & 0xFFFFFFFF).to_bytes(4)
            + self.ssrc.to_bytes(4)
            + self.payload
        )


def voice(count: int, *, first: int = 100, timestamp: int = 0, ms: float = 0.0, **other: object) -> list[Rtp]:
    """Packets of 20 ms in perfect order."""
    return [
        Rtp(ms=ms + 20 * number, sequence=first + number, timestamp=timestamp + 160 * number, **other)
        for number in range(count)
    ]


def event(code: int, duration: int, *, end: bool = False) -> bytes:
    """Payload of a telephone-event."""
    return bytes([code, (0x80 if end else 0) | 10]) + duration.to_bytes(2)


def columns(packets: Sequence[Rtp], first_frame: int = 1, hops: list[Hop] | None = None) -> DatagramColumns:
    """Packets as the capture layer hands them over."""
    known = hops if hops is not None else []
    for packet in packets:
        if packet.hop not in known:
            known.append(packet.hop)
    datagrams = [packet.datagram() for packet in packets]
    head = b"".join(datagram[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0") for datagram in datagrams)
    return DatagramColumns(
        frame=np.arange(first_frame, first_frame + len(packets)),
        at=np.array([round(packet.ms * 1_000_000) for packet in packets], dtype=np.int64),
        hop=np.array([known.index(packet.hop) for packet in packets], dtype=np.int64),
        hops=known,
        length=np.array([len(datagram) for datagram in datagrams], dtype=np.int64),
        dscp=np.array([packet.dscp for packet in packets], dtype=np.int64),
        identification=np.array([packet.identification for packet in packets], dtype=np.int64),
        head=np.frombuffer(head, dtype=np.uint8).reshape(-1, HEAD_BYTES),
    )


def formats(*known: RtpFormat) -> Callable[[Hop, int, int], RtpFormat | None]:
    """A look-up that knows some formats on every hop."""
    by_type = {rtp_format.payload_type: rtp_format for rtp_format in known}
    return lambda _hop, payload_type, _at: by_type.get(payload_type)


SIGNALLED = formats(PCMA, EVENTS, NOISE)


def tracked(
    packets: Sequence[Rtp],
    format_of: Callable[[Hop, int, int], RtpFormat | None] = SIGNALLED,
    cuts: Sequence[int] = (),
) -> tuple[tuple[RtpStream, ...], MediaFacts]:
    """Streams of the packets, handed over in chunks that end at the cuts."""
    tracker = StreamTracker()
    hops: list[Hop] = []
    bounds = [0, *sorted({min(cut, len(packets)) for cut in cuts}), len(packets)]
    for start, end in pairwise(bounds):
        tracker.add(columns(packets[start:end], start + 1, hops), format_of)
    return tracker.finish()


def stream_of(packets: Sequence[Rtp], format_of: Callable[[Hop, int, int], RtpFormat | None] = SIGNALLED) -> RtpStream:
    """The one stream of the packets."""
    (stream,), _ = tracked(packets, format_of)
    return stream


def without(packets: Sequence[Rtp], *sequence: int) -> list[Rtp]:
    """The packets but those with some sequence numbers."""
    return [packet for packet in packets if packet.sequence not in sequence]


def later(packet: Rtp, ms: float, **other: object) -> Rtp:
    """The same packet at another time."""
    return replace(packet, ms=ms, **other)
