"""A call in a row of a table."""

from collections.abc import Mapping, Sequence

from sipscope.model.call import Call, CallOutcome
from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from sipscope.model.header_values import Address
from sipscope.model.time import MILLISECOND, Duration, in_seconds
from sipscope.views.releases import release_in_short
from sipscope.views.tables import Alignment, Cell, Column
from sipscope.views.tone import Tone, tone_of_severity
from sipscope.views.words import counted, party_of, time_of_day_of

OUTCOME_TONES = {
    CallOutcome.ANSWERED: Tone.SUCCESS,
    CallOutcome.REJECTED: Tone.FAILURE,
    CallOutcome.UNANSWERED: Tone.FAILURE,
    CallOutcome.REDIRECTED: Tone.REDIRECT,
    CallOutcome.CANCELLED: Tone.WARNING,
    CallOutcome.OPEN: Tone.MUTED,
}
"""The tone of each outcome."""

_SEVERITY_NAMES = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "remark"))

_RIGHT = Alignment.RIGHT

CALL_COLUMNS = (
    Column(heading="#", alignment=_RIGHT),
    Column(heading="Started", unit="UTC"),
    Column(heading="Caller"),
    Column(heading="Callee"),
    Column(heading="Outcome"),
    Column(heading="Setup", alignment=_RIGHT, unit="ms"),
    Column(heading="Ringing", alignment=_RIGHT, unit="s"),
    Column(heading="Talking", alignment=_RIGHT, unit="s"),
    Column(heading="Released by"),
    Column(heading="Streams", alignment=_RIGHT),
    Column(heading="Findings"),
)
"""What a row of `call_cells` shows."""


def call_cells(call: Call, own: Sequence[Finding], names: Mapping[str, str]) -> tuple[Cell, ...]:
    """A call in a row, with its own findings counted, suppressed ones left out."""
    told = [finding for finding in own if finding.suppressed is None]
    outcome = call.outcome.value
    if call.final_status is not None and call.outcome is not CallOutcome.ANSWERED:
        outcome += f" {call.final_status}"
    return (
        Cell(text=str(call.id)),
        Cell(text=time_of_day_of(call.started_at), tone=Tone.MUTED),
        Cell(text=_party_words(call, call.caller, names, "seen first")),
        Cell(text=_party_words(call, call.callee, names, "other side")),
        Cell(text=outcome, tone=OUTCOME_TONES[call.outcome]),
        Cell(text="" if call.setup is None else f"{call.setup / MILLISECOND:.0f}"),
        _seconds_cell(call.ringing),
        _seconds_cell(call.talking),
        Cell(text=release_in_short(call)),
        Cell(text=str(len(call.stream_ids))),
        Cell(text=_severity_counts(told), tone=_worst_tone(told)),
    )


def _party_words(call: Call, party: Address | None, names: Mapping[str, str], where: str) -> str:
    """A party, with where it stands in what was seen if who called isn't in view."""
    name = party_of(party, names) or ""
    return f"{name} ({where})" if name and call.was_going_on else name


def _seconds_cell(duration: Duration | None) -> Cell:
    return Cell(text="" if duration is None else f"{in_seconds(duration):.1f}")


def _severity_counts(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    severities = [item.severity for item in findings]
    counts = [(severities.count(severity), name) for severity, name in _SEVERITY_NAMES]
    return ", ".join(counted(count, name) for count, name in counts if count)


def _worst_tone(findings: Sequence[Finding]) -> Tone:
    if not findings:
        return Tone.MUTED
    return tone_of_severity(max((item.severity for item in findings), key=lambda severity: severity.rank))
