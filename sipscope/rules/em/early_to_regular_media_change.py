"""With the answer, the media towards the caller changes its codec or its source.

What it finds
    Early media whose payload type or source changes within 500 ms of the 2xx although the dialog has no new SDP, or
    with new SDP and a pause of more than 300 ms. A new SSRC from the same place with the same codec is none, nor is
    the end of an early session of its own, or media of another early dialog than the answered one.
Why it matters
    Decoders start anew and clip the first words; endpoints that are locked on the early source drop the new one.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 8 18
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 8 18
        1.05-9 bob => alice PCMA ssrc=1
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 8 18
        9.05  alice -> bob  ACK
        9.1-20 bob => alice G729 ssrc=2
        9.1-20 alice => bob PCMA
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 8 18
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 8 18
        1.05-9 bob => alice PCMA ssrc=1
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 8 18
        9.05  alice -> bob  ACK
        9.1-20 bob => alice PCMA ssrc=2
        9.1-20 alice => bob PCMA
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Let the element that plays the early media use the codec and the address of the call itself.
    - Where the source must change, tell it before: UPDATE, or other SDP in the 2xx under a new dialog.
    - Does the caller lock on to the first source (latching, strict RTP), and drop the second one?
Sources
    RFC 3264 §8.3.1; RFC 3264 §8.3.2; RFC 6337 §3.1.1
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.description import SessionDescription
from sipscope.model.early_media import EarlyPhase
from sipscope.model.finding import Evidence
from sipscope.model.pick_up import MediaUse, PickUp
from sipscope.model.time import MILLISECOND, Duration, in_milliseconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.early_media import announced_by, has_early_session
from sipscope.rules.exchanges import media_lines

NEAR: Duration = 500 * MILLISECOND
"""How near the answer a change has to be to belong to it."""

AUDIBLE_PAUSE: Duration = 300 * MILLISECOND
"""A pause that clips a word."""


@rule("EM-009", name="early-to-regular-media-change", severity=WARNING, since="0.1", subject=Call, needs=("media",))
def early_to_regular_media_change(call: Call, _trace: Trace) -> Iterator[Hit]:
    """What changes in a session is told by SDP first (RFC 3264 §8.3.1, §8.3.2)."""
    phase, answer = call.early, call.pick_up
    if phase is None or answer is None or has_early_session(phase) or phase.winner is None:
        return
    before, after = answer.before, answer.after
    if before is None or after is None or not _is_near(answer, before, after):
        return
    if len(phase.tags) > 1 and announced_by(phase, before.stream) != phase.winner:
        return
    changes = tuple(_changes(before, after))
    pause = max(0, after.use.first_at - before.use.last_at)
    if changes and (pause > AUDIBLE_PAUSE or not _is_new(phase, answer)):
        yield _hit(call, phase, answer, changes, pause)


def _is_near(answer: PickUp, before: MediaUse, after: MediaUse) -> bool:
    """Whether the one ends and the other begins about the answer."""
    at = answer.success.at
    return abs(before.use.last_at - at) <= NEAR and abs(after.use.first_at - at) <= NEAR


def _changes(before: MediaUse, after: MediaUse) -> Iterator[str]:
    if before.use.payload_type != after.use.payload_type:
        yield f"codec from {before.codec} to {after.codec}"
    if before.stream.hop.source != after.stream.hop.source:
        yield f"source from {before.stream.hop.source} to {after.stream.hop.source}"


def _is_new(phase: EarlyPhase, answer: PickUp) -> bool:
    """Whether the 2xx brought SDP that its dialog hadn't told before."""
    told = [item.description for item in phase.provisionals if item.to_tag == phase.winner and item.description]
    new = answer.success.description
    return new is not None and (not told or _places(told[-1]) != _places(new))


def _places(description: SessionDescription) -> list[tuple[object, ...]]:
    return [(item.kind, item.address, item.port, item.formats) for item in description.media]


def _hit(call: Call, phase: EarlyPhase, answer: PickUp, changes: tuple[str, ...], pause: Duration) -> Hit:
    before, after = answer.before, answer.after
    early = next((item for item in phase.provisionals if item.to_tag == phase.winner and item.description), None)
    told = "with new SDP, and behind" if _is_new(phase, answer) else "without new SDP, behind"
    evidence = [Evidence(frame=answer.success.frames[-1], note=answer.success.label)]
    if early is not None and early.description is not None:
        evidence.append(Evidence(frame=early.frames[-1], note=f"{early.label}: {media_lines(early.description)}"))
    if before is not None:
        evidence.append(
            Evidence(frame=before.use.last_frame, note=f"last {before.codec} from {before.stream.hop.source}")
        )
    if after is not None:
        evidence.append(
            Evidence(frame=after.use.first_frame, note=f"first {after.codec} from {after.stream.hop.source}")
        )
    return Hit(
        text=(
            f"With the {answer.success.label}, the media towards the caller changes its {' and its '.join(changes)}, "
            f"{told} a pause of {in_milliseconds(pause):.0f} ms."
        ),
        evidence=tuple(evidence),
        at=answer.success.at,
        confidence=Confidence.LIKELY,
        identity=(call.id, "change"),
    )
