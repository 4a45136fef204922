"""Packets into messages: the one place that knows SIP, SDP and RTP together.

Here frames that hold the same packet twice are recognised, bytes of streams are framed into messages, session
descriptions are parsed and attached, and what is no signalling is counted with its reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from sipscope import sdp, sip
from sipscope.model.description import SessionDescription
from sipscope.model.header_values import MediaType
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import Gap, GapKind, Packet
from sipscope.model.time import MILLISECOND, Duration, Instant
from sipscope.values import dataclass

COPY_WINDOW: Duration = 10 * MILLISECOND
"""Frames with equal hop, payload and IP identification within this time are one packet captured twice. No timer of
SIP repeats a message so soon: T1 is half a second (RFC 3261 §17.1.1.1)."""

REMEMBERED_PACKETS = 4096
"""How many recent packets are kept to recognise copies, at least; at most twice as many."""

STREAM_LIMIT = 1 << 20
"""Bytes of one stream that are kept while waiting for the end of a message."""


_Seen = tuple[Instant, int | None, int | None]
"""A packet that may come a second time: when it came, its IP identification, and the place of the message it holds."""


@dataclass(slots=True)
class _Stream:
    """One direction of a connection: bytes that no message has claimed yet, and the frames they came in."""

    buffer: bytearray = field(default_factory=bytearray)
    frames: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def add(self, packet: Packet) -> None:
        self.frames.append((len(self.buffer), packet.frames))
        self.buffer += packet.payload

    def drop(self, count: int) -> None:
        del self.buffer[:count]
        moved = [(max(0, start - count), frames) for start, frames in self.frames]
        keep = [index for index, (start, _) in enumerate(moved) if start > 0]
        first = keep[0] - 1 if keep else len(moved) - 1
        self.frames = moved[max(0, first) :] if self.buffer else []

    def frames_of(self, start: int, end: int) -> tuple[int, ...]:
        found: list[int] = []
        for index, (begin, frames) in enumerate(self.frames):
            finish = self.frames[index + 1][0] if index + 1 < len(self.frames) else len(self.buffer)
            if begin < end and finish > start:
                found.extend(frame for frame in frames if frame not in found)
        return tuple(found)


class Decoder:
    """Turns packets into messages as they come. One decoder reads one capture."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self.messages: list[Request | Response] = []
        self.copies = 0
        self.set_aside: dict[str, int] = {}
        self.gaps: list[Gap] = []
        self.media_endpoints: dict[Endpoint, None] = {}
        # By number of the hop and payload; once the recent ones are many, they are the older ones.
        self._recent: dict[tuple[int, bytes], _Seen] = {}
        self._older: dict[tuple[int, bytes], _Seen] = {}
        self._hops: dict[Hop, int] = {}
        self._known_hops: dict[int, tuple[Hop, int]] = {}
        self._streams: dict[Hop, _Stream] = {}

    def add(self, packets: Iterable[Packet]) -> Iterator[Packet]:
        """Decode packets; those that are RTCP are handed on, for the media layer."""
        for packet in packets:
            if not packet.framed:
                self._add_stream(packet)
            elif packet.payload[:1] > b"\x7f" and _is_rtcp(packet.payload):
                yield packet
            elif (key := self._first_seen(packet)) is not None:
                self._add_datagram(packet, key)

    def finish(self) -> None:
        """Decode what is left in streams whose last message was cut."""
        for hop, stream in self._streams.items():
            if stream.buffer.strip(b"\r\n\x00 "):
                self._finish_stream(hop, stream)

    def _first_seen(self, packet: Packet) -> tuple[int, bytes] | None:
        """Remember a packet, and say under which key; None when it is a copy of one."""
        recent = self._recent
        known = self._known_hops.get(id(packet.hop))
        key = (self._hop_number(packet.hop) if known is None else known[1], packet.payload)
        seen = recent.get(key) or self._older.get(key)
        if seen is not None and packet.at - seen[0] <= COPY_WINDOW and _same_packet(seen[1], packet):
            self._note_copy(seen[2], packet)
            return None
        if len(recent) >= REMEMBERED_PACKETS:
            self._older = recent
            recent = self._recent = {}
        recent[key] = packet.at, packet.identification, len(self.messages)
        return key

    def _hop_number(self, hop: Hop) -> int:
        """The same number for equal hops.

        Most readers hand out one object for a hop, and it is known by its identity, which costs less than its hash.
        """
        if len(self._known_hops) >= REMEMBERED_PACKETS:
            self._known_hops.clear()
        number = self._hops.setdefault(hop, len(self._hops))
        # As long as the hop is kept, no other object has its identity.
        self._known_hops[id(hop)] = hop, number
        return number

    def _note_copy(self, index: int | None, packet: Packet) -> None:
        if index is None or index >= len(self.messages):
            self._count("copied-frame", len(packet.frames))
            return
        self.copies += 1
        original = self.messages[index]
        self.messages[index] = replace(original, copy_frames=(*original.copy_frames, *packet.frames))

    def _add_datagram(self, packet: Packet, key: tuple[int, bytes]) -> None:
        message = sip.parse_message(
            packet.payload,
            id=f"m{len(self.messages) + 1}",
            frames=packet.frames,
            at=packet.at,
            hop=packet.hop,
            truncated=packet.truncated,
            describe=_described,
        )
        if message is None:
            self._recent[key] = packet.at, packet.identification, None
            self._count("not-sip", len(packet.frames))
            return
        self.messages.append(message if packet.agent is None else replace(message, agent=packet.agent))

    def _add_stream(self, packet: Packet) -> None:
        stream = self._streams.setdefault(packet.hop, _Stream())
        if packet.gap_before and stream.buffer:
            self._cut(packet, stream)
        stream.add(packet)
        self._frame(packet, stream)

    def _cut(self, packet: Packet, stream: _Stream) -> None:
        """Bytes are missing: what was waiting can never be completed."""
        if stream.buffer.strip(b"\r\n\x00 "):
            frames = stream.frames_of(0, len(stream.buffer))
            text = "A message in a stream was cut because bytes of the stream are missing."
            self.gaps.append(
                Gap(kind=GapKind.STREAM_BYTES_MISSING, frames=frames, text=text, at=packet.at, hop=packet.hop)
            )
        stream.drop(len(stream.buffer))

    def _frame(self, packet: Packet, stream: _Stream) -> None:
        while stream.buffer:
            framed = sip.message_length(stream.buffer, 0)
            if framed.skip:
                stream.drop(framed.skip)
                continue
            if framed.length is None:
                break
            self._add_framed(packet, stream, framed.length)
        if len(stream.buffer) > STREAM_LIMIT:
            self._count("stream-without-message-end")
            stream.drop(len(stream.buffer))

    def _add_framed(self, packet: Packet, stream: _Stream, length: int) -> None:
        message = sip.parse_message(
            bytes(stream.buffer[:length]),
            id=f"m{len(self.messages) + 1}",
            frames=stream.frames_of(0, length),
            at=packet.at,
            hop=packet.hop,
            stream=True,
            describe=_described,
        )
        if message is not None:
            self.messages.append(message)
        stream.drop(length)

    def _finish_stream(self, hop: Hop, stream: _Stream) -> None:
        frames = stream.frames_of(0, len(stream.buffer))
        self.gaps.append(
            Gap(
                kind=GapKind.STREAM_BYTES_MISSING,
                frames=frames,
                text="The last message of a stream is incomplete: the capture ends, or bytes are missing.",
                hop=hop,
            )
        )

    def _count(self, reason: str, frames: int = 1) -> None:
        self.set_aside[reason] = self.set_aside.get(reason, 0) + frames


def _is_rtcp(payload: bytes) -> bool:
    """First byte 128–191, second byte 192–223 (RFC 5761 §4)."""
    return len(payload) >= 4 and 0x80 <= payload[0] <= 0xBF and 192 <= payload[1] <= 223


def _same_packet(identification: int | None, packet: Packet) -> bool:
    """Equal identification, or none to compare: 0 is what stacks write where they don't care (RFC 6864 §4.1)."""
    if not identification or not packet.identification:
        return True
    return identification == packet.identification


def _described(content_type: MediaType, content: bytes) -> SessionDescription | None:
    """The session description in a part of a body; None for a part of another type."""
    if content_type.subtype != "sdp" or content_type.type != "application":
        return None
    return sdp.parse_description(content)
