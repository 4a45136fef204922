"""When packets came: first and last, pauses between them, and stretches of activity."""

import numpy as np

from sipscope.media.growth import Integers, grown, integers
from sipscope.media.rows import Batch
from sipscope.model.stream import Interval
from sipscope.model.time import MILLISECOND, Duration

PAUSE: Duration = 200 * MILLISECOND
"""A longer time between two packets ends a stretch of activity."""


class Timing:
    """Arrival times of all streams."""

    def __init__(self) -> None:
        """Start without streams."""
        self.packets = integers()
        self.first_at = integers()
        self.last_at = integers()
        self.first_frame = integers()
        self.last_frame = integers()
        self.longest_pause = integers()
        self.longest_pause_frame = integers()
        self._pauses: list[tuple[Integers, Integers, Integers, Integers]] = []

    def grow(self, count: int) -> None:
        """Make room for so many streams."""
        for name in ("packets", "first_at", "last_at", "first_frame", "last_frame", "longest_pause_frame"):
            setattr(self, name, grown(getattr(self, name), count))
        self.longest_pause = grown(self.longest_pause, count, -(1 << 62))

    def add(self, batch: Batch) -> Integers:
        """Take the packets of a batch.

        Returns:
            Nanoseconds since the packet before in the same stream; 0 for a stream's first packet.
        """
        groups, at, starts = batch.groups, batch.rows.at, batch.starts
        new = self.packets[groups] == 0
        self.first_at[groups[new]] = at[starts[new]]
        self.first_frame[groups[new]] = batch.rows.frame[starts[new]]
        pause: Integers = at - batch.previous(at, np.where(new, at[starts], self.last_at[groups]))
        self._note_pauses(batch, pause)
        self._note_longest(batch, pause, new)
        self.packets[groups] += batch.lengths
        self.last_at[groups] = at[batch.ends]
        self.last_frame[groups] = batch.rows.frame[batch.ends]
        return pause

    def _note_pauses(self, batch: Batch, pause: Integers) -> None:
        rows = np.flatnonzero(pause > PAUSE)
        if not len(rows):
            return
        group = np.searchsorted(batch.starts, rows, side="right") - 1
        index = self.packets[batch.groups[group]] + rows - batch.starts[group]
        at = batch.rows.at[rows]
        self._pauses.append((batch.stream[rows], index, at - pause[rows], at))

    def _note_longest(self, batch: Batch, pause: Integers, new: Integers) -> None:
        measured = pause
        if new.any():
            # A stream's first packet ends no pause.
            measured = pause.copy()
            measured[batch.starts[new]] = -(1 << 62)
        longest = np.maximum.reduceat(measured, batch.starts)
        longer = longest > self.longest_pause[batch.groups]
        if not longer.any():
            return
        rows = np.flatnonzero(measured == batch.spread(np.where(longer, longest, 1 << 62)))
        streams, first = np.unique(batch.stream[rows], return_index=True)
        self.longest_pause[streams] = measured[rows[first]]
        self.longest_pause_frame[streams] = batch.rows.frame[rows[first]]

    def activity(self, count: int) -> list[tuple[Interval, ...]]:
        """Stretches without a long pause, for each stream."""
        splits: dict[int, list[tuple[int, int, int]]] = {}
        for columns in self._pauses:
            for stream, index, before, after in zip(*(column.tolist() for column in columns), strict=True):
                splits.setdefault(stream, []).append((index, before, after))
        starts, ends = self.first_at[:count].tolist(), self.last_at[:count].tolist()
        packets = self.packets[:count].tolist()
        return [
            _intervals(starts[stream], ends[stream], packets[stream], splits.get(stream, ())) for stream in range(count)
        ]


def _intervals(
    start: int, end: int, packets: int, splits: "list[tuple[int, int, int]] | tuple[()]"
) -> tuple[Interval, ...]:
    found = []
    counted = 0
    for index, before, after in splits:
        found.append(Interval(start, before, index - counted))
        start, counted = after, index
    found.append(Interval(start, end, packets - counted))
    return tuple(found)
