"""Puts a log among the packets of a capture: how its clock differs, what both show, and when the rest was."""

from datetime import UTC, datetime
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.text.ends import OTHER_SIDE, OWN_SIDE
from sipscope.capture.text.merging import COPY_WINDOW
from sipscope.errors import UsageError
from sipscope.model.packets import Packet
from sipscope.model.time import SECOND, Duration, Instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sipscope.capture.mixed.sightings import Sighting
    from sipscope.capture.text.merging import Log
    from sipscope.capture.text.stamps import Clock
    from sipscope.model.network import Hop

_QUARTER_OF_AN_HOUR: Duration = 900 * SECOND
"""All time zones differ by a multiple of it."""

_UNKNOWN = frozenset({OWN_SIDE.address, OTHER_SIDE.address})


class Aligned(NamedTuple):
    """What a log adds to a capture.

    Attributes:
        packets: The messages that the capture doesn't show, at their times by the capture's clock.
        copies: How many others there are.
        note: A sentence on what its times were taken for.
    """

    packets: list[Packet]
    copies: int
    note: str


def aligned(log: "Log", seen: "Mapping[bytes, Sequence[Sighting]]", begins_at: Instant | None) -> Aligned:
    """Put a log's messages among those of a capture that begins at `begins_at`.

    Raises:
        UsageError: Nothing tells on which day, or when, the messages of the log were.
    """
    clock = log.reader.clock
    if clock is None or not log.packets:
        return Aligned([], 0, f"{log.name} adds no message.")
    if not clock.timed:
        raise UsageError(f"{log.name} tells no times: its messages can't be put among those of a capture")
    window = COPY_WINDOW + clock.step
    differences = _differences(log.packets, seen)
    if differences:
        shift = _rounded(median_low(differences), window)
    else:
        shift = _assumed(log.name, log.packets[0].at, clock, begins_at)
    shown = _shown(log.packets, seen, shift, window)
    copies = sum(at is not None for at in shown)
    times = _between([packet.at + shift for packet in log.packets], shown, window)
    packets = [_at(packet, at) for packet, at, copy in zip(log.packets, times, shown, strict=True) if copy is None]
    return Aligned(packets, copies, f"{log.name}: {_note(clock, shift, copies, len(log.packets))}")


def _differences(packets: "Sequence[Packet]", seen: "Mapping[bytes, Sequence[Sighting]]") -> list[Duration]:
    """By how much the capture's clock is ahead, for each message that both show, at the first time that they do."""
    first: dict[bytes, Instant] = {}
    for packet in packets:
        if seen.get(packet.payload):
            first.setdefault(packet.payload, packet.at)
    return [seen[payload][0].at - at for payload, at in first.items()]


def _rounded(difference: Duration, window: Duration) -> Duration:
    """What to put a log's times ahead by: the difference of two zones if it is one, else that of the clocks."""
    zones = (difference + _QUARTER_OF_AN_HOUR // 2) // _QUARTER_OF_AN_HOUR * _QUARTER_OF_AN_HOUR
    return zones if abs(difference - zones) <= window else difference


def _assumed(name: str, first: Instant, clock: "Clock", begins_at: Instant | None) -> Duration:
    """What to put times ahead by where no message is in both: the year that is left out is that of the capture."""
    if not clock.dated:
        raise UsageError(
            f"{name} tells times without a date, and no message of it is in the capture as well: "
            "nothing tells on which day it was written"
        )
    if clock.has_year or begins_at is None:
        return 0
    year = datetime.fromtimestamp(begins_at // SECOND, UTC).year
    shifts = [_to_year(first, other) for other in (year - 1, year, year + 1)]
    return min(shifts, key=lambda shift: abs(first + shift - begins_at))


def _to_year(at: Instant, year: int) -> Duration:
    """From an instant to the same day of another year; 29 February becomes 1 March where there is none."""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    days = datetime(year, moment.month, 1, tzinfo=UTC) - datetime(moment.year, moment.month, 1, tzinfo=UTC)
    return days.days * 86400 * SECOND


def _shown(
    packets: "Sequence[Packet]", seen: "Mapping[bytes, Sequence[Sighting]]", shift: Duration, window: Duration
) -> list[Instant | None]:
    """For each message when the capture shows it, None where it doesn't; each time is found once."""
    left = {payload: list(sightings) for payload, sightings in seen.items()}
    found: list[Instant | None] = []
    for packet in packets:
        at = packet.at + shift
        near = [
            sighting
            for sighting in left.get(packet.payload, ())
            if abs(sighting.at - at) <= window and _agree(packet.hop, sighting.hop)
        ]
        best = min(near, key=lambda sighting: (sighting.hop != packet.hop, abs(sighting.at - at)), default=None)
        if best is not None:
            left[packet.payload].remove(best)
        found.append(None if best is None else best.at)
    return found


def _agree(told: "Hop", shown: "Hop") -> bool:
    """Whether the way that a log tells of a message can be the one it was captured on.

    One end is enough: the other one may be behind an address translation, or taken from what the message says. A proxy
    that passes a message on writes a Via, so its bytes differ.
    """
    ends = ((told.source.address, shown.source.address), (told.destination.address, shown.destination.address))
    return any(by_log in _UNKNOWN or by_log == by_capture for by_log, by_capture in ends)


def _between(times: "list[Instant]", shown: "Sequence[Instant | None]", window: Duration) -> "list[Instant]":
    """Times that keep the order of the log also against what the capture shows of it."""
    found = list(times)
    before: Instant | None = None
    for number, at in enumerate(shown):
        before = before if at is None else at
        if before is not None and 0 < before - found[number] <= window:
            found[number] = before
    behind: Instant | None = None
    for number in range(len(found) - 1, -1, -1):
        at = shown[number]
        behind = behind if at is None else at
        if behind is not None and 0 < found[number] - behind <= window:
            found[number] = behind
    return found


def _at(packet: Packet, at: Instant) -> Packet:
    return Packet(
        at=at,
        frames=packet.frames,
        hop=packet.hop,
        payload=packet.payload,
        identification=packet.identification,
        truncated=packet.truncated,
    )


def _note(clock: "Clock", shift: Duration, copies: int, messages: int) -> str:
    if not copies:
        taken = "its times are taken for UTC unless they name a zone, and its clock for right"
        year = "" if clock.has_year else "; the year, which it leaves out, is the one nearest to the capture"
        return f"no message of it is in the capture as well; {taken}{year}."
    both = f"{copies} of {messages} messages are in the capture as well"
    if not clock.dated or not clock.has_year:
        left_out = "year" if clock.dated else "date"
        return f"{both} and tell its {left_out}, which it leaves out, and its time zone."
    if not shift:
        return f"{both}, and its clock agrees with the capture's."
    way = "back" if shift < 0 else "ahead"
    reason = "so its times are those of another zone" if shift % _QUARTER_OF_AN_HOUR == 0 else "so its clock is wrong"
    return f"{both}, {reason}: they are put {way} by {_written(abs(shift))}."


def _written(duration: Duration) -> str:
    hours, minutes = divmod(duration // (60 * SECOND), 60)
    return f"{duration / SECOND:.3f} s" if duration % (60 * SECOND) else f"{hours}:{minutes:02} h"
