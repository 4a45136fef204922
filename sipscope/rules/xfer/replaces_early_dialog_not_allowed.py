"""A Replaces header names a call that still rings at the phone that gets it.

What it finds
    An INVITE with Replaces that was refused, and whose tags name a dialog that its receiver had not answered yet
    and had not begun itself. Only whoever placed a call may have it replaced before the answer, as in call pick-up.
    It is information where early-only meets a dialog that had been answered: 486 is what that flag asks for. An
    INVITE that was accepted, here or on another branch, is let be.
Why it matters
    This is the failed "transfer while it rings": the phone goes on ringing, and the caller gets an error.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> carol INVITE call=consult
              m=audio 4000 RTP/AVP 0
        0.1   carol -> alice 180 tag=c9
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: consult@192.0.2.10;to-tag=c9;from-tag=alice-consult
        2.5   carol -> bob  481 call=2
        2.6   bob -> carol  ACK call=2
        4.0   alice -> carol CANCEL call=consult
        4.1   carol -> alice 200 CANCEL
        4.2   carol -> alice 487 INVITE call=consult tag=c9
        4.3   alice -> carol ACK call=consult
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> carol INVITE call=consult
              m=audio 4000 RTP/AVP 0
        0.1   carol -> alice 180 tag=c9
        2.0   carol -> alice 200 call=consult
              m=audio 6000 RTP/AVP 0
        2.1   alice -> carol ACK call=consult
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: consult@192.0.2.10;to-tag=c9;from-tag=alice-consult
        2.5   carol -> bob  200 call=2
              m=audio 6002 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   carol -> alice BYE call=consult
        2.8   alice -> carol 200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - Let the transferor's phone wait until the target answers, and send the REFER with Replaces then.
    - Or let it cancel the consultation and send a REFER without Replaces: a blind transfer.
Sources
    RFC 3891 §3; RFC 3891 §4; RFC 5589 §7.6
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Side
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.replacements import NO_REFUSAL, accepted_elsewhere, matched, replaces_evidence

CANCELLED = 487
BUSY = 486


@rule(
    "XFER-015",
    name="replaces-early-dialog-not-allowed",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("replaces", "response failure"),
)
def replaces_early_dialog_not_allowed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """An early dialog may be replaced only at the UA that initiated it (RFC 3891 §3, §4)."""
    request, final = transaction.request, transaction.final
    reference = None if request is None else request.replaces
    if request is None or reference is None or final is None or final.status < 400:
        return
    match = matched(reference, trace.index.dialogs_of_call_id.get(reference.call_id, ()))
    if match is None or final.status in NO_REFUSAL or accepted_elsewhere(transaction, trace):
        return
    dialog, receiver = match
    if receiver is Side.CALLEE and final.status != CANCELLED and _is_early(dialog, request, final):
        text = "Replaces names a call that the target has not answered yet and did not place itself."
        yield _hit(f"{text} It was answered {final.label}.", request, final, dialog)
    elif reference.early_only and final.status == BUSY and _was_confirmed(dialog, request):
        text = "The call had been answered when Replaces with early-only came for it: the pick-up was too late."
        yield _hit(text, request, final, dialog, info=True)


def _is_early(dialog: Dialog, request: Request, final: Response) -> bool:
    """Whether the dialog was early from the INVITE to its refusal: a 2xx that crossed it decides nothing."""
    if dialog.early_at is None or dialog.early_at > request.at:
        return False
    confirmed = dialog.confirmed_at is not None and dialog.confirmed_at <= final.at
    return not confirmed and (dialog.ended_at is None or dialog.ended_at > final.at)


def _was_confirmed(dialog: Dialog, request: Request) -> bool:
    return dialog.confirmed_at is not None and dialog.confirmed_at <= request.at


def _hit(text: str, request: Request, final: Response, dialog: Dialog, *, info: bool = False) -> Hit:
    return Hit(
        text=text,
        evidence=replaces_evidence(request, final, dialog),
        at=request.at,
        severity=INFO if info else None,
        identity=(request.call_id, request.from_tag, request.cseq),
    )
