"""One file of a set: the batch that is being merged, and how its own frame numbers translate."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.file import CaptureFile
from sipscope.capture.native.ledger import Ledger
from sipscope.capture.native.walk import STRETCH_BYTES
from sipscope.model.packets import Comment, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.native.records import Records
    from sipscope.model.packets import CaptureInterface, IntegerColumn
    from sipscope.model.time import Instant

_PEEKED_BYTES = 64 << 10
_FRAME_IN_TEXT = re.compile(r"(?<=[Ff]rame )\d+")


class Member:
    """A file whose records are merged with those of others.

    Attributes:
        path: Where it is.
        format: Such as `pcap+gzip`.
        first_at: Time of its first record, None for a file without records.
        first_frame: The number of its first frame in the set, None until that is reached.
        batch: The records that are being merged.
        keys: Their times, held where the clock runs backwards, so that their order stays.
        row: How many of them have been passed.
    """

    batch: "Records"

    def __init__(self, path: str, ledger: Ledger, *, max_expanded: int, stretch: int = STRETCH_BYTES) -> None:
        """Look at the front of the file at `path`; what it tells goes to `ledger`.

        Raises:
            UnreadableInput: It can't be opened, or it is no capture that is read here.
        """
        self.path = path
        self._max_expanded = max_expanded
        self._stretch = stretch
        self.format, self.first_at = self._peeked()
        self.first_frame: int | None = None
        self.keys: IntegerColumn = np.zeros(0, dtype=np.int64)
        self.row = 0
        self._ledger = _MemberLedger(ledger, path)
        self._file: CaptureFile | None = None
        self._batches: Iterator[Records] = iter(())

    @property
    def last_key(self) -> int:
        """The latest time in the batch."""
        return int(self.keys[-1])

    def open(self, window_bytes: int) -> None:
        """Open the file for good.

        Raises:
            UnreadableInput: It has gone since it was looked at.
        """
        self._file = CaptureFile(
            self.path,
            self._ledger,
            max_expanded=self._max_expanded,
            window_bytes=window_bytes,
            first_window_bytes=window_bytes,
            stretch=self._stretch,
        )
        self._batches = self._file.batches()

    @property
    def bytes_read(self) -> int:
        """How many bytes of the file have been read."""
        return self._file.place()[1] if self._file is not None else 0

    def has_rows(self) -> bool:
        """Whether there are rows to merge, if need be from the next batch; the batch before holds no more then."""
        if self.row < len(self.keys):
            return True
        self._ledger.tell()
        held = self.last_key if len(self.keys) else None
        batch = next(self._batches, None)
        if batch is None:
            self._ledger.tell()
            self.keys, self.row = self.keys[:0], 0
            return False
        self.batch, self.row = batch, 0
        self.keys = np.maximum.accumulate(batch.at if held is None else np.maximum(batch.at, held))
        return True

    def pass_rows(self, numbers: "IntegerColumn") -> None:
        """The next rows have got these frame numbers in the set."""
        if self.first_frame is None:
            self.first_frame = int(numbers[0])
        self._ledger.numbered(self.batch.first_number + self.row, numbers)
        self.row += len(numbers)

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()

    def _peeked(self) -> "tuple[str, Instant | None]":
        file = CaptureFile(self.path, Ledger(), max_expanded=self._max_expanded, window_bytes=_PEEKED_BYTES)
        batches = file.batches()
        try:
            batch = next(batches, None)
            return file.format, None if batch is None else int(batch.at[0])
        finally:
            file.close()


class _MemberLedger(Ledger):
    """Hands on to the ledger of the set what one of its files tells, with the frame numbers of the set."""

    def __init__(self, shared: Ledger, path: str) -> None:
        super().__init__()
        self._shared = shared
        self._path = path
        self._held: list[Gap | Comment] = []
        self._runs: list[tuple[int, IntegerColumn]] = []

    def gap(self, gap: Gap) -> None:
        """Hold it until the frames it names have their numbers."""
        self._held.append(gap)

    def comment(self, comment: Comment) -> None:
        """Hold it, as gaps are."""
        self._held.append(comment)

    def note(self, sentence: str) -> None:
        """Hand it on."""
        self._shared.note(f"{self._path}: {sentence}")

    def link_type(self, number: int) -> None:
        """Hand it on."""
        self._shared.link_type(number)

    def interface(self, interface: "CaptureInterface") -> None:
        """Hand it on."""
        self._shared.interface(interface)

    def written_by(self, words: str) -> None:
        """Hand it on."""
        self._shared.written_by(words)

    def name(self, address: str, name: str) -> None:
        """Hand it on."""
        self._shared.name(address, name)

    def numbered(self, first: int, numbers: "IntegerColumn") -> None:
        """The frame `first` of the file and those behind it have these numbers in the set."""
        self._runs.append((first, numbers))

    def tell(self) -> None:
        """Hand on what was held; all frames of the batch have their numbers."""
        held, self._held = self._held, []
        for item in held:
            if isinstance(item, Comment):
                frame = None if item.frame is None else self._in_set(item.frame)
                self._shared.comment(replace(item, frame=frame))
            else:
                self._shared.gap(self._translated(item))
        # The last run stays, for what the end of the file tells.
        del self._runs[:-1]

    def _translated(self, gap: Gap) -> Gap:
        text = _FRAME_IN_TEXT.sub(lambda match: str(self._in_set(int(match[0]))), gap.text)
        return replace(gap, text=f"{self._path}: {text}", frames=tuple(self._in_set(frame) for frame in gap.frames))

    def _in_set(self, frame: int) -> int:
        """A frame's number in the set; one behind the last known is counted on."""
        for first, numbers in reversed(self._runs):
            if frame >= first:
                place = frame - first
                return int(numbers[place]) if place < len(numbers) else int(numbers[-1]) + place - len(numbers) + 1
        return frame
