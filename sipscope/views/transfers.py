"""Transfers on one page: who sent whom where, what was told of it, what really happened, and what was left behind."""

from sipscope.calls.aftermath import DIRECT_SCORE, aftermath_of, result_at, succeeded_otherwise
from sipscope.calls.relayed import passed_on_from
from sipscope.model.aftermath import Fate, OldDialog, TransferParty
from sipscope.model.time import Duration
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer, TransferOutcome
from sipscope.views.report_values import frames_of, milliseconds_of, time_of, who
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, duration_of, party_of, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

OUTCOME_TONES = {
    TransferOutcome.SUCCEEDED: Tone.SUCCESS,
    TransferOutcome.FAILED: Tone.FAILURE,
    TransferOutcome.REFUSED: Tone.FAILURE,
    TransferOutcome.UNKNOWN: Tone.MUTED,
}
"""The tone of each outcome."""

_NOT_REACHED = frozenset({TransferOutcome.FAILED, TransferOutcome.REFUSED})
_FATE_TONES = {Fate.ORPHANED: Tone.ERROR, Fate.ON_HOLD: Tone.WARNING, Fate.OPEN: Tone.MUTED}

ROW_NAMES = (
    "capture",
    "id",
    "at",
    "kind",
    "passed_on_from",
    "transferor",
    "transferee",
    "target",
    "refer_status",
    "reported_status",
    "observed_status",
    "outcome",
    "took_ms",
    "calls",
    "transferee_dialog",
    "target_dialog",
)
"""The values of each of `transfer_rows`."""


def transfers_of(trace: Trace) -> Summary:
    """The transfers of a capture, as a page for people."""
    tables = (_table(trace), _dialogs_table(trace))
    return Summary(
        title=trace.facts.path,
        headline=_headline(trace),
        tables=tuple(table for table in tables if table.rows),
    )


def transfers_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "transfers": [_report(transfer, trace) for transfer in trace.transfers],
    }


def transfer_rows(trace: Trace) -> list[dict[str, object]]:
    """Transfers as flat values for spreadsheets."""
    return [_flat(transfer, trace) for transfer in trace.transfers]


def calls_of(transfer: Transfer, trace: Trace) -> tuple[int, ...]:
    """Numbers of the calls that it joins: the first one, the consultation, and the one that it made."""
    dialogs = (transfer.dialog_id, transfer.consultation_dialog_id, transfer.resulting_dialog_id)
    found = [trace.index.call_of_dialog.get(item) for item in dialogs if item is not None]
    if transfer.triggered is not None:
        found.append(trace.index.call_of_transaction.get(transfer.triggered.id))
    return tuple(dict.fromkeys(number for number in found if number is not None))


def is_contradicted(transfer: Transfer) -> bool:
    """Whether what was told and what happened differ for certain: success on one side alone."""
    told, seen = transfer.reported_status, transfer.observed_status
    if told is None or seen is None or transfer.triggered_score < DIRECT_SCORE:
        return False
    return (told < 300) != (seen < 300)


def reported_words(transfer: Transfer) -> str:
    """What the NOTIFYs told: the final status, else how far they went."""
    final = next((report for report in reversed(transfer.reports) if report.is_final), None)
    if final is not None:
        return _status_words(final)
    if transfer.reports:
        last = transfer.reports[-1]
        return "no valid status" if last.status is None else f"{_status_words(last)}, no result"
    answer = transfer.refer.final
    if answer is None or not answer.is_success:
        return ""
    return "not asked for" if _declined_reports(transfer) else "nothing"


def observed_words(transfer: Transfer) -> str:
    """How the call that the REFER asked for went; a match without direct evidence is marked as likely."""
    triggered = transfer.triggered
    if triggered is None:
        return "not in view" if _was_accepted(transfer) else ""
    likely = "" if transfer.triggered_score >= DIRECT_SCORE else " (likely)"
    last = triggered.final or next(reversed(triggered.responses), None)
    words = "no answer" if last is None else last.label
    return f"{words}{likely}"


def outcome_words(transfer: Transfer) -> str:
    """The outcome, with the status that refused the REFER, and whether something else was told."""
    answer, words = transfer.refer.final, transfer.outcome.value
    if transfer.outcome is TransferOutcome.REFUSED and answer is not None:
        return f"{words} {answer.status}"
    if not is_contradicted(transfer):
        return words
    told = "failure" if transfer.outcome is TransferOutcome.SUCCEEDED else "success"
    return f"{words}, reported as {told}"


def took(transfer: Transfer, trace: Trace) -> Duration | None:
    """From the REFER to its result; None when there was none."""
    end = result_at(transfer, trace)
    return None if end is None else max(0, end - transfer.started_at)


def fate_words(old: OldDialog, transfer: Transfer, trace: Trace) -> str:
    """What became of an old dialog, and when, counted from the REFER."""
    if old.fate is Fate.OPEN:
        return "still open at the end of the capture"
    if old.fate is Fate.ON_HOLD:
        return "still open and on hold at the end of the capture"
    by = "" if old.by is None else f" by the {old.by.value}"
    left_behind = old.on_hold and transfer.outcome in _NOT_REACHED
    held = " while on hold" if left_behind and not succeeded_otherwise(transfer, old.dialog_id, trace) else ""
    result = "any result" if result_at(transfer, trace) is None else "the result"
    words = {
        Fate.RELEASED: f"released{by}{held}",
        Fate.RELEASED_EARLY: f"released{by} before {result}",
        Fate.ORPHANED: f"released{by} before the transfer failed",
        Fate.TAKEN_BACK: f"taken back{by}",
    }[old.fate]
    alone = f": the {old.partner.value} was left alone" if old.fate is Fate.ORPHANED else ""
    return words if old.at is None else f"{words}, {_since(transfer, old.at, trace)}{alone}"


def _since(transfer: Transfer, at: int, trace: Trace) -> str:
    """A moment by the event in front of it: the result, else the REFER."""
    decided = result_at(transfer, trace)
    if decided is not None and at >= decided:
        return f"{duration_of(at - decided)} after the result"
    if at >= transfer.started_at:
        return f"{duration_of(at - transfer.started_at)} after the REFER"
    return f"{duration_of(transfer.started_at - at)} before the REFER"


def how_words(transfer: Transfer, trace: Trace) -> str:
    """The kind, and whose REFER it is where a B2BUA passed one on."""
    origin = passed_on_from(transfer, trace)
    return transfer.kind.value if origin is None else f"{transfer.kind.value}, {origin.id.removeprefix('x')} passed on"


def _headline(trace: Trace) -> str:
    passed_on = sum(passed_on_from(transfer, trace) is not None for transfer in trace.transfers)
    count = counted(len(trace.transfers) - passed_on, "transfer")
    return f"{count}, {passed_on} passed on by a B2BUA" if passed_on else count


def _table(trace: Trace) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Transfers",
        columns=(
            Column(heading="#", alignment=right),
            Column(heading="Time"),
            Column(heading="Transferor", may_wrap=True),
            Column(heading="Transferee", may_wrap=True),
            Column(heading="Target", may_wrap=True),
            Column(heading="How", may_wrap=True),
            Column(heading="Reported", may_wrap=True),
            Column(heading="Observed", may_wrap=True),
            Column(heading="Outcome", may_wrap=True),
            Column(heading="Took", alignment=right),
            Column(heading="Calls"),
        ),
        rows=tuple(_row(transfer, trace) for transfer in trace.transfers),
    )


def _row(transfer: Transfer, trace: Trace) -> tuple[Cell, ...]:
    names = trace.facts.names
    duration = took(transfer, trace)
    doubt = Tone.ERROR if is_contradicted(transfer) else Tone.PLAIN
    return (
        Cell(text=transfer.id.removeprefix("x")),
        Cell(text=time_of_day_of(transfer.started_at), tone=Tone.MUTED),
        Cell(text=party_of(transfer.transferor, names) or ""),
        Cell(text=party_of(transfer.transferee, names) or ""),
        Cell(text=party_of(transfer.target, names) or ""),
        Cell(text=how_words(transfer, trace)),
        Cell(text=reported_words(transfer), tone=doubt),
        Cell(text=observed_words(transfer), tone=doubt),
        Cell(text=outcome_words(transfer), tone=OUTCOME_TONES[transfer.outcome]),
        Cell(text="" if duration is None else duration_of(duration)),
        Cell(text=", ".join(map(str, calls_of(transfer, trace)))),
    )


def _dialogs_table(trace: Trace) -> Table:
    return Table(
        title="What became of the dialogs before",
        columns=(
            Column(heading="#", alignment=Alignment.RIGHT),
            Column(heading="Between", may_wrap=True),
            Column(heading="Call", alignment=Alignment.RIGHT),
            Column(heading="What became of it", may_wrap=True),
        ),
        rows=tuple(
            _dialog_row(old, transfer, trace) for transfer in trace.transfers for old in aftermath_of(transfer, trace)
        ),
    )


def _dialog_row(old: OldDialog, transfer: Transfer, trace: Trace) -> tuple[Cell, ...]:
    number = trace.index.call_of_dialog.get(old.dialog_id)
    partner = transfer.transferee if old.partner is TransferParty.TRANSFEREE else transfer.target
    names = [party_of(address, trace.facts.names) or "unknown" for address in (transfer.transferor, partner)]
    return (
        Cell(text=transfer.id.removeprefix("x")),
        Cell(text=f"{names[0]} – {names[1]} ({old.partner.value})"),
        Cell(text="" if number is None else str(number)),
        Cell(text=fate_words(old, transfer, trace), tone=_FATE_TONES.get(old.fate, Tone.PLAIN)),
    )


def _status_words(report: ProgressReport) -> str:
    return f"{report.status} {report.reason_phrase}".strip()


def _was_accepted(transfer: Transfer) -> bool:
    return transfer.refer.final is not None and transfer.refer.final.is_success


def _declined_reports(transfer: Transfer) -> bool:
    """Whether the parties agreed on no implicit subscription (RFC 4488 §4, RFC 7614 §4)."""
    request, final = transfer.refer.request, transfer.refer.final
    declined = final is not None and final.refer_sub == "false"
    return declined or (request is not None and bool({"nosub", "explicitsub"} & set(request.require)))


def _flat(transfer: Transfer, trace: Trace) -> dict[str, object]:
    fates = {old.partner.value: old.fate.value for old in aftermath_of(transfer, trace)}
    origin = passed_on_from(transfer, trace)
    return {
        "capture": trace.facts.path,
        "id": transfer.id,
        "at": time_of(transfer.started_at),
        "kind": transfer.kind.value,
        "passed_on_from": None if origin is None else origin.id,
        "transferor": who(transfer.transferor),
        "transferee": who(transfer.transferee),
        "target": who(transfer.target),
        "refer_status": transfer.refer.final_status,
        "reported_status": transfer.reported_status,
        "observed_status": transfer.observed_status,
        "outcome": transfer.outcome.value,
        "took_ms": milliseconds_of(took(transfer, trace)),
        "calls": list(calls_of(transfer, trace)),
        "transferee_dialog": fates.get("transferee"),
        "target_dialog": fates.get("target"),
    }


def _report(transfer: Transfer, trace: Trace) -> dict[str, object]:
    flat = {name: value for name, value in _flat(transfer, trace).items() if name in ROW_NAMES[1:14]}
    return {
        **flat,
        "refer_frames": frames_of(transfer.refer.all_messages),
        "triggered_frames": [] if transfer.triggered is None else frames_of(transfer.triggered.all_messages),
        "triggered_evidence": list(transfer.triggered_evidence),
        "contradicted": is_contradicted(transfer),
        "reports": [_progress(report) for report in transfer.reports],
        "dialogs": [_dialog(old, trace) for old in aftermath_of(transfer, trace)],
    }


def _progress(report: ProgressReport) -> dict[str, object]:
    return {
        "at": time_of(report.at),
        "status": report.status,
        "state": report.state,
        "problem": report.problem,
        "answer": report.transaction.final_status,
        "frames": frames_of(report.transaction.all_messages),
    }


def _dialog(old: OldDialog, trace: Trace) -> dict[str, object]:
    return {
        "id": old.dialog_id,
        "call": trace.index.call_of_dialog.get(old.dialog_id),
        "partner": old.partner.value,
        "fate": old.fate.value,
        "at": time_of(old.at),
        "by": None if old.by is None else old.by.value,
        "on_hold": old.on_hold,
    }
