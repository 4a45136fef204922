"""RTP headers of many datagrams at once, as numpy columns (RFC 3550 §5.1).

Here a header is read, nothing is confirmed: that a row has the shape of RTP says little, that a whole stream has
says much, and streams are the media layer's business.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sipscope.model.packets import HEAD_BYTES, DatagramColumns
from sipscope.values import dataclass

Integers: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]

HEADER_BYTES = 12
"""Length of an RTP header without contributing sources and extension (RFC 3550 §5.1)."""

PLAIN_HEADER = 0x80
"""First byte of a header with version 2, no padding, no extension and no contributing source."""

_HEAD = np.dtype(
    [
        ("flags", "u1"),
        ("type", "u1"),
        ("sequence", ">u2"),
        ("timestamp", ">u4"),
        ("ssrc", ">u4"),
        ("rest", np.void, HEAD_BYTES - HEADER_BYTES),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpColumns:
    """RTP header fields as columns of equal length, one row for each row of the datagrams they were read from.

    Attributes:
        valid: Version 2, no payload type of RTCP, and a datagram long enough for its own header.
        marker: The M bit.
        payload_type: 0–127.
        sequence: Sequence number, 0–65535.
        timestamp: RTP timestamp, 0–2³²−1.
        ssrc: Synchronisation source, 0–2³²−1.
        payload_offset: Where the payload starts: behind contributing sources, and behind the header extension where
            its length lies within the bytes kept.
        payload_length: Bytes of payload. Padding is taken off where its count lies within the bytes kept; otherwise
            it is counted as payload.
        head: The first bytes of each datagram.
    """

    valid: Truths
    marker: Truths
    payload_type: Integers
    sequence: Integers
    timestamp: Integers
    ssrc: Integers
    payload_offset: Integers
    payload_length: Integers
    head: NDArray[np.uint8]

    def payload_words(self, rows: Integers) -> Integers:
        """The first four payload bytes of some rows as one number; −1 where they are not within the bytes kept."""
        offset = self.payload_offset[rows]
        readable = (offset + 4 <= HEAD_BYTES) & (self.payload_length[rows] >= 4)
        start = np.where(readable, offset, 0)
        octets = self.head[rows[:, None], start[:, None] + np.arange(4)].astype(np.int64)
        words = (octets << np.array([24, 16, 8, 0])).sum(axis=1)
        return np.where(readable, words, -1)


def rtp_columns(datagrams: DatagramColumns) -> RtpColumns:
    """Read the RTP headers of datagrams.

    Args:
        datagrams: Datagrams whose first two bits may be anything; those of another version come out as not valid.

    Returns:
        One row for each datagram.
    """
    head = np.ascontiguousarray(datagrams.head)
    fields = head.view(_HEAD).reshape(-1)
    flags = fields["flags"]
    types = fields["type"]
    payload_type = (types & 0x7F).astype(np.int64)
    offset, length, fits = _payload(datagrams, head, flags)
    return RtpColumns(
        # RFC 3551 §6: payload types 72–76 are reserved, for with the marker bit they read as RTCP types 200–204.
        valid=((flags >> 6) == 2) & fits & ((payload_type < 72) | (payload_type > 76)),
        marker=types >= 0x80,
        payload_type=payload_type,
        sequence=fields["sequence"].astype(np.int64),
        timestamp=fields["timestamp"].astype(np.int64),
        ssrc=fields["ssrc"].astype(np.int64),
        payload_offset=offset,
        payload_length=length,
        head=head,
    )


def _payload(
    datagrams: DatagramColumns, head: NDArray[np.uint8], flags: NDArray[np.uint8]
) -> tuple[Integers, Integers, Truths]:
    """Where the payload starts, how long it is, and whether the datagram holds its whole header."""
    offset = np.full(len(flags), HEADER_BYTES, dtype=np.int64)
    padding = np.zeros(len(flags), dtype=np.int64)
    unusual = np.flatnonzero(flags != PLAIN_HEADER)
    if len(unusual):
        offset[unusual] = _header_lengths(head[unusual], flags[unusual])
        padding[unusual] = _padding(head[unusual], flags[unusual], datagrams.length[unusual])
    length: Integers = datagrams.length - offset - padding
    fits = length >= 0
    return offset, np.maximum(length, 0), fits


def _header_lengths(head: NDArray[np.uint8], flags: NDArray[np.uint8]) -> Integers:
    """Header with contributing sources and, where its length can be read, extension (RFC 3550 §5.3.1)."""
    fixed = HEADER_BYTES + 4 * (flags & 0x0F).astype(np.int64)
    readable = ((flags & 0x10) != 0) & (fixed + 4 <= HEAD_BYTES)
    start = np.where(readable, fixed, 0)
    row = np.arange(len(flags))
    words = head[row, start + 2].astype(np.int64) * 256 + head[row, start + 3]
    extended = np.where((flags & 0x10) != 0, fixed + 4, fixed)
    return extended + np.where(readable, 4 * words, 0)


def _padding(head: NDArray[np.uint8], flags: NDArray[np.uint8], length: Integers) -> Integers:
    """Padding bytes, whose count is the datagram's last byte (RFC 3550 §5.1); 0 where that byte was not kept."""
    readable = ((flags & 0x20) != 0) & (length <= HEAD_BYTES) & (length > 0)
    last = np.where(readable, length - 1, 0)
    return np.where(readable, head[np.arange(len(flags)), last].astype(np.int64), 0)
