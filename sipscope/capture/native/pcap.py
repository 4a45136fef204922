"""The pcap file format: a file header, then records of a 16-byte header and a packet each.

Described in draft-ietf-opsawg-pcap: the magic number tells the byte order and whether fractions of a second are
microseconds or nanoseconds.
"""

import struct
from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.ledger import link_type_name
from sipscope.capture.native.records import LARGEST_RECORD, Records
from sipscope.capture.native.walk import SEARCH_BYTES, STRETCH_BYTES, record_starts
from sipscope.errors import UnreadableInput
from sipscope.model.packets import CaptureInterface, Gap, GapKind
from sipscope.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.window import Window
    from sipscope.model.packets import IntegerColumn

MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The first four bytes of a file → byte order, nanoseconds in a unit of the time's fraction."""

FILE_HEADER_BYTES = 24
_RECORD_HEADER_BYTES = 16

_NEAR_BYTES = 512
"""Where a record start is looked for first: two packets of speech."""


def link_type_of(file_header: bytes) -> int:
    """The link type a file header names; the upper half of its field tells other things."""
    order, _ = MAGIC[file_header[:4]]
    number: int = struct.unpack_from(order + "I", file_header, 20)[0]
    return number & 0xFFFF


class RecordFraming:
    """How long pcap records are, for the walk."""

    def __init__(self, window: "Window", order: str, unit: int) -> None:
        """Look at `window` with byte `order`; `unit` is nanoseconds in a unit of the time's fraction."""
        self._window = window
        self._word = np.dtype(order + "u4")
        self._length = struct.Struct(order + "8xI4x")
        self._high_byte = 3 if order == "<" else 0
        self._fractions = SECOND // unit

    def step(self, position: int, end: int) -> int:
        """The length of the record at `position`, 0 if it isn't whole before `end` or can't be passed."""
        if position + _RECORD_HEADER_BYTES > end:
            return 0
        (length,) = self._length.unpack_from(self._window.buffer, position)
        step: int = _RECORD_HEADER_BYTES + length
        return 0 if length > LARGEST_RECORD or position + step > end else step

    def steps(self, positions: "IntegerColumn", end: int) -> "IntegerColumn":
        """The same for many positions."""
        steps = self._word_at(positions + 8).astype(np.int64)
        steps += _RECORD_HEADER_BYTES
        steps[(positions + steps > end) | (steps > LARGEST_RECORD + _RECORD_HEADER_BYTES)] = 0
        return steps

    def guesses(self, begin: int, end: int, stretch: int) -> "IntegerColumn":
        """Plausible record starts behind `begin`, ascending, at most one for every `stretch` bytes.

        The two upper bytes of the seconds change every 18 hours, so a record start looks like the first one there.
        """
        lanes = (end - begin) // stretch - 1
        near, far = min(_NEAR_BYTES, stretch), min(SEARCH_BYTES, stretch)
        found = self._first_plausible(begin, end, stretch, np.arange(lanes), range(near))
        if len(found) < lanes and near < far:
            # Where packets are long, the search goes on.
            missed = np.setdiff1d(np.arange(lanes), (found - begin) // stretch - 1, assume_unique=True)
            found = np.sort(
                np.concatenate((found, self._first_plausible(begin, end, stretch, missed, range(near, far))))
            )
        return found

    def _first_plausible(
        self, begin: int, end: int, stretch: int, lanes: "IntegerColumn", search: range
    ) -> "IntegerColumn":
        """The first plausible record start of each lane among the bytes `search` of its stretch; ascending."""
        octets = np.frombuffer(self._window.buffer, dtype=np.uint8)
        high = self._high_byte
        second = high - 1 if high else 1
        stretches = octets[begin + stretch + high :][: (int(lanes[-1]) + 1) * stretch].reshape(-1, stretch)
        searched = stretches[:, search.start : search.stop]
        like_first = (searched if len(lanes) == len(searched) else searched[lanes]) == octets[begin + high]
        lane, within = np.divmod(np.flatnonzero(like_first), len(search))
        candidates = begin + (lanes[lane] + 1) * stretch + search.start + within
        rows = np.flatnonzero(octets[candidates + second] == octets[begin + second])
        rows = rows[self._plausible(candidates[rows], end)]
        _, first_of_lane = np.unique(lane[rows], return_index=True)
        return candidates[rows][first_of_lane].astype(np.int64)

    def _plausible(self, positions: "IntegerColumn", end: int) -> "NDArray[np.bool_]":
        positions = np.minimum(positions, end - _RECORD_HEADER_BYTES)
        captured = self._word_at(positions + 8)
        seconds = self._word_at(positions).astype(np.int64)
        following = np.minimum(positions + _RECORD_HEADER_BYTES + captured, end)
        later = self._word_at(following).astype(np.int64)
        plausible: NDArray[np.bool_] = (
            (self._word_at(positions + 4) < self._fractions)
            & (captured <= self._word_at(positions + 12))
            & (captured < (1 << 18))
            & ((np.abs(later - seconds) < (1 << 16)) | (following == end))
        )
        return plausible

    def _word_at(self, positions: "IntegerColumn") -> "NDArray[np.uint32]":
        return self._window.gather(self._word, positions)


class PcapRecords:
    """The records of a pcap file, a window at a time."""

    format = "pcap"

    def __init__(self, window: "Window", ledger: "Ledger", *, stretch: int = STRETCH_BYTES) -> None:
        """Read the file header at the front of `window`.

        Raises:
            UnreadableInput: The file ends inside its header.
        """
        header = bytes(window.buffer[window.begin : window.begin + FILE_HEADER_BYTES])
        if window.end - window.begin < FILE_HEADER_BYTES:
            raise UnreadableInput(f"{window.name} ends inside its pcap file header: there is no packet in it")
        self._order, self._unit = MAGIC[header[:4]]
        # Magic number, version, and two words that are zero.
        self._front = header[:8] + bytes(8)
        self._link_type = link_type_of(header)
        self._window = window
        self._ledger = ledger
        self._stretch = stretch
        window.begin += FILE_HEADER_BYTES
        ledger.link_type(self._link_type)
        (self._snap_length,) = struct.unpack_from(self._order + "16xI", header)

    def batches(self) -> "Iterator[Records]":
        """The records in their order."""
        window = self._window
        framing = RecordFraming(window, self._order, self._unit)
        number = 1
        while True:
            starts, stop = record_starts(framing, window.begin, window.end, stretch=self._stretch)
            window.begin = stop
            records, is_at_header = self._batch(starts, number)
            if records is not None:
                yield records
                number += len(records)
            if is_at_header and self._enter_file(number):
                continue
            is_damaged = self._is_damaged(window.begin, number)
            if is_damaged or not window.refill():
                break
        if window.end > window.begin and not is_damaged:
            self._ledger.file_is_cut(number - 1, window.end - window.begin)
        self._ledger.interface(
            CaptureInterface(
                number=0,
                link_type=link_type_name(self._link_type),
                snap_length=self._snap_length,
                ticks_per_second=SECOND // self._unit,
                frames=number - 1,
            )
        )

    def _batch(self, starts: "IntegerColumn", number: int) -> tuple[Records | None, bool]:
        """The records that start there, and whether it is the header of another file that ends them."""
        if not len(starts):
            return None, False
        records = self._records(starts, number)
        before = self._before_header(starts, records)
        if before is None:
            return records, False
        return (self._records(starts[:before], number) if before else None), True

    def _before_header(self, starts: "IntegerColumn", records: Records) -> int | None:
        """How many records stand in front of the header of another pcap file; None where there is none.

        Files are put one behind the other with `cat`. As a record, such a header was captured when its magic number
        says, by its version, and is empty.
        """
        for row in np.flatnonzero(records.captured == 0).tolist():
            start = int(starts[row])
            if self._window.buffer[start : start + _RECORD_HEADER_BYTES] == self._front:
                self._window.begin = start
                return int(row)
        return None

    def _enter_file(self, number: int) -> bool:
        """Pass the header of another file in front of frame `number`; False where the file ends inside it."""
        window = self._window
        while window.end - window.begin < FILE_HEADER_BYTES:
            if not window.refill():
                return False
        self._link_type = link_type_of(bytes(window.buffer[window.begin : window.begin + FILE_HEADER_BYTES]))
        window.begin += FILE_HEADER_BYTES
        self._ledger.link_type(self._link_type)
        behind = f"behind frame {number - 1}" if number > 1 else "before its first frame"
        self._ledger.note(f"Another pcap file stands in this one {behind}, and is read as part of it.")
        return True

    def _records(self, starts: "IntegerColumn", number: int) -> Records:
        header = np.dtype([(name, self._order + "u4") for name in ("seconds", "fraction", "captured", "original")])
        headers = self._window.gather(header, starts)
        at = headers["seconds"].astype(np.int64)
        at *= SECOND
        at += headers["fraction"].astype(np.int64) * self._unit
        return Records(
            window=self._window,
            first_number=number,
            start=starts + _RECORD_HEADER_BYTES,
            captured=headers["captured"].astype(np.int64),
            original=headers["original"].astype(np.int64),
            at=at,
            link=np.full(len(starts), self._link_type, dtype=np.int64),
        )

    def _is_damaged(self, position: int, number: int) -> bool:
        """Whether the record at `position` claims an impossible length, behind which nothing can be found."""
        if self._window.end - position < _RECORD_HEADER_BYTES:
            return False
        (length,) = struct.unpack_from(self._order + "8xI", self._window.buffer, position)
        if length <= LARGEST_RECORD:
            return False
        self._ledger.gap(
            Gap(
                kind=GapKind.UNREADABLE_BLOCK,
                frames=(number - 1,) if number > 1 else (),
                text=f"Frame {number} claims {length} bytes, which no packet has: the rest of the file is unread.",
            )
        )
        return True
