"""Publications on one page: who published which state, how its PUBLISHs went on, and until when it holds."""

from collections import Counter

from sipscope.model.publication import Publication, PublicationState, PublicationStep
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, number_text, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

_TONES = {
    PublicationState.PUBLISHED: Tone.SUCCESS,
    PublicationState.EXPIRED: Tone.FAILURE,
    PublicationState.REFUSED: Tone.FAILURE,
    PublicationState.UNKNOWN: Tone.MUTED,
}


def publications_of(trace: Trace) -> Summary:
    """The publications of a capture, as a page for people."""
    table = _table(trace)
    return Summary(
        title=trace.facts.path,
        headline=counted(len(trace.publications), "publication"),
        tables=(table,) if table.rows else (),
    )


def publications_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "publications": publications_report(trace),
    }


def publications_report(trace: Trace) -> list[dict[str, object]]:
    """Every publication with its steps."""
    return [_report(item, trace) for item in trace.publications]


def _table(trace: Trace) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Publications",
        columns=(
            Column(heading="Time"),
            Column(heading="Event"),
            Column(heading="Resource", may_wrap=True),
            Column(heading="Client"),
            Column(heading="PUBLISHs", may_wrap=True),
            Column(heading="Asked", alignment=right, unit="s"),
            Column(heading="Granted", alignment=right, unit="s"),
            Column(heading="State", may_wrap=True),
            Column(heading="Entity-tags", may_wrap=True),
        ),
        rows=tuple(_row(item, trace) for item in trace.publications),
    )


def _row(item: Publication, trace: Trace) -> tuple[Cell, ...]:
    step = item.decided or item.steps[-1]
    state = _state(item, trace)
    return (
        Cell(text=time_of_day_of(item.started_at), tone=Tone.MUTED),
        Cell(text=item.event or "none"),
        Cell(text=item.resource),
        Cell(text=trace.facts.names.get(item.client, item.client)),
        Cell(text=_operations(item)),
        Cell(text=number_text(step.request.expires)),
        Cell(text=number_text(step.granted_s)),
        Cell(text=_state_words(item, state), tone=_TONES.get(state, Tone.PLAIN)),
        Cell(text=" > ".join(_tags(item))),
    )


def _state(item: Publication, trace: Trace) -> PublicationState:
    """At the end of the capture."""
    return item.state_at(item.steps[-1].at if trace.ended_at is None else trace.ended_at)


def _state_words(item: Publication, state: PublicationState) -> str:
    """`published until 10:20:30`, `expired at …`, `refused 489`."""
    step, ends = item.decided, item.ends_at
    if state is PublicationState.REFUSED and step is not None:
        return f"{state.value} {step.transaction.final_status}"
    if ends is None:
        return state.value
    return f"{state.value} {'until' if state is PublicationState.PUBLISHED else 'at'} {time_of_day_of(ends)}"


def _operations(item: Publication) -> str:
    """How often each was sent: `1 initial, 3 refresh`."""
    return ", ".join(f"{count} {kind.value}" for kind, count in Counter(step.operation for step in item.steps).items())


def _tags(item: Publication) -> list[str]:
    """What the state was called, one name behind the other."""
    named = [tag for step in item.steps for tag in (step.asked_tag, step.given_tag) if tag is not None]
    return list(dict.fromkeys(named))


def _report(item: Publication, trace: Trace) -> dict[str, object]:
    return {
        "id": item.id,
        "at": iso8601(item.started_at),
        "event": item.event or None,
        "resource": item.resource,
        "client": item.client,
        "state": _state(item, trace).value,
        "ends_at": None if item.ends_at is None else iso8601(item.ends_at),
        "steps": [_step_report(step) for step in item.steps],
    }


def _step_report(step: PublicationStep) -> dict[str, object]:
    messages = step.transaction.all_messages
    return {
        "operation": step.operation.value,
        "at": iso8601(step.at),
        "asked_tag": step.asked_tag,
        "given_tag": step.given_tag,
        "asked_s": step.request.expires,
        "granted_s": step.granted_s,
        "status": step.transaction.final_status,
        "frames": sorted({frame for message in messages for frame in message.frames}),
    }
