"""Where packets are missing: holes as they open, late arrivals as they fill them, and what remains at the end."""

import numpy as np

from sipscope.media.bursts import clusters
from sipscope.media.growth import Integers
from sipscope.values import dataclass

REACH = 128
"""How many numbers at the end of a hole a late packet can still fill: it covers MAX_MISORDER of RFC 3550 §A.1."""

_STREAM_SHIFT = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRuns:
    """Runs of lost packets of all streams, by stream and number, and figures of each stream.

    Attributes:
        stream: Stream of each run.
        at: When it showed: arrival of the packet behind it.
        length: Packets lost in the run.
        runs: Runs by stream.
        longest: Longest run by stream.
        lost: Lost packets by stream.
        bursts: Bursts by stream (RFC 3611 §4.7.2).
    """

    stream: Integers
    at: Integers
    length: Integers
    runs: Integers
    longest: Integers
    lost: Integers
    bursts: Integers


class LossEvents:
    """Holes and fills in the order in which they happened."""

    def __init__(self) -> None:
        """Start without losses."""
        self._holes: list[tuple[Integers, Integers, Integers, Integers]] = []
        self._fills: list[tuple[Integers, Integers]] = []

    def add_holes(self, streams: Integers, numbers: Integers, counts: Integers, at: Integers) -> None:
        """Packets that are missing: first number and how many, and when that showed."""
        self._holes.append((streams, numbers, counts, at))

    def add_hole(self, stream: int, number: int, count: int, at: int) -> None:
        """One hole; none when it holds nothing."""
        if count > 0:
            self.add_holes(*(np.array([value]) for value in (stream, number, count, at)))

    def add_fills(self, streams: Integers, numbers: Integers) -> None:
        """Packets that came late."""
        if len(streams):
            self._fills.append((streams, numbers))

    def finish(self, streams: int) -> LossRuns:
        """What remains missing."""
        empty = np.zeros(0, dtype=np.int64)
        columns = [np.concatenate(parts) for parts in zip(*self._holes, strict=True)] or [empty] * 4
        start, length, at = _unfilled(columns, self._filled_keys())
        start, length, at = _merged(start, length, at)
        return _figures(start, length, at, streams)

    def _filled_keys(self) -> Integers:
        if not self._fills:
            return np.zeros(0, dtype=np.int64)
        return np.unique(np.concatenate([(stream << _STREAM_SHIFT) | number for stream, number in self._fills]))


def _unfilled(columns: list[Integers], filled: Integers) -> tuple[Integers, Integers, Integers]:
    """Holes without the numbers that came late, split around them."""
    stream, number, count, at = columns
    start = (stream << _STREAM_SHIFT) | number
    if not len(filled) or not len(start):
        return start, count, at
    # Only holes that a fill lies in are taken apart, and of these only the end that a late packet can reach.
    touched = np.searchsorted(filled, start) < np.searchsorted(filled, start + count)
    whole = ~touched
    head = touched & (count > REACH)
    tail_length = np.minimum(count, REACH)[touched]
    tail_start = (start + count)[touched] - tail_length
    offsets = np.arange(tail_length.sum()) - np.repeat(np.cumsum(tail_length) - tail_length, tail_length)
    single = np.repeat(tail_start, tail_length) + offsets
    single_at = np.repeat(at[touched], tail_length)
    missing = ~np.isin(single, filled)
    single, single_at = single[missing], single_at[missing]
    return (
        np.concatenate((start[whole], start[head], single)),
        np.concatenate((count[whole], count[head] - REACH, np.ones(len(single), dtype=np.int64))),
        np.concatenate((at[whole], at[head], single_at)),
    )


def _merged(start: Integers, length: Integers, at: Integers) -> tuple[Integers, Integers, Integers]:
    """Runs in order, neighbours joined."""
    order = np.argsort(start, kind="stable")
    start, length, at = start[order], length[order], at[order]
    if not len(start):
        return start, length, at
    first = np.concatenate(([0], np.flatnonzero(start[1:] != start[:-1] + length[:-1]) + 1))
    return start[first], np.add.reduceat(length, first), np.maximum.reduceat(at, first)


def _figures(start: Integers, length: Integers, at: Integers, streams: int) -> LossRuns:
    stream = start >> _STREAM_SHIFT
    longest, lost, bursts = (np.zeros(streams, dtype=np.int64) for _ in range(3))
    np.maximum.at(longest, stream, length)
    np.add.at(lost, stream, length)
    begin, end = clusters(start, start + length - 1)
    total = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(length)))
    is_burst = total[end + 1] - total[begin] > 1
    np.add.at(bursts, stream[begin[is_burst]], 1)
    return LossRuns(
        stream=stream,
        at=at,
        length=length,
        runs=np.bincount(stream, minlength=streams),
        longest=longest,
        lost=lost,
        bursts=bursts,
    )
