"""Payload types: what each means in its stream, and how it is used.

A pair of stream and payload type is a *use*. Its format is asked of the session descriptions when it first appears;
where they say nothing the static table of RFC 3551 §6 serves, and where that says nothing either they are asked again
as long as packets come, and at the end.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

from sipscope.media.growth import Floats, Integers, floats, grown, integers
from sipscope.media.rows import Batch, group_starts
from sipscope.model.description import RtpFormat
from sipscope.model.network import Hop
from sipscope.model.payload_types import STATIC_PAYLOAD_TYPES
from sipscope.model.time import Instant
from sipscope.values import dataclass

FormatLookup: TypeAlias = Callable[[Hop, int, Instant], RtpFormat | None]
"""What a payload type means on a hop at an instant; None while no session description says."""

UNKNOWN_CLOCK = -1.0
"""No format is known for the use."""

NO_MEDIA_CLOCK = 0.0
"""The use carries no voice or video whose arrival could be measured: key presses, comfort noise."""

EVENT_ENCODINGS = frozenset({"TELEPHONE-EVENT", "TONE"})
COMFORT_NOISE = "CN"

_TYPES = 128
_CODE_POINTS = 64


@dataclass(slots=True, kw_only=True)
class UseRows:
    """Runs of rows with one payload type and code point.

    Attributes:
        starts: First row of each run.
        lengths: Rows of each run.
        use: Use number of each run.
    """

    starts: Integers
    lengths: Integers
    use: Integers


class PayloadUses:
    """Payload types of all streams."""

    def __init__(self) -> None:
        """Start without streams."""
        self.count = 0
        self.formats: list[RtpFormat | None] = []
        self.signalled: list[bool] = []
        self.stream = integers()
        self.payload_type = integers()
        self.packets = integers()
        self.first_at = integers()
        self.last_at = integers()
        self.first_frame = integers()
        self.last_frame = integers()
        self.longest = integers()
        self.shortest = integers()
        self.clock: Floats = floats()
        self.is_noise = np.zeros(0, dtype=np.bool_)
        self._use_of = integers(_TYPES, np.int32)
        self._code_points = integers(_CODE_POINTS, np.int32)
        self._unknown: set[int] = set()

    def grow(self, count: int) -> None:
        """Make room for so many streams."""
        self._use_of = grown(self._use_of, count, -1)
        self._code_points = grown(self._code_points, count)

    def add(self, batch: Batch, hops: Sequence[Hop], hop_of: Integers, format_of: FormatLookup) -> UseRows:
        """Take the packets of a batch; formats of uses that appear are asked for."""
        rows = batch.rows
        key = (batch.stream << 13) | (rows.payload_type << 6) | rows.dscp
        starts = group_starts(key)
        lengths = np.diff(starts, append=len(key))
        streams, types = batch.stream[starts], rows.payload_type[starts]
        use = self._use_of[streams, types].astype(np.int64)
        missing = np.flatnonzero(use < 0)
        if len(missing):
            self._open(batch, starts[missing])
            use = self._use_of[streams, types].astype(np.int64)
        self._count(batch, UseRows(starts=starts, lengths=lengths, use=use))
        np.add.at(self._code_points, (streams, rows.dscp[starts]), lengths)
        self._ask(missing, use, hops, hop_of, format_of)
        return UseRows(starts=starts, lengths=lengths, use=use)

    def _open(self, batch: Batch, rows: Integers) -> None:
        """New uses, in order of the rows they first appear in."""
        streams, types = batch.stream[rows], batch.rows.payload_type[rows]
        _, first = np.unique(streams * _TYPES + types, return_index=True)
        rows = rows[np.sort(first)]
        number = np.arange(self.count, self.count + len(rows))
        self.count += len(rows)
        for name in ("stream", "payload_type", "packets", "first_at", "last_at", "first_frame", "last_frame"):
            setattr(self, name, grown(getattr(self, name), self.count))
        self.longest, self.is_noise = grown(self.longest, self.count), grown(self.is_noise, self.count)
        self.shortest = grown(self.shortest, self.count, 1 << 30)
        self.clock = grown(self.clock, self.count, UNKNOWN_CLOCK)
        self.stream[number], self.payload_type[number] = batch.stream[rows], batch.rows.payload_type[rows]
        self.first_at[number], self.first_frame[number] = batch.rows.at[rows], batch.rows.frame[rows]
        self._use_of[self.stream[number], self.payload_type[number]] = number
        self.formats.extend([None] * len(rows))
        self.signalled.extend([False] * len(rows))

    def _count(self, batch: Batch, runs: UseRows) -> None:
        last = runs.starts + runs.lengths - 1
        length = batch.rows.payload_length
        np.add.at(self.packets, runs.use, runs.lengths)
        np.maximum.at(self.longest, runs.use, np.maximum.reduceat(length, runs.starts))
        np.minimum.at(self.shortest, runs.use, np.minimum.reduceat(length, runs.starts))
        self.last_at[runs.use], self.last_frame[runs.use] = batch.rows.at[last], batch.rows.frame[last]

    def _ask(
        self, new: Integers, use: Integers, hops: Sequence[Hop], hop_of: Integers, format_of: FormatLookup
    ) -> None:
        asked = dict.fromkeys(use[new].tolist())
        if self._unknown:
            asked.update(dict.fromkeys(self._unknown.intersection(use.tolist())))
        for number in sorted(asked):
            self.ask(number, hops, hop_of, format_of)

    def ask(self, number: int, hops: Sequence[Hop], hop_of: Integers, format_of: FormatLookup) -> None:
        """Ask the session descriptions what a use is, and the static table where they don't know."""
        payload_type = int(self.payload_type[number])
        hop = hops[int(hop_of[self.stream[number]])]
        found = format_of(hop, payload_type, int(self.first_at[number]))
        self.signalled[number] = found is not None
        if found is None and payload_type in STATIC_PAYLOAD_TYPES:
            encoding, clock, channels = STATIC_PAYLOAD_TYPES[payload_type]
            found = RtpFormat(
                payload_type=payload_type, encoding=encoding, clock_rate_hz=clock, channels=channels, stated=False
            )
        self.formats[number] = found
        self.clock[number] = _media_clock(found)
        self.is_noise[number] = not is_voice(found) and not is_event(found)
        if self.clock[number] == UNKNOWN_CLOCK:
            self._unknown.add(number)
        else:
            self._unknown.discard(number)

    def unsignalled(self) -> Iterator[int]:
        """Uses that no session description has explained."""
        return (number for number in range(self.count) if not self.signalled[number])

    def of_streams(self, count: int) -> list[list[int]]:
        """Uses of each stream, in order of appearance."""
        found: list[list[int]] = [[] for _ in range(count)]
        for number, stream in enumerate(self.stream[: self.count].tolist()):
            found[stream].append(number)
        return found

    def most_frequent_code_points(self, count: int) -> list[int]:
        """Code point that most packets of each stream carried; the smallest of equals."""
        if not count:
            return []
        most: list[int] = self._code_points[:count].argmax(axis=1).tolist()
        return most


def is_event(rtp_format: RtpFormat | None) -> bool:
    """Whether a format carries key presses or tones instead of voice (RFC 4733)."""
    return rtp_format is not None and (rtp_format.encoding or "").upper() in EVENT_ENCODINGS


def is_voice(rtp_format: RtpFormat | None) -> bool:
    """Whether a format carries media, not key presses or comfort noise (RFC 3389)."""
    return not is_event(rtp_format) and (rtp_format is None or (rtp_format.encoding or "").upper() != COMFORT_NOISE)


def _media_clock(rtp_format: RtpFormat | None) -> float:
    if rtp_format is None:
        return UNKNOWN_CLOCK
    if not is_voice(rtp_format):
        return NO_MEDIA_CLOCK
    return float(rtp_format.clock_rate_hz) if rtp_format.clock_rate_hz else UNKNOWN_CLOCK
