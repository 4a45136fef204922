"""Conferences on one page: who was in when, how they came, and what the focus told of them."""

from collections.abc import Iterable, Iterator

from sipscope.model.conference import Conference, ConferenceKind, ConferenceReport, Participant, Presence
from sipscope.model.time import Duration, Instant
from sipscope.model.trace import Trace
from sipscope.views.report_values import time_of
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, duration_of, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

_RIGHT = Alignment.RIGHT


def conferences_of(trace: Trace) -> Summary:
    """The conferences of a capture, as a page for people."""
    tables = (_table(trace), participants_table(trace), _told_table(trace))
    return Summary(
        title=trace.facts.path,
        headline=counted(len(trace.conferences), "conference"),
        tables=tuple(table for table in tables if table.rows),
    )


def conferences_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "conferences": conferences_report(trace),
    }


def conferences_report(trace: Trace) -> list[dict[str, object]]:
    """Every conference with its participants, and what the focus told."""
    return [_report(item, trace) for item in trace.conferences]


def participants_table(trace: Trace) -> Table:
    """Who was in when."""
    return Table(
        title="Participants",
        columns=(
            Column(heading="#", alignment=_RIGHT),
            Column(heading="Who", may_wrap=True),
            Column(heading="How", may_wrap=True),
            Column(heading="In from"),
            Column(heading="Until"),
            Column(heading="Stayed", alignment=_RIGHT),
            Column(heading="In as told", may_wrap=True),
            Column(heading="Knows conferences"),
            Column(heading="Call", alignment=_RIGHT),
            Column(heading="Frames"),
        ),
        rows=tuple(_participant_row(item, each, trace) for item in trace.conferences for each in item.participants),
    )


def _table(trace: Trace) -> Table:
    return Table(
        title="Conferences",
        columns=(
            Column(heading="#", alignment=_RIGHT),
            Column(heading="Conference", may_wrap=True),
            Column(heading="Held by"),
            Column(heading="At", may_wrap=True),
            Column(heading="From"),
            Column(heading="Until"),
            Column(heading="Participants", alignment=_RIGHT),
            Column(heading="At once", alignment=_RIGHT),
            Column(heading="Joined to", may_wrap=True),
            Column(heading="Known from", may_wrap=True),
        ),
        rows=tuple(_row(item, trace) for item in trace.conferences),
    )


def _row(item: Conference, trace: Trace) -> tuple[Cell, ...]:
    came = [each for each in item.participants if each.refused_with is None]
    host = item.host or ""
    return (
        Cell(text=item.id.removeprefix("k")),
        Cell(text=item.uri),
        Cell(text="its focus" if item.kind is ConferenceKind.FOCUS else "a mixing phone"),
        Cell(text=f"{trace.facts.names[host]} {host}" if host in trace.facts.names else host),
        Cell(text=time_of_day_of(item.started_at), tone=Tone.MUTED),
        Cell(text="" if item.ended_at is None else time_of_day_of(item.ended_at), tone=Tone.MUTED),
        Cell(text=str(len({each.uri for each in came}))),
        Cell(text=str(most_at_once(came))),
        Cell(text=", ".join(item.cascaded_with)),
        Cell(text=" ".join(item.evidence)),
    )


def most_at_once(participants: Iterable[Participant]) -> int:
    """How many were in at the same time, at most."""
    changes: list[tuple[Instant, int]] = []
    for item in participants:
        changes.append((item.joined_at if item.joined_at is not None else 0, 1))
        if item.left_at is not None:
            changes.append((item.left_at, -1))
    number = most = 0
    for _, change in sorted(changes):
        number += change
        most = max(most, number)
    return most


def _participant_row(conference: Conference, item: Participant, trace: Trace) -> tuple[Cell, ...]:
    number = None if item.dialog_id is None else trace.index.call_of_dialog.get(item.dialog_id)
    came = item.refused_with is None
    stayed = _stayed(item, trace.ended_at)
    return (
        Cell(text=conference.id.removeprefix("k")),
        Cell(text=item.uri),
        Cell(text=how_words(item), tone=Tone.PLAIN if came else Tone.FAILURE),
        Cell(text=_since_words(item), tone=Tone.MUTED),
        Cell(text=_until_words(item), tone=Tone.MUTED),
        Cell(text="" if stayed is None else duration_of(stayed)),
        Cell(text=", ".join(_presence_words(item.told))),
        Cell(text={True: "yes", False: "no", None: ""}[item.is_aware]),
        Cell(text="" if number is None else str(number)),
        Cell(text=", ".join(map(str, item.frames))),
    )


def how_words(item: Participant) -> str:
    """How somebody came in, who asked for it, and how it failed or ended where somebody else made it end."""
    words = item.entry.value
    if item.invited_by is not None:
        words += f" of {item.invited_by}"
    if item.refused_with is not None:
        words += f", refused with {item.refused_with}"
    if item.removed_by is not None:
        words += f", removed by {item.removed_by}"
    return words


def _since_words(item: Participant) -> str:
    if item.refused_with is not None:
        return "never"
    return "before the capture" if item.joined_at is None else time_of_day_of(item.joined_at)


def _until_words(item: Participant) -> str:
    if item.refused_with is not None:
        return ""
    return "still in" if item.left_at is None else time_of_day_of(item.left_at)


def _stayed(item: Participant, capture_ended_at: Instant | None) -> Duration | None:
    end = item.left_at if item.left_at is not None else capture_ended_at
    return None if item.joined_at is None or end is None else max(0, end - item.joined_at)


def _presence_words(told: Iterable[Presence]) -> Iterator[str]:
    for item in told:
        until = "" if item.until is None else time_of_day_of(item.until)
        yield f"{time_of_day_of(item.since)} – {until}".strip()


def _told_table(trace: Trace) -> Table:
    return Table(
        title="What the focus told",
        columns=(
            Column(heading="#", alignment=_RIGHT),
            Column(heading="Time"),
            Column(heading="Subscription"),
            Column(heading="Version", alignment=_RIGHT),
            Column(heading="State"),
            Column(heading="Users in", may_wrap=True),
            Column(heading="Counted", alignment=_RIGHT),
            Column(heading="Frame", alignment=_RIGHT),
        ),
        rows=tuple(_told_row(item, each) for item in trace.conferences for each in item.reports),
    )


def _told_row(conference: Conference, item: ConferenceReport) -> tuple[Cell, ...]:
    state = {True: "full", False: "partial", None: ""}[item.is_full]
    return (
        Cell(text=conference.id.removeprefix("k")),
        Cell(text=time_of_day_of(item.at), tone=Tone.MUTED),
        Cell(text=item.subscription_id),
        Cell(text="" if item.version is None else str(item.version)),
        Cell(
            text=f"{state}, came before" if item.is_stale else state, tone=Tone.MUTED if item.is_stale else Tone.PLAIN
        ),
        Cell(text=", ".join(item.present) or "nobody"),
        Cell(text="" if item.user_count is None else str(item.user_count)),
        Cell(text=str(item.frame)),
    )


def _report(item: Conference, trace: Trace) -> dict[str, object]:
    return {
        "id": item.id,
        "at": time_of(item.started_at),
        "ended_at": time_of(item.ended_at),
        "kind": item.kind.value,
        "uri": item.uri,
        "host": item.host,
        "cascaded_with": list(item.cascaded_with),
        "evidence": list(item.evidence),
        "participants": [_participant_report(each, trace) for each in item.participants],
        "notifications": [_told_report(each) for each in item.reports],
    }


def _participant_report(item: Participant, trace: Trace) -> dict[str, object]:
    return {
        "uri": item.uri,
        "entry": item.entry.value,
        "joined_at": time_of(item.joined_at),
        "left_at": time_of(item.left_at),
        "invited_by": item.invited_by,
        "removed_by": item.removed_by,
        "refused_with": item.refused_with,
        "aware": item.is_aware,
        "focus": item.focus,
        "told": [{"since": time_of(each.since), "until": time_of(each.until)} for each in item.told],
        "dialog": item.dialog_id,
        "call": None if item.dialog_id is None else trace.index.call_of_dialog.get(item.dialog_id),
        "frames": list(item.frames),
    }


def _told_report(item: ConferenceReport) -> dict[str, object]:
    return {
        "at": time_of(item.at),
        "frame": item.frame,
        "subscription": item.subscription_id,
        "version": item.version,
        "full": item.is_full,
        "present": list(item.present),
        "user_count": item.user_count,
        "stale": item.is_stale,
    }
