"""Tables of figures → `RtpStream` values, and the decision which streams are RTP at all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sipscope.media.bursts import burst_ratio
from sipscope.media.digits import Events, digits_of, guessed_uses
from sipscope.media.growth import Integers
from sipscope.media.jitter import Jitter
from sipscope.media.losses import LossRuns
from sipscope.media.packetisation import Packetisation
from sipscope.media.payloads import PayloadUses, is_event, is_voice
from sipscope.media.reports import Reports
from sipscope.media.sequence import SequenceNumbers
from sipscope.media.series import Series
from sipscope.media.timing import Timing
from sipscope.model.network import Hop
from sipscope.model.stream import Digit, Interval, PayloadTypeUse, QualitySeries, RtpStream
from sipscope.values import dataclass

CONFIRMING_PACKETS = 10
"""Packets that make a stream out of packets which no session description explains."""

STEADY_SHARE = 0.8
"""Share of them that must step forward by little."""

VIDEO_ENCODINGS = frozenset({"CELB", "JPEG", "NV", "H261", "MPV", "MP2T", "H263"})
"""Encodings of the static table that are video (RFC 3551 §6, table 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Everything that was measured, as tables with one row a stream.

    Attributes:
        count: Streams.
        hops: Hops by number.
        hop: Hop number of each stream.
        ssrc: Synchronisation source of each stream.
        sequence: Sequence numbers.
        timing: Arrival times.
        uses: Payload types.
        jitter: Jitter.
        series: Quality over time.
        packetisation: Timestamp steps.
        events: Packets that may be telephone-events.
        reports: RTCP.
    """

    count: int
    hops: Sequence[Hop]
    hop: Integers
    ssrc: Integers
    sequence: SequenceNumbers
    timing: Timing
    uses: PayloadUses
    jitter: Jitter
    series: Series
    packetisation: Packetisation
    events: Events
    reports: Reports


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """What is computed for all streams at once, by stream number."""

    columns: dict[str, list[Any]]
    uses: list[list[int]]
    guessed: set[int]
    main: list[int]
    steps: list[float | None]
    code_points: list[int]
    activity: list[tuple[Interval, ...]]
    series: list[QualitySeries]
    digits: dict[int, tuple[Digit, ...]]


def streams_of(measured: Measured) -> tuple[tuple[RtpStream, ...], dict[str, int]]:
    """Streams by time of their first packet, and packets that formed none, by reason."""
    if not measured.count:
        return (), {}
    tables = _tables(measured)
    refused: dict[str, int] = {}
    confirmed = []
    for number in range(measured.count):
        reason = _doubt(measured, tables, number)
        if reason is None:
            confirmed.append(number)
        else:
            refused[reason] = refused.get(reason, 0) + tables.columns["packets"][number]
    first = tables.columns
    confirmed.sort(key=lambda number: (first["first_at"][number], first["first_frame"][number], number))
    streams = (_stream(measured, tables, number, order) for order, number in enumerate(confirmed, 1))
    return tuple(streams), refused


def _tables(measured: Measured) -> _Tables:
    count, uses = measured.count, measured.uses
    losses = measured.sequence.losses.finish(count)
    of_streams = uses.of_streams(count)
    packets = measured.events.packets()
    guessed = guessed_uses(packets, uses)
    events = {number for number in range(uses.count) if is_event(uses.formats[number])} | guessed
    main = [_main_use(uses, numbers, events) for numbers in of_streams]
    return _Tables(
        columns=_columns(measured, losses),
        uses=of_streams,
        guessed=guessed,
        main=main,
        steps=measured.packetisation.median_steps(count),
        code_points=uses.most_frequent_code_points(count),
        activity=measured.timing.activity(count),
        series=measured.series.finish(count, losses),
        digits=digits_of(packets, events, _event_clocks(uses, events, main)),
    )


def _columns(measured: Measured, losses: LossRuns) -> dict[str, list[Any]]:
    """Figures as Python numbers: converting a whole column at once is far cheaper than one element at a time."""
    sequence, timing, jitter, count = measured.sequence, measured.timing, measured.jitter, measured.count
    seen = np.maximum(jitter.count[:count], 1)
    columns: dict[str, NDArray[Any]] = {
        "packets": timing.packets,
        "first_at": timing.first_at,
        "last_at": timing.last_at,
        "first_frame": timing.first_frame,
        "last_frame": timing.last_frame,
        "pause": timing.longest_pause,
        "pause_frame": timing.longest_pause_frame,
        "expected": sequence.expected(),
        "duplicates": sequence.duplicates,
        "copies": sequence.copies,
        "reordered": sequence.reordered,
        "restarts": sequence.restarts,
        "strays": sequence.strays,
        "small_steps": sequence.small_steps,
        "measured": jitter.count,
        "jitter_mean": jitter.sum_ms[:count] / seen,
        "jitter_max": jitter.longest_ms,
        "jitter_last": jitter.last_ms,
        "loss_runs": losses.runs,
        "loss_longest": losses.longest,
        "lost": losses.lost,
        "bursts": losses.bursts,
        "hop": measured.hop,
        "ssrc": measured.ssrc,
    }
    return {name: column[:count].tolist() for name, column in columns.items()}


def _main_use(uses: PayloadUses, numbers: list[int], events: set[int]) -> int:
    """The use that most packets have, of those that carry media if any does."""
    media = [number for number in numbers if number not in events and is_voice(uses.formats[number])]
    return max(media or numbers, key=lambda number: (int(uses.packets[number]), -number))


def _event_clocks(uses: PayloadUses, events: set[int], main: list[int]) -> dict[int, float]:
    """Clock of each telephone-event use: its own, or that of the stream's voice (RFC 4733 §2.1)."""
    clocks = {}
    for number in events:
        for candidate in (number, main[int(uses.stream[number])]):
            rtp_format = uses.formats[candidate]
            if rtp_format is not None and rtp_format.clock_rate_hz:
                clocks[number] = float(rtp_format.clock_rate_hz)
                break
    return clocks


def _doubt(measured: Measured, tables: _Tables, number: int) -> str | None:
    """Why a stream is none; None when it is one."""
    columns, uses = tables.columns, tables.uses[number]
    if any(measured.uses.signalled[use] for use in uses) or all(use in tables.guessed for use in uses):
        return None
    packets = columns["packets"][number]
    if packets < CONFIRMING_PACKETS:
        return "rtp-like-too-few-packets"
    if columns["small_steps"][number] < STEADY_SHARE * (packets - columns["duplicates"][number]):
        return "rtp-like-unsteady-sequence"
    return None


def _stream(measured: Measured, tables: _Tables, number: int, order: int) -> RtpStream:
    column = {name: values[number] for name, values in tables.columns.items()}
    hop, packets = measured.hops[column["hop"]], column["packets"]
    rtp_format = measured.uses.formats[tables.main[number]]
    clock = None if rtp_format is None else rtp_format.clock_rate_hz
    encoding = None if rtp_format is None else rtp_format.encoding
    if encoding is None and tables.main[number] in tables.guessed:
        encoding = "telephone-event"
    has_jitter, step = column["measured"] > 0, tables.steps[number]
    return RtpStream(
        id=f"s{order}",
        ssrc=column["ssrc"],
        hop=hop,
        payload_types=_types_by_packets(measured.uses, tables.uses[number]),
        codec=encoding,
        clock_rate_hz=clock,
        media_kind=_kind(encoding, measured, tables.main[number]),
        first_packet_at=column["first_at"],
        last_packet_at=column["last_at"],
        first_frame=column["first_frame"],
        last_frame=column["last_frame"],
        packets=packets,
        expected=column["expected"],
        lost=column["lost"],
        duplicates=column["duplicates"],
        capture_copies=column["copies"],
        reordered=column["reordered"],
        sequence_restarts=column["restarts"],
        jitter_ms_mean=column["jitter_mean"] if has_jitter else None,
        jitter_ms_max=column["jitter_max"] if has_jitter else None,
        jitter_ms_last=column["jitter_last"] if has_jitter else None,
        delta_ms_mean=(column["last_at"] - column["first_at"]) / (packets - 1) / 1e6 if packets > 1 else None,
        delta_ms_max=column["pause"] / 1e6 if packets > 1 else None,
        delta_max_frame=column["pause_frame"] if packets > 1 else None,
        longest_loss_run=column["loss_longest"],
        loss_runs=column["loss_runs"],
        burst_ratio=burst_ratio(column["lost"], column["loss_runs"], column["expected"]),
        bursts=column["bursts"],
        # The first and the last packet of a stream arrived, so a gap lies on both sides of every burst.
        gaps=column["bursts"] + 1,
        ptime_ms=1000 * step / clock if step is not None and clock else None,
        dscp=tables.code_points[number],
        activity=tables.activity[number],
        payload_uses=tuple(_use(measured.uses, use) for use in tables.uses[number]),
        digits=tables.digits.get(number, ()),
        rtcp=measured.reports.facts_of(hop, column["ssrc"]),
        series=tables.series[number],
    )


def _types_by_packets(uses: PayloadUses, numbers: list[int]) -> tuple[int, ...]:
    ordered = sorted(numbers, key=lambda number: (-int(uses.packets[number]), number))
    return tuple(int(uses.payload_type[number]) for number in ordered)


def _kind(encoding: str | None, measured: Measured, main: int) -> str | None:
    """`audio` or `video` where the static table says so; a name from a session description says it by its section."""
    rtp_format = measured.uses.formats[main]
    if encoding is None or rtp_format is None or rtp_format.stated:
        return None
    return "video" if encoding.upper() in VIDEO_ENCODINGS else "audio"


def _use(uses: PayloadUses, number: int) -> PayloadTypeUse:
    return PayloadTypeUse(
        payload_type=int(uses.payload_type[number]),
        packets=int(uses.packets[number]),
        first_at=int(uses.first_at[number]),
        last_at=int(uses.last_at[number]),
        first_frame=int(uses.first_frame[number]),
        last_frame=int(uses.last_frame[number]),
        longest_length=int(uses.longest[number]),
    )
