"""A 2xx to INVITE is repeated because no ACK for it ever arrives.

What it finds
    A 2xx to an INVITE that the callee repeats, while no ACK with that Call-ID, those tags and that CSeq number is
    seen on any leg until 64·T1 (32 s) after its first copy, or until the callee gives up with BYE before that. A
    callee that ceases to repeat long before, and keeps the call, got its ACK on a path out of view.
Why it matters
    The best known fault in the field: the call is answered, talks for about 32 seconds and drops.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.6   bob -> alice  200 again
        1.6   bob -> alice  200 again
        3.6   bob -> alice  200 again
        7.6   bob -> alice  200 again
        32.2  bob -> alice  BYE
        32.3  alice -> bob  200
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.6   bob -> alice  200 again
        0.7   alice -> bob  ACK
        20    bob -> alice  BYE
        20.1  alice -> bob  200
        40    end
What to check
    - Read Contact and Record-Route of the 2xx: the ACK goes there. A private or wrong address sends it into the
      void.
    - Does the ACK appear elsewhere? Then the fault lies between that point and the callee.
    - Does the caller drop the 2xx, because its Via, tags or SDP are not what the caller expects?
Sources
    RFC 3261 §13.2.2.4; RFC 3261 §13.3.1.4; RFC 6026 §7.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.time import SECOND, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.acknowledgement import ceased, success_of
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.unanswered import DEADLINE


@rule(
    "TXN-004",
    name="ack-missing-2xx",
    severity=ERROR,
    since="0.1",
    subject=Dialog,
    needs=("INVITE copies", "response 2xx"),
)
def ack_missing_2xx(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A 2xx repeated at the pace of RFC 3261 §13.3.1.4 shows that no ACK reached the UAS."""
    for invite in dialog.transactions:
        success = success_of(invite, dialog)
        if success is None or _acknowledged(dialog, success):
            continue
        copies = invite.copies_of(success)
        released = _released_by_callee(dialog, success)
        complete = guards.capture_continues(trace, success.at, DEADLINE)
        if len(copies) < 2 or not (complete or released is not None):
            # A 2xx or two may repeat on a slow path, and the capture must last until the callee gives up.
            continue
        if released is None and _ceased(dialog, success, copies):
            continue
        yield _hit(dialog, trace, success, copies, released)


def _acknowledged(dialog: Dialog, success: Response) -> bool:
    number = None if success.cseq is None else success.cseq.number
    return any(
        item.method == "ACK"
        and item.request is not None
        and item.request.cseq is not None
        and item.request.cseq.number == number
        for item in dialog.transactions
    )


def _released_by_callee(dialog: Dialog, success: Response) -> Message | None:
    """The BYE with which the side that repeats its 2xx gives up, near 64·T1 (RFC 3261 §13.3.1.4)."""
    for bye in dialog.byes:
        request = bye.request
        if request is None or request.from_tag != success.to_tag:
            continue
        if request.at - success.at >= DEADLINE - 4 * SECOND:
            return request
    return None


def _ceased(dialog: Dialog, success: Response, copies: tuple[Message, ...]) -> bool:
    """Whether the repetition ended early: the UAS goes on until the ACK arrives (RFC 3261 §13.3.1.4)."""
    ends = [bye.started_at for bye in dialog.byes if bye.started_at > success.at]
    return ceased(copies, min([success.at + DEADLINE, *ends]))


def _hit(dialog: Dialog, trace: Trace, success: Response, copies: tuple[Message, ...], released: Message | None) -> Hit:
    lasted = in_seconds(copies[-1].at - success.at)
    doubts = []
    confidence = Confidence.CERTAIN if released is not None else Confidence.LIKELY
    if not guards.answers_visible(trace, success):
        doubts.append(
            "No packet from the caller's side was captured on this hop; the repetition still proves the loss."
        )
        confidence = Confidence.LIKELY
    if guards.capture_lossy_near(trace, success.at, copies[-1].at):
        doubts.append("The capture itself lost packets at that time.")
        confidence = Confidence.POSSIBLE
    contact = success.contacts[0].uri.text if success.contacts else "no Contact"
    ending = " The callee then gave up with BYE." if released is not None else ""
    evidence = [Evidence(frame=success.frames[-1], note=f"{success.label}, Contact {contact}")]
    evidence += [
        Evidence(frame=copy.frames[-1], note=f"repeated after {in_seconds(copy.at - success.at):.1f} s")
        for copy in copies
    ]
    if released is not None:
        evidence.append(Evidence(frame=released.frames[-1], note="BYE by the callee"))
    return Hit(
        text=(
            f"No ACK ever followed the {success.label}: it was repeated {len(copies)} times over {lasted:.1f} s. "
            f"The ACK should have gone to {contact} by way of the Record-Route.{ending}"
        ),
        evidence=tuple(evidence),
        at=success.at,
        confidence=confidence,
        guards=tuple(doubts),
        identity=(dialog.id, success.cseq, Side.CALLEE),
    )
