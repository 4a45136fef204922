"""A PRACK names no reliable response that is outstanding.

What it finds
    A PRACK in a dialog that has reliable provisional responses, whose RAck (RSeq, CSeq number, method) matches
    none of them, or is missing or malformed. A second PRACK for a response that is already acknowledged is
    information. A PRACK that was answered with 2xx is a warning where its RSeq is known, and left alone
    otherwise. One without an answer in the capture that names the next RSeq is left alone too.
Why it matters
    The callee must answer 481 and keeps repeating its response; many callers drop the call on the 481.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=9
        0.2   alice -> bob  PRACK rack=1
        0.3   bob -> alice  481 PRACK
        0.4   alice -> bob  PRACK rack=9
        0.5   bob -> alice  200 PRACK
        5.0   bob -> alice  486 INVITE
        5.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=9
        0.2   alice -> bob  PRACK rack=9
        0.3   bob -> alice  200 PRACK
        5.0   bob -> alice  486 INVITE
        5.1   alice -> bob  ACK
What to check
    - The calling product must copy RSeq, and the CSeq of the INVITE (not of the PRACK), as they came.
    - On a forked call, does it mix the responses of two To tags?
    - Does an element in between renumber RSeq or CSeq on one side only?
Sources
    RFC 3262 §3; RFC 3262 §7.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.reliability import acknowledges, invites_of, is_challenged, pracks_of, reliable_responses


@rule("PRK-005", name="rack-mismatch", severity=ERROR, since="0.1", subject=Dialog, needs=("PRACK", "rseq"))
def rack_mismatch(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A PRACK matches by RSeq, CSeq number and method (RFC 3262 §3)."""
    for leg in dialog.legs:
        if not leg.both_directions:
            continue
        acknowledged: set[str] = set()
        for prack in pracks_of(leg):
            yield from _check(dialog, leg, trace, prack, acknowledged)


def _check(dialog: Dialog, leg: Leg, trace: Trace, prack: Transaction, acknowledged: set[str]) -> Iterator[Hit]:
    request = prack.request
    if request is None:
        return
    reliable = [
        response
        for invite in invites_of(leg)
        for response in reliable_responses(invite, dialog)
        if response.at <= request.at
    ]
    if not reliable:
        return
    named = next((response for response in reliable if acknowledges(request, response)), None)
    # A PRACK that was accepted matched something; only where its RSeq is known is it sure what that was.
    known = request.rack is not None and any(response.rseq == request.rack.rseq for response in reliable)
    refused = prack.final is None or not prack.final.is_success
    if named is not None and named.id in acknowledged and refused:
        yield _hit(dialog, trace, prack, request, named, repeated=True)
    elif named is None and (refused or known) and not _names_unseen(prack, request, reliable):
        yield _hit(dialog, trace, prack, request, reliable[-1], repeated=False)
    if named is not None and not is_challenged(prack):
        acknowledged.add(named.id)


def _names_unseen(prack: Transaction, request: Request, reliable: list[Response]) -> bool:
    """Whether an unanswered PRACK names the next response, which the capture may lack as it lacks the answer."""
    rack, last = request.rack, reliable[-1]
    if prack.final is not None or rack is None or last.cseq is None:
        return False
    due = (max(item.rseq or 0 for item in reliable) + 1, last.cseq.number, last.cseq.method)
    return (rack.rseq, rack.cseq_number, rack.method) == due


def _hit(
    dialog: Dialog, trace: Trace, prack: Transaction, request: Request, response: Response, *, repeated: bool
) -> Hit:
    cseq = response.cseq
    due = f"{response.rseq} {0 if cseq is None else cseq.number} INVITE"
    written = request.headers.get("rack") or "nothing"
    accepted = prack.final is not None and prack.final.is_success
    answer = "" if prack.final is None else f" It was answered {prack.final.status}."
    if accepted:
        answer = f" It was accepted with {prack.final_status} all the same; a stricter peer answers 481."
    text = f"The PRACK says `RAck: {written}`, but the reliable {response.label} asks for `RAck: {due}`.{answer}"
    if repeated:
        text = f"A second PRACK acknowledges the {response.label} with RSeq {response.rseq} again.{answer}"
    doubtful = guards.capture_lossy_near(trace, request.at)
    return Hit(
        text=text,
        evidence=(
            Evidence(frame=response.frames[-1], note=f"{response.label}, RSeq {response.rseq}"),
            Evidence(frame=request.frames[-1], note=f"RAck: {written}"),
        ),
        at=request.at,
        severity=INFO if repeated else WARNING if accepted else None,
        confidence=Confidence.POSSIBLE if doubtful else Confidence.CERTAIN,
        guards=("The capture itself lost packets at that time.",) if doubtful else (),
        identity=(dialog.key, request.cseq),
    )
