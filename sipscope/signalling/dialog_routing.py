"""Route sets and remote targets, as each party's own hop shows them (RFC 3261 §12.1, §12.2).

A proxy takes its own entry off the route, and a middlebox may rewrite a Contact, so that only the hop next to a party
tells what that party knew.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.dialog import DialogKey, RemoteTarget, RouteSet, Side
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.transaction import Transaction

TARGET_REFRESH = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""Requests whose Contact is a remote target (RFC 3261 §12.2, RFC 3311 §5.1, RFC 6665 §4.4.1, RFC 3515 §2.4.1)."""


def route_set_of(transactions: Sequence[Transaction], key: DialogKey, side: Side, own: Endpoint) -> RouteSet | None:
    """The route set of a party whose endpoint is known; None where its hop doesn't show the INVITE with this peer."""
    for transaction in transactions:
        request = transaction.request
        if transaction.method != "INVITE" or request is None or request.to_tag is not None:
            continue
        answers = [item for item in transaction.responses if _makes_dialog(item, key)]
        if not answers or transaction.hop.source.address == transaction.hop.destination.address:
            continue
        if side is Side.CALLEE and transaction.hop.destination.address == own.address:
            return RouteSet(routes=request.record_routes, message=request, final=True)
        if side is Side.CALLER and transaction.hop.source.address == own.address:
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
    found = [
        target
        for transaction in transactions
        if transaction.method in TARGET_REFRESH
        for target in _targets_in(transaction, peer)
        if target.message.hop.destination.address == own.address
    ]
    return tuple(sorted(found, key=lambda target: (target.message.at, target.message.frames)))


def _targets_in(transaction: Transaction, peer: str) -> Iterator[RemoteTarget]:
    request = transaction.request
    if request is not None and request.contacts and (request.from_tag or "") == peer:
        success = next((item for item in transaction.responses if item.is_success), None)
        # The UAS of the INVITE that makes the dialog knows its peer from that INVITE (RFC 3261 §12.1.1).
        at = request.at if request.to_tag is None else None if success is None else success.at
        yield RemoteTarget(uri=request.contacts[0].uri, message=request, committed_at=at)
    initial = request is not None and request.to_tag is None
    for response in transaction.responses:
        if response.contacts and 101 <= response.status < 300 and (response.to_tag or "") == peer:
            takes_effect = response.is_success or initial or response.is_reliable_provisional
            at = response.at if takes_effect else None
            yield RemoteTarget(uri=response.contacts[0].uri, message=response, committed_at=at)


def highest_number_of(sent: Sequence[Message]) -> int | None:
    """The highest CSeq number of a party's own requests."""
    numbers = [item.cseq.number for item in sent if isinstance(item, Request) and item.cseq is not None]
    return max(numbers, default=None)
