"""Media quality over time, as series with units and marks for what happened in the call."""

import math
from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.stream import QualitySeries, RtpStream
from sipscope.model.time import Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.values import dataclass
from sipscope.views.tone import Tone, tone_of_status
from sipscope.views.words import endpoint_of

POINTS_LIMIT = 4000
"""No series has more points than this; wider bins make it so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a graph.

    Attributes:
        label: Which stream.
        x: Seconds, ascending.
        y: Values in the panel's unit; None where nothing was measured.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A graph: one measure of all streams.

    Attributes:
        title: The measure.
        unit: Unit of the y axis.
        series: One a stream, in the same order in every panel.
    """

    title: str
    unit: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMark:
    """Something that happened, as a line across all panels.

    Attributes:
        x: Seconds.
        label: What.
        tone: What it means.
    """

    x: float
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityView:
    """Graphs one above the other over the same time.

    Attributes:
        title: One line.
        x_label: What the x axis counts, with its unit.
        panels: From top to bottom; empty where no stream has a series.
        marks: By time.
    """

    title: str
    x_label: str
    panels: tuple[Panel, ...] = ()
    marks: tuple[EventMark, ...] = ()


def quality_of(trace: Trace, stream_ids: Sequence[str] | None = None, *, call_id: int | None = None) -> QualityView:
    """Graphs of some streams, or of all streams of a call.

    Args:
        trace: What was reconstructed.
        stream_ids: Which streams; None for those of the call, or for all when no call is named either.
        call_id: The call whose events are marked, and whose start is second 0.
    """
    call = None if call_id is None else next((item for item in trace.calls if item.id == call_id), None)
    wanted = stream_ids if stream_ids is not None else None if call_id is None else (call.stream_ids if call else ())
    streams = [item for item in trace.streams if (wanted is None or item.id in set(wanted)) and item.series is not None]
    if call is not None:
        origin, counted_from = call.started_at, "the first message of the call"
    else:
        origin = min((stream.first_packet_at for stream in streams), default=0)
        counted_from = "the first packet"
    marks = [*_digit_marks(streams, origin)]
    if call_id is not None:
        marks.extend(_signalling_marks(trace, call_id, origin))
    return QualityView(
        title="Media quality" if call is None else f"Media quality of call {call.id}",
        x_label=f"seconds since {counted_from}",
        panels=tuple(_panels(streams, origin, trace.facts.names)),
        marks=tuple(sorted(marks, key=lambda mark: (mark.x, mark.label))),
    )


def _panels(streams: Sequence[RtpStream], origin: Instant, names: Mapping[str, str]) -> Iterator[Panel]:
    if not streams:
        return
    binned = [(_label(item, names), _binned(item.series, origin)) for item in streams if item.series is not None]
    yield Panel(
        title="Jitter",
        unit="ms",
        series=tuple(Series(label=label, x=bins.x, y=bins.jitter_ms) for label, bins in binned),
    )
    yield Panel(
        title="Loss",
        unit="%",
        series=tuple(Series(label=label, x=bins.x, y=bins.loss_percent) for label, bins in binned),
    )
    yield Panel(
        title="Longest time between packets",
        unit="ms",
        series=tuple(Series(label=label, x=bins.x, y=bins.delta_ms) for label, bins in binned),
    )


def _label(stream: RtpStream, names: Mapping[str, str]) -> str:
    codec = "" if stream.codec is None else f" {stream.codec}"
    ends = (endpoint_of(end, names) for end in (stream.hop.source, stream.hop.destination))
    return f"{stream.id}{codec} {' → '.join(ends)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bins:
    """The columns of a stream, joined so that they fit the limit."""

    x: tuple[float, ...]
    jitter_ms: tuple[float | None, ...]
    loss_percent: tuple[float | None, ...]
    delta_ms: tuple[float | None, ...]


def _binned(series: QualitySeries, origin: Instant) -> _Bins:
    packets, lost = series.packets.tolist(), series.lost.tolist()
    jitter, delta = series.jitter_ms.tolist(), series.delta_ms_max.tolist()
    step = max(1, math.ceil(len(packets) / POINTS_LIMIT))
    starts = range(0, len(packets), step)
    return _Bins(
        x=tuple(in_seconds(series.start - origin + start * series.width) for start in starts),
        jitter_ms=tuple(_largest(jitter[start : start + step]) for start in starts),
        loss_percent=tuple(
            _loss(sum(packets[start : start + step]), sum(lost[start : start + step])) for start in starts
        ),
        delta_ms=tuple(_largest(delta[start : start + step]) for start in starts),
    )


def _largest(values: Sequence[float]) -> float | None:
    return max((value for value in values if math.isfinite(value)), default=None)


def _loss(packets: int, lost: int) -> float | None:
    """Lost by sent; late arrivals given back may make a bin negative, which reads as no loss."""
    sent = packets + lost
    return None if sent <= 0 else 100.0 * max(0, lost) / sent


def _digit_marks(streams: Sequence[RtpStream], origin: Instant) -> Iterator[EventMark]:
    for stream in streams:
        for digit in stream.digits:
            yield EventMark(x=in_seconds(digit.at - origin), label=f"digit {digit.symbol}", tone=Tone.MEDIA)


_MARKED_OTHERWISE = frozenset(
    {"establish", "accept", "refuse", "cancel", "release", "reliable-provisional", "message", "digits"}
)
"""Services that have marks of their own here, or that say nothing about media."""


def _signalling_marks(trace: Trace, call_id: int, origin: Instant) -> Iterator[EventMark]:
    call = next((item for item in trace.calls if item.id == call_id), None)
    if call is None:
        return
    if call.ringing_at is not None:
        yield EventMark(x=in_seconds(call.ringing_at - origin), label="ringing", tone=Tone.PROVISIONAL)
    if call.answered_at is not None:
        yield EventMark(x=in_seconds(call.answered_at - origin), label="answer", tone=Tone.SUCCESS)
    for service in call.services:
        if service.name in _MARKED_OTHERWISE:
            continue
        yield EventMark(x=in_seconds(service.at - origin), label=service.name.replace("-", " "), tone=Tone.SERVICE)
    byes = [bye for dialog in call.dialogs for bye in dialog.byes]
    if byes:
        yield EventMark(x=in_seconds(min(bye.started_at for bye in byes) - origin), label="BYE", tone=Tone.REQUEST)
    elif call.ended_at is not None and call.final_status is not None:
        tone = tone_of_status(call.final_status)
        yield EventMark(x=in_seconds(call.ended_at - origin), label=str(call.final_status), tone=tone)
