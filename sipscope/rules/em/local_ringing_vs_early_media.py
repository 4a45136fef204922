"""Local ring-back and media of the network take turns, or come together.

What it finds
    Early media that ends while the callee's side goes on alerting, with 3 s or more until the final response: the
    caller must ring locally again, and many don't. Where a 180 without SDP comes while early media flows, and it
    flows on, the caller's expected behaviour is told as information: play the media, don't ring. Pauses of up to
    5.5 s belong to a ringing tone, and without a 180 nobody rings locally.
Why it matters
    Two ring-backs at once, ring-back over an announcement, or silence behind one.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.05-8.5 bob => alice PCMU
        3.0   bob -> alice  180
        8.5   bob -> alice  486
        8.6   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.05-8.5 bob => alice PCMU
        8.5   bob -> alice  486
        8.6   alice -> bob  ACK
What to check
    - Set the caller to follow the packets: ring locally while none come, play them while they do.
    - Should the element that plays an announcement go on with a ringing tone of its own?
    - Does the caller's device start its local tone at every 180, whatever it is playing?
Sources
    RFC 3960 §3.2
"""

from collections.abc import Iterator
from itertools import pairwise

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.early_media import EarlyPhase, Heard, Segment
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule

OVERLAP: Duration = SECOND
"""Media that goes on so long behind a 180 flows on."""


@rule("EM-003", name="local-ringing-vs-early-media", severity=INFO, since="0.1", subject=Call, needs=("media",))
def local_ringing_vs_early_media(call: Call, trace: Trace) -> Iterator[Hit]:
    """A 180 and packets: play them; a 180 and none: ring locally (RFC 3960 §3.2, items 2 and 3)."""
    phase = call.early
    if phase is None or not phase.streams or phase.alerting_at is None:
        return
    ended = _ended(phase, trace.policy.duration("early_media_gap_s"))
    if ended is not None:
        yield _stops(call, phase, ended)
        return
    later = next((item for item in phase.provisionals if _comes_over_media(item, phase)), None)
    if later is not None:
        yield _both(call, phase, later)


def _ended(phase: EarlyPhase, gap: Duration) -> Segment | None:
    """The first stretch of local ringing behind media that lasts so long that a caller has to fill it."""
    for before, after in pairwise(phase.timeline()):
        if before.heard is Heard.EARLY_MEDIA and after.heard is Heard.LOCAL_TONE and after.length >= gap:
            return after
    return None


def _comes_over_media(response: Response, phase: EarlyPhase) -> bool:
    """Whether a plain 180 comes while media flows, and the media flows on."""
    if response.status != 180 or response.description is not None:
        return False
    return any(start < response.at and end > response.at + OVERLAP for start, end in phase.sounding)


def _stops(call: Call, phase: EarlyPhase, gap: Segment) -> Hit:
    ending = "the final response" if phase.final is None else f"the {phase.final.label}"
    return Hit(
        text=(
            f"Early media ends {in_seconds(gap.length):.1f} s before {ending} although the callee's side alerts: the "
            "caller must ring locally again, or it hears silence."
        ),
        evidence=tuple(_evidence(phase, gap.start)),
        at=gap.start,
        severity=WARNING,
        confidence=Confidence.LIKELY,
        identity=(call.id, "stops"),
    )


def _both(call: Call, phase: EarlyPhase, ringing: Response) -> Hit:
    return Hit(
        text=(
            f"The {ringing.label} comes while early media flows, and it flows on: the caller is to play it and not to "
            "ring; a caller that does both mixes two tones."
        ),
        evidence=tuple(_evidence(phase, ringing.at)),
        at=ringing.at,
        confidence=Confidence.LIKELY,
        identity=(call.id, "both"),
    )


def _evidence(phase: EarlyPhase, at: Instant) -> Iterator[Evidence]:
    for item in phase.provisionals:
        yield Evidence(frame=item.frames[-1], note=item.label + (" with SDP" if item.description is not None else ""))
    sounding: list[RtpStream] = [item for item in phase.streams if item.first_packet_at <= at]
    for stream in sounding:
        yield Evidence(frame=stream.first_frame, note=f"first RTP from {stream.hop.source} to {stream.hop.destination}")
