"""The lines of a log, numbered from 1."""

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.native.source import Source

LONGEST_LINE = 64 << 10
"""Bytes of a line that are kept: no server writes longer ones, and a file without line ends mustn't fill memory."""

_ENCODED_LINE_FEED = b"#012"
_PIECE_BYTES = 256 << 10


def numbered_lines(source: "Source", limit: float = inf) -> "Iterator[tuple[int, bytes]]":
    """Every line of the first `limit` bytes, without its LF; a CR in front of it is part of the line.

    Syslog daemons make one line of several: those come one by one, with the number of the line they are in.
    """
    number, size, rest = 0, 0, b""
    while size < limit and (piece := source.read(_PIECE_BYTES)):
        size += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            number += 1
            if _ENCODED_LINE_FEED in line:
                yield from ((number, part) for part in line[:LONGEST_LINE].split(_ENCODED_LINE_FEED))
            else:
                yield number, line[:LONGEST_LINE]
        # The front of an overlong line is all that is kept of it.
        rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield from ((number + 1, part) for part in rest[:LONGEST_LINE].split(_ENCODED_LINE_FEED))


def without_return(line: bytes) -> bytes:
    """A line without the CR that SIP puts at its end, and that syslog daemons write as `#015`."""
    return line.rstrip(b"\r").removesuffix(b"#015")
