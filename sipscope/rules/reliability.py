"""What the rules about reliable provisional responses share (RFC 3262)."""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Leg
from sipscope.model.message import Request, Response
from sipscope.model.time import MILLISECOND, Duration
from sipscope.model.transaction import Transaction

CAPTURE_ORDER: Duration = 10 * MILLISECOND
"""Packets of two directions that are so near may stand in a capture in the wrong order.

A response that its sender held back until the PRACK passes every tap behind that PRACK, however long the way is.
"""


def invites_of(leg: Leg) -> Iterator[Transaction]:
    """INVITE and re-INVITE transactions of a leg."""
    return (item for item in leg.transactions if item.method == "INVITE")


def reliable_responses(invite: Transaction, dialog: Dialog) -> tuple[Response, ...]:
    """Distinct reliable provisional responses of an INVITE that belong to this dialog, by time."""
    tags = {dialog.key.caller_tag, dialog.key.callee_tag}
    return tuple(item for item in invite.provisionals if item.is_reliable_provisional and item.to_tag in tags)


def acknowledged(dialog: Dialog, response: Response) -> bool:
    """Whether a PRACK for a response was seen on any leg.

    A PRACK is end to end: where one leg shows it, another lacks it because the route set bypasses that hop. One that
    was accepted with 2xx under the right RSeq counts, even if its RAck has another CSeq number.
    """
    return any(prack_for(leg, response) is not None for leg in dialog.legs)


def prack_for(leg: Leg, response: Response) -> Request | None:
    """The first PRACK of a leg for a response; one with a wrong CSeq number in its RAck counts once it is accepted."""
    for prack in pracks_of(leg):
        request = prack.request
        if request is None or request.rack is None:
            continue
        accepted = prack.final is not None and prack.final.is_success
        if acknowledges(request, response) or (accepted and request.rack.rseq == response.rseq):
            return request
    return None


def pracks_of(leg: Leg) -> tuple[Transaction, ...]:
    """PRACK transactions of a leg whose request is in the capture."""
    return tuple(item for item in leg.transactions if item.method == "PRACK" and item.request is not None)


def acknowledges(prack: Request, response: Response) -> bool:
    """Whether RAck names a response: RSeq, CSeq number and method (RFC 3262 §4, §7.2)."""
    rack, cseq = prack.rack, response.cseq
    if rack is None or cseq is None:
        return False
    return (rack.rseq, rack.cseq_number, rack.method) == (response.rseq, cseq.number, cseq.method)


def lacks_reliable(dialog: Dialog, leg: Leg, invite: Transaction) -> bool:
    """Whether a PRACK for this INVITE acknowledges a reliable response that the capture doesn't hold."""
    seen = {response.rseq for response in reliable_responses(invite, dialog)}
    cseq = invite.first.cseq
    named = [item.request.rack for item in pracks_of(leg) if item.request is not None]
    return any(
        rack is not None and cseq is not None and rack.cseq_number == cseq.number and rack.rseq not in seen
        for rack in named
    )


def is_challenged(prack: Transaction) -> bool:
    """Whether a PRACK was challenged, so that its sender has to repeat it."""
    return prack.final_status in {401, 407}


def is_refused(prack: Transaction) -> bool:
    """Whether a PRACK was refused, challenges left out."""
    return prack.final is not None and prack.final.status >= 300 and not is_challenged(prack)
