"""A CANCEL differs from the INVITE that it is to cancel, so the server can't find it.

What it finds
    A CANCEL with the Call-ID, From tag and CSeq number of an INVITE that the same client has pending, and that matches
    none of these INVITEs: another branch, sent-by, Request-URI, To tag or destination, a Route value missing, a second
    Via although its sender created it, or a Require. Where the client forked the INVITE, matching any of the branches
    is enough. A CANCEL that a proxy forwards statelessly may have more Via values.
Why it matters
    The server answers 481, the callee rings on after the caller hung up, and whoever answers meets silence.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL branch=z9hG4bKother
        5.1   bob -> alice  481 CANCEL
        9.0   bob -> alice  486 INVITE
        9.1   alice -> bob  ACK
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
What to check
    - Build the CANCEL from the INVITE as it was sent: the same Request-URI, top Via, To without the tag of a response,
      and Route.
    - Does an element in between rewrite the one and not the other?
    - Does the CANCEL go to the very address that the INVITE went to?
Sources
    RFC 3261 §9.1; RFC 3261 §9.2; RFC 3261 §17.2.3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.cancellation import differences_of, invites_meant, pending_at
from sipscope.rules.request_fields import Difference, in_words


@rule(
    "TXN-017", name="cancel-not-matching", severity=ERROR, since="0.1", subject=Transaction, needs=("CANCEL", "request")
)
def cancel_not_matching(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A CANCEL has the Request-URI, Call-ID, To, From, number and top Via of its INVITE (RFC 3261 §9.1)."""
    if transaction.method != "CANCEL" or transaction.request is None:
        return
    pending = [item for item in invites_meant(transaction, trace) if pending_at(item, transaction)]
    if any(item.cancelled_by == transaction.id and not _differences(item, transaction) for item in pending):
        # Of many branches it is mostly this one: the others needn't be compared.
        return
    compared = [(_differences(invite, transaction), invite) for invite in pending]
    if not compared or not all(differences for differences, _ in compared):
        return
    differences, invite = min(compared, key=lambda pair: len(pair[0]))
    yield _hit(invite, transaction, differences)


def _differences(invite: Transaction, cancel: Transaction) -> list[Difference]:
    if invite.request is None or cancel.request is None:
        return []
    found = differences_of(invite.request, cancel.request)
    if invite.key.server != cancel.key.server:
        due, seen = str(invite.hop.destination), str(cancel.hop.destination)
        found.append(Difference(field="Destination", expected=due, observed=seen))
    return found


def _hit(invite: Transaction, cancel: Transaction, differences: list[Difference]) -> Hit:
    answer = cancel.final
    refused = "" if answer is None or answer.is_success else f" It was answered {answer.label}."
    evidence = [
        Evidence(frame=invite.first.frames[-1], note="INVITE that is pending"),
        Evidence(frame=cancel.first.frames[-1], note=f"CANCEL: {in_words(differences)}"),
    ]
    if answer is not None:
        evidence.append(Evidence(frame=answer.frames[-1], note=f"{answer.label} to the CANCEL"))
    return Hit(
        text=f"The CANCEL doesn't match its INVITE: {in_words(differences)}.{refused}",
        evidence=tuple(evidence),
        at=cancel.started_at,
        identity=(cancel.first.call_id, cancel.first.from_tag, cancel.first.cseq),
    )
