"""Interarrival jitter in milliseconds, in order of arrival (RFC 3550 §6.4.1, §A.8).

Measured are packets that carry media: duplicates, stray packets, key presses and comfort noise are left out, whose
timestamps do not follow the sending times, and so is the step to the first packet behind comfort noise, across a
silence that senders number differently. On a stream without these the figure is that of every packet. A change of the
clock rate and a restart of the stream begin anew, for no transit times can be compared across them.

A stream's first packet has no jitter, so mean and maximum are those of all packets behind it.

While no clock is known packets are held back, so that a session description that comes later still gives a figure.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipscope.media.decay import decayed_sums
from sipscope.media.growth import Floats, Integers, Truths, floats, grown, integers
from sipscope.media.payloads import NO_MEDIA_CLOCK, UNKNOWN_CLOCK, PayloadUses, UseRows
from sipscope.media.rows import Batch, group_starts
from sipscope.media.sequence import SequenceRows
from sipscope.values import dataclass

GAIN = 16
"""Divisor of the smoothing (RFC 3550 §A.8)."""

LONGEST_STEP_BACK_S = 1
"""Seconds by which a timestamp may fall behind that of the packet before, as for late packets and video frames out of
order; when it falls further the sender has started a new timestamp series."""

HELD_PACKETS = 50_000
"""Packets of one stream that are held back while its clock is unknown; with more there is no figure for it."""

HELD_PACKETS_IN_ALL = 2_000_000
"""Packets of all streams that are held back."""

_NANOSECONDS_A_MILLISECOND = 1e-6


@dataclass(slots=True, kw_only=True)
class Held:
    """Packets as the measurement of jitter needs them.

    Attributes:
        stream: Stream number.
        use: Use of the payload type.
        at: Capture time.
        timestamp: RTP timestamp.
        restart: Whether a new run of the stream begins.
        resumed: Whether the packet before was comfort noise.
    """

    stream: Integers
    use: Integers
    at: Integers
    timestamp: Integers
    restart: Truths
    resumed: Truths

    def only(self, which: Truths | Integers) -> "Held":
        """Some of the packets."""
        return Held(
            stream=self.stream[which],
            use=self.use[which],
            at=self.at[which],
            timestamp=self.timestamp[which],
            restart=self.restart[which],
            resumed=self.resumed[which],
        )


@dataclass(slots=True, kw_only=True)
class JitterRows:
    """Jitter after each packet measured.

    Attributes:
        stream: Stream number, ascending.
        at: Capture time.
        jitter_ms: The figure.
    """

    stream: Integers
    at: Integers
    jitter_ms: Floats


class Jitter:
    """Jitter of all streams."""

    def __init__(self) -> None:
        """Start without streams."""
        self.count = integers()
        self.last_ms = floats()
        self.sum_ms = floats()
        self.longest_ms = floats()
        self._clock = floats()
        self._at = integers()
        self._timestamp = integers()
        self._held_count = integers()
        self._silent = np.zeros(0, dtype=np.bool_)
        self._held: list[Held] = []
        self._held_in_all = 0
        self._waiting: set[int] = set()

    def grow(self, count: int) -> None:
        """Make room for so many streams."""
        for name in (
            "count",
            "last_ms",
            "sum_ms",
            "longest_ms",
            "_clock",
            "_at",
            "_timestamp",
            "_held_count",
            "_silent",
        ):
            setattr(self, name, grown(getattr(self, name), count))

    def add(self, batch: Batch, sequence: SequenceRows, runs: UseRows, uses: PayloadUses) -> JitterRows | None:
        """Take the packets of a batch.

        Returns:
            What was measured, packets held back before included; None when nothing was.
        """
        packets, clock = self._chosen(batch, sequence, runs, uses)
        earlier = self._released(uses)
        if earlier is not None:
            packets = _joined([earlier, packets])
            order = np.argsort(packets.stream, kind="stable")
            packets = packets.only(order)
            clock = uses.clock[packets.use]
        return self._measured(packets, clock) if len(packets.at) else None

    def finish(self, uses: PayloadUses) -> JitterRows | None:
        """Measure what is still held back, where its clock is known by now."""
        earlier = self._released(uses)
        if earlier is None:
            return None
        packets = earlier.only(np.argsort(earlier.stream, kind="stable"))
        return self._measured(packets, uses.clock[packets.use]) if len(packets.at) else None

    def _chosen(self, batch: Batch, sequence: SequenceRows, runs: UseRows, uses: PayloadUses) -> tuple[Held, Floats]:
        """Packets of known clock; those of unknown clock are held back where their stream has no other."""
        none = np.zeros(len(batch.stream), dtype=np.bool_)
        packets = Held(
            stream=batch.stream,
            use=np.repeat(runs.use, runs.lengths),
            at=batch.rows.at,
            timestamp=batch.rows.timestamp,
            restart=none if sequence.restart is None else sequence.restart,
            resumed=none,
        )
        run_clock = uses.clock[runs.use]
        clock = np.repeat(run_clock, runs.lengths)
        if sequence.fresh is None and run_clock.min() > NO_MEDIA_CLOCK and not self._silent[batch.groups].any():
            return packets, clock
        packets.resumed = self._resumed(batch, np.repeat(uses.is_noise[runs.use], runs.lengths))
        fresh = clock >= UNKNOWN_CLOCK if sequence.fresh is None else sequence.fresh
        measured = fresh & (clock > NO_MEDIA_CLOCK)
        # A stream with one known media clock is measured by that; packets of other, unknown types are left out.
        known = np.logical_or.reduceat(measured, batch.starts) | (self._clock[batch.groups] > NO_MEDIA_CLOCK)
        self._hold(packets.only(fresh & (clock == UNKNOWN_CLOCK) & ~batch.spread(known)))
        return packets.only(measured), clock[measured]

    def _resumed(self, batch: Batch, noise: Truths) -> Truths:
        """Which packets come behind comfort noise."""
        resumed: Truths = batch.previous(noise, self._silent[batch.groups]) & ~noise
        self._silent[batch.groups] = noise[batch.ends]
        return resumed

    def _hold(self, packets: Held) -> None:
        if not len(packets.at):
            return
        np.add.at(self._held_count, packets.stream, 1)
        kept = packets.only(self._held_count[packets.stream] <= HELD_PACKETS)
        if len(kept.at) and self._held_in_all + len(kept.at) <= HELD_PACKETS_IN_ALL:
            self._held.append(kept)
            self._held_in_all += len(kept.at)
            self._waiting.update(np.unique(kept.use).tolist())
        else:
            self._held_count[packets.stream] = HELD_PACKETS + 1

    def _released(self, uses: PayloadUses) -> Held | None:
        """Packets whose stream has a known clock by now, those of unknown type left out."""
        if not self._held:
            return None
        waiting = np.array(sorted(self._waiting))
        if not (uses.clock[waiting] > NO_MEDIA_CLOCK).any() and not self._clock_came(uses, waiting):
            return None
        held = _joined(self._held)
        known = np.zeros(len(self._clock), dtype=np.bool_)
        known[held.stream[uses.clock[held.use] > NO_MEDIA_CLOCK]] = True
        known |= self._clock > NO_MEDIA_CLOCK
        leaving = known[held.stream]
        rest = held.only(~leaving)
        self._held, self._held_in_all = ([rest] if len(rest.at) else []), len(rest.at)
        self._waiting = set(np.unique(rest.use).tolist())
        usable = leaving & (uses.clock[held.use] > NO_MEDIA_CLOCK) & (self._held_count[held.stream] <= HELD_PACKETS)
        return held.only(usable) if usable.any() else None

    def _clock_came(self, uses: PayloadUses, waiting: Integers) -> bool:
        return bool((self._clock[uses.stream[waiting]] > NO_MEDIA_CLOCK).any())

    def _measured(self, packets: Held, clock: Floats) -> JitterRows | None:
        starts = group_starts(packets.stream)
        moved, anew = self._moved(packets, clock, starts)
        groups, ends = packets.stream[starts], np.append(starts[1:], len(packets.at)) - 1
        self._at[groups], self._timestamp[groups] = packets.at[ends], packets.timestamp[ends]
        self._clock[groups] = clock[ends]
        skipped = packets.resumed & ~anew
        if skipped.any():
            packets, moved, anew = packets.only(~skipped), moved[~skipped], anew[~skipped]
        return self._smoothed(packets, moved, anew) if len(packets.at) else None

    def _smoothed(self, packets: Held, moved: Floats, anew: Truths) -> JitterRows:
        starts = group_starts(packets.stream)
        groups, ends = packets.stream[starts], np.append(starts[1:], len(packets.at)) - 1
        segments, initial = starts, self.last_ms[groups]
        begins = np.flatnonzero(anew)
        if len(begins):
            moved[begins] = 0.0
            opens = anew.copy()
            opens[starts] = True
            segments = np.flatnonzero(opens)
            initial = np.zeros(len(segments))
            initial[np.searchsorted(segments, starts)] = np.where(anew[starts], 0.0, self.last_ms[groups])
        jitter = decayed_sums(moved / GAIN, segments, initial, 1 - 1 / GAIN)
        self.count[groups] += ends - starts + 1
        np.subtract.at(self.count, packets.stream[begins], 1)
        self.sum_ms[groups] += np.add.reduceat(jitter, starts)
        self.longest_ms[groups] = np.maximum(self.longest_ms[groups], np.maximum.reduceat(jitter, starts))
        self.last_ms[groups] = jitter[ends]
        return JitterRows(stream=packets.stream, at=packets.at, jitter_ms=jitter)

    def _moved(self, packets: Held, clock: Floats, starts: Integers) -> tuple[Floats, Truths]:
        """|D| in milliseconds: how much each transit time differs from the one before; and where series begin anew."""
        groups = packets.stream[starts]
        before_at = _predecessors(packets.at, starts, self._at[groups])
        before_timestamp = _predecessors(packets.timestamp, starts, self._timestamp[groups])
        before_clock = _predecessors(clock, starts, self._clock[groups])
        # Timestamps wrap at 2³²: the difference as a signed 32-bit number is the nearest one.
        units = (packets.timestamp - before_timestamp).astype(np.int32)
        elapsed = (packets.at - before_at) * _NANOSECONDS_A_MILLISECOND
        anew = packets.restart | (before_clock != clock) | (units < -LONGEST_STEP_BACK_S * clock)
        return np.abs(elapsed - units * (1000.0 / clock)), anew


def _predecessors(column: NDArray[Any], starts: Integers, before: NDArray[Any]) -> NDArray[Any]:
    """Each row's predecessor in its stream; `before` is what came before the first row of each stream."""
    shifted = np.empty_like(column)
    shifted[1:] = column[:-1]
    shifted[starts] = before
    return shifted


def _joined(parts: list[Held]) -> Held:
    return Held(
        stream=np.concatenate([part.stream for part in parts]),
        use=np.concatenate([part.use for part in parts]),
        at=np.concatenate([part.at for part in parts]),
        timestamp=np.concatenate([part.timestamp for part in parts]),
        restart=np.concatenate([part.restart for part in parts]),
        resumed=np.concatenate([part.resumed for part in parts]),
    )
