"""RTP streams in the report."""

from collections.abc import Iterator
from statistics import fmean

from sipscope.model.stream import RtcpFacts, RtpStream
from sipscope.model.time import MILLISECOND
from sipscope.model.trace import Trace
from sipscope.views.report_values import milliseconds_of, number_of, rounded, time_of
from sipscope.views.reported import call_of_report


def streams_report(trace: Trace) -> Iterator[dict[str, object]]:
    """Every stream."""
    ordered = sorted(trace.streams, key=lambda item: (item.first_packet_at, number_of(item.id)))
    return (_stream(stream) for stream in ordered)


def reported_report(trace: Trace) -> list[dict[str, object]]:
    """Every stream that is known by reports on it, and not measured."""
    return [
        {
            "ssrc": f"0x{stream.ssrc:08x}",
            "source": str(stream.hop.source),
            "destination": str(stream.hop.destination),
            "call": call_of_report(stream, trace),
            "correlation_id": stream.correlation_id,
            "first_report_at": time_of(stream.rtcp.receiver_reports[0].at),
            "last_report_at": time_of(stream.rtcp.receiver_reports[-1].at),
            "jitter_rtp_units_max": max(report.jitter_rtp_units for report in stream.rtcp.receiver_reports),
            "rtcp": _rtcp(stream.rtcp, stream.clock_rate_hz),
        }
        for stream in trace.media.reported
    ]


def _stream(stream: RtpStream) -> dict[str, object]:
    binding, score = stream.binding, stream.score
    return {
        "id": stream.id,
        "ssrc": f"0x{stream.ssrc:08x}",
        "source": str(stream.hop.source),
        "destination": str(stream.hop.destination),
        "payload_types": list(stream.payload_types),
        "codec": stream.codec,
        "clock_rate_hz": stream.clock_rate_hz,
        "media_kind": stream.media_kind,
        "encrypted": stream.encrypted,
        "call": None if binding is None else binding.call_id,
        "dialog": None if binding is None else binding.dialog_id,
        "media_index": None if binding is None else binding.media_index,
        "first_packet_at": time_of(stream.first_packet_at),
        "last_packet_at": time_of(stream.last_packet_at),
        "packets": stream.packets,
        "expected": stream.expected,
        "lost": stream.lost,
        "loss_percent": rounded(stream.loss_percent) if stream.expected else None,
        "duplicates": stream.duplicates,
        "reordered": stream.reordered,
        "jitter_ms_mean": rounded(stream.jitter_ms_mean),
        "jitter_ms_max": rounded(stream.jitter_ms_max),
        "delta_ms_mean": rounded(stream.delta_ms_mean),
        "delta_ms_max": rounded(stream.delta_ms_max),
        "loss_runs": stream.loss_runs,
        "longest_loss_run": stream.longest_loss_run,
        "burst_ratio": rounded(stream.burst_ratio),
        "bursts": stream.bursts,
        "gaps": stream.gaps,
        "ptime_ms": rounded(stream.ptime_ms),
        "dscp": stream.dscp,
        "r_factor": None if score is None else rounded(score.r_factor, 2),
        "mos": None if score is None else rounded(score.mos, 2),
        "mos_method": None if score is None else score.method or None,
        "mos_note": stream.score_note or None,
        "digits": [
            {
                "symbol": digit.symbol,
                "at": time_of(digit.at),
                "duration_ms": rounded(digit.duration_ms),
                "frame": digit.first_frame,
            }
            for digit in stream.digits
        ],
        "rtcp": _rtcp(stream.rtcp, stream.clock_rate_hz),
    }


def _rtcp(facts: RtcpFacts, clock_rate_hz: int | None) -> dict[str, object] | None:
    """What RTCP told; None when nothing spoke of the stream."""
    if facts == RtcpFacts():
        return None
    reports = facts.receiver_reports
    trips = [report.round_trip / MILLISECOND for report in reports if report.round_trip is not None]
    jitter = [report.jitter_rtp_units for report in reports]
    return {
        "sender_reports": facts.sender_reports,
        "receiver_reports": len(reports),
        "fraction_lost_max": rounded(max((report.fraction_lost for report in reports), default=None), 4),
        "cumulative_lost": reports[-1].cumulative_lost if reports else None,
        "jitter_ms_max": rounded(1000 * max(jitter) / clock_rate_hz) if jitter and clock_rate_hz else None,
        "round_trip_ms_mean": rounded(fmean(trips)) if trips else None,
        "round_trip_ms_max": milliseconds_of(max((r.round_trip for r in reports if r.round_trip), default=None)),
        "cname": facts.cname,
        "bye_at": time_of(facts.bye_at),
    }
