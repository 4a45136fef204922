"""A PRACK carries an offer before there is an answer to the offer of the INVITE.

What it finds
    A PRACK with SDP for a reliable provisional response without SDP, while no reliable response to that INVITE has
    carried any. Where the response held an offer, SDP in the PRACK is its answer; where it held the answer, a further
    offer. Where a PRACK names a response that this capture lacks, nothing is judged.
Why it matters
    The callee takes the SDP for garbage, and the caller believes that the session has changed.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
        0.2   alice -> bob  PRACK
              m=audio 4000 RTP/AVP 0
        0.3   bob -> alice  200 PRACK
        2.0   bob -> alice  200 INVITE
              m=audio 5000 RTP/AVP 0
        2.1   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
              m=audio 5000 RTP/AVP 0 8
        0.2   alice -> bob  PRACK
              m=audio 4000 RTP/AVP 0
        0.3   bob -> alice  200 PRACK
              m=audio 5000 RTP/AVP 0
        2.0   bob -> alice  200 INVITE
        2.1   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The calling product must wait for the answer, and then offer anew in UPDATE, or in the PRACK of that answer.
    - Should the callee answer early? Then its reliable response has to carry the answer.
Sources
    RFC 3262 §5; RFC 3264 §4
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import media_lines
from sipscope.rules.reliability import acknowledges, invites_of, lacks_reliable, pracks_of, reliable_responses


@rule("PRK-011", name="prack-offer-not-allowed", severity=ERROR, since="0.1", subject=Dialog, needs=("PRACK", "rseq"))
def prack_offer_not_allowed(dialog: Dialog, _trace: Trace) -> Iterator[Hit]:
    """A further offer goes into the PRACK of a response that held an answer (RFC 3262 §5)."""
    for leg in dialog.legs:
        for invite in invites_of(leg):
            responses = reliable_responses(invite, dialog)
            if not invite.is_dialog_creating_invite or not leg.both_directions or lacks_reliable(dialog, leg, invite):
                continue
            for prack in pracks_of(leg):
                request = prack.request
                if request is None or request.description is None or _is_told(invite, dialog, request):
                    continue
                named = next((item for item in responses if acknowledges(request, item)), None)
                if named is not None:
                    yield _hit(dialog, invite, named, request)


def _is_told(invite: Transaction, dialog: Dialog, prack: Request) -> bool:
    """Whether SDP in a reliable response or the 2xx came before a PRACK."""
    return any(
        item.description is not None
        and (item.at, item.frames) < (prack.at, prack.frames)
        and (item.is_reliable_provisional or item.is_success)
        for item in invite.responses
        if item.to_tag == dialog.key.callee_tag
    )


def _hit(dialog: Dialog, invite: Transaction, named: Response, prack: Request) -> Hit:
    offer = None if invite.request is None else invite.request.description
    waits = "the INVITE had no SDP" if offer is None else "the offer of the INVITE is not answered yet"
    evidence = [Evidence(frame=named.frames[-1], note=f"{named.label}, RSeq {named.rseq}, without SDP")]
    if prack.description is not None:
        evidence.append(Evidence(frame=prack.frames[-1], note=f"PRACK with an offer: {media_lines(prack.description)}"))
    if invite.request is not None:
        note = "INVITE without SDP" if offer is None else f"offer: {media_lines(offer)}"
        evidence.insert(0, Evidence(frame=invite.request.frames[-1], note=note))
    return Hit(
        text=(
            f"The PRACK for the {named.label} (RSeq {named.rseq}), which has no SDP, carries an offer although {waits}."
        ),
        evidence=tuple(evidence),
        at=prack.at,
        identity=(dialog.key, prack.cseq),
    )
