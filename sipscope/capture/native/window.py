"""The stretch of a capture that is in memory: one buffer, filled again and again."""

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sipscope.model.packets import IntegerColumn

WINDOW_BYTES = 16 << 20
"""How much of a file is looked at together: large enough for numpy to be at its best, small enough to stay flat."""

FIRST_WINDOW_BYTES = 2 << 20
"""How much is looked at until much of it is media: messages gain nothing by a larger window, and would fill it with
packets that wait to be decoded."""

GUARD_BYTES = 4096
"""Zeros behind the window, so that a gather of header fields at its end stays inside the buffer."""

_CHEAPEST_BYTES = 48
"""Values of fewer bytes are gathered with what follows them; measured."""


class Content(Protocol):
    """What a window is filled from."""

    @property
    def name(self) -> str:
        """As messages name it."""
        ...

    def readinto(self, target: memoryview, /) -> int:
        """Fill `target` with the next bytes; how many there were, fewer than its size only at the end."""
        ...


class Window:
    """Bytes `begin` to `end` of `buffer` are those of the file that aren't dealt with yet.

    Offsets are positions in `buffer`. They and all views of it hold until the next `refill`.
    """

    def __init__(self, source: Content, size: int = WINDOW_BYTES, largest: int = 0) -> None:
        self._source = source
        self._largest = largest
        self._is_widened = False
        self.begin = 0
        self.end = 0
        self.exhausted = False
        self._allocate(size)

    @property
    def name(self) -> str:
        """The file as messages name it."""
        return self._source.name

    def _allocate(self, size: int) -> None:
        self.size = size
        self.buffer = bytearray(size + GUARD_BYTES)
        self._views: dict[int, NDArray[np.void]] = {}

    def widen(self) -> None:
        """Look at as much as allowed from the next refill on."""
        self._is_widened = True

    def refill(self) -> bool:
        """Move what is left to the front and read on behind it; False when the file gave nothing more.

        A record larger than the window makes the window grow.
        """
        rest = bytes(memoryview(self.buffer)[self.begin : self.end])
        if len(rest) * 2 > self.size:
            self._allocate(self.size * 2)
        elif self._is_widened and self.size < self._largest and not self.exhausted:
            self._allocate(self._largest)
        self.buffer[: len(rest)] = rest
        with memoryview(self.buffer) as view, view[len(rest) : self.size] as room:
            got = self._source.readinto(room)
        self.begin = 0
        self.end = len(rest) + got
        self.exhausted = self.end < self.size
        stale = min(GUARD_BYTES, len(self.buffer) - self.end)
        self.buffer[self.end : self.end + stale] = bytes(stale)
        return got > 0

    def gather(self, layout: "np.dtype[Any]", positions: "IntegerColumn") -> "NDArray[Any]":
        """The values of `layout` that start at the positions, which may be any bytes of the window.

        They are gathered as bytes without a type: numpy copies those in one go, typed fields one by one. It takes
        single bytes ten times as fast as a few bytes together, and 48 bytes in less time than 16.
        """
        if layout.itemsize <= 2:
            return self._octet_by_octet(layout, positions)
        size = layout.itemsize if layout.itemsize <= 4 else max(layout.itemsize, _CHEAPEST_BYTES)
        view = self._views.get(size)
        if view is None:
            untyped = np.dtype((np.void, size))
            view = np.ndarray((len(self.buffer) - size + 1,), dtype=untyped, buffer=self.buffer, strides=(1,))
            self._views[size] = view
        gathered = view[positions]
        return np.ndarray(gathered.shape, dtype=layout, buffer=gathered, strides=(size,))

    def _octet_by_octet(self, layout: "np.dtype[Any]", positions: "IntegerColumn") -> "NDArray[Any]":
        octets = np.frombuffer(self.buffer, dtype=np.uint8)
        gathered = np.empty((len(positions), layout.itemsize), dtype=np.uint8)
        for place in range(layout.itemsize):
            gathered[:, place] = octets[place:].take(positions)
        return gathered.view(layout).reshape(-1)
