"""RTP streams and their quality (RFC 3550, RFC 3611, RFC 4733)."""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from sipscope.model.dialog import Side
from sipscope.model.network import Hop
from sipscope.model.time import Duration, Instant
from sipscope.values import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time in which packets came without a pause longer than 200 ms.

    Attributes:
        start: First packet.
        end: Last packet.
        packets: How many.
    """

    start: Instant
    end: Instant
    packets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadTypeUse:
    """How one payload type was used in a stream.

    Attributes:
        payload_type: 0–127.
        packets: How many packets carried it.
        first_at: First of them.
        last_at: Last of them.
        first_frame: Frame of the first.
        last_frame: Frame of the last.
        longest_length: Largest RTP payload in bytes (RTP header not counted).
    """

    payload_type: int
    packets: int
    first_at: Instant
    last_at: Instant
    first_frame: int
    last_frame: int
    longest_length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    """A key press sent as telephone-event (RFC 4733).

    Attributes:
        symbol: 0–9, *, #, A–D, or `event 32` for other codes.
        at: First packet.
        duration_ms: From the last packet's duration field; None when the clock is unknown.
        end_packets: How many packets had the E bit.
        first_frame: Frame of the first packet.
    """

    symbol: str
    at: Instant
    duration_ms: float | None
    end_packets: int
    first_frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverReport:
    """One RTCP report block about a stream (RFC 3550 §6.4.1).

    Attributes:
        at: When it was captured.
        frame: Its frame.
        reporter_ssrc: Who reports.
        fraction_lost: 0–1 since the report before.
        cumulative_lost: Packets, may be negative.
        highest_sequence: Extended highest sequence number.
        jitter_rtp_units: As reported, in units of the stream's clock.
        round_trip: From LSR and DLSR as seen at this tap; None when LSR is 0 or its sender report was not captured.
    """

    at: Instant
    frame: int
    reporter_ssrc: int
    fraction_lost: float
    cumulative_lost: int
    highest_sequence: int
    jitter_rtp_units: int
    round_trip: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RtcpFacts:
    """What RTCP said about a stream.

    Attributes:
        sender_reports: How many the stream's sender sent.
        receiver_reports: Report blocks about it.
        cname: From SDES; None when never seen.
        bye_at: When its sender said BYE.
    """

    sender_reports: int = 0
    receiver_reports: tuple[ReceiverReport, ...] = ()
    cname: str | None = None
    bye_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySeries:
    """A stream's quality over time, in bins of equal width, as columns of equal length.

    Attributes:
        start: Start of the first bin.
        width: Width of a bin.
        packets: Received in the bin; int64.
        lost: Found missing by the end of the bin, late arrivals given back; int64.
        jitter_ms: RFC 3550 jitter after the bin's last packet; float64, NaN where unknown.
        delta_ms_max: Largest time between two packets in arrival order that ended in the bin; float64, NaN where none.
        bytes: UDP payload bytes; int64.
    """

    start: Instant
    width: Duration
    packets: "NDArray[np.int64]"
    lost: "NDArray[np.int64]"
    jitter_ms: "NDArray[np.float64]"
    delta_ms_max: "NDArray[np.float64]"
    bytes: "NDArray[np.int64]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Why a stream belongs to a media section of a call.

    Attributes:
        call_id: Id of the call (`calls[].id`); None until calls are made.
        dialog_id: The dialog.
        leg_id: The leg.
        receiver: The party that the stream is sent to.
        media_index: Media position.
        score: Points by evidence; 60 and above is a binding, 40–59 tentative.
        reasons: The evidence in words.
        exchange_id: The exchange whose section was in force when it started.
    """

    call_id: int | None = None
    dialog_id: str
    leg_id: str
    receiver: Side
    media_index: int
    score: int
    reasons: tuple[str, ...]
    exchange_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """An E-model estimate (ITU-T G.107), never a measurement.

    Attributes:
        r_factor: Transmission rating.
        mos: Mean opinion score, 1–4.5 on the narrow-band scale.
        scale: `narrow-band`.
        grounding: `published`, `provisional-proxy` or `declared`.
        loss_percent: Ppl that went in: network loss of the voice series.
        burst_ratio: BurstR that went in.
        equipment_impairment: Ie,eff.
        method: In words: codec row, delay assumption.
    """

    r_factor: float
    mos: float
    scale: str = "narrow-band"
    grounding: str = "published"
    loss_percent: float
    burst_ratio: float
    equipment_impairment: float
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpStream:
    """Packets of one SSRC from one endpoint to another.

    Attributes:
        id: `s1`, `s2` … by time of the first packet.
        ssrc: Synchronisation source.
        hop: Source and destination.
        payload_types: Every payload type seen, most packets first.
        codec: Name of the main payload type, such as `PCMA`; None when nothing names it.
        clock_rate_hz: RTP clock of the main payload type; None when unknown, and then there is no jitter.
        media_kind: `audio`, `video` …; None when unknown.
        first_packet_at: First packet.
        last_packet_at: Last packet.
        first_frame: Frame of the first packet.
        last_frame: Frame of the last packet.
        packets: Received, copies included.
        expected: Highest minus lowest extended sequence number plus one, over all runs (RFC 3550 A.3).
        lost: Expected minus distinct packets received; never negative.
        duplicates: Packets whose sequence number had come before.
        capture_copies: Of these, the ones whose IP identification shows the same packet captured twice.
        reordered: Packets that came behind a higher sequence number.
        sequence_restarts: How often the sequence began anew (jump above MAX_DROPOUT, RFC 3550 A.1).
        jitter_ms_mean: Mean of RFC 3550 A.8 jitter after every packet; None when the clock is unknown.
        jitter_ms_max: Its maximum.
        jitter_ms_last: After the last packet.
        delta_ms_mean: Mean time between packets in arrival order; None with fewer than two packets.
        delta_ms_max: Maximum time between packets in arrival order.
        delta_max_frame: Frame that ended the longest pause.
        longest_loss_run: Most packets lost in a row.
        loss_runs: How many separate runs of loss.
        burst_ratio: BurstR; None without loss.
        bursts: Bursts by RFC 3611 §4.7.2 with Gmin 16.
        gaps: The stretches between and around the bursts.
        ptime_ms: Median packetisation from timestamps; None when the clock is unknown.
        dscp: Most frequent code point.
        activity: Stretches without a pause longer than 200 ms.
        payload_uses: Use of each payload type, in order of first appearance.
        digits: Telephone events in order.
        rtcp: What RTCP said about it.
        series: Quality over time.
        binding: The media section it belongs to; None when unsignalled.
        score: E-model estimate; None when not computable, see `score_note`.
        score_note: Why there is no score, in words; empty when there is one.
        encrypted: Whether the negotiated profile is SRTP, so that payloads can't be read.
    """

    id: str
    ssrc: int
    hop: Hop
    payload_types: tuple[int, ...]
    codec: str | None = None
    clock_rate_hz: int | None = None
    media_kind: str | None = None
    first_packet_at: Instant
    last_packet_at: Instant
    first_frame: int
    last_frame: int
    packets: int
    expected: int
    lost: int
    duplicates: int = 0
    capture_copies: int = 0
    reordered: int = 0
    sequence_restarts: int = 0
    jitter_ms_mean: float | None = None
    jitter_ms_max: float | None = None
    jitter_ms_last: float | None = None
    delta_ms_mean: float | None = None
    delta_ms_max: float | None = None
    delta_max_frame: int | None = None
    longest_loss_run: int = 0
    loss_runs: int = 0
    burst_ratio: float | None = None
    bursts: int = 0
    gaps: int = 0
    ptime_ms: float | None = None
    dscp: int | None = None
    activity: tuple[Interval, ...] = ()
    payload_uses: tuple[PayloadTypeUse, ...] = ()
    digits: tuple[Digit, ...] = ()
    rtcp: RtcpFacts = RtcpFacts()
    series: QualitySeries | None = None
    binding: Binding | None = None
    score: Score | None = None
    score_note: str = ""
    encrypted: bool = False

    @property
    def loss_fraction(self) -> float:
        """Lost by expected, 0–1."""
        return self.lost / self.expected if self.expected else 0.0

    @property
    def loss_percent(self) -> float:
        """Lost by expected in percent."""
        return 100.0 * self.loss_fraction

    def is_active(self, start: Instant, end: Instant) -> bool:
        """Whether any packet run overlaps the interval."""
        return any(run.start <= end and run.end >= start for run in self.activity)

    def first_packet_after(self, at: Instant) -> Instant | None:
        """First packet at or after an instant; a run that spans the instant counts as immediate."""
        for run in self.activity:
            if run.end >= at:
                return max(run.start, at)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedStream:
    """A stream of which the capture holds no packet, known by RTCP on the wire or as capture agents tell it.

    Its figures are those of whoever received it, as they were reported; nothing here was measured.

    Attributes:
        ssrc: Synchronisation source.
        hop: From its sender to its receiver, with the ports of RTCP.
        rtcp: What was told; there is a report of a receiver at least.
        correlation_id: What the agent says it belongs to, mostly a Call-ID.
        call_id: Call-ID of the dialog in which its receiver asked for media there; None where none is in view.
        clock_rate_hz: RTP clock, where all formats that the receiver listed have one; None when unknown.
    """

    ssrc: int
    hop: Hop
    rtcp: RtcpFacts
    correlation_id: str | None = None
    call_id: str | None = None
    clock_rate_hz: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What the media layer knows of a capture as a whole.

    Attributes:
        rtp_packets: Packets of confirmed streams.
        rtcp_packets: RTCP datagrams.
        rtcp_copies: RTCP datagrams that were captured a second time; they are not among `rtcp_packets`.
        reports_without_stream: Report blocks of RTCP about streams that the capture doesn't hold.
        reported: Streams that are known by reports on them alone, in the order of the first.
        unconfirmed: Datagrams that looked like RTP but formed no stream, by reason.
    """

    rtp_packets: int = 0
    rtcp_packets: int = 0
    rtcp_copies: int = 0
    reports_without_stream: int = 0
    reported: tuple[ReportedStream, ...] = ()
    unconfirmed: Mapping[str, int] = field(default_factory=dict)
