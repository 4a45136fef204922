"""The ACK to a refusal differs from its INVITE, so the server can't match it.

What it finds
    An ACK to a 3xx to 6xx response whose branch, sent-by or destination isn't that of the INVITE on the same hop, or
    whose Request-URI differs, whose To tag is none of the response's, that has several Via values although its sender
    created it, or that lacks a Route value of the INVITE. A stateless proxy forwards this ACK with a Via of its own
    on top. An ACK of a peer that follows RFC 2543 is not held against a branch.
Why it matters
    The server transaction never gets its ACK, and repeats the refusal for half a minute.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  486
        0.2   alice -> bob  ACK branch=z9hG4bKother
        60    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  486
        0.2   alice -> bob  ACK
        60    end
What to check
    - The transaction layer makes this ACK of the INVITE that it keeps: same Request-URI, top Via and Route, To as in
      the response. It is not a request in the dialog, as the ACK to a 2xx is.
    - It goes to the very address that the INVITE went to.
Sources
    RFC 3261 §17.1.1.2; RFC 3261 §17.1.1.3; RFC 3261 §17.2.3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.acknowledgement import failures_of, stray_acks
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.request_fields import (
    Difference,
    in_words,
    route_difference,
    uri_difference,
    via_difference,
)


@rule(
    "TXN-007",
    name="ack-non2xx-malformed",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", "request", "response failure"),
)
def ack_non2xx_malformed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """The ACK to a non-2xx has the Call-ID, From, Request-URI and top Via of its INVITE (RFC 3261 §17.1.1.3)."""
    if transaction.method != "INVITE" or transaction.request is None:
        return
    final = transaction.final
    if final is None or final.is_success:
        return
    if transaction.ack is not None:
        differences = _differences(transaction.request, transaction.ack, transaction)
        if differences:
            yield _hit(transaction, final, transaction.ack, differences)
        return
    ack = _stray_ack(transaction, trace)
    if ack is not None and ack.request is not None:
        differences = _differences(transaction.request, ack.request, transaction)
        if ack.key.server != transaction.key.server:
            due, seen = str(transaction.hop.destination), str(ack.hop.destination)
            differences.append(Difference(field="Destination", expected=due, observed=seen))
        if differences:
            yield _hit(transaction, final, ack.request, differences)


def _stray_ack(invite: Transaction, trace: Trace) -> Transaction | None:
    """The ACK that was meant for a refusal and missed it; None where another branch may have been meant."""
    others = (item for item in trace.index.same_request(invite) if item is not invite)
    if any(item.responses and item.key.client == invite.key.client for item in others):
        return None
    tags = {item.to_tag for item in failures_of(invite)}
    final = invite.final
    return next(
        (
            item
            for item in stray_acks(invite, trace)
            if final is not None and item.started_at >= final.at and item.first.to_tag in tags
        ),
        None,
    )


def _differences(invite: Request, ack: Request, transaction: Transaction) -> list[Difference]:
    found = uri_difference(invite, ack)
    if len(ack.vias) == 1:
        found += via_difference(invite, ack)
        found += route_difference(invite.routes, ack)
    elif len(invite.vias) == 1:
        found.append(Difference(field="Number of Via values", expected="1", observed=str(len(ack.vias))))
    responses = (*failures_of(transaction), *transaction.response_copies)
    tags = {item.to_tag for item in responses if item.status >= 300}
    if None not in tags and ack.to_tag not in tags:
        due = ", ".join(sorted(tag for tag in tags if tag is not None))
        found.append(Difference(field="To tag", expected=due, observed=ack.to_tag or ""))
    return found


def _hit(invite: Transaction, final: Response, ack: Request, differences: list[Difference]) -> Hit:
    return Hit(
        text=f"The ACK to the {final.label} doesn't match its INVITE: {in_words(differences)}.",
        evidence=(
            Evidence(frame=invite.first.frames[-1], note="INVITE"),
            Evidence(frame=final.frames[-1], note=final.label),
            Evidence(frame=ack.frames[-1], note=f"ACK: {in_words(differences)}"),
        ),
        at=ack.at,
        identity=(ack.call_id, ack.from_tag, ack.cseq),
    )
