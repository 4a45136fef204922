"""Both sides send media for more than a minute, and nobody has answered.

What it finds
    A call in which audio flows both ways for more than 60 s in all before its final response, or before the capture
    ends. Pauses of up to 2 s count as media. It is information: dialogues with announcements, and queues at which
    the caller's phone sends all the time, look the same.
Why it matters
    A conversation before the answer isn't charged, which some use on purpose; or the answer got lost on its way.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.1-80 bob => alice PCMU
        1.1-80 alice => bob PCMU
        80.0  alice -> bob  CANCEL
        80.05 bob -> alice  200 CANCEL
        80.05 bob -> alice  487 INVITE
        80.1  alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.1-90 bob => alice PCMU
        1.1-90 alice => bob PCMU
        20.0  bob -> alice  200
              m=audio 5000 RTP/AVP 0
        20.1  alice -> bob  ACK
        90.0  alice -> bob  BYE
        90.1  bob -> alice  200
What to check
    - Did the callee answer? Look at its own log for a 200 that this capture doesn't have.
    - Where nobody answers on purpose, let the border controller limit early media, in time or to one direction.
Sources
    RFC 3960 §6; RFC 3959 §8
"""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.dialog import Side
from sipscope.model.early_media import EarlyPhase
from sipscope.model.finding import Evidence
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.early_media import streams_to

LONGEST: Duration = 60 * SECOND
"""Longer than people let it ring, or speak to a menu (catalogue threshold `earlyfraud_s`)."""

PAUSE: Duration = 2 * SECOND
"""Senders that suppress silence pause so long within what they say."""

Runs = list[tuple[Instant, Instant]]


@rule("EM-013", name="long-bidirectional-early-media", severity=INFO, since="0.1", subject=Call, needs=("media",))
def long_bidirectional_early_media(call: Call, trace: Trace) -> Iterator[Hit]:
    """Early media is meant for tones and announcements; a conversation isn't charged (RFC 3960 §6)."""
    phase = call.early
    if phase is None or not phase.streams or phase.end - phase.start <= LONGEST:
        return
    to_caller = [item for item in phase.streams if item.media_kind in {None, "audio"}]
    to_callee = [
        item for item in streams_to(call.caller_dialogs, trace, Side.CALLEE) if item.media_kind in {None, "audio"}
    ]
    together = _overlap(_runs(to_caller, phase), _runs(to_callee, phase))
    if together <= LONGEST:
        return
    first = min((*to_caller, *to_callee), key=lambda item: (item.first_packet_at, item.first_frame))
    yield Hit(
        text=(
            f"Before any answer, media flowed both ways for {in_seconds(together):.0f} s between "
            f"{first.hop.source} and {first.hop.destination}."
        ),
        evidence=tuple(_evidence(phase, first)),
        at=phase.end,
        confidence=Confidence.LIKELY,
        identity=(call.id,),
    )


def _runs(streams: Sequence[RtpStream], phase: EarlyPhase) -> Runs:
    """When any of the streams was heard during the early phase, short pauses included."""
    found: Runs = []
    for start, end in sorted((run.start, run.end) for stream in streams for run in stream.activity):
        if found and start - found[-1][1] <= PAUSE:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    clipped = ((max(start, phase.start), min(end, phase.end)) for start, end in found)
    return [(start, end) for start, end in clipped if start < end]


def _overlap(one: Runs, other: Runs) -> Duration:
    """How long both went on at the same time."""
    shared = (min(last, end) - max(first, start) for first, last in one for start, end in other)
    return sum(length for length in shared if length > 0)


def _evidence(phase: EarlyPhase, first: RtpStream) -> Iterator[Evidence]:
    yield Evidence(frame=phase.invite.first.frames[-1], note="INVITE")
    yield Evidence(frame=first.first_frame, note="first RTP")
    if phase.final is not None:
        yield Evidence(frame=phase.final.frames[-1], note=phase.final.label)
