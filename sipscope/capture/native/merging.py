"""Several capture files read as one, in the order of time.

Frames are numbered on over the whole set, as they would be in the file that `mergecap` makes of it. The order
inside each file stays, also where its clock runs backwards. Only files whose times overlap are open together.
"""

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sipscope.capture.native.member import Member
from sipscope.capture.native.records import Records
from sipscope.capture.native.source import MAX_EXPANDED
from sipscope.capture.native.walk import STRETCH_BYTES
from sipscope.capture.native.window import WINDOW_BYTES, Window
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.packets import Gap, GapKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipscope.capture.native.ledger import Ledger
    from sipscope.model.packets import IntegerColumn

_SMALLEST_WINDOW = 1 << 20
_FILES_NAMED = 8


class CaptureSet:
    """The records of several files, merged by time."""

    def __init__(
        self,
        paths: "Sequence[str]",
        ledger: "Ledger",
        *,
        max_expanded: int = MAX_EXPANDED,
        window_bytes: int = WINDOW_BYTES,
        stretch: int = STRETCH_BYTES,
    ) -> None:
        """Look at the front of each file; one that can't be read is left out, and the ledger says so.

        Raises:
            UnreadableInput: None of them can be read.
            UsageError: Standard input is among them, which can't be looked at in advance.
        """
        if "-" in paths:
            raise UsageError("standard input can't be merged with files: name the files, or merge them with mergecap")
        self._ledger = ledger
        self._window_bytes = window_bytes
        self._members: list[Member] = []
        complaints = []
        for path in paths:
            try:
                self._members.append(Member(path, ledger, max_expanded=max_expanded, stretch=stretch))
            except UnreadableInput as error:
                complaints.append(str(error))
        if not self._members:
            raise UnreadableInput(f"none of {len(paths)} files can be read; {complaints[0]}")
        for complaint in complaints:
            ledger.gap(Gap(kind=GapKind.UNREADABLE_BLOCK, text=f"A file is left out: {complaint}."))
        self._members.sort(key=lambda member: (member.first_at is None, member.first_at or 0))

    @property
    def name(self) -> str:
        """As messages and facts call it."""
        first, others = self._members[0].path, len(self._members) - 1
        return f"{first} and {others} more" if others else first

    @property
    def format(self) -> str:
        """The formats of the files, each once."""
        return ", ".join(dict.fromkeys(member.format for member in self._members))

    def place(self) -> tuple[str, int]:
        """The file that was opened last, and how many bytes of all files have been read."""
        begun = [member for member in self._members if member.bytes_read]
        return (begun or self._members[:1])[-1].path, sum(member.bytes_read for member in begun)

    def batches(self) -> "Iterator[Records]":
        """The records in the order of time; each batch holds until the next one is asked for."""
        waiting, together = deque(self._members), list[Member]()
        number = 1
        try:
            while True:
                together = [member for member in together if member.has_rows()]
                horizon = min((member.last_key for member in together), default=None)
                if waiting and (horizon is None or (waiting[0].first_at or 0) <= horizon):
                    member = waiting.popleft()
                    member.open(max(self._window_bytes // (len(together) + 1), _SMALLEST_WINDOW))
                    together.append(member)
                    continue
                if horizon is None:
                    break
                shares = [share for member in together if (share := _share(member, horizon)).rows]
                batch = _merged(shares, number)
                number += len(batch)
                yield batch
        finally:
            self.close()
        self._tell_places()

    def close(self) -> None:
        """Give all files back."""
        for member in self._members:
            member.close()

    def _tell_places(self) -> None:
        """Say which file begins where."""
        places = [
            f"{Path(member.path).name} "
            + ("without frames" if member.first_frame is None else f"from frame {member.first_frame}")
            for member in self._members
        ]
        if len(places) > _FILES_NAMED:
            places[_FILES_NAMED - 1 : -1] = ["…"]
        if len(places) > 1:
            self._ledger.note(f"{len(self._members)} files are read as one capture: {', '.join(places)}.")


class _Share(NamedTuple):
    """The next rows of a file that no other file has anything before."""

    member: Member
    begin: int
    rows: int


def _share(member: Member, horizon: int) -> _Share:
    """What of a file's batch is not later than `horizon`."""
    end = int(np.searchsorted(member.keys, horizon, side="right"))
    return _Share(member, member.row, max(end - member.row, 0))


def _merged(shares: list[_Share], number: int) -> Records:
    """The rows of all shares in the order of time, numbered from `number` on."""
    if len(shares) == 1:
        member, begin, rows = shares[0]
        batch = member.batch
        member.pass_rows(np.arange(number, number + rows))
        taken = slice(begin, begin + rows)
        return Records(
            window=batch.window,
            first_number=number,
            start=batch.start[taken],
            captured=batch.captured[taken],
            original=batch.original[taken],
            at=batch.at[taken],
            link=batch.link[taken],
        )
    keys = np.concatenate([member.keys[begin : begin + rows] for member, begin, rows in shares])
    order = np.argsort(keys, kind="stable")
    records = _gathered(shares, order, number)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(number, number + len(order))
    for share, numbers in zip(shares, np.split(places, np.cumsum([share.rows for share in shares])[:-1]), strict=True):
        share.member.pass_rows(numbers)
    return records


def _gathered(shares: list[_Share], order: "IntegerColumn", number: int) -> Records:
    """Rows of several files as one batch, their bytes copied side by side."""

    def column(name: str) -> "IntegerColumn":
        parts = [getattr(member.batch, name)[begin : begin + rows] for member, begin, rows in shares]
        joined: IntegerColumn = np.concatenate(parts)[order]
        return joined

    owner = np.repeat(np.arange(len(shares)), [share.rows for share in shares])[order]
    start, captured = column("start"), column("captured")
    last = np.flatnonzero(np.diff(owner, append=-1))
    first = np.concatenate((np.zeros(1, dtype=np.int64), last[:-1] + 1))
    # Rows of one file that follow one another are copied with what is between them.
    sizes = start[last] + captured[last] - start[first]
    targets = np.cumsum(sizes) - sizes
    pieces = [
        memoryview(shares[index].member.batch.window.buffer)[begin : begin + size]
        for index, begin, size in zip(owner[first].tolist(), start[first].tolist(), sizes.tolist(), strict=True)
    ]
    window = Window(_Pieces(pieces), max(int(sizes.sum()), 1))
    window.refill()
    return Records(
        window=window,
        first_number=number,
        start=start + np.repeat(targets - start[first], last - first + 1),
        captured=captured,
        original=column("original"),
        at=column("at"),
        link=column("link"),
    )


class _Pieces:
    """Stretches of buffers, given out once, one behind the other."""

    name = "several files"

    def __init__(self, pieces: list[memoryview]) -> None:
        self._pieces = pieces

    def readinto(self, target: memoryview) -> int:
        """Put them into `target`, which has room for all."""
        place = 0
        for piece in self._pieces:
            target[place : place + len(piece)] = piece
            place += len(piece)
        self._pieces = []
        return place
