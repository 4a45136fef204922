"""Instants and durations: integer nanoseconds, so that nothing is rounded and the same input gives the same output.

An `Instant` counts from 1970-01-01T00:00:00 UTC as the capture file tells it. The names are aliases of `int`:
arithmetic stays plain, and the annotation says what a number means.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

Instant: TypeAlias = int
Duration: TypeAlias = int

MICROSECOND: Duration = 1_000
MILLISECOND: Duration = 1_000_000
SECOND: Duration = 1_000_000_000


def from_seconds(seconds: float) -> Duration:
    """A duration of so many seconds, rounded to the nanosecond."""
    return round(seconds * SECOND)


def in_seconds(duration: Duration) -> float:
    """A duration as seconds, for people and for arithmetic that ends in a ratio."""
    return duration / SECOND


def in_milliseconds(duration: Duration) -> float:
    """A duration as milliseconds."""
    return duration / MILLISECOND


def iso8601(instant: Instant) -> str:
    """An instant in UTC with nanoseconds: `2026-05-01T10:00:00.123456789Z`.

    Years beyond 9999 or before 1, which only a damaged capture holds, are written as seconds since 1970.
    """
    seconds, nanoseconds = divmod(instant, SECOND)
    moment = _moment(seconds)
    return f"{seconds}.{nanoseconds:09d}" if moment is None else f"{moment}.{nanoseconds:09d}Z"


@lru_cache(maxsize=1024)
def _moment(seconds: int) -> str | None:
    """Whole seconds since 1970 as a date and a time; None where no calendar has them."""
    try:
        return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return None
