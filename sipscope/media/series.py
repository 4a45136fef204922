"""Quality over time: at most 256 bins a stream, whose width doubles whenever the stream outgrows them.

Bins start with the stream's first packet and are 100 ms wide at first. A packet's bin of the first width is computed
from its time alone and shifted by the number of doublings, so that it does not matter when they happen.
"""

import numpy as np

from sipscope.media.growth import Floats, Integers, grown, integers
from sipscope.media.jitter import JitterRows
from sipscope.media.losses import LossRuns
from sipscope.media.rows import Batch, group_starts
from sipscope.model.stream import QualitySeries
from sipscope.model.time import MILLISECOND, Duration

BINS = 256
FIRST_WIDTH: Duration = 100 * MILLISECOND

_NO_PAUSE = -1
_MILLISECONDS_A_NANOSECOND = 1e-6


class Series:
    """Bins of all streams."""

    def __init__(self) -> None:
        """Start without streams."""
        self._start = integers()
        self._doublings = integers()
        self._packets = integers(BINS)
        self._bytes = integers(BINS)
        self._pause = integers(BINS)
        self._jitter: Floats = np.zeros((0, BINS))
        self._placed: tuple[Integers, Integers, Integers, Integers] | None = None

    def grow(self, count: int) -> None:
        """Make room for so many streams."""
        for name in ("_start", "_doublings", "_packets", "_bytes"):
            setattr(self, name, grown(getattr(self, name), count))
        self._pause = grown(self._pause, count, _NO_PAUSE)
        self._jitter = grown(self._jitter, count, np.nan)

    def add(self, batch: Batch, pause: Integers, first_at: Integers) -> None:
        """Take the packets of a batch, and the time since each one's predecessor."""
        self._start[batch.groups] = first_at[batch.groups]
        place = self._places(batch.stream, batch.groups, batch.starts, batch.rows.at)
        runs = group_starts(place)
        self._placed = batch.stream, batch.rows.at, place, runs
        cells = place[runs]
        np.add.at(self._packets.reshape(-1), cells, np.diff(runs, append=len(place)))
        np.add.at(self._bytes.reshape(-1), cells, np.add.reduceat(batch.rows.length, runs))
        np.maximum.at(self._pause.reshape(-1), cells, np.maximum.reduceat(pause, runs))

    def add_jitter(self, rows: JitterRows | None) -> None:
        """Note the jitter after the last packet measured in each bin."""
        placed, self._placed = self._placed, None
        if rows is None:
            return
        if placed is not None and rows.stream is placed[0] and rows.at is placed[1]:
            # Mostly the packets measured are those of the batch, whose places are known.
            place, runs = placed[2:]
        else:
            starts = group_starts(rows.stream)
            place = self._places(rows.stream, rows.stream[starts], starts, rows.at)
            runs = group_starts(place)
        last = np.append(runs[1:], len(place)) - 1
        self._jitter.reshape(-1)[place[last]] = rows.jitter_ms[last]

    def _places(self, stream: Integers, groups: Integers, starts: Integers, at: Integers) -> Integers:
        """The cell of each row, bins widened as needed."""
        lengths = np.diff(starts, append=len(at))
        # A clock that is set back must not reach bins before the first.
        bins: Integers = np.maximum(at - np.repeat(self._start[groups], lengths), 0) // FIRST_WIDTH
        highest = np.maximum.reduceat(bins, starts)
        wide = (highest >> self._doublings[groups]) >= BINS
        while wide.any():
            self._double(groups[wide])
            wide = (highest >> self._doublings[groups]) >= BINS
        shift = self._doublings[groups]
        if shift.any():
            bins >>= np.repeat(shift, lengths)
        return bins + stream * BINS

    def _double(self, streams: Integers) -> None:
        half = BINS // 2
        for matrix in (self._packets, self._bytes):
            pairs = matrix[streams].reshape(len(streams), half, 2)
            matrix[streams, :half], matrix[streams, half:] = pairs.sum(axis=2), 0
        pauses = self._pause[streams].reshape(len(streams), half, 2)
        self._pause[streams, :half], self._pause[streams, half:] = pauses.max(axis=2), _NO_PAUSE
        jitter = self._jitter[streams].reshape(len(streams), half, 2)
        later = np.where(np.isnan(jitter[:, :, 1]), jitter[:, :, 0], jitter[:, :, 1])
        self._jitter[streams, :half], self._jitter[streams, half:] = later, np.nan
        self._doublings[streams] += 1

    def finish(self, count: int, losses: LossRuns) -> list[QualitySeries]:
        """The bins of each stream up to its last packet."""
        lost = np.zeros((count, BINS), dtype=np.int64)
        since = np.maximum(losses.at - self._start[losses.stream], 0) // FIRST_WIDTH
        np.add.at(lost, (losses.stream, since >> self._doublings[losses.stream]), losses.length)
        pauses = np.where(self._pause[:count] >= 0, self._pause[:count] * _MILLISECONDS_A_NANOSECOND, np.nan)
        used = BINS - (self._packets[:count, ::-1] > 0).argmax(axis=1)
        widths = (FIRST_WIDTH << self._doublings[:count]).tolist()
        return [
            QualitySeries(
                start=start,
                width=widths[stream],
                packets=self._packets[stream, :end],
                lost=lost[stream, :end],
                jitter_ms=self._jitter[stream, :end],
                delta_ms_max=pauses[stream, :end],
                bytes=self._bytes[stream, :end],
            )
            for stream, (start, end) in enumerate(zip(self._start[:count].tolist(), used.tolist(), strict=True))
        ]
