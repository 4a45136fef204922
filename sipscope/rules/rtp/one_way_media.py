"""Media flows one way only, although both directions were agreed.

What it finds
    A window of 5 s or more in which sendrecv is in force, one direction carries 50 packets or more and the other
    none. The text names the side that doesn't send, or the address that it was told to send to. Hold,
    announcements and other agreed one-way media are not judged, and neither is media that runs back between the
    same hosts on ports that nobody announced. Of video it is merely possible, because cameras are switched off.
Why it matters
    The most reported fault of all: one party hears nothing.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-12 alice => bob  PCMU
        12.0  alice -> bob  BYE
        12.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-12 alice => bob  PCMU
        0.2-12 bob => alice  PCMU
        12.0  alice -> bob  BYE
        12.1  bob -> alice  200
What to check
    - Is the address that the silent side was told to send to reachable from where it is? A private address behind
      NAT is the usual cause.
    - Does the silent side send at all? Capture next to it; if it does, look for a firewall in between.
    - Is its microphone, line card or transcoder dead, or did it stay on hold?
Sources
    RFC 3264 §6.1; RFC 3264 §7; RFC 3550 §6.4.1; RFC 8083 §4.2
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.description import Direction
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.network import Endpoint
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.stream import RtpStream
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.media_windows import (
    FIRM_SCORE,
    Window,
    host_pairs,
    packets_between,
    streams_of,
    uses_ice,
    windows_of,
)

FEWEST_PACKETS = 50
ONE_SIDED_CALLS = 3
"""From so many calls on, all one-way in the same sense, the tap is one-sided rather than every call at fault."""


@rule("RTP-002", name="one-way-media", severity=ERROR, since="0.1", subject=Dialog, needs=("media",))
def one_way_media(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """With sendrecv agreed, media is expected both ways (RFC 3264 §6.1)."""
    if not dialog.is_invite or not trace.index.streams_of_dialog.get(dialog.id):
        return
    shortest = trace.policy.duration("one_way_s")
    for window in windows_of(dialog, trace):
        if window.end - window.start < shortest or window.caller.direction is not Direction.SENDRECV:
            continue
        if window.callee.direction is not Direction.SENDRECV:
            continue
        towards = {side: streams_of(dialog, trace, side, window.index) for side in Side}
        counts = {side: packets_between(streams, window.start, window.end) for side, streams in towards.items()}
        for deaf in Side:
            if counts[deaf] or counts[deaf.other] < FEWEST_PACKETS:
                continue
            if not _flows_back(trace, towards[deaf.other], window, deaf):
                yield _hit(dialog, trace, window, deaf, towards[deaf.other])


def _flows_back(trace: Trace, flowing: Sequence[RtpStream], window: Window, deaf: Side) -> bool:
    """Whether RTP that belongs to no other section runs the other way between the same hosts meanwhile."""
    pairs = {(stream.hop.source.address, stream.hop.destination.address) for stream in flowing}
    told = window.caller.media if deaf is Side.CALLER else window.callee.media
    wanted = Endpoint(told.address or "", told.port)
    own = {_section_of(stream) for stream in flowing}
    return any(
        (stream.hop.destination.address, stream.hop.source.address) in pairs
        and (stream.hop.destination == wanted or _section_of(stream) in {None, *own})
        and packets_between([stream], window.start, window.end) >= FEWEST_PACKETS
        for stream in trace.streams
    )


def _section_of(stream: RtpStream) -> tuple[str, int] | None:
    """Dialog and media position that a stream belongs to firmly."""
    binding = stream.binding
    if binding is None or binding.score < FIRM_SCORE:
        return None
    return binding.dialog_id, binding.media_index


def _hit(dialog: Dialog, trace: Trace, window: Window, deaf: Side, flowing: Sequence[RtpStream]) -> Hit:
    silent = deaf.other
    told, own = window.caller.media, window.callee.media
    if deaf is Side.CALLEE:
        told, own = own, told
    confidence, doubts = _confidence(dialog, trace, window, deaf)
    stray = _misdirected(trace, window, silent)
    why = _why(window, deaf, stray)
    count = packets_between(flowing, window.start, window.end)
    stream = flowing[0]
    evidence = [Evidence(frame=stream.first_frame, note=f"{count} packets {stream.hop}")]
    exchange = trace.index.exchanges[window.caller.exchange_id]
    evidence.append(Evidence(frame=exchange.offer_message.frames[-1], note="offer with sendrecv"))
    if exchange.answer_message is not None:
        evidence.append(Evidence(frame=exchange.answer_message.frames[-1], note="answer with sendrecv"))
    if stray is not None:
        evidence.append(Evidence(frame=stray.first_frame, note=f"{stray.packets} packets {stray.hop}"))
    return Hit(
        text=(
            f"For {in_seconds(window.end - window.start):.1f} s the {deaf} got no media: the {silent} (media at "
            f"{own.address}:{own.port}) was told to send to {told.address}:{told.port}, nothing of it was seen, and "
            f"{count} packets went the other way. {why}"
        ),
        evidence=tuple(evidence),
        at=window.start,
        severity=INFO if _tap_is_one_sided(trace) else None,
        confidence=confidence,
        guards=doubts,
        identity=(dialog.key, window.index, deaf, window.start),
    )


def _confidence(dialog: Dialog, trace: Trace, window: Window, deaf: Side) -> tuple[Confidence, tuple[str, ...]]:
    caller, callee = host_pairs(window)
    source, target = (callee, caller) if deaf is Side.CALLER else (caller, callee)
    if guards.capture_lossy_near(trace, window.start, window.end):
        return Confidence.POSSIBLE, ("The capture itself lost packets at that time.",)
    if uses_ice(window):
        return Confidence.POSSIBLE, ("ICE may have moved the media to another pair of addresses.",)
    if window.caller.media.kind == "video":
        return Confidence.POSSIBLE, ("A camera that is switched off sends nothing, and that is often not signalled.",)
    if trace.vantage.media_pairs.get((source, target), 0) >= FEWEST_PACKETS or trace.vantage.media_expected:
        return Confidence.CERTAIN, ()
    if trace.vantage.sees_signalling(source, target) or dialog.legs[0].both_directions:
        return Confidence.LIKELY, ()
    return Confidence.POSSIBLE, ("Nothing at all was captured in that direction.",)


def _misdirected(trace: Trace, window: Window, silent: Side) -> RtpStream | None:
    """RTP that the silent side sends somewhere else meanwhile."""
    host = window.caller.media.address if silent is Side.CALLER else window.callee.media.address
    return next(
        (
            stream
            for stream in trace.streams
            if stream.binding is None
            and stream.hop.source.address == host
            and stream.is_active(window.start, window.end)
        ),
        None,
    )


def _why(window: Window, deaf: Side, stray: RtpStream | None) -> str:
    told = window.caller.media if deaf is Side.CALLER else window.callee.media
    other = window.callee.media if deaf is Side.CALLER else window.caller.media
    if stray is not None:
        return f"It sends to {stray.hop.destination} instead."
    scopes = scope_of(told.address or ""), scope_of(other.address or "")
    if scopes[0] is Scope.PRIVATE and scopes[1] is Scope.GLOBAL:
        return f"{told.address} is a private address that the {deaf.other}, at {other.address}, can't reach."
    return f"Either the {deaf.other} doesn't send, or its packets are lost before this tap."


def _tap_is_one_sided(trace: Trace) -> bool:
    """Whether several host pairs show media and every one of them in one direction only (T-ONE)."""
    pairs = trace.vantage.media_pairs
    return len(pairs) >= ONE_SIDED_CALLS and not any((target, source) in pairs for source, target in pairs)
