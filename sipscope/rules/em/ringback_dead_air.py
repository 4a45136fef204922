"""A provisional response promises media, and the caller hears nothing.

What it finds
    A provisional response with SDP that lets the callee send, and then 2 s or more before the final response in
    which the caller hears nothing, because no RTP comes. Without a 180 every caller hears silence: a warning, and
    an error from 6 s on. With a 180 only callers that stop their local tone once SDP came hear silence: a
    warning, unless the configuration says which callers the network has. Preconditions, and a P-Early-Media header
    that keeps media back, make silence by design; so does an offer that comes so late, or is on hold, that the
    callee can't send. Pauses of a ringing tone are no silence, and comfort noise counts as media. Where a call forks,
    only the dialog that was answered is judged; where early media has a session of its own (disposition
    early-session), nothing is. A capture without any media makes it a remark.
Why it matters
    "It doesn't ring": the caller hangs up. The usual causes are a gateway that sends 183 with SDP and plays no
    tone, a closed pinhole, or a caller that stops its tone too early.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.1   alice -> bob  ACK
        9.1-20 alice => bob  PCMU
        9.1-20 bob => alice  PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.1   alice -> bob  ACK
        9.1-20 alice => bob  PCMU
        1.1-20 bob => alice  PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Make the callee's side send 180 without SDP where it plays no tone, or really send ring-back media.
    - Is the media path towards the caller open before the answer: firewall pinhole, SBC latching?
    - Set the caller to ring locally until packets arrive, not until SDP arrives.
Sources
    RFC 3960 §3.2; RFC 3960 §3.3; RFC 6337 §3.1.1
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence, Severity
from sipscope.model.early_media import EarlyPhase, Policy, Segment, longest_silence
from sipscope.model.finding import Evidence
from sipscope.model.policy import Ringing
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.early_media import awaits_preconditions, has_early_session, is_gated, media_visible


@rule("EM-001", name="ringback-dead-air", severity=ERROR, since="0.1", subject=Call, needs=("early phase",))
def ringback_dead_air(call: Call, trace: Trace) -> Iterator[Hit]:
    """No early media is ever mandatory; this tells what is heard as silence (RFC 3960 §3.2)."""
    phase = call.early
    if phase is None or phase.final is None or not phase.described:
        return
    if is_gated(phase) or awaits_preconditions(phase) or has_early_session(phase):
        return
    promised_at = phase.described[0].at
    follows = longest_silence(phase.timeline(Policy.FOLLOWS_PACKETS), promised_at)
    suppresses = longest_silence(phase.timeline(Policy.SDP_SUPPRESSES), promised_at)
    noticed, ringing = trace.policy.duration("dead_air_s"), trace.policy.early_media
    every = suppresses if ringing is Ringing.DESCRIPTION else follows
    if every is not None and every.length >= noticed:
        severity = ERROR if every.length >= 3 * noticed else WARNING
        yield _hit(call, trace, phase, every, f"{_seconds(every)} of silence for every caller", severity)
    elif ringing is None and suppresses is not None and suppresses.length >= noticed:
        what = f"{_seconds(suppresses)} of silence for callers that stop ringing locally once SDP arrives"
        yield _hit(call, trace, phase, suppresses, what, WARNING)


def _seconds(segment: Segment) -> str:
    return f"{in_seconds(segment.length):.1f} s"


def _hit(call: Call, trace: Trace, phase: EarlyPhase, silence: Segment, what: str, severity: Severity) -> Hit:
    promise = phase.described[0]
    visible = media_visible(call, phase, trace)
    sections = () if promise.description is None else promise.description.media
    promised = ", ".join(f"{section.kind} from {section.address}:{section.port}" for section in sections)
    final = phase.final
    evidence = [Evidence(frame=promise.frames[-1], note=f"{promise.label} with SDP: {promised}")]
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=f"{final.label}; no RTP towards the caller before"))
    before = "final response" if final is None else final.label
    # Where the capture holds no media at all, nothing but its vantage is proved.
    came = "and this capture holds no media; if none came"
    if trace.streams:
        came = "but media came for a part of the time only" if phase.sounding else "but no media came"
    return Hit(
        text=f"The {promise.label} carries SDP, {came}: {what} before the {before}.",
        evidence=tuple(evidence),
        at=silence.start,
        severity=severity if trace.streams else INFO,
        confidence=Confidence.LIKELY if visible else Confidence.POSSIBLE,
        guards=() if visible else ("No RTP between these hosts was seen at all, so this tap may see signalling only.",),
    )
