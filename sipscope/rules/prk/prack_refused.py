"""A PRACK that names the right response is refused.

What it finds
    The first PRACK for a reliable provisional response, RAck and all as it must be, with a final answer other than
    2xx. Challenges (401, 407) are no refusal. A PRACK that crosses with the final response of its INVITE, a second
    one for the same response, and one that is never answered are left alone.
Why it matters
    The callee goes on repeating its response, and an offer or an answer in the PRACK is lost.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  488 PRACK
        2.0   bob -> alice  486 INVITE
        2.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        2.0   bob -> alice  486 INVITE
        2.1   alice -> bob  ACK
What to check
    - The answering product must accept every PRACK that matches, and refuse an unwanted offer in it with port 0.
    - Does the PRACK reach the element that sent the response? Compare its Request-URI with that Contact.
Sources
    RFC 3262 §3
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.reliability import (
    acknowledges,
    invites_of,
    is_challenged,
    is_refused,
    pracks_of,
    reliable_responses,
)


@rule("PRK-007", name="prack-refused", severity=WARNING, since="0.1", subject=Dialog, needs=("PRACK", "rseq"))
def prack_refused(dialog: Dialog, _trace: Trace) -> Iterator[Hit]:
    """A PRACK that matches an unacknowledged response gets a 2xx (RFC 3262 §3)."""
    for leg in dialog.legs:
        for invite in invites_of(leg):
            for response in reliable_responses(invite, dialog):
                yield from _judged(dialog, leg, invite, response)


def _judged(dialog: Dialog, leg: Leg, invite: Transaction, response: Response) -> Iterator[Hit]:
    for prack in pracks_of(leg):
        request, final = prack.request, prack.final
        if request is None or not acknowledges(request, response):
            continue
        over = final is not None and invite.final is not None and invite.final.at <= final.at
        if final is not None and is_refused(prack) and not over:
            yield _hit(dialog, response, request, final)
        if not is_challenged(prack):
            return


def _hit(dialog: Dialog, response: Response, prack: Request, refusal: Response) -> Hit:
    return Hit(
        text=(
            f"The PRACK for the {response.label} (RSeq {response.rseq}) matches it, but was refused with "
            f"{refusal.label}; a 2xx is due."
        ),
        evidence=(
            Evidence(frame=response.frames[-1], note=f"{response.label}, RSeq {response.rseq}"),
            Evidence(frame=prack.frames[-1], note=f"RAck: {prack.headers.get('rack')}"),
            Evidence(frame=refusal.frames[-1], note=refusal.label),
        ),
        at=refusal.at,
        identity=(dialog.key, prack.cseq),
    )
