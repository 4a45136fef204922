"""A request inside a call is sent to an address that the other side never gave as its Contact.

What it finds
    A request of a dialog, seen where it leaves its sender, whose Request-URI is none of the Contacts that the sender
    had from its peer. Where the request goes straight to that address, the sender has worked round NAT, and nothing
    is said. It is a warning where the request was accepted all the same.
Why it matters
    A request to an address-of-record may ring other phones, be refused, or begin another call.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INFO uri=sip:bob@example.com
        5.1   bob -> alice  404
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
        5.0   alice -> bob  INFO
        5.1   bob -> alice  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The Request-URI is the Contact of the last INVITE, UPDATE or their 2xx, with its parameters.
    - Does an element near the sender rewrite Contact in one direction only?
Sources
    RFC 3261 §12.2.1.1; RFC 3261 §12.2.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.dialog_routing import SIDES, is_foreign, outcome_words, own_requests, target_at


@rule("DLG-004", name="request-uri-not-remote-target", severity=ERROR, since="0.1", subject=Dialog)
def request_uri_not_remote_target(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """The Request-URI of a request inside a dialog is the remote target (RFC 3261 §12.2.1.1)."""
    for side in SIDES:
        party = dialog.party(side)
        if not party.remote_targets:
            continue
        for transaction, request in own_requests(dialog, side):
            if is_foreign(party, request) and not _straight(request):
                yield _hit(dialog, side, transaction, request)


def _straight(request: Request) -> bool:
    """Whether the request goes to the very address it names, as one does that works round NAT."""
    uri = request.request_uri
    return uri is not None and uri.host == request.hop.destination.address.lower()


def _hit(dialog: Dialog, side: Side, transaction: Transaction, request: Request) -> Hit:
    target = target_at(dialog.party(side), request)
    evidence = [Evidence(frame=request.frames[-1], note=f"{request.method} {request.request_uri_text}")]
    expected = "the Contact of its peer"
    if target is not None:
        expected = target.uri.text
        evidence.insert(0, Evidence(frame=target.message.frames[-1], note=f"Contact: {expected}"))
    return Hit(
        text=(
            f"The {side} sent its {request.method} to {request.request_uri_text}, which its peer never gave as "
            f"Contact; due is {expected}.{outcome_words(transaction)}"
        ),
        evidence=tuple(evidence),
        at=request.at,
        severity=WARNING if transaction.is_accepted else None,
        identity=(dialog.id, side),
    )
