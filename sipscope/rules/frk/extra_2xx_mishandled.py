"""Two phones answer one INVITE, and the caller leaves one of them in a call with nobody.

What it finds
    An INVITE gets a 2xx of two To tags, and for one of them the caller sends neither ACK nor BYE, or it releases
    another one and never this one, although it was acknowledged.
Why it matters
    The second phone stays in a dead call, billed until its user hangs up or it gives up after 32 seconds.
Example
    Bad:
        alice 192.0.2.10
        proxy 192.0.2.1
        0.0   alice -> proxy  INVITE
              m=audio 4000 RTP/AVP 0
        2.0   proxy -> alice  200 tag=one
              m=audio 5000 RTP/AVP 0
        2.1   alice -> proxy  ACK to-tag=one
        2.2   proxy -> alice  200 tag=two
              m=audio 6000 RTP/AVP 0
        9.0   alice -> proxy  BYE to-tag=one
        9.1   proxy -> alice  200
        60    end
    Good:
        alice 192.0.2.10
        proxy 192.0.2.1
        0.0   alice -> proxy  INVITE
              m=audio 4000 RTP/AVP 0
        2.0   proxy -> alice  200 tag=one
              m=audio 5000 RTP/AVP 0
        2.1   alice -> proxy  ACK to-tag=one
        2.2   proxy -> alice  200 tag=two
              m=audio 6000 RTP/AVP 0
        2.3   alice -> proxy  ACK to-tag=two
        2.4   alice -> proxy  BYE to-tag=two
        2.5   proxy -> alice  200
        9.0   alice -> proxy  BYE to-tag=one
        9.1   proxy -> alice  200
        60    end
What to check
    - The caller must acknowledge every 2xx, and then send BYE to those it doesn't want.
    - Does the proxy cancel its other branches as soon as one answers?
Sources
    RFC 3261 §13.2.2.4; RFC 3261 §12.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.unanswered import DEADLINE


@rule("FRK-001", name="extra-2xx-mishandled", severity=ERROR, since="0.1", subject=Dialog)
def extra_2xx_mishandled(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Every 2xx is acknowledged, and every dialog that isn't wanted is released by BYE (RFC 3261 §13.2.2.4)."""
    if not dialog.forked_with or not dialog.is_invite or dialog.confirmed_at is None or dialog.ended_at is not None:
        return
    if not dialog.started_in_capture or not guards.capture_continues(trace, dialog.confirmed_at, DEADLINE):
        return
    leg, success = dialog.legs[0], _success(dialog)
    if success is None or not _requests_would_show(dialog, leg):
        return
    siblings = [trace.index.dialogs[item] for item in dialog.forked_with if item in trace.index.dialogs]
    for other in siblings:
        if _kept(other, dialog) and (fault := _fault(dialog, other, trace)) is not None:
            yield _hit(dialog, success, other, fault, trace)
            return


def _success(dialog: Dialog) -> Response | None:
    creating = dialog.creating_transaction
    if creating is None:
        return None
    tag = dialog.key.callee_tag
    return next((item for item in creating.responses if item.is_success and item.to_tag == tag), None)


def _requests_would_show(dialog: Dialog, leg: Leg) -> bool:
    """Whether the caller's ACK and BYE would pass the tap (guard G-ONE): they follow Record-Route and Contact."""
    return guards.next_hop_is_on_leg(dialog, leg, Side.CALLER) or guards.in_dialog_path_visible(leg, Side.CALLER)


def _kept(other: Dialog, dialog: Dialog) -> bool:
    """Whether a sibling was answered at the same attempt, and acknowledged in view."""
    confirmed = other.confirmed_at
    near = confirmed is not None and dialog.confirmed_at is not None and dialog.confirmed_at - confirmed < DEADLINE
    same = other.creating_transaction is dialog.creating_transaction
    return near and same and _acknowledged(other)


def _acknowledged(dialog: Dialog) -> bool:
    return any(item.method == "ACK" for item in dialog.transactions)


def _fault(dialog: Dialog, other: Dialog, trace: Trace) -> str | None:
    if any(
        item.request is not None and item.request.to_tag is not None and item.method != "ACK"
        for item in dialog.transactions
    ):
        return None
    if not _acknowledged(dialog):
        return "neither ACK nor BYE ever followed"
    released = other.ended_at
    if released is None or not guards.capture_continues(trace, released, DEADLINE):
        return None
    return "it was acknowledged and never released, while the other call was"


def _hit(dialog: Dialog, success: Response, other: Dialog, fault: str, trace: Trace) -> Hit:
    first = _success(other)
    evidence = [Evidence(frame=success.frames[-1], note=f"{success.label}, To tag {dialog.key.callee_tag}")]
    if first is not None:
        evidence.append(Evidence(frame=first.frames[-1], note=f"{first.label}, To tag {other.key.callee_tag}"))
    lossy = guards.capture_lossy_near(trace, success.at, success.at + DEADLINE)
    return Hit(
        text=f"Two phones answered one INVITE. For the one with To tag {dialog.key.callee_tag}, {fault}.",
        evidence=tuple(evidence),
        at=success.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets at that time.",) if lossy else (),
        identity=(dialog.key,),
    )
