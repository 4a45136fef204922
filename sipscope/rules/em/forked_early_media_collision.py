"""Before the answer, several media streams reach one port of the caller at the same time.

What it finds
    Two audio streams from different addresses, or of different SSRCs where the call forked, that overlap for 400 ms
    or more on one port of the caller before the final response. Parallel early media is permitted, and a caller may
    play one stream and mute the others: this tells what arrives and blames nobody. One stream behind another is no
    collision, nor is one packet captured twice.
Why it matters
    Ring-back and announcement mix into noise, or the caller locks on to the wrong stream and loses the first words
    of the callee.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183 tag=b1
              m=audio 5000 RTP/AVP 0
        4.0   bob -> alice  183 tag=b2
              m=audio 6000 RTP/AVP 0
        1.05-7 bob => alice PCMU ssrc=1 from=192.0.2.20:5000
        4.05-20 bob => alice PCMU ssrc=2 from=192.0.2.20:6000
        7.0   bob -> alice  200 tag=b2
              m=audio 6000 RTP/AVP 0
        7.05  alice -> bob  ACK
        7.1-20 alice => bob PCMU to=192.0.2.20:6000
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183 tag=b1
              m=audio 5000 RTP/AVP 0
        4.0   bob -> alice  183 tag=b2
              m=audio 6000 RTP/AVP 0
        1.05-4 bob => alice PCMU ssrc=1 from=192.0.2.20:5000
        4.05-20 bob => alice PCMU ssrc=2 from=192.0.2.20:6000
        7.0   bob -> alice  200 tag=b2
              m=audio 6000 RTP/AVP 0
        7.05  alice -> bob  ACK
        7.1-20 alice => bob PCMU to=192.0.2.20:6000
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Which element forks, and must it ring all targets at once? Forking one after the other avoids the overlap.
    - Can all branches but one keep from sending early media, or be muted with UPDATE?
    - Does the caller play one stream only, and change to the answered one with the 2xx?
Sources
    RFC 3960 §3.1; RFC 3264 §5.1
"""

from collections.abc import Iterator
from itertools import combinations

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.early_media import EarlyPhase
from sipscope.model.finding import Evidence
from sipscope.model.stream import RtpStream
from sipscope.model.time import Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule


@rule("EM-008", name="forked-early-media-collision", severity=WARNING, since="0.1", subject=Call, needs=("media",))
def forked_early_media_collision(call: Call, trace: Trace) -> Iterator[Hit]:
    """The offerer must be prepared for media of every branch at the one port it offered (RFC 3264 §5.1)."""
    phase = call.early
    streams = [] if phase is None else [item for item in phase.streams if item.media_kind in {None, "audio"}]
    if phase is None or len(streams) < 2:
        return
    forks = len({item.to_tag for item in phase.provisionals})
    for first, second in combinations(streams, 2):
        if first.hop.destination != second.hop.destination:
            continue
        overlap = _overlap(first, second, phase.end)
        if overlap >= trace.policy.duration("early_collision_ms") and (
            first.hop.source != second.hop.source or forks > 1
        ):
            yield _hit(call, phase, first, second, overlap, forks)


def _overlap(first: RtpStream, second: RtpStream, until: Instant) -> Duration:
    """How long packets of both came at the same time, up to an instant."""
    return sum(
        max(0, min(one.end, other.end, until) - max(one.start, other.start))
        for one in first.activity
        for other in second.activity
    )


def _hit(call: Call, phase: EarlyPhase, first: RtpStream, second: RtpStream, overlap: Duration, forks: int) -> Hit:
    branches = f", in a call with {forks} early dialogs" if forks > 1 else ""
    ending = "" if phase.final is None else f" before the {phase.final.label}"
    described = (item for item in phase.provisionals if item.description is not None)
    evidence = [Evidence(frame=item.frames[-1], note=f"{item.label}, To tag {item.to_tag}") for item in described]
    evidence += [
        Evidence(frame=item.first_frame, note=f"first RTP from {item.hop.source}, SSRC 0x{item.ssrc:08x}")
        for item in (first, second)
    ]
    return Hit(
        text=(
            f"Two media streams reached the caller's {first.hop.destination} at the same time for "
            f"{in_seconds(overlap):.1f} s{ending}{branches}: from {first.hop.source} and from {second.hop.source}."
        ),
        evidence=tuple(evidence),
        at=max(first.first_packet_at, second.first_packet_at),
        confidence=Confidence.LIKELY,
        identity=(call.id, first.ssrc, second.ssrc),
    )
