"""Key presses from telephone-events (RFC 4733).

One event is all packets of one timestamp and event code. Where no session description names the payload type, a
dynamic type whose packets all have the form and the course of key presses is taken for telephone-event.
"""

import numpy as np

from sipscope.media.growth import Integers, Truths
from sipscope.media.payloads import PayloadUses, is_event
from sipscope.media.rows import EVENT_BYTES, MARKER_SHIFT, Batch
from sipscope.media.sequence import SequenceRows
from sipscope.model.stream import Digit
from sipscope.model.time import SECOND, Duration
from sipscope.values import dataclass

GUESSED_PACKETS = 3
"""Packets that a payload type must have before it is taken for telephone-event."""

KEPT_PACKETS = 500_000
"""Packets of four bytes that are kept while nothing names their payload type."""

SAME_EVENT: Duration = 5 * SECOND
"""Packets of one event follow each other within this time: a sender updates every 50 ms (RFC 4733 §2.5.1.2)."""

_SYMBOLS = "0123456789*#ABCD"
_END = 1 << 23
_RESERVED = 1 << 22
_LONGEST_DURATION = 0xFFFF


@dataclass(slots=True, kw_only=True)
class EventPackets:
    """Packets that may be telephone-events, as columns.

    Attributes:
        stream: Stream number.
        use: Use of the payload type.
        at: Capture time.
        frame: Frame number.
        timestamp: RTP timestamp.
        word: Payload: event code, E bit, reserved bit, volume, duration.
        marker: The M bit.
    """

    stream: Integers
    use: Integers
    at: Integers
    frame: Integers
    timestamp: Integers
    word: Integers
    marker: Truths

    def only(self, which: Integers | Truths) -> "EventPackets":
        """Some of the packets."""
        return EventPackets(
            stream=self.stream[which],
            use=self.use[which],
            at=self.at[which],
            frame=self.frame[which],
            timestamp=self.timestamp[which],
            word=self.word[which],
            marker=self.marker[which],
        )


class Events:
    """Packets of all streams that may be telephone-events."""

    def __init__(self) -> None:
        """Start without packets."""
        self._parts: list[EventPackets] = []
        self._unnamed = 0

    def add(self, batch: Batch, sequence: SequenceRows, use: Integers, uses: PayloadUses) -> None:
        """Keep what may be an event: four bytes of a type that is one, or that nothing names."""
        rows = np.flatnonzero(batch.rows.word >= 0)
        if not len(rows):
            return
        if sequence.copies is not None:
            rows = rows[~sequence.copies[rows]]
        numbers = np.unique(use[rows]).tolist()
        named = [number for number in numbers if is_event(uses.formats[number])]
        unnamed = [number for number in numbers if uses.formats[number] is None and uses.payload_type[number] >= 96]
        if self._unnamed > KEPT_PACKETS:
            unnamed = []
        self._unnamed += int(np.isin(use[rows], unnamed).sum())
        rows = rows[np.isin(use[rows], named + unnamed)]
        if len(rows):
            self._keep(batch, rows, use)

    def _keep(self, batch: Batch, rows: Integers, use: Integers) -> None:
        self._parts.append(
            EventPackets(
                stream=batch.stream[rows],
                use=use[rows],
                at=batch.rows.at[rows],
                frame=batch.rows.frame[rows],
                timestamp=batch.rows.timestamp[rows],
                word=batch.rows.word[rows] & 0xFFFFFFFF,
                marker=(batch.rows.word[rows] >> MARKER_SHIFT) != 0,
            )
        )

    def packets(self) -> EventPackets | None:
        """All of them by use, then by arrival; None when there are none."""
        if not self._parts:
            return None
        names = ("stream", "use", "at", "frame", "timestamp", "word", "marker")
        merged = EventPackets(**{name: np.concatenate([getattr(part, name) for part in self._parts]) for name in names})
        return merged.only(np.argsort(merged.use, kind="stable"))


def guessed_uses(packets: EventPackets | None, uses: PayloadUses) -> set[int]:
    """Uses without a name whose every packet looks like a key press, with durations that grow."""
    if packets is None:
        return set()
    found = set()
    for number in np.unique(packets.use).tolist():
        if uses.formats[number] is not None or uses.shortest[number] != EVENT_BYTES:
            continue
        if uses.longest[number] == EVENT_BYTES and uses.packets[number] >= GUESSED_PACKETS:
            mine = packets.only(packets.use == number)
            if _behaves_like_keys(mine):
                found.add(number)
    return found


def _behaves_like_keys(packets: EventPackets) -> bool:
    code, duration = packets.word >> 24, packets.word & 0xFFFF
    same = (packets.timestamp[1:] == packets.timestamp[:-1]) & (code[1:] == code[:-1])
    shrinks = same & (duration[1:] < duration[:-1])
    return bool((code < len(_SYMBOLS)).all() and not (packets.word & _RESERVED).any() and not shrinks.any())


def digits_of(packets: EventPackets | None, chosen: set[int], clocks: dict[int, float]) -> dict[int, tuple[Digit, ...]]:
    """Key presses by stream.

    Args:
        packets: What may be an event, by use and arrival.
        chosen: Uses that are telephone-event.
        clocks: Clock rate in Hz by use, where it is known.

    Returns:
        Digits of each stream that has some, in order.
    """
    if packets is None:
        return {}
    packets = packets.only(np.isin(packets.use, sorted(chosen)))
    found: dict[int, list[Digit]] = {}
    for start, end in _events(packets):
        digit = _digit(packets, start, end, clocks)
        found.setdefault(int(packets.stream[start]), []).append(digit)
    return {stream: tuple(sorted(digits, key=lambda digit: digit.first_frame)) for stream, digits in found.items()}


def _events(packets: EventPackets) -> list[tuple[int, int]]:
    """First row and row behind the last of each event."""
    if not len(packets.at):
        return []
    code = packets.word >> 24
    new = (packets.use[1:] != packets.use[:-1]) | (code[1:] != code[:-1])
    new |= packets.at[1:] - packets.at[:-1] > SAME_EVENT
    new |= (packets.timestamp[1:] != packets.timestamp[:-1]) & ~_continued(packets)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), np.flatnonzero(new) + 1))
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(packets.at)], strict=True))


def _continued(packets: EventPackets) -> Truths:
    """Whether a packet opens the next segment of an event that is too long for one (RFC 4733 §2.5.1.3).

    The duration field holds 0xFFFF units at most; the next segment's timestamp is where the last one ended, without
    marker, and the segment before carries no E bit.
    """
    step = (packets.timestamp[1:] - packets.timestamp[:-1]) % (1 << 32)
    full = (packets.word[:-1] & 0xFFFF) > _LONGEST_DURATION // 2
    open_end = (packets.word[:-1] & _END) == 0
    followed: Truths = ~packets.marker[1:] & open_end & full & (step == (packets.word[:-1] & 0xFFFF))
    return followed


def _digit(packets: EventPackets, start: int, end: int, clocks: dict[int, float]) -> Digit:
    words = packets.word[start:end]
    clock = clocks.get(int(packets.use[start]))
    shift = (int(packets.timestamp[end - 1]) - int(packets.timestamp[start])) % (1 << 32)
    units = shift + int(words[packets.timestamp[start:end] == packets.timestamp[end - 1]].max() & 0xFFFF)
    code = int(words[0]) >> 24
    return Digit(
        symbol=_SYMBOLS[code] if code < len(_SYMBOLS) else f"event {code}",
        at=int(packets.at[start]),
        duration_ms=1000 * units / clock if clock else None,
        end_packets=int(((words & _END) != 0).sum()),
        first_frame=int(packets.frame[start]),
    )
