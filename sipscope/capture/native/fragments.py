"""Joins the fragments of IP packets (RFC 791 §3.2, RFC 8200 §4.5), in a table that can't grow without bounds."""

from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.origin import Origin
from sipscope.model.packets import Gap, GapKind
from sipscope.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.native.internet import InternetPacket
    from sipscope.capture.native.ledger import Ledger
    from sipscope.model.time import Duration, Instant

TIMEOUT: "Duration" = 60 * SECOND
"""How long fragments wait for the others, in capture time; RFC 8200 §4.5 says the same of a receiver."""

LARGEST_TABLE = 4096
"""How many packets may be incomplete at a time; beyond, the oldest gives way."""

_REMEMBERED = 1024

_Key = tuple[bytes, int, int]


class Whole(NamedTuple):
    """A packet put together: what it carries and where from. `is_whole` is False for only its front part."""

    packet: "InternetPacket"
    payload: bytes
    origin: Origin
    is_whole: bool


class _Incomplete:
    """What is there of a packet."""

    __slots__ = ("at", "first", "frames", "parts", "total")

    def __init__(self, at: "Instant") -> None:
        self.at = at
        self.parts: dict[int, bytes] = {}
        self.frames: dict[int, tuple[int, ...]] = {}
        self.first: tuple[InternetPacket, Origin] | None = None
        self.total: int | None = None

    def front(self) -> tuple[bytes, list[int]]:
        """The bytes that are there without a hole from the start, and the offsets of the fragments they are from."""
        data = bytearray()
        used = []
        for offset in sorted(self.parts):
            if offset > len(data):
                break
            # Where fragments overlap, the bytes that came at the lower offset stay.
            data += self.parts[offset][len(data) - offset :] if len(data) - offset < len(self.parts[offset]) else b""
            used.append(offset)
        return bytes(data if self.total is None else data[: self.total]), used


class Fragments:
    """The packets of which fragments have been seen, but not all."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._table: dict[_Key, _Incomplete] = {}
        self._completed: dict[_Key, None] = {}

    def add(self, packet: "InternetPacket", origin: Origin) -> Whole | None:
        """Take a fragment in; the whole packet if it was the last that was missing."""
        fragment = packet.fragment
        if fragment is None:
            return None
        key = (packet.addresses, packet.protocol if packet.identification is not None else -1, fragment.identification)
        entry = self._table.get(key)
        if entry is None:
            entry = self._table[key] = _Incomplete(origin.at)
        if fragment.offset in entry.parts:
            self._ledger.set_aside("fragment-repeated", len(origin.frames))
            return None
        entry.parts[fragment.offset] = packet.payload
        entry.frames[fragment.offset] = origin.frames
        if fragment.offset == 0:
            entry.first = (packet, origin)
        if fragment.is_last:
            entry.total = fragment.offset + len(packet.payload)
        if entry.first is None or entry.total is None:
            return None
        return self._completed_packet(key, entry, origin)

    def expired(self, now: "Instant") -> "Iterator[Whole]":
        """Give up packets that have waited too long, and the oldest of too many; yields their front parts."""
        for key, entry in list(self._table.items()):
            # A clock that runs back more than the timeout has lost its meaning for what waits.
            if abs(now - entry.at) <= TIMEOUT and len(self._table) <= LARGEST_TABLE:
                break
            yield from self._given_up(key, entry)

    def remaining(self) -> "Iterator[Whole]":
        """Give up everything, at the end of the file; yields the front parts."""
        for key, entry in list(self._table.items()):
            yield from self._given_up(key, entry)

    def _completed_packet(self, key: _Key, entry: _Incomplete, origin: Origin) -> Whole | None:
        data, used = entry.front()
        if entry.first is None or entry.total is None or len(data) < entry.total:
            return None
        del self._table[key]
        self._completed[key] = None
        if len(self._completed) > _REMEMBERED:
            del self._completed[next(iter(self._completed))]
        unused = [frames for offset, frames in entry.frames.items() if offset not in used]
        self._ledger.set_aside("fragment-repeated", sum(map(len, unused)))
        frames = sorted(number for offset in used for number in entry.frames[offset])
        packet, first = entry.first
        whole = first._replace(frames=tuple(frames), at=origin.at)
        return Whole(packet, data, whole, is_whole=True)

    def _given_up(self, key: _Key, entry: _Incomplete) -> "Iterator[Whole]":
        del self._table[key]
        if key in self._completed:
            # A capture on several interfaces sees each fragment again, and may stop before it sees them all.
            self._ledger.set_aside("fragment-repeated", sum(map(len, entry.frames.values())))
            return
        everything = sorted(number for frames in entry.frames.values() for number in frames)
        text = f"Fragments of an IP packet are missing; {len(entry.parts)} were captured."
        self._ledger.gap(Gap(kind=GapKind.FRAGMENT_MISSING, frames=tuple(everything[:8]), text=text, at=entry.at))
        if entry.first is None:
            self._ledger.set_aside("fragment-incomplete", len(everything))
            return
        data, used = entry.front()
        rest = [frames for offset, frames in entry.frames.items() if offset not in used]
        self._ledger.set_aside("fragment-incomplete", sum(map(len, rest)))
        packet, first = entry.first
        frames = sorted(number for offset in used for number in entry.frames[offset])
        yield Whole(packet, data, first._replace(frames=tuple(frames), is_cut=True), is_whole=False)
