"""A request inside a call that is established is answered 481, as if the call didn't exist.

What it finds
    A re-INVITE, UPDATE, INFO, REFER or OPTIONS in a dialog that was confirmed in the capture, that nobody released
    before, and whose session interval isn't over, answered 481.
Why it matters
    The call can't be held, transferred or refreshed any more, and often can't be released either.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        60    alice -> bob  INFO
        60.1  bob -> alice  481
        60.2  alice -> bob  BYE
        60.3  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        60    alice -> bob  INFO
        60.1  bob -> alice  200
        61    alice -> bob  BYE
        61.1  bob -> alice  200
What to check
    - Is the element that answered the one that the Contact names, or did the request reach another device?
    - Did that element restart, or fail over to a node without the state of its calls?
    - Compare the tags, the Request-URI and the Route of the request with those of the dialog.
Sources
    RFC 3261 §12.2.2; RFC 3261 §21.4.19
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule

METHODS = frozenset({"INVITE", "UPDATE", "INFO", "REFER", "OPTIONS"})
"""Requests whose 481 speaks of the dialog. That of BYE, CANCEL, PRACK, NOTIFY and SUBSCRIBE may speak of less."""

CROSSING: Duration = SECOND
"""A release this near to the answer may have crossed the request."""


@rule("DLG-002", name="unknown-dialog", severity=ERROR, since="0.1", subject=Dialog, needs=("response 481",))
def unknown_dialog(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """481 is for a request that matches no dialog (RFC 3261 §12.2.2); this one matches one that is alive."""
    confirmed_at = dialog.confirmed_at
    if not dialog.is_invite or not dialog.started_in_capture or confirmed_at is None:
        return
    for transaction in dialog.transactions:
        request, final = transaction.request, transaction.final
        if final is None or final.status != 481 or request is None or transaction.method not in METHODS:
            continue
        if request.to_tag is None or request.at <= confirmed_at or request.replaces is not None:
            continue
        if _acknowledged_before(dialog, request) and _alive(dialog, request, final):
            yield _hit(dialog, transaction, request, final)


def _acknowledged_before(dialog: Dialog, request: Request) -> bool:
    """Whether the request is behind the ACK: before it, the answer may still be on its way."""
    return any(item.method == "ACK" and item.started_at < request.at for item in dialog.transactions)


def _alive(dialog: Dialog, request: Request, final: Response) -> bool:
    """Whether nobody had released the dialog, and no other answer had ended it."""
    if dialog.ended_at is not None and dialog.ended_at <= final.at + CROSSING and not _given_up(dialog, final):
        return False
    timer = dialog.session_timer
    if timer is not None and timer.message.at < request.at and timer.expires_at <= request.at:
        return False
    return not any(_ends_dialog(item, request) for item in dialog.transactions)


def _given_up(dialog: Dialog, final: Response) -> bool:
    """Whether the one that got the answer released the dialog because of it (RFC 3261 §12.2.1.2)."""
    release = dialog.release
    return release is not None and release.message.from_tag == final.from_tag and release.message.at >= final.at


def _ends_dialog(transaction: Transaction, request: Request) -> bool:
    """Whether an earlier request of the dialog failed in a way that ends it (RFC 3261 §12.2.1.2)."""
    earlier = transaction.request is not None and transaction.request.to_tag is not None
    return earlier and transaction.started_at < request.at and transaction.final_status in {408, 481}


def _hit(dialog: Dialog, transaction: Transaction, request: Request, final: Response) -> Hit:
    creating = dialog.creating_transaction
    success = None if creating is None else next((item for item in creating.responses if item.is_success), None)
    evidence = [Evidence(frame=request.frames[-1], note=f"{request.method} in the dialog")]
    if success is not None:
        evidence.insert(0, Evidence(frame=success.frames[-1], note="the dialog is confirmed"))
    evidence.append(Evidence(frame=final.frames[-1], note=f"{final.label} from {transaction.hop.destination}"))
    return Hit(
        text=(
            f"{transaction.hop.destination} answered {final.label} to the {request.method} of a call that is "
            "established and that nobody has released."
        ),
        evidence=tuple(evidence),
        at=request.at,
        identity=(dialog.id, request.from_tag, request.cseq),
    )
