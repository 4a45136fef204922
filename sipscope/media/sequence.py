"""Extended sequence numbers, restarts, duplicates and late packets (RFC 3550 appendix A.1).

The receiver of A.1 judges each packet against the highest number so far. For streams without a jump the same
judgement is made for all rows of a chunk at once; streams with a jump, which are rare, are walked packet by packet.

A number far behind or ahead is believed when its successor follows (a restart), and is a stray otherwise. After a
restart the extended numbers go on in a higher cycle, so that they never meet those of the run before.
"""

import numpy as np

from sipscope.media.growth import Integers, Truths, grown, integers
from sipscope.media.losses import LossEvents
from sipscope.media.rows import Batch
from sipscope.model.time import MILLISECOND
from sipscope.values import dataclass

MAX_DROPOUT = 3000
"""Steps ahead of the highest number that are still loss (RFC 3550 §A.1)."""

MAX_MISORDER = 100
"""Steps behind the highest number that are still reordering (RFC 3550 §A.1)."""

WINDOW = 128
"""Numbers behind the highest for which arrivals are remembered. It covers MAX_MISORDER, so that duplicates are
counted exactly."""

COPY_NANOSECONDS = 10 * MILLISECOND
"""Two packets with equal sequence number and equal IP identification within this time are one packet captured twice:
senders give each packet a new identification."""

COPY_NANOSECONDS_UNIDENTIFIED = MILLISECOND
"""The same where there is no identification to compare (IPv6, or 0, which senders write when they don't care)."""

SMALL_STEP = 16
"""Steps forward that speak for RTP although some packets are missing."""

_MODULUS = 1 << 16
_GROUP_SHIFT = 40


@dataclass(slots=True, kw_only=True)
class SequenceRows:
    """What the sequence numbers of a batch say.

    Attributes:
        advance: Steps beyond the highest number before; 1 for the next in order, 0 or less for what comes late.
        fresh: Packets that count once: neither duplicate nor stray; None when all are.
        copies: Packets that were captured a second time; None when none was.
        restart: Packets that begin a new run; None when none does.
    """

    advance: Integers
    fresh: Truths | None
    copies: Truths | None
    restart: Truths | None


class SequenceNumbers:
    """State of the sequence numbers of all streams."""

    def __init__(self) -> None:
        """Start without streams."""
        self.losses = LossEvents()
        self.highest = integers()
        self.base = integers()
        self.expected_before = integers()
        self.restarts = integers()
        self.duplicates = integers()
        self.copies = integers()
        self.reordered = integers()
        self.strays = integers()
        self.small_steps = integers()
        self._last = integers()
        self._bad = integers()
        self._first_rows: list[int] = []
        self._first_numbers: list[tuple[int, int]] = []
        self._started = np.zeros(0, dtype=np.bool_)
        self._window = integers(WINDOW)
        self._window_at = integers(WINDOW)
        self._window_identification = integers(WINDOW, np.int32)

    def grow(self, count: int) -> None:
        """Make room for so many streams."""
        for name in (
            *("highest", "base", "expected_before", "restarts", "duplicates", "copies", "reordered", "strays"),
            *("small_steps", "_last", "_started", "_window_at", "_window_identification"),
        ):
            setattr(self, name, grown(getattr(self, name), count))
        self._bad = grown(self._bad, count, -1)
        self._window = grown(self._window, count, -1)

    def expected(self) -> Integers:
        """Lowest to highest number of each continuous run, over all runs."""
        return np.where(self._started, self.expected_before + self.highest - self.base + 1, 0)

    def add(self, batch: Batch) -> SequenceRows:
        """Judge the packets of a batch."""
        groups, sequence = batch.groups, batch.rows.sequence
        self._start(groups, sequence[batch.starts])
        shift = np.arange(len(groups)) << _GROUP_SHIFT
        key, advance = self._unwrapped(batch, shift)
        restart = stray = None
        wild = (advance >= MAX_DROPOUT) | (advance <= -MAX_MISORDER)
        jumped = np.zeros(0, dtype=np.int64)
        before = self.highest[groups]
        if wild.any():
            jumped = np.flatnonzero(np.logical_or.reduceat(wild, batch.starts))
            restart, stray = np.zeros(len(key), dtype=np.bool_), np.zeros(len(key), dtype=np.bool_)
        self.highest[groups] = np.maximum.reduceat(key, batch.starts) - shift
        self.highest[groups] = np.maximum(self.highest[groups], before)
        self._last[groups] = key[batch.ends] - shift
        if restart is not None and stray is not None:
            for group in jumped:
                self._walk(batch, int(group), int(before[group]), key, advance, restart, stray)
        self.small_steps[groups] += np.add.reduceat((advance >= 1) & (advance <= SMALL_STEP), batch.starts)
        return self._judged(batch, key - batch.spread(shift), advance, restart, stray, jumped)

    def _start(self, groups: Integers, sequence: Integers) -> None:
        new = ~self._started[groups]
        if not new.any():
            return
        streams, first = groups[new], sequence[new] + _MODULUS
        self._started[streams] = True
        self.base[streams], self._last[streams], self.highest[streams] = first, first, first - 1

    def _unwrapped(self, batch: Batch, shift: Integers) -> tuple[Integers, Integers]:
        """Extended number, made unique over groups, and advance, as if no stream had a jump.

        The step between two arrivals is taken as the nearest one modulo 2¹⁶. Where every arrival is within reach of
        the highest number before it, that is what A.1 computes; where one is not, it shows as out of reach here too.
        """
        groups, sequence, starts = batch.groups, batch.rows.sequence, batch.starts
        half = _MODULUS // 2
        last = self._last[groups]
        step = ((sequence - batch.previous(sequence, last & (_MODULUS - 1)) + half) & (_MODULUS - 1)) - half
        total = np.cumsum(step)
        key = total + batch.spread(last - total[starts] + step[starts] + shift)
        highest = self.highest[groups] + shift
        running = key.copy()
        running[starts] = np.maximum(running[starts], highest)
        np.maximum.accumulate(running, out=running)
        return key, key - batch.previous(running, highest)

    def _walk(
        self,
        batch: Batch,
        group: int,
        highest: int,
        key: Integers,
        advance: Integers,
        restart: Truths,
        stray: Truths,
    ) -> None:
        """A.1 packet by packet for one stream; overwrites its rows and its state."""
        stream, start = int(batch.groups[group]), int(batch.starts[group])
        end, shift = start + int(batch.lengths[group]), group << _GROUP_SHIFT
        bad, base, last = int(self._bad[stream]), int(self.base[stream]), int(highest)
        bad_row: int | None = None
        for row, sequence in enumerate(batch.rows.sequence[start:end].tolist(), start):
            ahead = (sequence - highest) % _MODULUS
            if ahead >= MAX_DROPOUT and ahead <= _MODULUS - MAX_MISORDER:
                if sequence != bad:
                    bad, bad_row, stray[row], advance[row] = (sequence + 1) % _MODULUS, row, True, 0
                    self.strays[stream] += 1
                    continue
                last = self._restart(stream, highest, base, sequence)
                base, highest, advance[row], restart[row] = last - 1, last, 1, True
                if bad_row is not None:
                    key[bad_row] = base + shift
                    self._first_rows.append(bad_row)
            else:
                advance[row] = ahead if ahead < MAX_DROPOUT else ahead - _MODULUS
                last = highest + int(advance[row])
                if last < base:
                    self.losses.add_hole(stream, last + 1, base - last - 1, int(batch.rows.at[row]))
                base, highest = min(base, last), max(highest, last)
            key[row] = last + shift
        self._bad[stream], self.base[stream] = bad, base
        self.highest[stream], self._last[stream] = highest, last

    def _restart(self, stream: int, highest: int, base: int, sequence: int) -> int:
        """Close a run; the extended number of the new run's second packet. Its first one was taken for a stray."""
        self.expected_before[stream] += highest - base + 1
        self.restarts[stream] += 1
        self.strays[stream] -= 1
        number = ((highest >> 16) + 2) * _MODULUS + sequence
        self._first_numbers.append((stream, number - 1))
        return number

    def _judged(
        self,
        batch: Batch,
        number: Integers,
        advance: Integers,
        restart: Truths | None,
        stray: Truths | None,
        jumped: Integers,
    ) -> SequenceRows:
        ahead = np.flatnonzero(advance > 1)
        if len(ahead):
            missing = advance[ahead] - 1
            self.losses.add_holes(batch.stream[ahead], number[ahead] - missing, missing, batch.rows.at[ahead])
        late = advance <= 0
        if stray is not None:
            late &= ~stray
        fresh = copies = None
        if late.any():
            duplicate, copies = self._duplicates(batch, number, late, stray)
            self._count_late(batch, number, late & ~duplicate, jumped)
            fresh = ~duplicate
        if stray is not None:
            fresh = ~stray if fresh is None else fresh & ~stray
        self._remember(batch, number, fresh)
        return SequenceRows(advance=advance, fresh=fresh, copies=copies, restart=restart)

    def _duplicates(self, batch: Batch, number: Integers, late: Truths, stray: Truths | None) -> tuple[Truths, Truths]:
        """Which rows repeat a number that had come, and which of these are the same packet captured twice."""
        concerned = batch.spread(np.logical_or.reduceat(late, batch.starts))
        if stray is not None:
            arrived = ~stray
            arrived[self._first_rows] = True
            concerned &= arrived
        rows = np.flatnonzero(concerned)
        order = np.lexsort((rows, number[rows], batch.stream[rows]))
        rows = rows[order]
        same = (number[rows[1:]] == number[rows[:-1]]) & (batch.stream[rows[1:]] == batch.stream[rows[:-1]])
        duplicate = np.zeros(len(number), dtype=np.bool_)
        copies = np.zeros(len(number), dtype=np.bool_)
        later, earlier = rows[1:][same], rows[:-1][same]
        at, identification = batch.rows.at, batch.rows.identification
        duplicate[later] = True
        copies[later] = _captured_twice(at[later] - at[earlier], identification[later], identification[earlier])
        first = rows[np.concatenate((np.ones(min(1, len(rows)), dtype=np.bool_), ~same))]
        first = first[late[first]]
        streams, slots = batch.stream[first], number[first] % WINDOW
        known = self._window[streams, slots] == number[first]
        duplicate[first[known | self._opened_a_run(streams, number[first])]] = True
        first, streams, slots = first[known], streams[known], slots[known]
        copies[first] = _captured_twice(
            at[first] - self._window_at[streams, slots],
            identification[first],
            self._window_identification[streams, slots].astype(np.int64),
        )
        np.add.at(self.duplicates, batch.stream[duplicate], 1)
        np.add.at(self.copies, batch.stream[copies], 1)
        return duplicate, copies

    def _opened_a_run(self, streams: Integers, numbers: Integers) -> Truths:
        """Which numbers opened a run in this batch; the packet itself may lie in the batch before."""
        opened = np.array([stream << _GROUP_SHIFT | first for stream, first in self._first_numbers], dtype=np.int64)
        found: Truths = np.isin(streams << _GROUP_SHIFT | numbers, opened)
        return found

    def _count_late(self, batch: Batch, number: Integers, late: Truths, jumped: Integers) -> None:
        """Count packets behind a higher number, take them off the holes, and lower the base where they precede it."""
        rows = np.flatnonzero(late)
        streams, numbers = batch.stream[rows], number[rows]
        np.add.at(self.reordered, streams, 1)
        self.losses.add_fills(streams, numbers)
        plain = ~np.isin(streams, batch.groups[jumped])
        rows, streams, numbers = rows[plain], streams[plain], numbers[plain]
        early = numbers < self.base[streams]
        if early.any():
            changed = np.unique(streams[early])
            old = self.base[changed]
            np.minimum.at(self.base, streams[early], numbers[early])
            for stream, high in zip(changed.tolist(), old.tolist(), strict=True):
                low = int(self.base[stream])
                at = int(batch.rows.at[rows[early][streams[early] == stream][0]])
                self.losses.add_hole(stream, low + 1, high - low - 1, at)

    def _remember(self, batch: Batch, number: Integers, fresh: Truths | None) -> None:
        # What opened a run was taken for a stray, so it isn't among the fresh rows.
        for opened, first in self._first_numbers:
            self._window[opened, first % WINDOW] = first
        self._first_numbers.clear()
        self._first_rows.clear()
        recent = number > batch.spread(self.highest[batch.groups] - WINDOW)
        if fresh is not None:
            recent &= fresh
        stream, at, identification = batch.stream, batch.rows.at, batch.rows.identification
        if not recent.all():
            rows = np.flatnonzero(recent)
            stream, number, at, identification = stream[rows], number[rows], at[rows], identification[rows]
        place = stream * WINDOW + (number & (WINDOW - 1))
        self._window.reshape(-1)[place] = number
        self._window_at.reshape(-1)[place] = at
        self._window_identification.reshape(-1)[place] = identification


def _captured_twice(apart: Integers, identification: Integers, other: Integers) -> Truths:
    """Whether pairs of packets with equal numbers are one packet that was captured twice."""
    known = (identification > 0) & (other > 0)
    limit = np.where(known, COPY_NANOSECONDS, COPY_NANOSECONDS_UNIDENTIFIED)
    equal: Truths = (identification == other) & (np.abs(apart) <= limit)
    return equal
