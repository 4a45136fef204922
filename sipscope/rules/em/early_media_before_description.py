"""Media reaches the caller before any SDP of the callee's side does.

What it finds
    RTP to the port that the caller offered, for more than 200 ms before the first response with SDP of the early
    dialog it belongs to has come: a provisional response or the 2xx. Where the source is announced by no dialog, the
    first SDP of any counts. Media that is older than the INVITE, and a delayed offer, prove nothing. At one tap,
    media overtakes signalling by less than 200 ms now and then.
Why it matters
    It is legal, but endpoints that filter by the announced address, encrypted media whose keys come with the SDP,
    and gated networks drop it: the first words or the announcement are lost.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  180
        3.0-20 bob => alice PCMU from=192.0.2.20:5000
        5.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        5.05  alice -> bob  ACK
        5.1-20 alice => bob PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  180
        2.9   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        3.0-20 bob => alice PCMU from=192.0.2.20:5000
        5.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        5.05  alice -> bob  ACK
        5.1-20 alice => bob PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Let the callee's side send its answer before its media, in a provisional response, reliable where both can.
    - Is the provisional response with SDP lost or held back on the way?
    - Does a media server start before the application that signals?
Sources
    RFC 3264 §5.1; RFC 6337 §3.1.1; RFC 3960 §3.1
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.early_media import EarlyPhase
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.stream import RtpStream
from sipscope.model.time import Duration, Instant, in_milliseconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.early_media import announced_by


@rule("EM-004", name="early-media-before-description", severity=WARNING, since="0.1", subject=Call, needs=("media",))
def early_media_before_description(call: Call, trace: Trace) -> Iterator[Hit]:
    """The offerer may get media before the answer, and can't tell what it is (RFC 3264 §5.1)."""
    phase = call.early
    if phase is None or not phase.streams:
        return
    if phase.invite.request is None or phase.invite.request.description is None:
        return
    early = [item for item in phase.streams if item.first_packet_at > phase.invite.started_at]
    for stream in sorted(early, key=lambda item: (item.first_packet_at, item.first_frame)):
        told = _first_told(phase, stream)
        until = phase.end if told is None else told.at
        # Media that is earlier than its SDP by less has only overtaken it.
        if _sounded(stream, until) > trace.policy.duration("media_before_description_ms"):
            yield _hit(call, phase, stream, told, until)
            return


def _first_told(phase: EarlyPhase, stream: RtpStream) -> Response | None:
    """The first response with SDP of the dialog that announces the stream's source, else of any dialog."""
    described = [
        item
        for item in phase.invite.responses
        if item.status < 300 and (item.description is not None or item.early_description is not None)
    ]
    owner = announced_by(phase, stream)
    own = [item for item in described if item.to_tag == owner]
    return next(iter(own or described), None)


def _sounded(stream: RtpStream, until: Instant) -> Duration:
    """How long packets came before an instant."""
    return sum(max(0, min(run.end, until) - run.start) for run in stream.activity if run.start < until)


def _hit(call: Call, phase: EarlyPhase, stream: RtpStream, told: Response | None, until: Instant) -> Hit:
    early = in_milliseconds(until - stream.first_packet_at)
    behind = f"the SDP in the {told.label} came" if told is not None else "the call ended without any SDP"
    evidence = [
        Evidence(frame=phase.invite.first.frames[-1], note="INVITE with the offer"),
        Evidence(frame=stream.first_frame, note=f"first RTP from {stream.hop.source} to {stream.hop.destination}"),
    ]
    if told is not None:
        evidence.append(Evidence(frame=told.frames[-1], note=f"{told.label}: the first SDP"))
    elif phase.final is not None:
        evidence.append(Evidence(frame=phase.final.frames[-1], note=f"{phase.final.label}, no SDP before"))
    return Hit(
        text=f"Media from {stream.hop.source} reached the caller {early:.0f} ms before {behind}.",
        evidence=tuple(evidence),
        at=stream.first_packet_at,
        confidence=Confidence.LIKELY,
        identity=(call.id, stream.ssrc),
    )
