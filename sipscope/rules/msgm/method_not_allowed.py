"""A request inside a dialog uses a method that its peer doesn't take.

What it finds
    A request answered 405 or 501 whose method is missing from the Allow that the peer sent last in the dialog before
    it; and a 501 to a method that this Allow lists. Without an Allow nothing is known, and nothing is said. Of an
    UPDATE, UPD-001 tells it.
Why it matters
    Transfer (REFER), refresh (UPDATE) or digits (INFO) fail each time, although both sides do as they are built.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Allow: INVITE, ACK, CANCEL, BYE
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  INFO
              Content-Type: application/dtmf-relay
              | Signal=5
        1.1   bob -> alice  405
              Allow: INVITE, ACK, CANCEL, BYE
        2.0   alice -> bob  BYE
        2.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Allow: INVITE, ACK, CANCEL, BYE, INFO
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  INFO
              Content-Type: application/dtmf-relay
              | Signal=5
        1.1   bob -> alice  200
        2.0   alice -> bob  BYE
        2.1   bob -> alice  200
What to check
    - The sender reads Allow and takes what is in it: a re-INVITE for UPDATE, RFC 4733 events for INFO.
    - Does an element in between write an Allow of its own?
Sources
    RFC 3261 §8.2.1; RFC 3261 §20.5; RFC 3261 §21.4.6; RFC 3261 §21.5.2
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.allow import REFUSALS, last_allow
from sipscope.rules.api import WARNING, Hit, rule


@rule(
    "MSGM-006",
    name="method-not-allowed",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("in dialog", ("response 405", "response 501")),
)
def method_not_allowed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Allow lists the methods that a user agent supports (RFC 3261 §20.5)."""
    if transaction.final_status not in REFUSALS:
        return
    request, final = transaction.request, transaction.final
    if request is None or final is None or request.to_tag is None or request.method == "UPDATE":
        return
    stated = last_allow(request, transaction, trace)
    if stated is None:
        return
    listed = request.method in stated.allow
    if listed and final.status != 501:
        return
    words = "lists it" if listed else "doesn't list it"
    yield Hit(
        text=f"The {request.method} was answered {final.label}; the Allow that the peer sent last {words}.",
        evidence=(
            Evidence(frame=stated.frames[-1], note=f"Allow: {', '.join(stated.allow)}"),
            Evidence(frame=request.frames[-1], note=request.method),
            Evidence(frame=final.frames[-1], note=final.label),
        ),
        at=request.at,
        identity=(request.call_id, request.from_tag, request.method, listed),
    )
