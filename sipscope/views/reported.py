"""Streams that the capture holds no packet of, as the reports of their receivers have them."""

from collections.abc import Mapping
from statistics import fmean

from sipscope.model.stream import ReportedStream
from sipscope.model.time import MILLISECOND
from sipscope.model.trace import Trace
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import endpoint_of


def reported_table(trace: Trace) -> Table:
    """A line for each stream; no figure here was measured."""
    right = Alignment.RIGHT
    return Table(
        title="Media as its receivers report it, not measured: the capture holds no RTP of these streams",
        columns=(
            Column(heading="SSRC"),
            Column(heading="Call", alignment=right),
            Column(heading="From"),
            Column(heading="To"),
            Column(heading="Reports", alignment=right),
            Column(heading="Lost in all", alignment=right),
            Column(heading="Lost at most", alignment=right, unit="%"),
            Column(heading="Jitter max", alignment=right, unit="RTP units"),
            Column(heading="Jitter max", alignment=right, unit="ms"),
            Column(heading="Round trip", alignment=right, unit="ms"),
        ),
        rows=tuple(_row(stream, call_of_report(stream, trace), trace.facts.names) for stream in trace.media.reported),
    )


def call_of_report(stream: ReportedStream, trace: Trace) -> int | None:
    """The call that the agent says it belongs to, by its Call-ID, else the one that negotiated it; None for neither."""
    for call_id in (stream.correlation_id, stream.call_id):
        for call in trace.calls:
            if call_id in call.call_ids:
                return call.id
    return None


def _row(stream: ReportedStream, call: int | None, names: Mapping[str, str]) -> tuple[Cell, ...]:
    reports = stream.rtcp.receiver_reports
    jitter, clock = max(report.jitter_rtp_units for report in reports), stream.clock_rate_hz
    trips = [report.round_trip / MILLISECOND for report in reports if report.round_trip is not None]
    return (
        Cell(text=f"0x{stream.ssrc:08x}", tone=Tone.MEDIA),
        Cell(text="" if call is None else str(call)),
        Cell(text=endpoint_of(stream.hop.source, names)),
        Cell(text=endpoint_of(stream.hop.destination, names)),
        Cell(text=str(len(reports))),
        Cell(text=str(reports[-1].cumulative_lost)),
        Cell(text=f"{100 * max(report.fraction_lost for report in reports):.1f}"),
        Cell(text=str(jitter)),
        Cell(text=f"{1000 * jitter / clock:.1f}" if clock else ""),
        Cell(text=f"{fmean(trips):.1f}" if trips else ""),
    )
