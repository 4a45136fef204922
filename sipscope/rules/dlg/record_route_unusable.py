"""A Record-Route leads the requests of the call to where they can't go.

What it finds
    In requests that begin a dialog: a Record-Route without `lr`, once for the element that wrote it; and a topmost
    Record-Route with a private address, as the message goes between two public ones. Where the receiver reaches the
    private address nevertheless, and where `lr` has a value such as `on`, nothing is said.
Why it matters
    The INVITE arrives and the call is answered, but ACK, re-INVITE or BYE of one side don't: calls that can't be held,
    transferred or ended, and calls that drop after 32 seconds.
Example
    Bad:
        alice 203.0.113.10
        proxy 203.0.113.1
        0.0   alice -> proxy INVITE
              Record-Route: <sip:10.0.0.5;lr>
              m=audio 4000 RTP/AVP 0
        0.1   proxy -> alice 486
        0.2   alice -> proxy ACK
        40    end
    Good:
        alice 203.0.113.10
        proxy 203.0.113.1
        0.0   alice -> proxy INVITE
              Record-Route: <sip:203.0.113.10;lr>, <sip:10.0.0.5;lr>
              m=audio 4000 RTP/AVP 0
        0.1   proxy -> alice 486
        0.2   alice -> proxy ACK
        40    end
What to check
    - A proxy between two networks writes two Record-Route values, each with its address in one of them.
    - Which address does it advertise: the one that the other network reaches?
    - Elements that write no `lr` are of RFC 2543: the Request-URI then is rewritten on the way, and often lost.
Sources
    RFC 3261 §16.6; RFC 3261 §16.4; RFC 3261 §16.12; RFC 3261 §19.1.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Uri
from sipscope.model.message import Request
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule


@rule(
    "DLG-007",
    name="record-route-unusable",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("out of dialog", "record-route"),
)
def record_route_unusable(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A Record-Route is a URI with `lr` that the next element resolves and reaches (RFC 3261 §16.6 item 4)."""
    request = transaction.request
    if request is None or request.to_tag is not None or request.defects:
        return
    routes = request.record_routes
    if not routes:
        return
    for item in routes:
        if _routes_strictly(item.uri):
            yield _hit(request, item.uri, "has no lr parameter, so that strict routing is due", Confidence.CERTAIN)
            break
    top = routes[0].uri
    if _out_of_reach(top, request, trace):
        words = f"is a private address, while {request.hop.destination.address} is a public one"
        yield _hit(request, top, words, Confidence.LIKELY)


def _routes_strictly(uri: Uri) -> bool:
    return uri.scheme in {"sip", "sips"} and "lr" not in uri.parameters


def _out_of_reach(uri: Uri, request: Request, trace: Trace) -> bool:
    """Whether the receiver, at a public address, is to send to a private one that it was never seen to reach."""
    source, destination = request.hop.source.address, request.hop.destination.address
    if scope_of(uri.host) is not Scope.PRIVATE:
        return False
    if scope_of(source) is not Scope.GLOBAL or scope_of(destination) is not Scope.GLOBAL:
        return False
    return not trace.vantage.sees_signalling(destination, uri.host)


def _hit(request: Request, uri: Uri, fault: str, confidence: Confidence) -> Hit:
    return Hit(
        text=f"The Record-Route {uri.text} of the {request.method} from {request.hop.source} {fault}.",
        evidence=(Evidence(frame=request.frames[-1], note=f"Record-Route: {uri.text}"),),
        at=request.at,
        confidence=confidence,
        identity=(uri.host, uri.port, fault),
    )
