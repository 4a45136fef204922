"""A request inside a call doesn't take the route that was recorded when the call was set up.

What it finds
    A request of a confirmed dialog, seen where it leaves its sender, whose Route isn't the route set: the Record-Route
    of the 2xx in reverse order for the caller, that of the INVITE in its order for the callee. Routes on top of a
    whole route set, such as an outbound proxy, are a warning.
Why it matters
    The request goes past a proxy that keeps state: a firewall stops it, a BYE isn't billed, one side stays in the call.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        proxy 192.0.2.1 proxy record-route
        0.0   alice -> proxy  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob    INVITE
        0.1   bob -> proxy    200
              m=audio 5000 RTP/AVP 0
        0.11  proxy -> alice  200
        0.2   alice -> proxy  ACK
        0.21  proxy -> bob    ACK
        9.0   alice -> bob    BYE
        9.1   bob -> alice    200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        proxy 192.0.2.1 proxy record-route
        0.0   alice -> proxy  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob    INVITE
        0.1   bob -> proxy    200
              m=audio 5000 RTP/AVP 0
        0.11  proxy -> alice  200
        0.2   alice -> proxy  ACK
        0.21  proxy -> bob    ACK
        9.0   alice -> proxy  BYE
        9.01  proxy -> bob    BYE
        9.1   bob -> proxy    200
        9.11  proxy -> alice  200
What to check
    - The caller reverses the Record-Route of the 2xx, the callee keeps the order of the INVITE.
    - The route set never changes later, whatever Record-Route a re-INVITE carries.
    - An outbound proxy belongs into requests outside of dialogs only.
Sources
    RFC 3261 §12.1.1; RFC 3261 §12.1.2; RFC 3261 §12.2.1.1; RFC 3261 §13.2.2.4
"""

from collections.abc import Iterator, Sequence

from sipscope.model.dialog import Dialog, RouteSet, Side
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Address
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.dialog_routing import SIDES, outcome_words, own_requests, routes_strictly
from sipscope.rules.request_fields import listed, same_target


@rule("DLG-005", name="route-set-wrong", severity=ERROR, since="0.1", subject=Dialog)
def route_set_wrong(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """Requests inside a dialog list the route set, unchanged, as Route (RFC 3261 §12.2.1.1)."""
    for side in SIDES:
        party = dialog.party(side)
        route_set = party.route_set
        if route_set is None or not route_set.final or dialog.confirmed_at is None:
            continue
        after = max(route_set.message.at, dialog.confirmed_at)
        for transaction, request in own_requests(dialog, side):
            if request.at <= after or _readable_and_same(request, route_set):
                continue
            if not routes_strictly(party):
                yield _hit(dialog, side, route_set, transaction, request)


def _readable_and_same(request: Request, route_set: RouteSet) -> bool:
    if _same(request.routes, route_set.routes):
        return True
    return "route" in request.headers and not request.routes  # Unreadable is not absent.


def _same(seen: Sequence[Address], due: Sequence[Address]) -> bool:
    return len(seen) == len(due) and all(same_target(one.uri, two.uri) for one, two in zip(seen, due, strict=True))


def _fault(seen: Sequence[Address], due: Sequence[Address]) -> str:
    """What is wrong with it, in a word."""
    if not seen:
        return "has no Route"
    if _same(seen, due[::-1]):
        return "has the Route in reverse order"
    if _only_more(seen, due):
        return "has a Route on top of the route set"
    return "has another Route than the route set"


def _only_more(seen: Sequence[Address], due: Sequence[Address]) -> bool:
    return len(seen) > len(due) and _same(seen[len(seen) - len(due) :], due)


def _hit(dialog: Dialog, side: Side, route_set: RouteSet, transaction: Transaction, request: Request) -> Hit:
    due, seen = listed(route_set.routes) or "none", listed(request.routes) or "none"
    return Hit(
        text=(
            f"The {request.method} of the {side} {_fault(request.routes, route_set.routes)}: due is {due}, seen is "
            f"{seen}.{outcome_words(transaction)}"
        ),
        evidence=(
            Evidence(
                frame=route_set.message.frames[-1],
                note=f"Record-Route: {listed(route_set.message.record_routes) or 'none'}",
            ),
            Evidence(frame=request.frames[-1], note=f"{request.method} with Route: {seen}"),
        ),
        at=request.at,
        severity=WARNING if _only_more(request.routes, route_set.routes) else None,
        identity=(dialog.id, side),
    )
