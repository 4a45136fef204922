"""A party gave another Contact, and its peer still sends requests to the old one.

What it finds
    A re-INVITE or UPDATE, or an answer to one, brought another Contact and was accepted, and a request that the peer
    sent more than a second later goes to a Contact from before.
Why it matters
    After a change of network, a transfer or a move to another server the call can't be held or released.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  UPDATE
              Contact: <sip:alice@192.0.2.99:5060>
        5.1   bob -> alice  200
        9.0   bob -> alice  BYE
        9.1   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  UPDATE
              Contact: <sip:alice@192.0.2.99:5060>
        5.1   bob -> alice  200
        9.0   bob -> alice  BYE uri=sip:alice@192.0.2.99:5060
        9.1   alice -> bob  200
What to check
    - The peer must keep the Contact of every INVITE and UPDATE that it accepts, and of every 2xx to its own.
    - Does an element in between change Contact in some messages only?
Sources
    RFC 3261 §12.2.1.2; RFC 3261 §12.2.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, RemoteTarget, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.dialog_routing import (
    SIDES,
    TargetUse,
    outcome_words,
    own_requests,
    target_at,
    target_use,
)


@rule("DLG-008", name="target-refresh-ignored", severity=ERROR, since="0.1", subject=Dialog)
def target_refresh_ignored(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """An accepted target refresh replaces the remote target (RFC 3261 §12.2.1.2, §12.2.2)."""
    for side in SIDES:
        party = dialog.party(side)
        if len(party.remote_targets) < 2 or len({target.uri.text for target in party.remote_targets}) < 2:
            continue
        for transaction, request in own_requests(dialog, side):
            target = target_at(party, request)
            if target is not None and target_use(party, request) is TargetUse.STALE:
                yield _hit(dialog, side, target, transaction, request)


def _hit(dialog: Dialog, side: Side, target: RemoteTarget, transaction: Transaction, request: Request) -> Hit:
    return Hit(
        text=(
            f"The {side} sent its {request.method} to {request.request_uri_text}, although its peer had given "
            f"{target.uri.text} as Contact since.{outcome_words(transaction)}"
        ),
        evidence=(
            Evidence(frame=target.message.frames[-1], note=f"Contact: {target.uri.text}"),
            Evidence(frame=request.frames[-1], note=f"{request.method} {request.request_uri_text}"),
        ),
        at=request.at,
        severity=WARNING if transaction.is_accepted else None,
        identity=(dialog.id, side),
    )
