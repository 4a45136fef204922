"""What the rules about CANCEL share: which INVITE it means, and whether it is built as that INVITE asks."""

from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.request_fields import Difference, route_difference, uri_difference, via_difference


def cancelled_invite(cancel: Transaction, trace: Trace) -> Transaction | None:
    """The INVITE that a CANCEL matches (RFC 3261 §9.1): everything equal but the method."""
    return next((item for item in invites_meant(cancel, trace) if item.cancelled_by == cancel.id), None)


def invites_meant(cancel: Transaction, trace: Trace) -> tuple[Transaction, ...]:
    """INVITEs of the same client with the Call-ID, From tag and number of a CANCEL, seen before it."""
    first = cancel.first
    if first.call_id is None or first.cseq is None:
        return ()
    key = (first.call_id, first.from_tag or "", first.cseq.number, "INVITE")
    found = trace.index.transactions_of_request.get(key, ())
    return tuple(
        item
        for item in found
        if item.key.client == cancel.key.client and item.request is not None and item.request.at <= first.at
    )


def differences_of(invite: Request, cancel: Request) -> list[Difference]:
    """Where a CANCEL isn't built as RFC 3261 §9.1 says.

    A proxy that is stateless, or doesn't know the INVITE, forwards the CANCEL it got with a Via of its own on top
    (RFC 3261 §16.10, §16.11): one that didn't begin with its sender is held against fewer fields.
    """
    found = uri_difference(invite, cancel)
    created = len(cancel.vias) == 1
    if created:
        found += via_difference(invite, cancel)
    elif len(invite.vias) == 1:
        found.append(Difference(field="Number of Via values", expected="1", observed=str(len(cancel.vias))))
    if invite.to_tag != cancel.to_tag:
        found.append(Difference(field="To tag", expected=invite.to_tag or "", observed=cancel.to_tag or ""))
    if created:
        found += route_difference(invite.routes, cancel)
    demands = (*cancel.require, *cancel.proxy_require)
    if demands:
        found.append(Difference(field="Require", expected="", observed=", ".join(demands)))
    return found


def pending_at(invite: Transaction, cancel: Transaction) -> bool:
    """Whether no final response to the INVITE had passed when the CANCEL was sent."""
    final = invite.final
    return final is None or final.at > cancel.started_at


def sign_of_life(invite: Transaction, cancel: Transaction) -> Response | None:
    """What the INVITE brought first after a refusal of its CANCEL: a 1xx above 100, or a 2xx."""
    refusal = cancel.final
    if refusal is None:
        return None
    return next(
        (item for item in invite.responses if item.at > refusal.at and 100 < item.status < 300),
        None,
    )
