"""What a capture gives to the database: its trace as rows of plain values."""

from collections.abc import Iterable, Mapping

from sipscope.model.message import Message, Request, Response
from sipscope.model.packets import GapKind
from sipscope.model.series import AttemptReason, RequestSeries, SeriesOutcome
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.views.calls_table import calls_rows
from sipscope.views.expectations import expectations_report
from sipscope.views.filtering import Subject, subjects_of
from sipscope.views.report import capture_report, totals_report
from sipscope.views.report_calls import transfers_report
from sipscope.views.report_findings import findings_report
from sipscope.views.report_media import streams_report
from sipscope.views.report_sessions import dialogs_report, exchanges_report, folded_exchanges, registrations_report
from sipscope.views.report_values import milliseconds_of, text_or_none, time_of

Row = dict[str, object]


def rows_of(trace: Trace) -> dict[str, list[Row]]:
    """Rows by table, without the name of the capture in them."""
    exchanges = folded_exchanges(trace)
    return {
        "captures": [_capture(trace)],
        "calls": _calls(trace),
        "attempts": _attempts(trace),
        "dialogs": [_dialog(row) for row in dialogs_report(trace)],
        "exchanges": list(exchanges_report(exchanges)),
        "streams": list(streams_report(trace)),
        "transfers": transfers_report(trace),
        "registrations": registrations_report(trace),
        "findings": [_finding(row) for row in findings_report(trace, exchanges)],
        "hops": _hops(trace),
        "expectations": [{**row, "id": number} for number, row in enumerate(expectations_report(trace), start=1)],
    }


def _capture(trace: Trace) -> Row:
    facts, totals = capture_report(trace), totals_report(trace)
    found = totals["findings"]
    counts: Mapping[str, object] = found if isinstance(found, dict) else {}
    damaged = [gap.text for gap in trace.facts.gaps if gap.kind in (GapKind.TRUNCATED_FILE, GapKind.UNREADABLE_BLOCK)]
    return {
        **facts,
        "status": "damaged" if damaged else "read",
        "error": damaged[0] if damaged else None,
        "calls": totals["calls"],
        "errors": counts.get("error"),
        "warnings": counts.get("warning"),
        "remarks": counts.get("info"),
        "suppressed": counts.get("suppressed"),
        "gaps": [gap.text for gap in trace.facts.gaps],
    }


def _calls(trace: Trace) -> list[Row]:
    subjects = subjects_of(trace)
    return [{**row, **_ends(subject)} for row, subject in zip(calls_rows(subjects), subjects, strict=True)]


def _ends(subject: Subject) -> Row:
    """Hosts and devices of a call, as its first INVITE and the response that decided show them."""
    call = subject.call
    first = call.invites[0].first if call.invites else None
    request = next((item.request for item in call.caller_invites if item.request is not None), None)
    final = next((item.final for item in reversed(call.caller_invites) if item.final is not None), None)
    return {
        "source": None if first is None else _sender(first),
        "destination": None if first is None else _receiver(first),
        "caller_agent": _agent(request),
        "callee_agent": _agent(final),
        "ringing_at": time_of(call.ringing_at),
    }


def _attempts(trace: Trace) -> list[Row]:
    """Every series; a new session has its call's times and the first BYE beside it, so that metrics need no join."""
    rows = [_attempt(series, trace) for series in trace.series]
    releases: dict[object, Row] = {}
    for row in sorted(rows, key=lambda row: str(row["started_at"])):
        if row["method"] == "BYE" and row["is_origin"] and row["outcome"] != SeriesOutcome.PENDING:
            releases.setdefault(row["call"], row)
    for row in rows:
        call = trace.index.calls.get(number) if isinstance(number := row["call"], int) else None
        if row["method"] != "INVITE" or row["in_dialog"] or call is None:
            continue
        row.update(setup_ms=milliseconds_of(call.setup), ringing_ms=milliseconds_of(call.ringing))
        release = releases.get(number)
        if release is not None and row["outcome"] == SeriesOutcome.SUCCEEDED:
            row.update(released_at=release["started_at"], release_outcome=release["outcome"])
    return rows


def _attempt(series: RequestSeries, trace: Trace) -> Row:
    transactions = series.transactions
    first, final = transactions[0].first, series.final
    call_number = trace.index.call_of_transaction.get(transactions[0].id)
    call = None if call_number is None else trace.index.calls.get(call_number)
    reasons = {attempt.reason for attempt in series.attempts}
    provisionals = [item for transaction in transactions for item in transaction.provisionals]
    request = next((item.request for item in transactions if item.request is not None), None)
    return {
        "id": series.id,
        "method": series.method,
        "call": call_number,
        "is_origin": call is None or series.call_id in call.call_ids[:1],
        "is_partial": transactions[0].request is None,
        "in_dialog": series.in_dialog,
        "source": _sender(first),
        "destination": _receiver(first),
        "agent": _agent(request),
        "server": _agent(final),
        "started_at": time_of(series.started_at),
        "trying_at": time_of(min((item.at for item in provisionals if item.status == 100), default=None)),
        "provisional_at": time_of(min((item.at for item in provisionals if item.status > 100), default=None)),
        "final_at": None if final is None else time_of(final.at),
        "final_status": None if final is None else final.status,
        "outcome": series.outcome.value,
        "requests": len(series.attempts),
        "challenged": AttemptReason.CREDENTIALS in reasons,
        "redirected": AttemptReason.REDIRECT in reasons,
        "cancelled": any(item.cancelled_by is not None for item in transactions),
        "replaces": request is not None and request.replaces is not None,
        "retransmissions": sum(item.copies for item in transactions),
    }


def _dialog(row: Row) -> Row:
    release = row.get("release")
    parts: Mapping[str, object] = release if isinstance(release, dict) else {}
    return {**row, **{f"release_{name}": parts.get(name) for name in ("kind", "by", "reason")}}


def _finding(row: Row) -> Row:
    subject = row.get("subject")
    parts: Mapping[str, object] = subject if isinstance(subject, dict) else {}
    return {**row, "subject_kind": parts.get("kind"), "subject_id": str(parts.get("id"))}


def _hops(trace: Trace) -> list[Row]:
    """Messages by sender and receiver."""
    counts: dict[tuple[str, str], list[int]] = {}
    for message, is_copy in _sent(trace.transactions):
        count = counts.setdefault((message.hop.source.address, message.hop.destination.address), [0, 0, 0])
        count[0 if isinstance(message, Request) else 1] += 1
        count[2] += is_copy
    return [
        {
            "source": source,
            "destination": destination,
            "requests": both[0],
            "responses": both[1],
            "retransmissions": both[2],
        }
        for (source, destination), both in sorted(counts.items())
    ]


def _sent(transactions: Iterable[Transaction]) -> Iterable[tuple[Message, bool]]:
    for transaction in transactions:
        yield from ((message, False) for message in transaction.messages)
        for copies in (transaction.request_copies, transaction.response_copies, transaction.ack_copies):
            yield from ((message, True) for message in copies)


def _sender(message: Message) -> str:
    """Host of the client, whichever of the two messages is there."""
    hop = message.hop
    return (hop.destination if isinstance(message, Response) else hop.source).address


def _receiver(message: Message) -> str:
    hop = message.hop
    return (hop.source if isinstance(message, Response) else hop.destination).address


def _agent(message: Message | None) -> str | None:
    """The product that sent a message, in its own words (RFC 3261 §20.35, §20.41)."""
    if message is None:
        return None
    return text_or_none(message.headers.get("user-agent") or message.headers.get("server") or "")
