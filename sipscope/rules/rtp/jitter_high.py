"""The packets of a stream arrive unevenly.

What it finds
    A stream whose interarrival jitter by RFC 3550 is 30 ms or more in the mean, or stays at 50 ms or more for a
    noticeable part of the stream. telephone-event, comfort noise and pauses in speech don't count. Without a
    known clock rate there is no jitter.
Why it matters
    Packets that come too late for the receiver's jitter buffer are as good as lost.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU jitter=60ms
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU jitter=5ms
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Look for a queue without priority for voice: a busy uplink, Wi-Fi, a VPN.
    - Are packets marked for priority (DSCP 46) all the way?
    - A larger or adaptive jitter buffer at the receiver trades delay for smoothness.
Sources
    RFC 3550 §6.4.1; RFC 3550 §6.4.4; RFC 3550 Appendix A.8
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.stream import RtpStream
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule

NOTICEABLE_SHARE = 0.05
"""A single pause that the timestamps don't tell lifts the jitter for half a second; a fault lasts longer."""
FEWEST_PACKETS = 100


@rule("RTP-020", name="jitter-high", severity=WARNING, since="0.1", subject=RtpStream)
def jitter_high(stream: RtpStream, trace: Trace) -> Iterator[Hit]:
    """Jitter is a running mean of how far packets come off their timestamps (RFC 3550 Appendix A.8)."""
    mean, maximum = stream.jitter_ms_mean, stream.jitter_ms_max
    if mean is None or maximum is None or stream.packets < FEWEST_PACKETS or stream.media_kind == "video":
        return
    highest = trace.policy.threshold("jitter_max_ms")
    often = maximum >= highest and _share_above(stream, highest) >= NOTICEABLE_SHARE
    if mean < trace.policy.threshold("jitter_mean_ms") and not often:
        return
    evidence = [Evidence(frame=stream.first_frame, note=f"first packet of SSRC 0x{stream.ssrc:08x}")]
    if stream.delta_max_frame is not None:
        note = f"longest pause between two packets: {stream.delta_ms_max or 0:.1f} ms"
        evidence.append(Evidence(frame=stream.delta_max_frame, note=note))
    codec = stream.codec or f"payload type {stream.payload_types[0]}"
    yield Hit(
        text=(
            f"Jitter of the {codec} stream {stream.hop} is {mean:.1f} ms in the mean and {maximum:.1f} ms at most, "
            "seen at this tap."
        ),
        evidence=tuple(evidence),
        at=stream.first_packet_at,
        confidence=Confidence.CERTAIN if stream.binding is not None else Confidence.LIKELY,
    )


def _share_above(stream: RtpStream, jitter_ms: float) -> float:
    """Share of the bins with packets in which jitter reaches a value."""
    if stream.series is None:
        return 0.0
    pairs = zip(stream.series.jitter_ms.tolist(), stream.series.packets.tolist(), strict=True)
    filled = [jitter for jitter, packets in pairs if packets]
    return sum(jitter >= jitter_ms for jitter in filled) / len(filled) if filled else 0.0
