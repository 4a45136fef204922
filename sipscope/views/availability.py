"""Whether peers answer, on one page: OPTIONS probes with the times when a peer went down and came back."""

from collections.abc import Sequence

from sipscope.model.availability import Availability, AvailabilityChange, Probing
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

TONES = {Availability.UP: Tone.SUCCESS, Availability.DOWN: Tone.FAILURE}


def probes_of(trace: Trace) -> Summary:
    """The probes of a capture, as a page for people."""
    table = _table(trace)
    return Summary(
        title=trace.facts.path,
        headline=counted(len(trace.probes), "peer") + " probed by OPTIONS",
        tables=(table,) if table.rows else (),
    )


def probes_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "probes": probes_report(trace),
    }


def probes_report(trace: Trace) -> list[dict[str, object]]:
    """Every pair of prober and peer."""
    return [
        {
            "id": item.id,
            "client": item.client,
            "server": item.server,
            "probes": item.probes,
            "failures": item.failures,
            "availability": None if item.availability is None else item.availability.value,
            "changes": changes_report(item.changes),
        }
        for item in trace.probes
    ]


def changes_report(changes: Sequence[AvailabilityChange]) -> list[dict[str, object]]:
    """The first state and each change of it."""
    return [
        {"availability": item.availability.value, "at": iso8601(item.at), "frame": item.frame, "said": item.said}
        for item in changes
    ]


def changes_words(changes: Sequence[AvailabilityChange]) -> str:
    """`up 10:00:00.000 (200 OK), down 10:05:00.000 (no answer)`."""
    return ", ".join(f"{item.availability.value} {time_of_day_of(item.at)} ({item.said})" for item in changes)


def _table(trace: Trace) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Probes",
        columns=(
            Column(heading="Peer"),
            Column(heading="Probed by"),
            Column(heading="Probes", alignment=right),
            Column(heading="Failed", alignment=right),
            Column(heading="State"),
            Column(heading="Changes", may_wrap=True),
        ),
        rows=tuple(_row(item, trace) for item in trace.probes),
    )


def _row(item: Probing, trace: Trace) -> tuple[Cell, ...]:
    names, state = trace.facts.names, item.availability
    return (
        Cell(text=names.get(item.server, item.server)),
        Cell(text=names.get(item.client, item.client)),
        Cell(text=str(item.probes)),
        Cell(text=str(item.failures)),
        Cell(text="unknown", tone=Tone.MUTED) if state is None else Cell(text=state.value, tone=TONES[state]),
        Cell(text=changes_words(item.changes)),
    )
