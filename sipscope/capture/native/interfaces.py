"""The interfaces of a pcapng section: link type, snap length, and what a tick of their clock is worth."""

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sipscope.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sipscope.model.packets import IntegerColumn

_IF_TSRESOL = 9
_IF_TSOFFSET = 14
_ISB_IFDROP = 5
_ISB_OSDROP = 7
_LATEST = np.int64(2**62)
_FINEST_BITS = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface description block.

    Attributes:
        link_type: Its number in the link type registry.
        snap_length: How many bytes of a packet are kept at most; 0 means all.
        ticks_exponent: A second has 10 or 2 to this power ticks.
        is_binary: Whether it is a power of two.
        offset: Nanoseconds to add to each time.
    """

    link_type: int
    snap_length: int = 0
    ticks_exponent: int = 6
    is_binary: bool = False
    offset: int = 0

    def nanoseconds(self, ticks: "NDArray[np.uint64]") -> "IntegerColumn":
        """Ticks as nanoseconds since 1970, rounded down; what lies beyond the year 2116 is held there."""
        if self.is_binary:
            at = _from_binary(ticks, self.ticks_exponent)
        elif self.ticks_exponent > 9:
            at = ticks // np.uint64(10 ** min(self.ticks_exponent - 9, 19))
        else:
            factor = 10 ** (9 - self.ticks_exponent)
            at = np.minimum(ticks, np.uint64(int(_LATEST) // factor)) * np.uint64(factor)
        times = np.minimum(at, np.uint64(_LATEST)).astype(np.int64)
        return times + self.offset if self.offset else times


def interface_of(body: bytes, order: str) -> Interface:
    """The interface that an interface description block describes; `body` is what lies between its lengths."""
    if len(body) < 8:
        return Interface(link_type=-1)
    link_type, snap_length = struct.unpack_from(order + "HxxI", body)
    exponent, is_binary, offset = 6, False, 0
    for code, value in options_of(body[8:], order):
        if code == _IF_TSRESOL and len(value) >= 1:
            exponent, is_binary = value[0] & 0x7F, bool(value[0] & 0x80)
        elif code == _IF_TSOFFSET and len(value) >= 8:
            seconds = struct.unpack_from(order + "q", value)[0]
            # An offset of more than a century is damage; added, it would leave the range of a time.
            offset = seconds * SECOND if abs(seconds) < (1 << 32) else 0
    return Interface(
        link_type=link_type, snap_length=snap_length, ticks_exponent=exponent, is_binary=is_binary, offset=offset
    )


def drops_of(body: bytes, order: str) -> int | None:
    """How many packets an interface statistics block says were dropped; None if it says nothing."""
    dropped = None
    for code, value in options_of(body[12:], order):
        if code in {_ISB_IFDROP, _ISB_OSDROP} and len(value) >= 8:
            dropped = (dropped or 0) + struct.unpack_from(order + "Q", value)[0]
    return dropped


def options_of(data: bytes, order: str) -> "Iterator[tuple[int, bytes]]":
    """The options of a block: code and value; ends at the end mark or where they stop making sense."""
    position = 0
    while position + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, position)
        if code == 0:
            return
        yield code, data[position + 4 : position + 4 + length]
        position += 4 + (length + 3 & ~3)


def _from_binary(ticks: "NDArray[np.uint64]", exponent: int) -> "NDArray[np.uint64]":
    """Ticks of which a second has 2 to the power of `exponent`, as nanoseconds."""
    if exponent > _FINEST_BITS:
        # Beyond 34 bits the fraction times 10⁹ leaves 64 bits, and a tick is far below a nanosecond anyway.
        ticks = ticks >> np.uint64(min(exponent - _FINEST_BITS, 63))
        exponent = _FINEST_BITS
    seconds = np.minimum(ticks >> np.uint64(exponent), np.uint64(int(_LATEST) // SECOND))
    fraction = ticks & np.uint64((1 << exponent) - 1)
    at: NDArray[np.uint64] = seconds * np.uint64(SECOND) + (fraction * np.uint64(SECOND) >> np.uint64(exponent))
    return at
