"""The pcapng file format: sections of blocks, each with its byte order and its interfaces.

Described in draft-ietf-opsawg-pcapng. A block states its length at both ends; unknown ones are passed over.
"""

import struct
from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.block_options import COMMENT, comments_of, options_of, packet_options, text_of
from sipscope.capture.native.interfaces import Interface, Interfaces, interface_of
from sipscope.capture.native.names import names_of, options_behind
from sipscope.capture.native.records import LARGEST_RECORD, Records
from sipscope.capture.native.walk import SEARCH_BYTES, STRETCH_BYTES, record_starts
from sipscope.errors import UnreadableInput
from sipscope.model.packets import Comment, Gap, GapKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.window import Window
    from sipscope.model.packets import IntegerColumn

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
PACKET = 2
SIMPLE_PACKET = 3
NAME_RESOLUTION = 4
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6
DECRYPTION_SECRETS = 10

SECTION_MAGIC = b"\x0a\x0d\x0d\x0a"
BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
"""The byte-order magic of a section header, as it lies in the file → byte order."""

_LARGEST_BLOCK = LARGEST_RECORD + (1 << 20)
_NO_LINK = -1
_SHORTEST = {PACKET: 32, SIMPLE_PACKET: 16, ENHANCED_PACKET: 32}
_MICROSECONDS = Interface(link_type=_NO_LINK)
_WRITTEN_BY = {2, 3, 4}
"""Options of a section header that tell hardware, operating system and program."""

_DROP_COUNT = 4
"""Option of an enhanced packet block: how many packets were lost between the one before and this one."""

_SHORTEST_STATISTICS = 12


class BlockFraming:
    """How long pcapng blocks are, for the walk; a section header stops it, as the byte order may change there."""

    def __init__(self, window: "Window", order: str) -> None:
        """Look at `window` with byte `order`."""
        self._window = window
        self._word = np.dtype(order + "u4")
        self._head_layout = np.dtype([("kind", order + "u4"), ("length", order + "u4")])
        self._head = struct.Struct(order + "II")

    def step(self, position: int, end: int) -> int:
        """The length of the block at `position`, 0 if it isn't whole before `end` or can't be passed."""
        if position + 12 > end:
            return 0
        kind, length = self._head.unpack_from(self._window.buffer, position)
        if kind == SECTION_HEADER or not 12 <= length <= _LARGEST_BLOCK:
            return 0
        step: int = (length + 3) & ~3
        return step if position + step <= end else 0

    def steps(self, positions: "IntegerColumn", end: int) -> "IntegerColumn":
        """The same for many positions."""
        heads = self._window.gather(self._head_layout, positions)
        steps = heads["length"].astype(np.int64)
        passable = (steps >= 12) & (steps <= _LARGEST_BLOCK) & (heads["kind"] != SECTION_HEADER)
        steps = (steps + 3) & ~3
        steps[~passable | (positions + steps > end)] = 0
        return steps

    def guesses(self, begin: int, end: int, stretch: int) -> "IntegerColumn":
        """Plausible starts of enhanced packet blocks, ascending, at most one for every `stretch` bytes."""
        lanes = (end - begin) // stretch - 1
        search = min(SEARCH_BYTES, stretch) & ~3
        # Blocks are padded to 32 bits, so only every fourth byte behind a known block can start one.
        origin = begin + ((stretch + 3) & ~3)
        words = np.ndarray(
            (lanes, search // 4), dtype=self._word, buffer=self._window.buffer, offset=origin, strides=(stretch & ~3, 4)
        )
        lane, within = np.divmod(np.flatnonzero(words == ENHANCED_PACKET), search // 4)
        candidates = (origin + lane * (stretch & ~3) + within * 4).astype(np.int64)
        lengths = self._window.gather(self._word, candidates + 4).astype(np.int64)
        last = candidates + lengths - 4
        inside = (lengths >= 32) & (lengths % 4 == 0) & (last < end)
        good = inside & (self._window.gather(self._word, np.where(inside, last, 0)) == lengths)
        _, first_of_lane = np.unique(lane[good], return_index=True)
        guesses: IntegerColumn = candidates[good][first_of_lane]
        return guesses


class PcapngRecords:
    """The packet blocks of a pcapng file, a window or a section at a time."""

    format = "pcapng"

    def __init__(self, window: "Window", ledger: "Ledger", *, stretch: int = STRETCH_BYTES) -> None:
        """Check the section header at the front of `window`.

        Raises:
            UnreadableInput: The file ends inside it, or it has no byte order.
        """
        if window.end - window.begin < 28:
            raise UnreadableInput(f"{window.name} ends inside its pcapng section header: there is no packet in it")
        if bytes(window.buffer[window.begin + 8 : window.begin + 12]) not in BYTE_ORDERS:
            raise UnreadableInput(f"{window.name} is damaged: its pcapng section header has no byte-order magic")
        self._window = window
        self._ledger = ledger
        self._stretch = stretch
        self._order = "<"
        self._interfaces = Interfaces()
        self._number = 1
        self._last_at = 0

    def batches(self) -> "Iterator[Records]":
        """The records in their order."""
        window = self._window
        while self._section(window.begin) or window.refill():
            framing = BlockFraming(window, self._order)
            starts, stop = record_starts(framing, window.begin, window.end, stretch=self._stretch)
            window.begin = stop
            if len(starts):
                yield from self._blocks(starts)
            if self._is_damaged(stop):
                break
        else:
            if window.end > window.begin:
                self._ledger.file_is_cut(self._number - 1, window.end - window.begin)
        self._close_section()

    def _section(self, position: int) -> bool:
        """Enter the section whose whole header is at `position`, if one is."""
        buffer = self._window.buffer
        if position + 28 > self._window.end or buffer[position : position + 4] != SECTION_MAGIC:
            return False
        order = BYTE_ORDERS.get(bytes(buffer[position + 8 : position + 12]))
        if order is None:
            return False
        (length,) = struct.unpack_from(order + "I", buffer, position + 4)
        length = (length + 3) & ~3
        if not 28 <= length <= _LARGEST_BLOCK or position + length > self._window.end:
            return False
        self._close_section()
        self._order = order
        self._interfaces = Interfaces()
        self._section_options(bytes(buffer[position + 24 : position + length - 4]))
        self._window.begin = position + length
        return True

    def _section_options(self, data: bytes) -> None:
        for code, value in options_of(data, self._order):
            if code == COMMENT:
                self._ledger.comment(Comment(text=text_of(value), subject="section"))
            elif code in _WRITTEN_BY and value:
                self._ledger.written_by(text_of(value))

    def _blocks(self, starts: "IntegerColumn") -> "Iterator[Records]":
        """The packets among the blocks that start at `starts`; the descriptions among them are taken in first."""
        kinds = self._window.gather(np.dtype(self._order + "u4"), starts)
        packets = kinds == ENHANCED_PACKET
        if not packets.all():
            packets |= (kinds == PACKET) | (kinds == SIMPLE_PACKET)
            for row in (~packets).nonzero()[0].tolist():
                self._other_block(int(kinds[row]), int(starts[row]))
            if not packets.any():
                return
            starts, kinds = starts[packets], kinds[packets]
        yield self._records(starts, kinds)

    def _other_block(self, kind: int, position: int) -> None:
        buffer = self._window.buffer
        (length,) = struct.unpack_from(self._order + "I", buffer, position + 4)
        body = bytes(buffer[position + 8 : position + length - 4])
        if kind == INTERFACE_DESCRIPTION:
            interface = interface_of(body, self._order)
            self._interfaces.add(interface)
            self._ledger.link_type(interface.link_type)
            self._comments(body[8:], "interface")
        elif kind == INTERFACE_STATISTICS and len(body) >= _SHORTEST_STATISTICS:
            self._interfaces.statistics(body, self._order)
            self._comments(body[12:], "interface")
        elif kind == NAME_RESOLUTION:
            for address, name in names_of(body, self._order):
                self._ledger.name(address, name)
            self._comments(options_behind(body, self._order), "names")

    def _comments(self, options: bytes, subject: str) -> None:
        for text in comments_of(options, self._order):
            self._ledger.comment(Comment(text=text, subject=subject))

    def _records(self, starts: "IntegerColumn", kinds: "NDArray[np.uint32]") -> Records:
        names = ("kind", "total", "interface", "high", "low", "captured", "original")
        layout = np.dtype([(name, self._order + "u4") for name in names])
        heads = self._window.gather(layout, starts)
        interface = heads["interface"].astype(np.int64)
        start, original = starts + 28, heads["original"].astype(np.int64)
        captured = heads["captured"].astype(np.int64)
        room = heads["total"].astype(np.int64) - 32
        ticks = heads["high"].astype(np.uint64) << np.uint64(32) | heads["low"].astype(np.uint64)
        simple = kinds == SIMPLE_PACKET
        if not (kinds == ENHANCED_PACKET).all():
            # The obsolete packet block has 16 bits of interface and 16 bits of drops where the others have 32.
            old = interface >> 16 if self._order == ">" else interface & 0xFFFF
            interface = np.where(kinds == PACKET, old, interface)
            start = np.where(simple, starts + 12, start)
            room = np.where(simple, room + 16, room)
            original = np.where(simple, interface, original)
            interface[simple] = 0
            captured = np.where(simple, self._simple_captured(original), captured)
        at, link = self._times(ticks, interface)
        if simple.any():
            at = self._untimed(at, simple)
        number, self._number = self._number, self._number + len(starts)
        self._last_at = int(at[-1])
        captured = np.clip(captured, 0, np.maximum(room, 0))
        options = start + (captured + 3 & ~3)
        self._packet_options(options, np.where(kinds == ENHANCED_PACKET, start + room, options), number, at)
        return Records(
            window=self._window,
            first_number=number,
            start=start,
            captured=captured,
            original=original,
            at=at,
            link=link,
        )

    def _packet_options(
        self, begin: "IntegerColumn", end: "IntegerColumn", first_number: int, at: "IntegerColumn"
    ) -> None:
        """Take in what the options of enhanced packet blocks tell: comments, and packets lost in front of them."""
        for row, code, value in packet_options(self._window, self._order, begin, end, (COMMENT, _DROP_COUNT)):
            frame = first_number + row
            if code == COMMENT:
                self._ledger.comment(Comment(text=text_of(value), subject="packet", frame=frame))
            elif len(value) == 8 and any(value):
                (count,) = struct.unpack(self._order + "Q", value)
                text = f"The capture lost {count} packets just before frame {frame}, as that frame says."
                gap = Gap(kind=GapKind.DROPPED_BY_CAPTURE, frames=(frame,), text=text, at=int(at[row]))
                self._ledger.gap(gap)

    def _simple_captured(self, original: "IntegerColumn") -> "IntegerColumn":
        """A simple packet block doesn't say how much of the packet it holds: the interface's snap length does."""
        limit = self._interfaces[0].snap_length if len(self._interfaces) else 0
        return np.minimum(original, limit) if limit else original

    def _times(self, ticks: "NDArray[np.uint64]", interface: "IntegerColumn") -> "tuple[IntegerColumn, IntegerColumn]":
        """Capture times and link types of packets by their interface."""
        interfaces = self._interfaces
        if len(interfaces) == 1 and not interface.any():
            interfaces.count(0, len(ticks))
            return interfaces[0].nanoseconds(ticks), np.full(len(ticks), interfaces[0].link_type, dtype=np.int64)
        at = _MICROSECONDS.nanoseconds(ticks)
        link = np.full(len(ticks), _NO_LINK, dtype=np.int64)
        for number in np.unique(interface).tolist():
            if number < len(interfaces):
                rows = interface == number
                interfaces.count(number, int(rows.sum()))
                at[rows] = interfaces[number].nanoseconds(ticks[rows])
                link[rows] = interfaces[number].link_type
        return at, link

    def _untimed(self, at: "IntegerColumn", simple: "NDArray[np.bool_]") -> "IntegerColumn":
        """Simple packet blocks have no time: they take that of the packet before."""
        self._ledger.note("Simple packet blocks carry no time; each takes that of the frame before it.")
        rows = np.where(simple, -1, np.arange(len(at)))
        latest = np.maximum.accumulate(rows)
        return np.where(latest < 0, self._last_at, at[np.maximum(latest, 0)])

    def _is_damaged(self, position: int) -> bool:
        """Whether what is at `position` can't be passed: no length, or a section header without a byte order."""
        window = self._window
        if window.end - position < 12:
            return False
        kind, length = struct.unpack_from(self._order + "II", window.buffer, position)
        if kind == SECTION_HEADER:
            order = BYTE_ORDERS.get(bytes(window.buffer[position + 8 : position + 12]))
            if order is not None:
                (length,) = struct.unpack_from(order + "I", window.buffer, position + 4)
            damaged = order is None or not 28 <= length <= _LARGEST_BLOCK
        else:
            damaged = not 12 <= length <= _LARGEST_BLOCK
        if damaged:
            text = f"The block after frame {self._number - 1} is damaged: the rest of the file is unread."
            frames = (self._number - 1,) if self._number > 1 else ()
            self._ledger.gap(Gap(kind=GapKind.UNREADABLE_BLOCK, frames=frames, text=text))
        return damaged

    def _close_section(self) -> None:
        """Give the interfaces of the section over, and tell what they dropped."""
        for number, count in self._interfaces.drops():
            text = f"The capture dropped {count} packets on interface {number}, as its statistics say."
            self._ledger.gap(Gap(kind=GapKind.DROPPED_BY_CAPTURE, text=text))
        for account in self._interfaces.accounts():
            self._ledger.interface(account)
