"""A request other than INVITE gets no final response.

What it finds
    A request other than INVITE and ACK whose transaction ends by Timer F: no final response within 64·T1 (32 s)
    of its first copy, while the capture goes on longer than that and the way back is in view, or the client repeats
    it three times and more. Where an element sent the request on in vain, the last hop without an answer is told.
Why it matters
    It depends on the method: a lost BYE leaves a ghost call, a lost REGISTER makes the phone unreachable, a lost
    NOTIFY ends the subscription, and a lost OPTIONS marks the trunk as down.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   bob -> alice  OPTIONS call=ping
        0.1   alice -> bob  200
        1.0   alice -> bob  OPTIONS call=1
        1.5   alice -> bob  OPTIONS again
        2.5   alice -> bob  OPTIONS again
        4.5   alice -> bob  OPTIONS again
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        1.0   alice -> bob  OPTIONS
        1.5   alice -> bob  OPTIONS again
        1.6   bob -> alice  200
        40    end
What to check
    - Is the target alive: does it answer anything else in the same minute?
    - For BYE and NOTIFY to a phone behind NAT, has its binding expired, or is its Contact a private address?
    - Is a firewall or an access list in between that passes one method or size and not another?
Sources
    RFC 3261 §17.1.2.2; RFC 3261 §8.1.3.1
"""

from collections.abc import Iterator

from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.cancellation import cancelled_invite
from sipscope.rules.unanswered import (
    answered_out_of_view,
    confidence_in_silence,
    copies_as_evidence,
    forwarded_in_vain,
    superseded,
)


@rule(
    "TXN-002",
    name="request-unanswered",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("request", "no final", "state timed-out"),
)
def request_unanswered(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Timer F fired: 64·T1 without a final response (RFC 3261 §17.1.2.2).

    An unanswered BYE is told by DLG-009, a CANCEL that left its INVITE open by TXN-018.
    """
    request = transaction.request
    if request is None or transaction.method in {"INVITE", "ACK", "BYE"} or transaction.final is not None:
        return
    if transaction.state is not TransactionState.TIMED_OUT or superseded(transaction, trace):
        return
    if answered_out_of_view(trace, transaction) or forwarded_in_vain(trace, transaction):
        return
    if transaction.method == "CANCEL" and _left_its_invite_open(transaction, trace):
        return
    confidence, guards = confidence_in_silence(trace, transaction)
    sent = 1 + len(transaction.request_copies)
    last = transaction.all_messages[-1].at - request.at
    often = "sent once" if sent == 1 else f"sent {sent} times over {in_seconds(last):.1f} s"
    yield Hit(
        text=(
            f"{request.hop.destination} gave no final answer to {transaction.method}: "
            f"{often}, and none came within "
            "32 s."
        ),
        evidence=copies_as_evidence(transaction),
        at=request.at,
        confidence=confidence,
        guards=guards,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _left_its_invite_open(cancel: Transaction, trace: Trace) -> bool:
    invite = cancelled_invite(cancel, trace)
    return invite is not None and invite.final is None
