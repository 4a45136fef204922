"""A PRACK acknowledges a provisional response that was never sent reliably.

What it finds
    A PRACK in an early dialog without any reliable provisional response, refused by the callee. Where the callee
    accepts it, the capture lacks the response; where a response is half reliable, that is told instead. A PRACK that
    crosses with the final response, or that nobody answers, proves nothing.
Why it matters
    The callee answers 481, and many callers give the call up on that.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  481 PRACK
        2.0   bob -> alice  486 INVITE
        2.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180
        2.0   bob -> alice  486
        2.1   alice -> bob  ACK
What to check
    - The calling product must send PRACK only for responses with `Require: 100rel` and RSeq.
    - Does an element between them remove these header fields? Compare the response on both sides of it.
Sources
    RFC 3262 §3; RFC 3262 §4
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.reliability import invites_of, is_refused, pracks_of


@rule("PRK-006", name="prack-for-unreliable", severity=WARNING, since="0.1", subject=Dialog, needs=("PRACK",))
def prack_for_unreliable(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """PRACK answers reliable responses only (RFC 3262 §4)."""
    if any(_is_marked(item) for leg in dialog.legs for invite in invites_of(leg) for item in invite.provisionals):
        return
    for leg in dialog.legs:
        invite = next((item for item in leg.transactions if item.is_dialog_creating_invite), None)
        if invite is None or not leg.both_directions:
            continue
        told = [item for item in invite.provisionals if item.status > 100 and item.to_tag == dialog.key.callee_tag]
        for prack in pracks_of(leg):
            request, final = prack.request, prack.final
            if request is None or final is None or not told or told[0].at > request.at:
                continue
            if is_refused(prack) and not _is_over(invite, final):
                yield _hit(dialog, trace, told[-1], request, final)


def _is_marked(response: Response) -> bool:
    return "rseq" in response.headers or "100rel" in response.require


def _is_over(invite: Transaction, refusal: Response) -> bool:
    return invite.final is not None and invite.final.at <= refusal.at


def _hit(dialog: Dialog, trace: Trace, told: Response, prack: Request, refusal: Response) -> Hit:
    lossy = loss_guard(trace, told.at, refusal.at)
    return Hit(
        text=(
            f"A PRACK came although no provisional response of this dialog is reliable; it was refused with "
            f"{refusal.label}."
        ),
        evidence=(
            Evidence(frame=told.frames[-1], note=f"{told.label} without Require and RSeq"),
            Evidence(frame=prack.frames[-1], note=f"RAck: {prack.headers.get('rack') or 'none'}"),
            Evidence(frame=refusal.frames[-1], note=refusal.label),
        ),
        at=prack.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=lossy,
        identity=(dialog.key, prack.cseq),
    )
