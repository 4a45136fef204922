"""Bursts and gaps of loss (RFC 3611 §4.7.2), and how far loss is from random (BurstR of ITU-T G.107).

A burst starts and ends with a bad packet and holds no Gmin good ones in a row. A single bad packet with Gmin good ones
on both sides belongs to a gap.
"""

import numpy as np

from sipscope.media.growth import Integers
from sipscope.values import dataclass

GMIN = 16
"""Good packets in a row that end a burst; the value RFC 3611 §4.7.2 recommends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstFigures:
    """Bursts and gaps of one series of packets.

    Attributes:
        bursts: First and last packet of each burst, both bad.
        burst_packets: Packets within bursts, good and bad.
        burst_bad: Bad packets within bursts.
        gaps: Stretches between and around the bursts.
        gap_packets: Packets within gaps.
        gap_bad: Bad packets within gaps.
    """

    bursts: tuple[tuple[int, int], ...]
    burst_packets: int
    burst_bad: int
    gaps: int
    gap_packets: int
    gap_bad: int

    @property
    def burst_density(self) -> float | None:
        """Bad packets by packets within bursts; None without a burst."""
        return self.burst_bad / self.burst_packets if self.burst_packets else None

    @property
    def gap_density(self) -> float | None:
        """Bad packets by packets within gaps; None without a gap."""
        return self.gap_bad / self.gap_packets if self.gap_packets else None


def clusters(starts: Integers, ends: Integers, gmin: int = GMIN) -> tuple[Integers, Integers]:
    """Group runs of bad packets that have fewer than `gmin` good ones between them.

    Args:
        starts: First packet of each run, ascending.
        ends: Last packet of each run.
        gmin: Good packets in a row that separate groups.

    Returns:
        Index of the first run and of the last run of each group.
    """
    if not len(starts):
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty
    apart = np.flatnonzero(starts[1:] - ends[:-1] - 1 >= gmin)
    first = np.concatenate((np.zeros(1, dtype=np.int64), apart + 1))
    last = np.concatenate((apart, np.array([len(starts) - 1])))
    return first, last


def bursts_of(starts: Integers, ends: Integers, first: int, last: int, gmin: int = GMIN) -> BurstFigures:
    """Bursts and gaps of one series.

    Args:
        starts: First packet of each run of bad packets, ascending.
        ends: Last packet of each run.
        first: First packet of the series.
        last: Last packet of the series.
        gmin: Good packets in a row that end a burst.

    Returns:
        The figures that an extended report carries.
    """
    begin, end = clusters(starts, ends, gmin)
    bad = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(ends - starts + 1)))
    lost = bad[end + 1] - bad[begin]
    is_burst = lost > 1
    spans = [(int(starts[a]), int(ends[b])) for a, b in zip(begin[is_burst], end[is_burst], strict=True)]
    packets = sum(stop - start + 1 for start, stop in spans)
    burst_bad = int(lost[is_burst].sum())
    return BurstFigures(
        bursts=tuple(spans),
        burst_packets=packets,
        burst_bad=burst_bad,
        gaps=_gaps(spans, first, last),
        gap_packets=last - first + 1 - packets,
        gap_bad=int(bad[-1]) - burst_bad,
    )


def _gaps(bursts: list[tuple[int, int]], first: int, last: int) -> int:
    if not bursts:
        return 1 if last >= first else 0
    return len(bursts) - 1 + (bursts[0][0] > first) + (bursts[-1][1] < last)


def burst_ratio(lost: int, runs: int, expected: int) -> float | None:
    """BurstR: mean length of loss runs, by the mean length that random loss at the same rate would have.

    Args:
        lost: Packets lost.
        runs: Runs they were lost in.
        expected: Packets sent.

    Returns:
        1 for random loss, more for bursts; None without loss.
    """
    if not lost or not runs or not expected:
        return None
    return lost / runs * (1 - lost / expected)
