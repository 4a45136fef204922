"""A capture on one page: facts, diagnoses, calls, findings, media."""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.defects import Severity
from sipscope.model.finding import Diagnosis, Finding
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.values import dataclass
from sipscope.views.call_cells import CALL_COLUMNS, call_cells
from sipscope.views.early_media import heard_words
from sipscope.views.encrypted import encrypted_lines
from sipscope.views.reported import reported_table
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone, tone_of_severity
from sipscope.views.words import clock_of, counted, duration_of, endpoint_of, frame_nouns

_FRAMES_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """One frame of a finding.

    Attributes:
        frame: Its number.
        note: What to look at.
    """

    frame: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingEntry:
    """A finding with everything a person needs to act; equal findings of several calls are one entry.

    Attributes:
        tone: How grave it is.
        severity: The word for it.
        rule: Code of the rule.
        name: Name of the rule.
        text: What was found.
        confidence: How sure.
        calls: The calls it speaks of, in words; empty where it speaks of none.
        times: How often it was found.
        evidence: Frames with notes; of the first time, where there are several.
        more_frames: Frames of the other times, in words; empty for none.
        standards: Clauses.
        steps: What to try, first thing first.
        guards: What lowered the confidence.
        explained_by: Rule of the finding that explains it; empty for none.
    """

    tone: Tone
    severity: str
    rule: str
    name: str
    text: str
    confidence: str
    calls: str
    times: int
    evidence: tuple[EvidenceLine, ...]
    more_frames: str
    standards: str
    steps: tuple[str, ...]
    guards: tuple[str, ...]
    explained_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The page.

    Attributes:
        title: Path of the capture.
        headline: One line of counts.
        tables: Facts, stories and calls, in reading order; a table without rows is left out.
        findings: What is wrong, worst first.
        media: The streams; None where there are none.
    """

    title: str
    headline: str
    tables: tuple[Table, ...]
    findings: tuple[FindingEntry, ...] = ()
    media: Table | None = None


def summary_of(trace: Trace) -> Summary:
    """The page of a capture."""
    tables = (_capture_table(trace), _call_table(trace), _diagnosis_table(trace), reported_table(trace))
    return Summary(
        title=trace.facts.path,
        headline=_headline(trace),
        tables=tuple(table for table in tables if table.rows),
        findings=finding_entries(trace),
        media=media_table(trace) if trace.streams else None,
    )


def _headline(trace: Trace) -> str:
    told = [item for item in trace.findings if item.suppressed is None]
    counts = {severity: sum(item.severity is severity for item in told) for severity in Severity}
    known = len(trace.findings) - len(told)
    return ", ".join(
        (
            counted(len(trace.calls), "call"),
            counted(counts[Severity.ERROR], "error"),
            counted(counts[Severity.WARNING], "warning"),
            counted(counts[Severity.INFO], "remark"),
            *([f"{known} suppressed"] if known else []),
        )
    )


def _capture_table(trace: Trace) -> Table:
    return Table(
        title="Capture",
        columns=(Column(heading=""), Column(heading="", may_wrap=True)),
        rows=tuple(
            (Cell(text=name, tone=Tone.MUTED), Cell(text=value)) for name, value in _capture_facts(trace) if value
        ),
    )


def _capture_facts(trace: Trace) -> Iterator[tuple[str, str]]:
    facts = trace.facts
    link_types = f" ({', '.join(facts.link_types)})" if facts.link_types else ""
    yield "format", f"{facts.format}{link_types}, {facts.engine} engine"
    yield frame_nouns(facts.engine)[1], str(facts.frames)
    if facts.first_packet_at is not None and facts.last_packet_at is not None:
        duration = duration_of(facts.last_packet_at - facts.first_packet_at)
        yield "time", f"{clock_of(facts.first_packet_at)} UTC, {duration}"
    copies = f", {counted(trace.message_copies, 'duplicated frame')} left out" if trace.message_copies else ""
    yield "SIP", f"{counted(len(trace.messages), 'message')}, {counted(len(trace.dialogs), 'dialog')}{copies}"
    if trace.registrations or trace.subscriptions or trace.publications:
        registrations = counted(len(trace.registrations), "registration")
        publications = f", {counted(len(trace.publications), 'publication')}" if trace.publications else ""
        yield "", f"{registrations}, {counted(len(trace.subscriptions), 'subscription')}{publications}"
    media = trace.media
    yield "RTP", f"{counted(media.rtp_packets, 'packet')} in {counted(len(trace.streams), 'stream')}"
    yield "RTCP", counted(media.rtcp_packets, "packet") if media.rtcp_packets else ""
    for line in encrypted_lines(facts.encrypted_flows):
        yield "TLS", line
    aside = sorted(facts.set_aside.items(), key=lambda item: (-item[1], item[0]))
    yield "set aside", ", ".join(f"{reason}: {frames}" for reason, frames in aside if frames)
    for gap in facts.gaps:
        yield "gap", gap.text or gap.kind.value
    for note in facts.notes:
        yield "note", note


def _story(diagnosis: Diagnosis, heard: Mapping[int, str]) -> str:
    return " ".join(part for part in (diagnosis.headline, heard.get(diagnosis.call_id)) if part)


def _diagnosis_table(trace: Trace) -> Table:
    told = {item.call_id for item in trace.diagnoses}
    heard = {call.id: heard_words(call) for call in trace.calls if call.id in told}
    return Table(
        title="What happened",
        columns=(
            Column(heading="Call", alignment=Alignment.RIGHT),
            Column(heading="Story", may_wrap=True),
        ),
        rows=tuple((Cell(text=str(item.call_id)), Cell(text=_story(item, heard))) for item in trace.diagnoses),
    )


def _call_table(trace: Trace) -> Table:
    findings: dict[int | None, list[Finding]] = {}
    for finding in trace.findings:
        findings.setdefault(finding.call_id, []).append(finding)
    rows = tuple(call_cells(call, findings.get(call.id, []), trace.facts.names) for call in trace.calls)
    return Table(title="Calls", columns=CALL_COLUMNS, rows=rows)


def finding_entries(trace: Trace) -> tuple[FindingEntry, ...]:
    """Findings worst and surest first, suppressed ones behind them; those with equal rule and text are joined."""
    groups: dict[tuple[str, str, str | None], list[Finding]] = {}
    for finding in trace.findings:
        groups.setdefault((finding.rule, finding.text, finding.suppressed), []).append(finding)
    rules = {finding.id: finding.rule for finding in trace.findings}
    ordered = sorted(
        groups.values(),
        key=lambda group: (
            group[0].suppressed is not None,
            -group[0].severity.rank,
            -group[0].confidence.rank,
            group[0].at,
            group[0].rule,
        ),
    )
    return tuple(_finding_entry(group, rules) for group in ordered)


def _finding_entry(group: Sequence[Finding], rules: Mapping[str, str]) -> FindingEntry:
    first = group[0]
    calls = list(dict.fromkeys(str(item.call_id) for item in group if item.call_id is not None))
    frames = list(dict.fromkeys(str(frame) for item in group[1:] for frame in item.frames))
    return FindingEntry(
        tone=tone_of_severity(first.severity) if first.suppressed is None else Tone.MUTED,
        severity=first.severity.value,
        rule=first.rule,
        name=first.name,
        text=first.text,
        confidence=first.confidence.value,
        calls=_listed(calls),
        times=len(group),
        evidence=tuple(EvidenceLine(frame=item.frame, note=item.note) for item in first.evidence),
        more_frames=_listed(frames),
        standards="; ".join(first.standards),
        steps=first.next_steps,
        guards=(*first.guards, *([] if first.suppressed is None else [f"Suppressed: {first.suppressed}"])),
        explained_by="" if first.caused_by is None else rules.get(first.caused_by, ""),
    )


def _listed(items: Sequence[str]) -> str:
    shown = ", ".join(items[:_FRAMES_SHOWN])
    return shown if len(items) <= _FRAMES_SHOWN else f"{shown} …"


def media_table(trace: Trace, *, call_id: int | None = None, stream_ids: Sequence[str] | None = None) -> Table:
    """A line for each RTP stream: of one call, of those named, or of all."""
    chosen = [
        stream
        for stream in trace.streams
        if (call_id is None or (stream.binding is not None and stream.binding.call_id == call_id))
        and (stream_ids is None or stream.id in stream_ids)
    ]
    right = Alignment.RIGHT
    return Table(
        title="Media",
        columns=(
            Column(heading="Stream"),
            Column(heading="Call", alignment=right),
            Column(heading="From"),
            Column(heading="To"),
            Column(heading="Codec"),
            Column(heading="Length", alignment=right, unit="s"),
            Column(heading="Packets", alignment=right),
            Column(heading="Lost", alignment=right, unit="%"),
            Column(heading="Jitter mean", alignment=right, unit="ms"),
            Column(heading="Jitter max", alignment=right, unit="ms"),
            Column(heading="Delta max", alignment=right, unit="ms"),
            Column(heading="MOS", alignment=right),
        ),
        rows=tuple(_media_row(stream, trace.facts.names) for stream in chosen),
    )


def _media_row(stream: RtpStream, names: Mapping[str, str]) -> tuple[Cell, ...]:
    call = None if stream.binding is None else stream.binding.call_id
    return (
        Cell(text=stream.id, tone=Tone.MEDIA),
        Cell(text="" if call is None else str(call)),
        Cell(text=endpoint_of(stream.hop.source, names)),
        Cell(text=endpoint_of(stream.hop.destination, names)),
        Cell(text=stream.codec or ""),
        Cell(text=f"{(stream.last_packet_at - stream.first_packet_at) / SECOND:.1f}"),
        Cell(text=str(stream.packets)),
        Cell(text=f"{stream.loss_percent:.1f}" if stream.expected else "", tone=_loss_tone(stream)),
        _number_cell(stream.jitter_ms_mean),
        _number_cell(stream.jitter_ms_max),
        _number_cell(stream.delta_ms_max),
        Cell(text="" if stream.score is None else f"{stream.score.mos:.1f}", tone=_mos_tone(stream)),
    )


def _number_cell(number: float | None) -> Cell:
    return Cell(text="" if number is None else f"{number:.1f}")


def _loss_tone(stream: RtpStream) -> Tone:
    if stream.loss_percent >= 3:
        return Tone.ERROR
    return Tone.WARNING if stream.loss_percent >= 1 else Tone.PLAIN


def _mos_tone(stream: RtpStream) -> Tone:
    """ITU-T G.107 Annex B: below 3.1 nearly all users are dissatisfied, below 3.6 many are."""
    if stream.score is None:
        return Tone.PLAIN
    if stream.score.mos < 3.1:
        return Tone.ERROR
    return Tone.WARNING if stream.score.mos < 3.6 else Tone.PLAIN
