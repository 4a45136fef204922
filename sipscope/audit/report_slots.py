"""Calls over time: by hours, days, months or years, whichever gives a picture."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sipscope.audit.report_findings import FAULTY
from sipscope.audit.store import Store
from sipscope.views.audit_page import Slot

_MOST = 93
"""Slots that a picture can hold: three months of days."""

_WIDTHS: tuple[tuple[str, Callable[[datetime], datetime]], ...] = (
    ("%Y-%m-%d %H:00", lambda time: time + timedelta(hours=1)),
    ("%Y-%m-%d", lambda time: time + timedelta(days=1)),
    ("%Y-%m", lambda time: (time.replace(day=1) + timedelta(days=32)).replace(day=1)),
    ("%Y", lambda time: time.replace(year=min(time.year + 1, 9999), month=1, day=1)),
)
"""How a slot is written, and when the next begins; the shortest first."""

_HOURS_AT_MOST = 48
"""Slots of an hour are for a day or two."""


def slots_of(store: Store) -> tuple[Slot, ...]:
    """Slots from the first call to the last, also those without a call."""
    ((first, last),) = store.query(
        "SELECT make_timestamp(min(epoch_ns(started_at)) // 1000), make_timestamp(max(epoch_ns(started_at)) // 1000) "
        "FROM calls"
    )
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return ()
    pattern, labels = _labels(first, last)
    counted = {
        str(label): (answered, unanswered, wrong)
        for label, answered, unanswered, wrong in store.query(
            "SELECT strftime(make_timestamp(epoch_ns(started_at) // 1000), ?) AS label, "
            "count(*) FILTER (f.call IS NULL AND outcome = 'answered'), "
            "count(*) FILTER (f.call IS NULL AND outcome <> 'answered'), count(f.call) "
            f"FROM calls LEFT JOIN ({FAULTY}) AS f USING (capture, call) WHERE started_at IS NOT NULL GROUP BY label",
            [pattern],
        )
    }
    return tuple(_slot(label, counted.get(label, (0, 0, 0))) for label in labels)


def _labels(first: datetime, last: datetime) -> tuple[str, list[str]]:
    """The shortest slots that are few enough, with all of their labels."""
    for number, (pattern, following) in enumerate(_WIDTHS):
        limit = _MOST if number else _HOURS_AT_MOST
        labels = _from_to(first, last, pattern, following, limit)
        if len(labels) <= limit:
            return pattern, labels
    pattern, following = _WIDTHS[-1]
    return pattern, _from_to(first, last, pattern, following, 10_000)


def _from_to(
    first: datetime, last: datetime, pattern: str, following: Callable[[datetime], datetime], limit: int
) -> list[str]:
    """Labels from the first slot to the last, no more than one above the limit."""
    end = last.strftime(pattern)
    labels, time = [first.strftime(pattern)], first
    while labels[-1] != end and len(labels) <= limit:
        time = following(time)
        labels.append(time.strftime(pattern))
    return labels


def _slot(label: str, counts: tuple[object, ...]) -> Slot:
    answered, unanswered, faulty = (int(str(count)) for count in counts)
    return Slot(label=label, answered=answered, unanswered=unanswered, faulty=faulty)
