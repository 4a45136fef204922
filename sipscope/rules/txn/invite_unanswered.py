"""An INVITE and all its retransmissions get no response at all.

What it finds
    An INVITE whose transaction ends by Timer B: no provisional and no final response within 64·T1 (32 s) of its
    first copy, while the capture goes on longer than that and the way back is in view, or the caller repeats it
    three times and more. An ACK that the caller sends shows an answer out of view. Where an element sent the INVITE
    on in vain, the last hop without an answer is told; a caller that turns to another server and gets an answer
    there is not.
Why it matters
    The caller hears nothing for half a minute, then a local time-out. Fail-over, if there is any, starts only
    then.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   bob -> alice  OPTIONS call=ping
        0.1   alice -> bob  200
        1.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        1.5   alice -> bob  INVITE again
        2.5   alice -> bob  INVITE again
        4.5   alice -> bob  INVITE again
        8.5   alice -> bob  INVITE again
        16.5  alice -> bob  INVITE again
        32.5  alice -> bob  INVITE again
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        1.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.1   bob -> alice  486
        1.2   alice -> bob  ACK
        40    end
What to check
    - Is the target reachable: routing, firewall, and whether anything listens on that address and port?
    - Is the request larger than the path carries? A big SDP fragments over UDP; try TCP or fewer codecs.
    - Did the answer leave towards another address? Compare Via sent-by with the source address, and look for
      responses on other interfaces.
Sources
    RFC 3261 §17.1.1.2; RFC 3261 §8.1.3.1
"""

from collections.abc import Iterator

from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.unanswered import (
    answered_out_of_view,
    confidence_in_silence,
    copies_as_evidence,
    forwarded_in_vain,
    superseded,
)


@rule(
    "TXN-001",
    name="invite-unanswered",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", "request", "no final", "state timed-out"),
)
def invite_unanswered(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Timer B fired: 64·T1 without any response (RFC 3261 §17.1.1.2)."""
    request = transaction.request
    if request is None or transaction.method != "INVITE" or transaction.responses:
        return
    if transaction.state is not TransactionState.TIMED_OUT or superseded(transaction, trace):
        return
    if answered_out_of_view(trace, transaction) or forwarded_in_vain(trace, transaction):
        return
    confidence, guards = confidence_in_silence(trace, transaction)
    sent = 1 + len(transaction.request_copies)
    last = transaction.all_messages[-1].at - request.at
    often = "sent once" if sent == 1 else f"sent {sent} times over {in_seconds(last):.1f} s"
    yield Hit(
        text=(
            f"{request.hop.destination} never answered the INVITE to {request.request_uri_text}: "
            f"{often}, and nothing came back "
            "within 32 s."
        ),
        evidence=copies_as_evidence(transaction),
        at=request.at,
        confidence=confidence,
        guards=guards,
        identity=(request.call_id, request.from_tag, request.cseq),
    )
