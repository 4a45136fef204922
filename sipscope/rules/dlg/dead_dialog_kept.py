"""The other end doesn't know the call any more, or is out of reach, and the sender goes on using it.

What it finds
    A re-INVITE or UPDATE of a confirmed dialog answered 481 or 408, behind which no request of the dialog succeeded,
    and whose sender sent further requests but BYE. What failed for INFO and OPTIONS says nothing about the call.
Why it matters
    One side keeps sending media into nowhere until its user hangs up.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        30    alice -> bob  INVITE
        30.1  bob -> alice  408
        30.2  alice -> bob  ACK
        60    alice -> bob  INVITE
        60.1  bob -> alice  408
        60.2  alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        30    alice -> bob  INVITE
        30.1  bob -> alice  408
        30.2  alice -> bob  ACK
        30.3  alice -> bob  BYE
        30.4  bob -> alice  200
What to check
    - Behind a 481, a 408 or a timeout the sender should end the dialog with BYE.
    - Why did the other end lose the call: restart, fail-over, or a route that leads elsewhere?
Sources
    RFC 3261 §12.2.1.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

DESTROYING = frozenset({408, 481})
"""Answers on which a dialog should be ended (RFC 3261 §12.2.1.2)."""

SENT_ALREADY: Duration = SECOND
"""A request that follows so soon may have been under way when the answer came."""


@rule(
    "DLG-013",
    name="dead-dialog-kept",
    severity=WARNING,
    since="0.1",
    subject=Dialog,
    needs=(("response 408", "response 481"),),
)
def dead_dialog_kept(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """Behind a 481 or 408 inside a dialog, its sender should end the dialog (RFC 3261 §12.2.1.2)."""
    if not dialog.is_invite or dialog.confirmed_at is None:
        return
    for transaction in dialog.transactions:
        request, final = transaction.request, transaction.final
        if final is None or final.status not in DESTROYING or transaction.method not in {"INVITE", "UPDATE"}:
            continue
        if request is None or request.to_tag is None or dialog.sender_of(request) is None:
            continue
        later = _used_again(dialog, request, final)
        if later and not _lives(dialog, final):
            yield _hit(dialog, request, final, later)
            return


def _used_again(dialog: Dialog, request: Request, final: Response) -> list[Request]:
    """Requests of the same party behind the failure, before anybody's BYE."""
    end = min((item.started_at for item in dialog.byes), default=None)
    requests = [item.request for item in dialog.transactions if item.method not in {"ACK", "BYE", "CANCEL", "PRACK"}]
    return [
        item
        for item in requests
        if item is not None
        and item.from_tag == request.from_tag
        and item.cseq != request.cseq
        and item.at > final.at + SENT_ALREADY
        and (end is None or item.at < end)
    ]


def _lives(dialog: Dialog, final: Response) -> bool:
    """Whether a request behind the failure was accepted, or has no answer in view that would tell."""
    return any(
        _tells_of_life(item) for item in dialog.transactions if item.started_at > final.at and item.method != "ACK"
    )


def _tells_of_life(transaction: Transaction) -> bool:
    if transaction.method in {"BYE", "NOTIFY", "SUBSCRIBE"}:
        return False
    return transaction.final is None or transaction.final.is_success or transaction.request is None


def _hit(dialog: Dialog, request: Request, final: Response, later: list[Request]) -> Hit:
    side = dialog.sender_of(request)
    evidence = [
        Evidence(frame=request.frames[-1], note=f"{request.method} inside the dialog"),
        Evidence(frame=final.frames[-1], note=final.label),
    ]
    evidence += [Evidence(frame=item.frames[-1], note=f"{item.method} all the same") for item in later[:3]]
    return Hit(
        text=(
            f"The {side} got {final.label} to its {request.method} inside the call, sent no BYE, and went on with "
            f"{later[0].method}."
        ),
        evidence=tuple(evidence),
        at=request.at,
        identity=(dialog.id, request.from_tag),
    )
