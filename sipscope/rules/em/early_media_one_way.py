"""Early media agreed in both directions flows towards the caller only, where something needs the other direction.

What it finds
    Three seconds or more of early media to the caller and no packet from it, although offer and provisional SDP both
    say sendrecv, and one of these: the caller pressed keys meanwhile (INFO); the caller's SDP names a private
    address while the media comes from a public one; the media comes from another address than the callee's side
    announced (then it is merely possible). Plain ring-back needs nothing from the caller, and is not told. Media of
    the caller must be visible at this tap: it is seen after the answer, or from the same host in another call.
Why it matters
    Relays that latch, and NAT pinholes, wait for a packet of the caller; services that ask for a PIN before the
    answer get nothing.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              c=IN IP4 10.0.0.5
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.05-20 bob => alice PCMU to=192.0.2.10:4000
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.05  alice -> bob  ACK
        9.1-20 alice => bob  PCMU from=192.0.2.10:4000
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.05-20 bob => alice PCMU
        1.1-20 alice => bob  PCMU
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.05  alice -> bob  ACK
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Set the caller to send RTP, silence or keep-alives as soon as the provisional SDP arrives.
    - Does a firewall or SBC on the caller's side hold its media back before the answer?
    - Does the caller take the early SDP for a preview only, because it isn't reliable?
Sources
    RFC 3960 §3; RFC 3960 §6; RFC 4961 §4
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.description import Direction, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.early_media import EarlyPhase
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.stream import RtpStream
from sipscope.model.time import Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.early_media import has_early_session, streams_to
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True)
class _Need:
    """Why the other direction is needed."""

    text: str
    confidence: Confidence
    message: Message | None = None


@rule("EM-006", name="early-media-one-way", severity=WARNING, since="0.1", subject=Call, needs=("media",))
def early_media_one_way(call: Call, trace: Trace) -> Iterator[Hit]:
    """Symmetric RTP and NAT need packets of the caller (RFC 4961 §4, RFC 3960 §6)."""
    phase = call.early
    lasting = trace.policy.duration("early_one_way_s")
    if phase is None or not phase.streams or max(0, phase.end - phase.start) < lasting:
        return
    if has_early_session(phase) or len(phase.tags) > 1:
        return
    promise = next((item for item in phase.described if _both_ways(item.description)), None)
    request = phase.invite.request
    if promise is None or request is None or not _both_ways(request.description):
        return
    forward = streams_to(call.caller_dialogs, trace, Side.CALLEE)
    stream = next((item for item in phase.streams if _heard(item, promise, phase) >= lasting), None)
    if stream is None or any(item.first_packet_at < phase.end for item in forward):
        return
    need = _need(call, phase, promise, stream)
    if need is not None and (forward or _caller_visible(trace, stream)):
        yield _hit(call, phase, promise, stream, need)


def _both_ways(description: SessionDescription | None) -> bool:
    sections = () if description is None else description.media
    return any(item.kind == "audio" and item.port and item.direction is Direction.SENDRECV for item in sections)


def _heard(stream: RtpStream, promise: Response, phase: EarlyPhase) -> Duration:
    """How long packets of a stream came between the promise and the final response."""
    return sum(max(0, min(run.end, phase.end) - max(run.start, promise.at)) for run in stream.activity)


def _caller_visible(trace: Trace, stream: RtpStream) -> bool:
    return trace.vantage.sees_media_from_to(stream.hop.destination.address, stream.hop.source.address)


def _need(call: Call, phase: EarlyPhase, promise: Response, stream: RtpStream) -> _Need | None:
    keys = _keys(call, phase, promise)
    if keys is not None:
        return _Need("the caller pressed keys meanwhile, so that a service waits for it", Confidence.LIKELY, keys)
    request = phase.invite.request
    offered = () if request is None or request.description is None else request.description.media
    private = next((item.address for item in offered if item.address and _is_private(item.address)), None)
    if private is not None and not _is_private(stream.hop.source.address):
        text = f"its SDP names the private address {private}, so that a relay must learn from its packets where it is"
        return _Need(text, Confidence.LIKELY)
    announced = {item.address for item in promise.description.media} if promise.description is not None else set()
    if stream.hop.source.address not in announced:
        text = f"the media comes from {stream.hop.source.address}, which the SDP doesn't name: a relay may wait for it"
        return _Need(text, Confidence.POSSIBLE)
    return None


def _is_private(address: str) -> bool:
    return scope_of(address) in {Scope.PRIVATE, Scope.SHARED}


def _keys(call: Call, phase: EarlyPhase, promise: Response) -> Message | None:
    """An INFO of the caller with digits before the final response."""
    for dialog in call.caller_dialogs:
        for item in dialog.transactions:
            request = item.request
            if item.method != "INFO" or request is None or not promise.at < request.at < phase.end:
                continue
            kind = "" if request.content_type is None else str(request.content_type).lower()
            if "dtmf" in kind and dialog.sender_of(request) is Side.CALLER:
                return request
    return None


def _hit(call: Call, phase: EarlyPhase, promise: Response, stream: RtpStream, need: _Need) -> Hit:
    ending = "the final response" if phase.final is None else f"the {phase.final.label}"
    evidence = [
        Evidence(frame=phase.invite.first.frames[-1], note="INVITE: audio sendrecv"),
        Evidence(frame=promise.frames[-1], note=f"{promise.label}: audio sendrecv"),
        Evidence(
            frame=stream.first_frame, note=f"first RTP from {stream.hop.source}; none of the caller before {ending}"
        ),
    ]
    if need.message is not None:
        evidence.append(Evidence(frame=need.message.frames[-1], note="keys by INFO"))
    return Hit(
        text=(
            f"Early media came to the caller for {in_seconds(_heard(stream, promise, phase)):.1f} s and it sent none "
            f"before {ending}, although {need.text}."
        ),
        evidence=tuple(evidence),
        at=stream.first_packet_at,
        confidence=need.confidence,
        identity=(call.id, "one-way"),
    )
