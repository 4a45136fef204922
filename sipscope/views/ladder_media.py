"""Bands: RTP between two lanes, the two directions of a conversation in one."""

from collections.abc import Iterator, Sequence

from sipscope.model.stream import RtpStream
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.views.ladder_lanes import lane_of
from sipscope.views.ladder_rows import Band, Flow, Lane


def bands_of(streams: Sequence[RtpStream], lanes: Sequence[Lane], trace: Trace, started_at: Instant) -> Iterator[Band]:
    """A band for every pair of streams, and for every stream that has no partner."""
    for one, other in paired(streams):
        source = lane_of(one, lanes, trace, is_source=True)
        destination = lane_of(one, lanes, trace, is_source=False)
        if source is None or destination is None:
            continue
        runs_right = source <= destination
        rightward, leftward = (one, other) if runs_right else (other, one)
        both = [stream for stream in (one, other) if stream is not None]
        at = min(stream.first_packet_at for stream in both)
        yield Band(
            offset=at - started_at,
            at=at,
            until=max(stream.last_packet_at for stream in both) - started_at,
            first=min(source, destination),
            second=max(source, destination),
            codec=" / ".join(dict.fromkeys(stream.codec for stream in both if stream.codec is not None)) or None,
            kind=one.media_kind,
            rightward=_flow(rightward),
            leftward=_flow(leftward),
            details=tuple(_details(rightward, leftward)),
            frame=min(stream.first_frame for stream in both),
            call=None if one.binding is None else one.binding.call_id,
        )


def paired(streams: Sequence[RtpStream]) -> Iterator[tuple[RtpStream, RtpStream | None]]:
    """Streams with the one that runs the other way between the same ports at the same time, each stream once."""
    by_path: dict[tuple[object, object], list[RtpStream]] = {}
    for stream in streams:
        by_path.setdefault((stream.hop.source, stream.hop.destination), []).append(stream)
    taken: set[str] = set()
    for stream in streams:
        if stream.id in taken:
            continue
        candidates = by_path.get((stream.hop.destination, stream.hop.source), ())
        partner = next((item for item in candidates if item.id not in taken and _overlap(stream, item)), None)
        taken.update(item.id for item in (stream, partner) if item is not None)
        yield stream, partner if partner is not stream else None


def _overlap(one: RtpStream, other: RtpStream) -> bool:
    return one.first_packet_at <= other.last_packet_at and other.first_packet_at <= one.last_packet_at


def _flow(stream: RtpStream | None) -> Flow | None:
    if stream is None:
        return None
    return Flow(
        stream_id=stream.id,
        packets=stream.packets,
        loss_percent=stream.loss_percent if stream.expected else None,
        mos=None if stream.score is None else stream.score.mos,
    )


def _details(rightward: RtpStream | None, leftward: RtpStream | None) -> Iterator[str]:
    for stream, sign in ((rightward, "→"), (leftward, "←")):
        if stream is None:
            continue
        if stream.digits:
            yield f"{sign} digits {' '.join(digit.symbol for digit in stream.digits)}"
        if stream.encrypted:
            yield f"{sign} encrypted"
