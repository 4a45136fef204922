"""An UPDATE with an offer is answered late.

What it finds
    An UPDATE with an offer whose 2xx comes more than 1 s later on this hop, or only behind two retransmissions. It is
    told on the hop nearest to the one who is slow. A refusal is none: 504 is what a server sends that had to ask its
    user.
Why it matters
    An UPDATE has to be answered at once, without asking anybody; where it isn't, another leg or a user is waited for,
    and meanwhile no other offer can be made.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  UPDATE
              m=audio 4002 RTP/AVP 0
        2.4   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  UPDATE
              m=audio 4002 RTP/AVP 0
        1.03  bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Does a B2BUA pass the UPDATE on and wait for its other leg? Where consent is needed, a re-INVITE is the way.
    - Is the path slow or lossy? Compare with other requests of the same hop.
Sources
    RFC 3311 §5.2
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import media_lines

PROMPT: Duration = SECOND
"""An UPDATE that is answered within it is answered at once."""

TWICE = 2
"""Retransmissions that show that the sender waited."""


@rule(
    "UPD-003", name="update-answer-slow", severity=INFO, since="0.1", subject=Transaction, needs=("UPDATE 2xx", "sdp")
)
def update_answer_slow(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """An UPDATE is answered promptly (RFC 3311 §5.2)."""
    if transaction.method != "UPDATE" or not _is_slow(transaction):
        return
    request, final = transaction.request, transaction.final
    behind = (item for item in trace.index.same_request(transaction) if item.key.client == transaction.key.server)
    if request is None or final is None or request.description is None or any(map(_is_slow, behind)):
        return
    copies = sum(copy.at < final.at for copy in transaction.request_copies)
    again = f", behind {copies} retransmissions" if copies > 1 else ""
    yield Hit(
        text=f"The UPDATE with an offer was answered {in_seconds(final.at - request.at):.1f} s later{again}.",
        evidence=(
            Evidence(frame=request.frames[-1], note=f"UPDATE with an offer: {media_lines(request.description)}"),
            *(Evidence(frame=copy.frames[-1], note="UPDATE again") for copy in transaction.request_copies[:TWICE]),
            Evidence(frame=final.frames[-1], note=final.label),
        ),
        at=final.at,
        identity=(request.call_id, request.cseq, request.from_tag),
    )


def _is_slow(transaction: Transaction) -> bool:
    request, final = transaction.request, transaction.final
    if request is None or final is None or request.description is None or not final.is_success:
        return False
    return final.at - request.at > PROMPT or sum(copy.at < final.at for copy in transaction.request_copies) >= TWICE
