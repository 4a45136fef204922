"""How much media a packet holds: the step of the timestamp between neighbours in sequence."""

import numpy as np

from sipscope.media.growth import grown, integers
from sipscope.media.rows import Batch
from sipscope.media.sequence import SequenceRows

SAMPLE = 64
"""Steps kept of each stream, the first ones: packetisation changes only by negotiation."""


class Packetisation:
    """First timestamp steps of all streams."""

    def __init__(self) -> None:
        """Start without streams."""
        self._filled = integers()
        self._steps = integers(SAMPLE)
        self._timestamp = integers()
        self._type = integers()

    def grow(self, count: int) -> None:
        """Make room for so many streams."""
        for name in ("_filled", "_steps", "_timestamp"):
            setattr(self, name, grown(getattr(self, name), count))
        self._type = grown(self._type, count, -1)

    def add(self, batch: Batch, sequence: SequenceRows) -> None:
        """Take the packets of a batch."""
        if (self._filled[batch.groups] < SAMPLE).any():
            self._sample(batch, sequence)
        self._timestamp[batch.groups] = batch.rows.timestamp[batch.ends]
        self._type[batch.groups] = batch.rows.payload_type[batch.ends]

    def _sample(self, batch: Batch, sequence: SequenceRows) -> None:
        rows = batch.rows
        before = batch.previous(rows.timestamp, self._timestamp[batch.groups])
        step = (rows.timestamp - before).astype(np.int32)
        same = rows.payload_type == batch.previous(rows.payload_type, self._type[batch.groups])
        # Packets of one video frame share a timestamp; a step is what lies between frames.
        usable = same & (step > 0) & (sequence.advance == 1)
        count = np.cumsum(usable)
        rank = count - batch.spread(count[batch.starts] - usable[batch.starts]) - 1
        rank += batch.spread(self._filled[batch.groups])
        chosen = np.flatnonzero(usable & (rank < SAMPLE))
        self._steps[batch.stream[chosen], rank[chosen]] = step[chosen]
        np.add.at(self._filled, batch.stream[chosen], 1)

    def median_steps(self, count: int) -> list[float | None]:
        """Median step of each stream in timestamp units; None without one."""
        filled = self._filled[:count]
        behind = np.arange(SAMPLE)[None, :] >= filled[:, None]
        ordered = np.sort(np.where(behind, np.iinfo(np.int64).max, self._steps[:count]), axis=1)
        row = np.arange(count)
        low = ordered[row, np.maximum(filled - 1, 0) // 2]
        high = ordered[row, np.minimum(filled // 2, SAMPLE - 1)]
        return [
            (first + second) / 2 if some else None
            for first, second, some in zip(low.tolist(), high.tolist(), filled.tolist(), strict=True)
        ]
