"""Early media doesn't keep to the P-Early-Media header field.

What it finds
    Media that comes to the caller for more than 1 s before the answer although the last P-Early-Media of that early
    dialog lets none through (`inactive`, or `recvonly`: the value is the callee's view), and a P-Early-Media of the
    callee's side in which no value is known. A message without the header field leaves the last value; `gated` and
    `supported` are no directions.
Why it matters
    Networks that gate early media drop it: customised ring-back and announcements can't be heard.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              P-Early-Media: supported
        1.0   bob -> alice  183
              P-Early-Media: inactive
              m=audio 5000 RTP/AVP 0
        1.05-6 bob => alice PCMU
        6.0   bob -> alice  486
        6.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              P-Early-Media: supported
        1.0   bob -> alice  183
              P-Early-Media: sendrecv
              m=audio 5000 RTP/AVP 0
        1.05-6 bob => alice PCMU
        6.0   bob -> alice  486
        6.1   alice -> bob  ACK
What to check
    - The element that sends the media must ask for it: `P-Early-Media: sendonly` or `sendrecv` in its 18x.
    - Does a border element rewrite the value, by a policy for untrusted peers?
    - Is the media a leftover of another branch that nobody stopped?
Sources
    RFC 5009 §8
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.early_media import EarlyPhase, Gate, Heard, Segment
from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule

TOLERATED: Duration = SECOND
"""Media that was on its way when the gate closed."""

_NO_DIRECTIONS = frozenset({"gated", "supported"})


@rule("EM-010", name="p-early-media-violated", severity=WARNING, since="0.1", subject=Call, needs=("p-early-media",))
def p_early_media_violated(call: Call, _trace: Trace) -> Iterator[Hit]:
    """Backward early media flows where the last direction lets it (RFC 5009 §8)."""
    phase = call.early
    if phase is None or not phase.gates:
        return
    for tag in phase.tags:
        own = phase.of(tag)
        barred = next((item for item in own.timeline() if _is_violation(item)), None)
        gate = None if barred is None else own.gate_at(barred.start)
        if barred is not None and gate is not None:
            yield _against(call, own, barred, gate)
    for gate in phase.gates:
        if not gate.directions and not _NO_DIRECTIONS.intersection(gate.message.p_early_media):
            yield _unknown(call, gate)
            return


def _is_violation(segment: Segment) -> bool:
    return segment.heard is Heard.BARRED_MEDIA and segment.length > TOLERATED


def _against(call: Call, phase: EarlyPhase, segment: Segment, gate: Gate) -> Hit:
    streams = [item for item in phase.streams if item.is_active(segment.start, segment.end - 1)]
    sources = ", ".join(dict.fromkeys(str(item.hop.source) for item in streams))
    stated = ", ".join(gate.directions)
    return Hit(
        text=(
            f"P-Early-Media said {stated}, and media from {sources} came to the caller for "
            f"{in_seconds(segment.length):.1f} s nevertheless: a network that gates early media drops it."
        ),
        evidence=(
            Evidence(frame=gate.message.frames[-1], note=f"P-Early-Media: {stated}"),
            *(Evidence(frame=item.first_frame, note=f"RTP from {item.hop.source}") for item in streams),
        ),
        at=segment.start,
        confidence=Confidence.LIKELY,
        identity=(call.id, gate.to_tag),
    )


def _unknown(call: Call, gate: Gate) -> Hit:
    stated = ", ".join(gate.message.p_early_media)
    return Hit(
        text=f"P-Early-Media: “{stated}” has no direction that is known, so that it authorises nothing.",
        evidence=(Evidence(frame=gate.message.frames[-1], note=f"P-Early-Media: {stated}"),),
        at=gate.message.at,
        identity=(call.id, "unknown", stated),
    )
