"""A hash table that looks whole columns of keys up at once."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sipscope.model.packets import IntegerColumn

    Words = NDArray[np.uint64]

_MULTIPLIERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)


class KeyTable:
    """A hash table with open addressing whose look-up takes whole columns of keys."""

    def __init__(self, *, words: int, bits: int = 10) -> None:
        self._count = 0
        self._words = words
        self._allocate(bits)

    def slots(self, words: "list[Words]") -> "IntegerColumn":
        """Where the search for each key starts."""
        mixed = words[0] * np.uint64(_MULTIPLIERS[0])
        for column, multiplier in zip(words[1:], _MULTIPLIERS[1:], strict=False):
            mixed ^= mixed >> np.uint64(29)
            mixed += column
            mixed *= np.uint64(multiplier)
        return (mixed >> np.uint64(64 - self._bits)).astype(np.int64)

    def find(self, words: "list[Words]") -> "IntegerColumn":
        """The value of each key, −1 for those that aren't there."""
        slot = self.slots(words)
        values = self._values[slot]
        rows = np.flatnonzero((values >= 0) & ~self._holds(slot, words))
        slot = slot[rows]
        while rows.size:
            slot = (slot + 1) & self._last
            values[rows] = self._values[slot]
            wrong = (values[rows] >= 0) & ~self._holds(slot, [column[rows] for column in words])
            rows, slot = rows[wrong], slot[wrong]
        return values

    def insert(self, words: "list[Words]", values: list[int]) -> None:
        """Put keys in that aren't there, each with its value."""
        self._count += len(values)
        if self._count * 4 > self._last:
            occupied = self._values >= 0
            words = [np.concatenate((old[occupied], new)) for old, new in zip(self._keys, words, strict=True)]
            values = self._values[occupied].tolist() + values
            self._allocate((self._count * 8).bit_length())
        for row, slot in enumerate(self.slots(words).tolist()):
            while self._values[slot] >= 0:
                slot = (slot + 1) & self._last  # noqa: PLW2901 — open addressing goes on from where it was
            self._values[slot] = values[row]
            for keys, column in zip(self._keys, words, strict=True):
                keys[slot] = column[row]

    def _allocate(self, bits: int) -> None:
        self._bits = bits
        self._last = (1 << bits) - 1
        self._keys = [np.zeros(1 << bits, dtype=np.uint64) for _ in range(self._words)]
        self._values = np.full(1 << bits, -1, dtype=np.int64)

    def _holds(self, slot: "IntegerColumn", words: "list[Words]") -> "NDArray[np.bool_]":
        """Whether the keys at the slots are these."""
        same: NDArray[np.bool_] = self._keys[0][slot] == words[0]
        for keys, column in zip(self._keys[1:], words[1:], strict=True):
            same &= keys[slot] == column
        return same
