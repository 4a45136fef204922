"""An answer that makes a dialog doesn't carry the Record-Route of its request.

What it finds
    A 2xx, or a reliable 1xx (then a warning), to an INVITE without To tag that lacks a Record-Route value of the
    INVITE on the same hop, or has them in another order. Values of proxies further on may stand on top.
Why it matters
    The caller then sends ACK and BYE past the proxy: the call drops after 32 seconds, or a firewall stops them.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        proxy 192.0.2.1 proxy record-route
        0.0   alice -> proxy  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob    INVITE
        0.1   bob -> proxy    200
              Record-Route:
              m=audio 5000 RTP/AVP 0
        0.11  proxy -> alice  200
        0.2   alice -> bob    ACK
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
    - The callee must copy every Record-Route value into the answer, in order, with all parameters.
    - Is there a firewall or a gateway between the two that takes header fields out?
Sources
    RFC 3261 §12.1.1; RFC 3261 §16.7
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.request_fields import listed, same_target


@rule("DLG-006", name="record-route-not-mirrored", severity=ERROR, since="0.1", subject=Dialog, needs=("record-route",))
def record_route_not_mirrored(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """The UAS copies all Record-Route values into the response, in order (RFC 3261 §12.1.1)."""
    if not dialog.is_invite or not dialog.started_in_capture:
        return
    for transaction in reversed(dialog.transactions):
        request = transaction.request if transaction.is_dialog_creating_invite else None
        if request is None or not request.record_routes:
            continue
        response = _first_fault(transaction, request, dialog)
        if response is not None:
            yield _hit(dialog, transaction, request, response)


def _first_fault(transaction: Transaction, request: Request, dialog: Dialog) -> Response | None:
    for response in transaction.responses:
        if response.status <= 100 or (response.to_tag or "") != dialog.key.callee_tag:
            continue
        if (response.is_success or response.is_reliable_provisional) and not _mirrored(request, response):
            return response
    return None


def _mirrored(request: Request, response: Response) -> bool:
    """Whether the values of the request end those of the response: proxies behind this hop stand on top."""
    due, seen = request.record_routes, response.record_routes
    if seen is due:
        return True
    if "record-route" in response.headers and not seen:
        return True  # Unreadable is not absent.
    tail = seen[len(seen) - len(due) :] if len(seen) >= len(due) else ()
    return len(tail) == len(due) and all(same_target(one.uri, two.uri) for one, two in zip(due, tail, strict=True))


def _hit(dialog: Dialog, transaction: Transaction, request: Request, response: Response) -> Hit:
    seen = listed(response.record_routes) or "none"
    return Hit(
        text=(
            f"The {response.label} of {transaction.hop.destination} doesn't carry the Record-Route of the INVITE: "
            f"due is {listed(request.record_routes)}, seen is {seen}."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"Record-Route: {listed(request.record_routes)}"),
            Evidence(frame=response.frames[-1], note=f"Record-Route: {seen}"),
        ),
        at=response.at,
        severity=None if response.is_success else WARNING,
        identity=(dialog.id,),
    )
