"""Registrations on one page: every attempt with what was asked, granted and answered, and the bindings they made."""

from sipscope.model.subscription import Binding, Registration, RegistrationOutcome
from sipscope.model.time import in_seconds, iso8601
from sipscope.model.trace import Trace
from sipscope.views.availability import TONES, changes_report, changes_words
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, endpoint_of, number_text, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

_TONES_OF_OUTCOMES = {
    RegistrationOutcome.REGISTERED: Tone.SUCCESS,
    RegistrationOutcome.REJECTED: Tone.FAILURE,
    RegistrationOutcome.UNANSWERED: Tone.FAILURE,
    RegistrationOutcome.PENDING: Tone.MUTED,
}


def registrations_of(trace: Trace) -> Summary:
    """The registrations of a capture, as a page for people."""
    tables = (_attempts_table(trace), _bindings_table(trace))
    return Summary(
        title=trace.facts.path,
        headline=", ".join(
            (counted(len(trace.registrations), "registration"), counted(len(trace.bindings), "binding"))
        ),
        tables=tuple(table for table in tables if table.rows),
    )


def registrations_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "registrations": [_registration_report(item) for item in trace.registrations],
        "bindings": [_binding_report(item) for item in trace.bindings],
    }


def _attempts_table(trace: Trace) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Registrations",
        columns=(
            Column(heading="Time"),
            Column(heading="Address of record", may_wrap=True),
            Column(heading="Contact", may_wrap=True),
            Column(heading="Asked", alignment=right, unit="s"),
            Column(heading="Granted", alignment=right, unit="s"),
            Column(heading="Attempts", alignment=right),
            Column(heading="Outcome"),
            Column(heading="Registrar"),
        ),
        rows=tuple(_attempt_row(item, trace) for item in trace.registrations),
    )


def _attempt_row(item: Registration, trace: Trace) -> tuple[Cell, ...]:
    status = "" if item.final is None else f" {item.final.status}"
    return (
        Cell(text=time_of_day_of(item.started_at), tone=Tone.MUTED),
        Cell(text=item.address_of_record + (" (by a third party)" if item.is_third_party else "")),
        Cell(text=", ".join(_asked_contacts(item))),
        Cell(text=number_text(item.asked_s)),
        Cell(text=number_text(item.expires_s)),
        Cell(text=str(len(item.attempts))),
        Cell(text=f"{item.outcome.value}{status}", tone=_TONES_OF_OUTCOMES.get(item.outcome, Tone.PLAIN)),
        Cell(text=endpoint_of(item.registrar, trace.facts.names)),
    )


def _asked_contacts(item: Registration) -> list[str]:
    request = item.request
    if request is not None and request.contact_is_star:
        return ["*"]
    return [contact.uri.text for contact in (() if request is None else request.contacts)]


def _bindings_table(trace: Trace) -> Table:
    return Table(
        title="Bindings",
        columns=(
            Column(heading="Address of record", may_wrap=True),
            Column(heading="Contact", may_wrap=True),
            Column(heading="History", may_wrap=True),
            Column(heading="Reached", may_wrap=True),
        ),
        rows=tuple(
            (
                Cell(text=item.address_of_record),
                Cell(text=item.contact.uri.text),
                Cell(text=", ".join(f"{event.kind.value} {time_of_day_of(event.at)}" for event in item.history)),
                Cell(
                    text=changes_words(item.reached),
                    tone=TONES[item.reached[-1].availability] if item.reached else Tone.PLAIN,
                ),
            )
            for item in trace.bindings
        ),
    )


def _registration_report(item: Registration) -> dict[str, object]:
    last = item.attempts[-1].all_messages[-1]
    return {
        "id": item.id,
        "at": iso8601(item.started_at),
        "aor": item.address_of_record or None,
        "contacts": _asked_contacts(item),
        "asked_s": item.asked_s,
        "granted_s": item.expires_s,
        "attempts": len(item.attempts),
        "outcome": item.outcome.value,
        "status": None if item.final is None else item.final.status,
        "registrar": str(item.registrar),
        "source": str(item.source),
        "third_party": item.is_third_party,
        "path": [address.uri.text for address in item.path],
        "service_route": [address.uri.text for address in item.service_route],
        "flow_timer_s": item.flow_timer_s,
        "took_s": in_seconds(last.at - item.started_at),
        "frames": sorted(
            {frame for attempt in item.attempts for message in attempt.all_messages for frame in message.frames}
        ),
    }


def _binding_report(item: Binding) -> dict[str, object]:
    return {
        "id": item.id,
        "aor": item.address_of_record or None,
        "contact": item.contact.uri.text,
        "instance": item.instance,
        "reg_id": item.reg_id,
        "history": [
            {
                "event": event.kind.value,
                "at": iso8601(event.at),
                "frame": event.frame,
                "expires_s": event.expires_s,
                "registration": event.registration_id,
            }
            for event in item.history
        ],
        "reached": changes_report(item.reached),
    }
