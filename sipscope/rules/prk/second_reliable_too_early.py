"""A second reliable provisional response is sent before the first one of its INVITE was acknowledged.

What it finds
    Within one INVITE and one To tag, a reliable provisional response with another RSeq that passes before the PRACK
    for the first one. Behind the first PRACK several may be under way. A callee that waits sends its second response
    behind the PRACK at every tap; a PRACK within 10 ms behind it may be an effect of the capture, and one that never
    passes proves nothing.
Why it matters
    The first response tells the caller where the numbers begin. When it is lost or overtaken, the caller takes the
    second one for the first and ignores what comes later.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
        0.15  bob -> alice  180 rseq=2
        0.2   alice -> bob  PRACK rack=1
        0.25  bob -> alice  200 PRACK
        0.3   alice -> bob  PRACK rack=2
        0.35  bob -> alice  200 PRACK
        2.0   bob -> alice  486 INVITE
        2.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
        0.2   alice -> bob  PRACK rack=1
        0.25  bob -> alice  200 PRACK
        0.26  bob -> alice  180 rseq=2
        0.3   alice -> bob  PRACK rack=2
        0.35  bob -> alice  200 PRACK
        2.0   bob -> alice  486 INVITE
        2.1   alice -> bob  ACK
What to check
    - The answering product must wait for the first PRACK before its next reliable response.
    - Must the second one be told at once? It may go out unreliably.
    - Why does the first PRACK take so long: distance, or a proxy that was slow?
Sources
    RFC 3262 §3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import in_milliseconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.reliability import CAPTURE_ORDER, invites_of, lacks_reliable, prack_for, reliable_responses


@rule("PRK-008", name="second-reliable-too-early", severity=ERROR, since="0.1", subject=Dialog, needs=("PRACK", "rseq"))
def second_reliable_too_early(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """No second reliable response until the first is acknowledged (RFC 3262 §3)."""
    for leg in dialog.legs:
        for invite in invites_of(leg):
            responses = reliable_responses(invite, dialog)
            if invite.request is None or not leg.both_directions or lacks_reliable(dialog, leg, invite):
                continue
            first = min(responses, key=lambda item: item.rseq or 0, default=None)
            second = next((item for item in responses if first is not None and item.rseq != first.rseq), None)
            if first is not None and second is not None:
                yield from _judged(dialog, leg, trace, first, second)


def _judged(dialog: Dialog, leg: Leg, trace: Trace, first: Response, second: Response) -> Iterator[Hit]:
    prack = prack_for(leg, first)
    if prack is not None and prack.at - second.at > CAPTURE_ORDER:
        yield _hit(dialog, trace, first, second, prack)


def _hit(dialog: Dialog, trace: Trace, first: Response, second: Response, prack: Request) -> Hit:
    lossy = loss_guard(trace, first.at, prack.at)
    early = in_milliseconds(prack.at - second.at)
    return Hit(
        text=(
            f"The reliable {second.label} (RSeq {second.rseq}) came {early:.0f} ms before the PRACK "
            f"for the first one, the {first.label} (RSeq {first.rseq})."
        ),
        evidence=(
            Evidence(frame=first.frames[-1], note=f"{first.label}, RSeq {first.rseq}"),
            Evidence(frame=second.frames[-1], note=f"{second.label}, RSeq {second.rseq}"),
            Evidence(frame=prack.frames[-1], note=f"RAck: {prack.headers.get('rack')}"),
        ),
        at=second.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=lossy,
        identity=(dialog.key, second.cseq, second.rseq),
    )
