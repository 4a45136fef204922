"""Which packets may belong together: pairs of hop and SSRC, numbered in order of appearance.

A pair is only a candidate: other protocols start with the same two bits. It gets a row in the tables of streams once
a session description knows its endpoint or enough packets have come; until then its packets wait here.
"""

import numpy as np

from sipscope.media.growth import Integers, Truths, grown, integers
from sipscope.media.rows import Rows, joined

PROBATION_PACKETS = 4
"""Packets of a pair that no session description knows before it is measured as a stream."""

SOURCES_OF_A_HOP = 1024
"""Different SSRCs on one hop beyond which new ones are not RTP but some other protocol's bytes."""

WAITING_ROWS = 65_536
"""Packets that may wait; the oldest are set aside beyond that."""

_SSRC_BITS = 32


class Candidates:
    """Numbers pairs of hop and SSRC."""

    def __init__(self) -> None:
        """Start with none known."""
        self.count = 0
        self.hop = integers()
        self.ssrc = integers()
        self.stream = integers()
        self._latest_ssrc = integers()
        self._latest = integers()
        self._sources = integers()
        self._keys = integers()
        self._numbers = integers()

    def numbers_of(self, hop: Integers, ssrc: Integers) -> Integers:
        """The candidate of each packet; −1 for sources beyond what a hop may have."""
        if len(hop):
            count = int(hop.max()) + 1
            self._latest_ssrc = grown(self._latest_ssrc, count, -1)
            self._latest = grown(self._latest, count, -1)
            self._sources = grown(self._sources, count)
        # Nearly all hops carry one SSRC at a time: the one that came last is compared first.
        number: Integers = self._latest[hop]
        missed = np.flatnonzero(self._latest_ssrc[hop] != ssrc)
        if len(missed):
            number[missed] = self._search((hop[missed] << _SSRC_BITS) | ssrc[missed])
        return number

    def sources(self) -> frozenset[int]:
        """Every SSRC, on whatever hop."""
        return frozenset(self.ssrc[: self.count].tolist())

    def _search(self, keys: Integers) -> Integers:
        found, number = self._known(keys)
        if not found.all():
            self._learn(keys[~found])
            _, number = self._known(keys)
        _, from_end = np.unique((keys >> _SSRC_BITS)[::-1], return_index=True)
        last = keys[len(keys) - 1 - from_end]
        found, latest = self._known(last)
        self._latest_ssrc[last[found] >> _SSRC_BITS] = last[found] & 0xFFFFFFFF
        self._latest[last[found] >> _SSRC_BITS] = latest[found]
        return number

    def _known(self, keys: Integers) -> tuple[Truths, Integers]:
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.bool_), np.full(len(keys), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        found = self._keys[place] == keys
        return found, np.where(found, self._numbers[place], -1)

    def _learn(self, keys: Integers) -> None:
        fresh, first = np.unique(keys, return_index=True)
        fresh = fresh[np.argsort(first)]
        hops = fresh >> _SSRC_BITS
        fresh, hops = self._within_limit(fresh, hops)
        if not len(fresh):
            return
        numbers = np.arange(self.count, self.count + len(fresh))
        self.count += len(fresh)
        self.hop, self.ssrc = grown(self.hop, self.count), grown(self.ssrc, self.count)
        self.stream = grown(self.stream, self.count, -1)
        self.hop[numbers], self.ssrc[numbers] = hops, fresh & 0xFFFFFFFF
        order = np.argsort(fresh)
        place = np.searchsorted(self._keys, fresh[order])
        self._keys = np.insert(self._keys, place, fresh[order])
        self._numbers = np.insert(self._numbers, place, numbers[order])

    def _within_limit(self, fresh: Integers, hops: Integers) -> tuple[Integers, Integers]:
        """Those of the pairs that their hops have room for, counted."""
        order = np.argsort(hops, kind="stable")
        ranked = hops[order]
        rank = np.empty(len(hops), dtype=np.int64)
        rank[order] = np.arange(len(hops)) - np.searchsorted(ranked, ranked)
        kept = self._sources[hops] + rank < SOURCES_OF_A_HOP
        np.add.at(self._sources, hops[kept], 1)
        return fresh[kept], hops[kept]


class WaitingRoom:
    """Packets of candidates that are not measured yet."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: Rows | None = None
        self.dropped = 0

    def __len__(self) -> int:
        return 0 if self._rows is None else len(self._rows)

    def add(self, rows: Rows) -> None:
        """Let packets wait."""
        self._rows = rows if self._rows is None else joined((self._rows, rows))

    def trim(self) -> None:
        """Give up the oldest packets beyond the limit."""
        if self._rows is not None and len(self._rows) > WAITING_ROWS:
            surplus = len(self._rows) - WAITING_ROWS
            self.dropped += surplus
            self._rows = self._rows.only(np.arange(surplus, len(self._rows)))

    def candidates(self) -> tuple[Integers, Integers, Integers]:
        """Candidates that wait, the row of each one's first packet, and how many packets each has."""
        if self._rows is None:
            empty = integers()
            return empty, empty, empty
        number, first, count = np.unique(self._rows.candidate, return_index=True, return_counts=True)
        return number, first, count

    def row(self, index: int) -> tuple[int, int]:
        """Payload type and time of a waiting packet."""
        if self._rows is None:
            raise IndexError(index)
        return int(self._rows.payload_type[index]), int(self._rows.at[index])

    def leave(self, candidates: Integers) -> Rows | None:
        """Take the packets of some candidates out, in order of arrival; None when there are none."""
        if self._rows is None or not len(candidates):
            return None
        leaving = np.isin(self._rows.candidate, candidates)
        taken = self._rows.only(leaving)
        rest = self._rows.only(~leaving)
        self._rows = rest if len(rest) else None
        return taken
