"""What agents tell over TCP: HEP 3 one behind the other, each with its length (HEP3 network protocol)."""

import struct
from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.hep import MAGIC, Encapsulated, encapsulated
from sipscope.capture.native.unread import Unread, mark, origin_of, used
from sipscope.model.packets import Packet

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipscope.capture.native.direction import Piece
    from sipscope.capture.native.origin import Origin

INCOMPLETE = "hep-incomplete"
_HEAD = len(MAGIC) + 2
_SMALLEST_CHUNK = 6


class HepPacket(NamedTuple):
    """A packet that an agent told of, and the frame by which it became known."""

    completed_by: int
    packet: Packet


class HepStream:
    """Reads one direction of a connection between an agent and its collector."""

    def __init__(self, take: "Callable[[Encapsulated, Origin], Packet | str]") -> None:
        """Start at the head of something told; `take` makes a packet of it or says why not."""
        self._take = take
        self._unread = Unread(INCOMPLETE)
        self._is_lost = False

    @property
    def set_aside(self) -> list[tuple[str, int]]:
        """Reasons and numbers of frames since the last look; the owner counts and clears them."""
        return self._unread.set_aside

    def add(self, piece: "Piece") -> list[HepPacket]:
        """Take stream bytes in; the packets that are complete because of them."""
        if piece.behind_gap:
            self.finish()
        if self._is_lost and is_hep(piece.payload):
            self._is_lost = False
        self._unread.add(piece)
        if self._is_lost:
            self._unread.clear()
            return []
        packets: list[HepPacket] = []
        while len(self._unread.buffer) >= _HEAD:
            length = _length(self._unread.buffer)
            if length is None:
                self.finish()
            elif length > len(self._unread.buffer):
                break
            else:
                self._told(length, packets)
        return packets

    def finish(self) -> None:
        """Let what is incomplete go; reading goes on where a segment begins with HEP."""
        self._unread.clear()
        self._is_lost = True

    def _told(self, length: int, packets: list[HepPacket]) -> None:
        spans = self._unread.between(self._unread.position, self._unread.position + length)
        inside = encapsulated(bytes(self._unread.buffer[:length]))
        taken = self._take(inside, origin_of(spans)) if inside is not None else INCOMPLETE
        if isinstance(taken, str):
            mark(spans, taken)
        else:
            used(spans)
            packets.append(HepPacket(self._unread.completed_by, taken))
        self._unread.consume(length)


def is_hep(data: bytes | bytearray) -> bool:
    """Whether stream bytes begin with HEP 3 and a length it can have."""
    return len(data) >= _HEAD and _length(data) is not None


def _length(data: bytes | bytearray) -> int | None:
    """The length that the head of HEP 3 tells; None when this is no such head."""
    if not data.startswith(MAGIC):
        return None
    length: int = struct.unpack_from(">H", data, len(MAGIC))[0]
    return length if length >= _HEAD + _SMALLEST_CHUNK else None
