"""Times that lines of logs begin with, and the instants they stand for."""

import re
from datetime import date

from sipscope.model.time import SECOND, Duration, Instant
from sipscope.values import dataclass

DAY: Duration = 86400 * SECOND

_STEP_BACK: Duration = 2 * 3600 * SECOND
_YEAR: Duration = 366 * DAY
_HALF_A_YEAR: Duration = 183 * DAY
_LEAP_YEAR = 1972
"""Stands for the year that syslog daemons and routers leave out: a leap year, so that each of their dates exists."""

_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")

MOMENT = (
    rb"(?:(?P<year>\d{4})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[ T]"
    rb"|(?P<month_name>" + b"|".join(_MONTHS) + rb") +(?P<month_day>\d{1,2}) +(?:(?P<late_year>\d{4}) +)?)?"
    rb"(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d):(?P<second>[0-5]\d|60)(?:[.,](?P<fraction>\d{1,9}))?"
    rb"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
"""A time of day, with or without a date in front of it and a zone behind it."""

# What stands in front of the text of a line: a sequence number or an identifier, the moment, and who says it.
_SOURCE_FILE = rb"[A-Z]+\[\d+\](?:\[C-[0-9a-f]+\])?:? (?:[\w.-]+\.c: ?(?:\d+ in \w+: ?)?)?"
_PREFIX = re.compile(
    rb"(?:<\d{1,3}>(?:\d{1,12}: (?:[\w.-]{1,64}: )?)?"
    rb"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} |\d{1,12}: |\d{8}\.\d{3} *\||-{20,} |={20,} )?"
    rb"\[?[*.]?" + MOMENT + rb"(?:\] ?(?:" + _SOURCE_FILE + rb")?"  # Asterisk
    rb"|(?: \d+\.\d+%)? \[[A-Z]+\] [\w.-]+:\d+ ?"  # FreeSWITCH
    rb"| *\|[^|]{0,40}\| ?"  # Cisco Unified Communications Manager
    rb"|(?: [A-Z]{2,5})?: "  # Cisco IOS
    rb"| [\w.-]+ [\w./()-]+(?:\[\d+\])?: ?(?:" + _SOURCE_FILE + rb")?"  # syslog
    rb"|(?= )|$)"
)
_FIRST_BYTES = frozenset(b"0123456789abcdef[<*.-=JFMASOND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A moment as a log tells it.

    Attributes:
        day: Days since 1970-01-01, None where the log names only the time of day.
        time: Time since midnight.
        has_year: Whether the date comes with a year; one of 1972 stands for it otherwise.
        has_fraction: Whether the time is finer than whole seconds.
    """

    day: int | None
    time: Duration
    has_year: bool = True
    has_fraction: bool = True


class Clock:
    """Turns stamps into instants, in the order of the log.

    Attributes:
        timed: Whether any stamp came.
        dated: Whether the day of each stamp that came is known.
        has_year: Whether each date came with its year.
        has_fraction: Whether any time was finer than whole seconds.
    """

    def __init__(self, first_day: int | None) -> None:
        """Start on the first day the log names; on 1970-01-01 where it names none."""
        self.timed = False
        self.dated = True
        self.has_year = True
        self.has_fraction = False
        self._has_day = first_day is not None
        self._now: Instant = (first_day or 0) * DAY
        self._shift: Duration = 0
        self._is_running = False

    @property
    def step(self) -> Duration:
        """How coarse the times are: a second where none has a fraction, 0 where some have or there are none."""
        return SECOND if self.timed and not self.has_fraction else 0

    def instant(self, stamp: Stamp | None, near: Stamp | None = None) -> Instant:
        """When it is by a stamp; without one, as late as before. `near` is a dated stamp shortly before it."""
        if stamp is None:
            return self._now
        self.timed = True
        self.has_year = self.has_year and stamp.has_year and (near is None or near.has_year)
        self.has_fraction = self.has_fraction or stamp.has_fraction
        if stamp.day is None:
            self._now = self._on_day(stamp.time, near)
            self.dated = self.dated and self._has_day
        else:
            self._now = self._dated(stamp)
            self._has_day = True
        self._is_running = True
        return self._now

    def _on_day(self, time: Duration, near: Stamp | None) -> Instant:
        """A time of day on the day that it is by then."""
        following = _following(time, self._now) if self._is_running else self._now + time
        if near is None:
            return following
        # The two may be hours apart: FreeSWITCH writes messages in UTC and all else in local time.
        nearest = _nearest(time, self._dated(near))
        return max(nearest, following) if self._is_running else nearest

    def _dated(self, stamp: Stamp) -> Instant:
        """The instant of a stamp with a date; without a year it may be in the one after."""
        instant = (stamp.day or 0) * DAY + stamp.time
        if stamp.has_year:
            return instant
        if self._now - instant - self._shift > _HALF_A_YEAR:
            self._shift += _YEAR
        return instant + self._shift


def prefix_of(line: bytes) -> re.Match[bytes] | None:
    """What a logger put in front of a line, time included; None when the line begins with no time."""
    return _PREFIX.match(line) if line and line[0] in _FIRST_BYTES else None


def stamp_of(match: re.Match[bytes]) -> Stamp:
    """The stamp in a match of `MOMENT`."""
    day, has_year = _day_of(match)
    hour, minute, second = (int(match[name]) for name in ("hour", "minute", "second"))
    fraction = match["fraction"]
    time = (hour * 3600 + minute * 60 + second) * SECOND + int((fraction or b"0").ljust(9, b"0"))
    return Stamp(day=day, time=time - _offset(match["zone"]), has_year=has_year, has_fraction=fraction is not None)


def stamp_in(text: bytes) -> Stamp | None:
    """The stamp that a text begins with."""
    match = re.match(MOMENT, text)
    return None if match is None else stamp_of(match)


def stamp_of_unix_time(text: bytes) -> Stamp | None:
    """The stamp that seconds since 1970 stand for, `1700000000.123456`."""
    seconds, _, fraction = text.strip().partition(b".")
    if not (seconds.isdigit() and len(seconds) <= 10 and (fraction or b"0").isdigit()):
        return None
    day, second = divmod(int(seconds), 86400)
    return Stamp(day=day, time=second * SECOND + int(fraction[:9].ljust(9, b"0")), has_fraction=bool(fraction))


def _day_of(match: re.Match[bytes]) -> tuple[int | None, bool]:
    """Days since 1970 and whether the year is told; no day where there is no date, or none that exists."""
    if match["year"] is not None:
        return _days(int(match["year"]), int(match["month"]), int(match["day"])), True
    if match["month_name"] is None:
        return None, True
    year = int(match["late_year"] or _LEAP_YEAR)
    return _days(year, _MONTHS.index(match["month_name"]) + 1, int(match["month_day"])), match["late_year"] is not None


def _days(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return None


def _offset(zone: bytes | None) -> Duration:
    """How far a zone is ahead of UTC."""
    if zone is None or zone == b"Z":
        return 0
    ahead = (int(zone[1:3]) * 60 + int(zone[-2:])) * 60 * SECOND
    return ahead if zone[:1] == b"+" else -ahead


def _nearest(time: Duration, instant: Instant) -> Instant:
    """The time of day closest to an instant."""
    earliest = instant - DAY // 2
    found = earliest - earliest % DAY + time
    return found + DAY if found < earliest else found


def _following(time: Duration, instant: Instant) -> Instant:
    """The time of day that comes next after an instant, or was shortly before it.

    A log runs forward: 00:00 behind 23:59 is past midnight. Threads that write late, and the end of summer time, make
    it step back, but not far.
    """
    earliest = instant - _STEP_BACK
    found = earliest - earliest % DAY + time
    return found + DAY if found < earliest else found
