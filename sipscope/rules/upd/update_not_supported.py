"""An UPDATE is sent to a peer that doesn't take UPDATE.

What it finds
    An UPDATE inside a dialog answered 405 or 501; the newest Allow that the peer had sent on this hop before is shown
    where there is one. An Allow that lacks UPDATE accuses nobody by itself, because peers take more than they list.
Why it matters
    Session refreshes, hold and changes of the connected line fail each time, and nobody tries another way.
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
        1.0   alice -> bob  UPDATE
              m=audio 4002 RTP/AVP 0
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
              Allow: INVITE, ACK, CANCEL, BYE
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  INVITE
              m=audio 4002 RTP/AVP 0
        1.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        1.2   alice -> bob  ACK
        2.0   alice -> bob  BYE
        2.1   bob -> alice  200
What to check
    - Let the sender read Allow, and send a re-INVITE where UPDATE isn't listed.
    - Does a B2BUA or SBC write an Allow of its own that promises what the far end can't do?
    - Set session timers to refresh by re-INVITE for this peer.
Sources
    RFC 3311 §4; RFC 3261 §20.5; RFC 3261 §21.4.6
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.allow import REFUSALS, last_allow
from sipscope.rules.api import WARNING, Hit, rule


@rule(
    "UPD-001",
    name="update-not-supported",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=(("UPDATE 405", "UPDATE 501"),),
)
def update_not_supported(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Whoever takes UPDATE lists it in Allow (RFC 3311 §4)."""
    request, final = transaction.request, transaction.final
    if transaction.method != "UPDATE" or request is None or final is None or final.status not in REFUSALS:
        return
    if request.to_tag is None:
        return
    stated = last_allow(request, transaction, trace)
    known = "no Allow of the peer came before"
    evidence = []
    if stated is not None:
        known = "the peer's Allow " + (
            "lists it all the same" if "UPDATE" in stated.allow else "doesn't list it either"
        )
        evidence.append(Evidence(frame=stated.frames[-1], note=f"Allow: {', '.join(stated.allow)}"))
    evidence += [
        Evidence(frame=request.frames[-1], note="UPDATE"),
        Evidence(frame=final.frames[-1], note=final.label),
    ]
    yield Hit(
        text=f"The UPDATE was answered {final.label}; {known}.",
        evidence=tuple(evidence),
        at=request.at,
        identity=(request.call_id, request.from_tag, "UPDATE"),
    )
