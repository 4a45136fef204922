import pytest

from sipscope.capture.text.stamps import DAY, Clock, Stamp, prefix_of, stamp_in, stamp_of, stamp_of_unix_time
from sipscope.model.time import SECOND

NOON = 12 * 3600 * SECOND
MAY_2026 = 20574
MAY_1972 = 851


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        (b"2026-05-01 12:00:00", Stamp(day=MAY_2026, time=NOON, has_fraction=False)),
        (b"2026-05-01 12:00:00.5", Stamp(day=MAY_2026, time=NOON + SECOND // 2)),
        (b"2026/05/01 12:00:00.000000001", Stamp(day=MAY_2026, time=NOON + 1)),
        (b"2026-05-01T12:00:00,250", Stamp(day=MAY_2026, time=NOON + SECOND // 4)),
        (b"2026-05-01T14:00:00.0+02:00", Stamp(day=MAY_2026, time=NOON)),
        (b"2026-05-01T07:30:00.0-0430", Stamp(day=MAY_2026, time=NOON)),
        (b"2026-05-01T12:00:00.0Z", Stamp(day=MAY_2026, time=NOON)),
        (b"May  1 12:00:00", Stamp(day=MAY_1972, time=NOON, has_year=False, has_fraction=False)),
        (b"May  1 2026 12:00:00.0", Stamp(day=MAY_2026, time=NOON)),
        (b"Feb 29 00:00:00.0", Stamp(day=789, time=0, has_year=False)),
        (b"12:00:00.000", Stamp(day=None, time=NOON)),
        (b"2026-02-30 12:00:00.0", Stamp(day=None, time=NOON)),
    ],
)
def test_moment_is_read(text, stamp):
    assert stamp_in(text) == stamp


@pytest.mark.parametrize("text", [b"", b"24:00:00", b"12:60:00", b"1:2:3", b"12-00-00", b"May 1"])
def test_what_is_no_time_is_none(text):
    assert stamp_in(text) is None


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (b"[2026-05-01 12:00:00.000] VERBOSE[812] chan_sip.c: text", b"text"),
        (b"[2026-05-01 12:00:00.000] VERBOSE[812][C-0000000a] chan_sip.c: text", b"text"),
        (b"[May  1 12:00:00] text", b"text"),
        (b"May  1 12:00:00 pbx asterisk[77]: text", b"text"),
        (b"2026-05-01T12:00:00.0+00:00 pbx kamailio[77]: text", b"text"),
        (b"<134>May  1 12:00:00 pbx kamailio: text", b"text"),
        (b"2026-05-01 12:00:00.000000 [DEBUG] sofia.c:7291 text", b"text"),
        (b"2026-05-01 12:00:00.000000 99.87% [INFO] sofia.c:1 text", b"text"),
        (b"6a0f1e52-8c1c-4b8e-9d27-0123456789ab 2026-05-01 12:00:00.0 [DEBUG] a.c:1 text", b"text"),
        (b"03797390.001 |12:00:00.000 |AppInfo  |text", b"text"),
        (b"03797390.001 |2026/05/01 12:00:00.000 |AppInfo  |text", b"text"),
        (b"001756: *May  1 12:00:00.000: text", b"text"),
        (b"May  1 12:00:00.000 CEST: text", b"text"),
    ],
)
def test_prefix_ends_where_the_text_begins(line, rest):
    prefix = prefix_of(line)
    assert prefix is not None
    assert line[prefix.end() :] == rest
    assert stamp_of(prefix).time == NOON


@pytest.mark.parametrize(
    "line",
    [b"Via: SIP/2.0/UDP 10.0.0.1", b"INVITE sip:bob@example.com SIP/2.0", b"a=rtpmap:0 PCMU/8000", b"", b"0.5"],
)
def test_line_of_a_message_has_no_prefix(line):
    assert prefix_of(line) is None


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        (b"1777636800.250000", Stamp(day=MAY_2026, time=NOON + SECOND // 4)),
        (b"1777636800", Stamp(day=MAY_2026, time=NOON, has_fraction=False)),
        (b"yesterday", None),
        (b"99999999999999999999", None),
        (b"12.x", None),
    ],
)
def test_unix_time_is_read(text, stamp):
    assert stamp_of_unix_time(text) == stamp


def at(hour: float, day: int | None = None, **facts: bool) -> Stamp:
    return Stamp(day=day, time=int(hour * 3600) * SECOND, **facts)


def instants(*stamps: Stamp | None, first_day: int | None = None) -> list[float]:
    """In hours since the first day, 1970-01-01 where none is given."""
    clock = Clock(first_day)
    return [(clock.instant(stamp) - (first_day or 0) * DAY) / (3600 * SECOND) for stamp in stamps]


@pytest.mark.parametrize(
    ("stamps", "hours"),
    [
        ([at(10), at(11)], [10, 11]),
        ([at(23), at(0)], [23, 24]),
        ([at(23), at(0), at(20), at(0.5)], [23, 24, 44, 48.5]),
        ([at(10), at(9.5)], [10, 9.5]),
        ([at(20), at(11)], [20, 35]),
        ([at(0.5), at(23)], [0.5, -1]),
        ([at(10), None, at(11)], [10, 10, 11]),
        ([None, at(10)], [0, 10]),
    ],
)
def test_clock_without_dates_runs_past_midnight_and_steps_back_a_little(stamps, hours):
    assert instants(*stamps) == hours


def test_clock_without_dates_goes_on_from_the_first_day_of_the_log():
    assert instants(at(23), at(0), first_day=MAY_2026) == [23, 24]


def test_dates_are_believed_however_they_jump():
    assert instants(at(10, day=5), at(10, day=3), at(1, day=9)) == [130, 82, 217]


def test_year_goes_on_after_december_where_no_year_is_told():
    december, january = at(23, day=1095, has_year=False), at(1, day=730, has_year=False)
    assert instants(december, january, january) == [26303, 26305, 26305]


def test_time_of_day_is_put_on_the_date_that_stands_nearby():
    clock = Clock(None)
    assert clock.instant(at(2), near=at(10, day=5)) == 5 * DAY + at(2).time
    assert clock.instant(at(23.5), near=at(0, day=7)) == 6 * DAY + at(23.5).time


@pytest.mark.parametrize(
    ("stamps", "timed", "dated", "has_year", "has_fraction"),
    [
        ([None], False, True, True, False),
        ([at(1)], True, False, True, True),
        ([at(1, day=1, has_fraction=False)], True, True, True, False),
        ([at(1, day=1, has_year=False)], True, True, False, True),
    ],
)
def test_clock_knows_what_it_was_not_told(stamps, timed, dated, has_year, has_fraction):
    clock = Clock(None)
    for stamp in stamps:
        clock.instant(stamp)
    assert (clock.timed, clock.dated, clock.has_year, clock.has_fraction) == (timed, dated, has_year, has_fraction)
