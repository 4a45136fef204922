"""Route sets and remote targets, as each party's own hop shows them (RFC 3261 §12.1, §12.2).

A proxy takes its own entry off the route, and a middlebox may rewrite a Contact, so that only the hop next to a party
tells what that party knew.
"""

from collections.abc import Sequence

from sipscope.model.dialog import DialogKey, RemoteTarget, RouteSet, Side
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction

TARGET_REFRESH = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""Requests whose Contact is a remote target (RFC 3261 §12.2, RFC 3311 §5.1, RFC 6665 §4.4.1, RFC 3515 §2.4.1)."""


def route_set_of(transactions: Sequence[Transaction], key: DialogKey, side: Side, own: Endpoint) -> RouteSet | None:
    """The route set of a party whose endpoint is known; None where its hop doesn't show the INVITE with this peer."""
    for transaction in transactions:
        request, hop = transaction.request, transaction.hop
        near = hop.source if side is Side.CALLER else hop.destination
        if not transaction.is_dialog_creating_invite or request is None or near.address != own.address:
            continue
        answers = [item for item in transaction.responses if _makes_dialog(item, key)]
        if not answers or hop.source.address == hop.destination.address:
            continue
        if side is Side.CALLEE:
            return RouteSet(routes=request.record_routes, message=request, final=True)
        if request.record_routes:
            # An element that sends requests of its own and records itself is no plain caller: B2BUAs do so.
            return None
        success = next((item for item in answers if item.is_success), None)
        chosen = answers[-1] if success is None else success
        return RouteSet(routes=chosen.record_routes[::-1], message=chosen, final=success is not None)
    return None


def _makes_dialog(response: Response, key: DialogKey) -> bool:
    return 101 <= response.status < 300 and (response.to_tag or "") == key.callee_tag


def remote_targets_of(
    transactions: Sequence[Transaction], key: DialogKey, side: Side, own: Endpoint
) -> tuple[RemoteTarget, ...]:
    """The peer's Contacts that reached a party, by time."""
    peer = key.callee_tag if side is Side.CALLER else key.caller_tag
    found: list[RemoteTarget] = []
    for transaction in transactions:
        if transaction.method in TARGET_REFRESH:
            found += _targets_in(transaction, peer, own.address)
    if len(found) > 1:
        found.sort(key=lambda target: (target.message.at, target.message.frames))
    return tuple(found)


def _targets_in(transaction: Transaction, peer: str, reached: str) -> list[RemoteTarget]:
    """Those of a peer that came to an address."""
    found: list[RemoteTarget] = []
    request = transaction.request
    initial = request is not None and request.to_tag is None
    if request is not None and request.hop.destination.address == reached and (request.from_tag or "") == peer:
        contacts = request.contacts
        if contacts:
            # The UAS of the INVITE that makes the dialog knows its peer from that INVITE (RFC 3261 §12.1.1).
            at = request.at if initial else _succeeded_at(transaction)
            found.append(RemoteTarget(uri=contacts[0].uri, message=request, committed_at=at))
    for response in transaction.responses:
        if response.hop.destination.address != reached or (response.to_tag or "") != peer:
            continue
        contacts = response.contacts
        if contacts and 101 <= response.status < 300:
            takes_effect = initial or response.status >= 200 or response.is_reliable_provisional
            at = response.at if takes_effect else None
            found.append(RemoteTarget(uri=contacts[0].uri, message=response, committed_at=at))
    return found


def _succeeded_at(transaction: Transaction) -> Instant | None:
    """When the first 2xx came."""
    return next((item.at for item in transaction.responses if item.is_success), None)


def highest_number_of(sent: Sequence[Message]) -> int | None:
    """The highest CSeq number of a party's own requests."""
    highest = None
    for item in sent:
        if isinstance(item, Request) and item.cseq is not None and (highest is None or item.cseq.number > highest):
            highest = item.cseq.number
    return highest
