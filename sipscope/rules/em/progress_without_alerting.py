"""The callee's side reports progress, but never that it rings, and sends no media.

What it finds
    A call with a 183 without SDP and never a 180, and for 2 s or more before the 2xx no media towards the caller:
    nothing tells a caller to ring. Before a failure it is information, because the callee may never have been
    alerted.
Why it matters
    The caller hears silence until the callee answers, and hangs up before.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
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
        1.0   bob -> alice  180
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.1   alice -> bob  ACK
        9.1-20 alice => bob  PCMU
        9.1-20 bob => alice  PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - The callee's side should send 180 whenever the callee is being alerted, early media or not.
    - Does a gateway map ISDN PROGRESS to 183 and leave ALERTING out? Look at its mapping.
    - As a workaround, let the caller ring locally on 183 without SDP.
Sources
    RFC 3960 §3.2
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.early_media import Policy, longest_silence
from sipscope.model.finding import Evidence
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.early_media import media_visible


@rule("EM-002", name="progress-without-alerting", severity=WARNING, since="0.1", subject=Call, needs=("early phase",))
def progress_without_alerting(call: Call, trace: Trace) -> Iterator[Hit]:
    """No 180 means no local ringing (RFC 3960 §3.2, first item)."""
    phase = call.early
    if phase is None or phase.final is None or phase.alerting_at is not None:
        return
    progress = next((item for item in phase.provisionals if item.status == 183), None)
    if progress is None or any(item.description is not None for item in phase.provisionals):
        return
    silence = longest_silence(phase.timeline(Policy.FOLLOWS_PACKETS), phase.start)
    if silence is None or silence.length < trace.policy.duration("dead_air_s"):
        return
    visible = media_visible(call, phase, trace)
    yield Hit(
        text=(
            f"Only {progress.label} came, never 180, and no media: the caller heard nothing for "
            f"{in_seconds(silence.length):.1f} s before the {phase.final.label}."
        ),
        evidence=(
            Evidence(frame=progress.frames[-1], note=f"{progress.label} without SDP"),
            Evidence(frame=phase.final.frames[-1], note=phase.final.label),
        ),
        at=silence.start,
        severity=None if phase.final.is_success else INFO,
        confidence=Confidence.LIKELY if visible else Confidence.POSSIBLE,
        guards=() if visible else ("No RTP between these hosts was seen at all, so this tap may see signalling only.",),
    )
