"""RTP packets as rows: as they arrived, and sorted by stream for measuring."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipscope.media.growth import Integers
from sipscope.model.packets import DatagramColumns
from sipscope.rtp import RtpColumns
from sipscope.values import dataclass

EVENT_BYTES = 4
"""Payload of a telephone-event (RFC 4733 §2.3)."""

MARKER_SHIFT = 32
"""Where the M bit stands above a payload of four bytes."""


@dataclass(slots=True, kw_only=True)
class Rows:
    """Packets as columns of equal length.

    Attributes:
        candidate: Which pair of hop and SSRC, by number; once sorted, which stream.
        at: Capture time.
        frame: Frame number.
        sequence: Sequence number.
        timestamp: RTP timestamp.
        payload_type: 0–127.
        payload_length: Bytes of payload.
        length: Bytes of the datagram.
        dscp: Differentiated services code point.
        identification: IPv4 identification, −1 where unknown.
        word: The payload as a number where it is four bytes long, the M bit above it; −1 elsewhere.
    """

    candidate: Integers
    at: Integers
    frame: Integers
    sequence: Integers
    timestamp: Integers
    payload_type: Integers
    payload_length: Integers
    length: Integers
    dscp: Integers
    identification: Integers
    word: Integers

    def __len__(self) -> int:
        return len(self.at)

    def only(self, which: NDArray[Any]) -> "Rows":
        """Some of the rows, by index or by truth."""
        return Rows(**{name: getattr(self, name)[which] for name in _NAMES})

    def ordered(self, order: Integers, stream: Integers) -> "Rows":
        """The rows in another order, numbered by stream."""
        moved = {name: _moved(getattr(self, name), order) for name in _NAMES if name != "candidate"}
        return Rows(candidate=stream, **moved)


def _moved(column: Integers, order: Integers) -> Integers:
    """A column in another order; one of a single value, as lengths and code points often are, is the same in any."""
    return column if len(column) and (column == column[0]).all() else column.take(order)


_NAMES = tuple(field.name for field in fields(Rows))


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return Rows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES})


def rows_of(datagrams: DatagramColumns, columns: RtpColumns, candidate: Integers) -> Rows:
    """All datagrams of a chunk as rows."""
    word = np.full(len(candidate), -1, dtype=np.int64)
    short = np.flatnonzero(columns.payload_length == EVENT_BYTES)
    if len(short):
        words = columns.payload_words(short)
        word[short] = np.where(words < 0, -1, words | columns.marker[short].astype(np.int64) << MARKER_SHIFT)
    return Rows(
        candidate=candidate,
        at=datagrams.at,
        frame=datagrams.frame,
        sequence=columns.sequence,
        timestamp=columns.timestamp,
        payload_type=columns.payload_type,
        payload_length=columns.payload_length,
        length=datagrams.length,
        dscp=datagrams.dscp,
        identification=datagrams.identification,
        word=word,
    )


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows sorted by stream, within a stream in order of arrival.

    Attributes:
        rows: The packets.
        stream: Stream number of each row.
        groups: Stream numbers, each once.
        starts: First row of each group.
        lengths: Rows of each group.
    """

    rows: Rows
    stream: Integers
    groups: Integers
    starts: Integers
    lengths: Integers

    @property
    def ends(self) -> Integers:
        """Last row of each group."""
        return self.starts + self.lengths - 1

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """One value a group to one value a row."""
        return np.repeat(values, self.lengths)

    def previous(self, column: NDArray[Any], before: NDArray[Any]) -> NDArray[Any]:
        """Each row's predecessor in its stream; `before` is what came before the first row of each group."""
        shifted = np.empty_like(column)
        shifted[1:] = column[:-1]
        shifted[self.starts] = before
        return shifted


def batch_of(rows: Rows, stream: Integers) -> Batch:
    """Sort rows by stream; the sort is stable, so order of arrival is kept."""
    if len(stream) > 1 and np.any(stream[1:] < stream[:-1]):
        # Numpy sorts 16-bit keys by radix, in linear time.
        key = stream.astype(np.uint16) if stream.max() < 65536 else stream
        order = np.argsort(key, kind="stable")
        stream = stream[order]
        rows = rows.ordered(order, stream)
    starts = group_starts(stream)
    lengths = np.diff(starts, append=len(stream))
    return Batch(rows=rows, stream=stream, groups=stream[starts], starts=starts, lengths=lengths)


def group_starts(key: NDArray[Any]) -> Integers:
    """Where runs of equal keys start."""
    if not len(key):
        return np.zeros(0, dtype=np.int64)
    changes = np.flatnonzero(key[1:] != key[:-1]) + 1
    return np.concatenate((np.zeros(1, dtype=np.int64), changes))
