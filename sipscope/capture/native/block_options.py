"""The options of pcapng blocks: code and value, one after the other behind a block's own fields."""

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sipscope.capture.native.window import Window
    from sipscope.model.packets import IntegerColumn

COMMENT = 1
"""The option that every kind of block may have, more than once."""

_OPTIONS_OF_A_PACKET = 64


def options_of(data: bytes, order: str) -> "Iterator[tuple[int, bytes]]":
    """The options of a block: code and value; ends at the end mark or where they stop making sense."""
    position = 0
    while position + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, position)
        if code == 0:
            return
        yield code, data[position + 4 : position + 4 + length]
        position += 4 + (length + 3 & ~3)


def text_of(value: bytes) -> str:
    """The text of an option: UTF-8, not terminated, though some programs write a zero behind it."""
    return value.rstrip(b"\x00").decode(errors="surrogateescape")


def comments_of(data: bytes, order: str) -> list[str]:
    """The comments among the options of a block."""
    return [text_of(value) for code, value in options_of(data, order) if code == COMMENT]


def packet_options(
    window: "Window", order: str, begin: "IntegerColumn", end: "IntegerColumn", wanted: "Collection[int]"
) -> "list[tuple[int, int, bytes]]":
    """Options of many packets at once: row, code and value of those whose code is wanted, by row.

    The options of row n lie between `begin[n]` and `end[n]` in the window. All rows go forward together, an option
    a step, because some programs write options behind each of millions of packets.
    """
    layout = np.dtype([("code", order + "u2"), ("length", order + "u2")])
    codes_wanted = np.array(sorted(wanted), dtype=np.uint16)
    found: list[tuple[int, int, bytes]] = []
    rows = np.flatnonzero(begin + 4 <= end)
    for _ in range(_OPTIONS_OF_A_PACKET):
        if not rows.size:
            break
        position = begin[rows]
        heads = window.gather(layout, position)
        length = heads["length"].astype(np.int64)
        whole = (heads["code"] != 0) & (position + 4 + length <= end[rows])
        for place in np.flatnonzero(whole & np.isin(heads["code"], codes_wanted)).tolist():
            start = int(position[place]) + 4
            value = bytes(window.buffer[start : start + int(length[place])])
            found.append((int(rows[place]), int(heads["code"][place]), value))
        begin = begin.copy()
        begin[rows] = position + 4 + (length + 3 & ~3)
        rows = rows[whole & (begin[rows] + 4 <= end[rows])]
    return sorted(found, key=lambda option: option[0])
