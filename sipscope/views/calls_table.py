"""Calls, a row each: for people, for programs, for spreadsheets."""

from collections.abc import Callable, Sequence

from sipscope.views.call_cells import CALL_COLUMNS, call_cells
from sipscope.views.filtering import Subject, values_of
from sipscope.views.report_values import masked, milliseconds_of, time_of, who
from sipscope.views.tables import Alignment, Cell, Column, Table

_Key = str | float | None


def _lowest(name: str) -> Callable[[Subject], _Key]:
    return lambda subject: min((value for value in values_of(subject, name)), default=None, key=float)


def _highest(name: str) -> Callable[[Subject], _Key]:
    return lambda subject: max((value for value in values_of(subject, name)), default=None, key=float)


_KEYS: dict[str, Callable[[Subject], _Key]] = {
    "started": lambda subject: subject.call.started_at,
    "setup": lambda subject: subject.call.setup,
    "ringing": lambda subject: subject.call.ringing,
    "talking": lambda subject: subject.call.talking,
    "outcome": lambda subject: subject.call.outcome.value,
    "status": lambda subject: subject.call.final_status,
    "caller": lambda subject: who(subject.call.caller),
    "callee": lambda subject: who(subject.call.callee),
    "mos": _lowest("mos"),
    "loss": _highest("loss_percent"),
    "jitter": _highest("jitter_ms"),
    "errors": _highest("errors"),
    "warnings": _highest("warnings"),
}

SORT_KEYS = tuple(_KEYS)
"""What calls can be sorted by; of the streams of a call the worst one counts."""


def sorted_calls(subjects: Sequence[Subject], key: str, *, reverse: bool = False) -> tuple[Subject, ...]:
    """Calls in the order of a key; those without a value for it come last, whichever way."""
    get = _KEYS[key]
    keyed = [(get(subject), subject) for subject in subjects]
    known = sorted(((value, subject) for value, subject in keyed if value is not None), key=_first, reverse=reverse)
    return (*(subject for _, subject in known), *(subject for value, subject in keyed if value is None))


def _first(pair: tuple[str | float, Subject]) -> str | float:
    return pair[0]


def calls_table(subjects: Sequence[Subject]) -> Table:
    """A row a call; with the capture in front where there are several."""
    several = len({subject.trace.facts.path for subject in subjects}) > 1
    front = (Column(heading="Capture", may_wrap=True),) if several else ()
    rows = tuple(
        (
            *((Cell(text=subject.trace.facts.path),) if several else ()),
            *call_cells(subject.call, subject.findings, subject.trace.facts.names),
            Cell(text=_worst_mos(subject)),
        )
        for subject in subjects
    )
    columns = (*front, *CALL_COLUMNS, Column(heading="MOS", alignment=Alignment.RIGHT))
    return Table(title="Calls", columns=columns, rows=rows)


def _worst_mos(subject: Subject) -> str:
    worst = _KEYS["mos"](subject)
    return "" if worst is None else f"{worst:.1f}"


ROW_NAMES = (
    "capture",
    "id",
    "started_at",
    "answered_at",
    "ended_at",
    "caller",
    "callee",
    "outcome",
    "final_status",
    "released_by",
    "setup_ms",
    "ringing_ms",
    "talking_ms",
    "streams",
    "mos_min",
    "loss_percent_max",
    "jitter_ms_max",
    "codecs",
    "services",
    "findings",
    "errors",
    "warnings",
    "user_agents",
    "call_ids",
    "headline",
)
"""The values of each of `calls_rows`."""


def calls_rows(subjects: Sequence[Subject]) -> list[dict[str, object]]:
    """Calls as flat values for programs: names as in the report, of the streams the worst value."""
    return [_row(subject) for subject in subjects]


def _row(subject: Subject) -> dict[str, object]:
    call = subject.call
    return {
        "capture": subject.trace.facts.path,
        "id": call.id,
        "started_at": time_of(call.started_at),
        "answered_at": time_of(call.answered_at),
        "ended_at": time_of(call.ended_at),
        "caller": who(call.caller),
        "callee": who(call.callee),
        "outcome": call.outcome.value,
        "final_status": call.final_status,
        "released_by": None if call.released_by is None else call.released_by.value,
        "setup_ms": milliseconds_of(call.setup),
        "ringing_ms": milliseconds_of(call.ringing),
        "talking_ms": milliseconds_of(call.talking),
        "streams": len(call.stream_ids),
        "mos_min": _KEYS["mos"](subject),
        "loss_percent_max": _KEYS["loss"](subject),
        "jitter_ms_max": _KEYS["jitter"](subject),
        "codecs": sorted({stream.codec for stream in subject.streams if stream.codec}),
        "services": list(values_of(subject, "services")),
        "findings": list(values_of(subject, "findings")),
        "errors": _KEYS["errors"](subject),
        "warnings": _KEYS["warnings"](subject),
        "user_agents": list(values_of(subject, "user_agents")),
        "call_ids": list(call.call_ids),
        "headline": None if subject.headline is None else masked(subject.headline),
    }
