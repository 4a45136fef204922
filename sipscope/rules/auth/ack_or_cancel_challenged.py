"""A server challenges a CANCEL or an ACK, which can't be sent again with credentials.

What it finds
    A 401 or 407 whose CSeq names CANCEL or ACK. One that names the INVITE belongs to the INVITE.
Why it matters
    A CANCEL can't be sent again, so the callee rings on; an answer to an ACK confuses whoever gets it.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL
        5.1   bob -> alice  407 CANCEL
              Proxy-Authenticate: Digest realm="p", nonce="a"
        8.0   bob -> alice  486 INVITE
        8.1   alice -> bob  ACK
        9.0   end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL
        5.1   bob -> alice  200 CANCEL
        5.2   bob -> alice  487 INVITE
        5.3   alice -> bob  ACK
        9.0   end
What to check
    - Except ACK and CANCEL from authentication; a CANCEL from the hop that sent the INVITE is to be accepted.
Sources
    RFC 3261 §22.1; RFC 3261 §9.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.digest import CHALLENGING


@rule(
    "AUTH-011",
    name="ack-or-cancel-challenged",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=(("ACK", "CANCEL"), ("response 401", "response 407")),
)
def ack_or_cancel_challenged(transaction: Transaction, _trace: Trace) -> Iterator[Hit]:
    """Servers must not challenge ACK and CANCEL (RFC 3261 §22.1)."""
    if transaction.method not in {"ACK", "CANCEL"}:
        return
    for response in transaction.responses:
        if response.status not in CHALLENGING or response.method != transaction.method:
            continue
        evidence = [Evidence(frame=response.frames[-1], note=f"{response.label} to {transaction.method}")]
        if transaction.request is not None:
            evidence.insert(0, Evidence(frame=transaction.request.frames[-1], note=transaction.method))
        yield Hit(
            text=(
                f"{response.hop.source} challenged the {transaction.method} with {response.label}: it can't be sent "
                "again with credentials."
            ),
            evidence=tuple(evidence),
            at=response.at,
            identity=(response.call_id, response.from_tag, response.cseq),
        )
