"""A request goes round in a circle.

What it finds
    The same request comes back to an element whose Via it already carries, with the Request-URI and the Route of the
    earlier pass: twice, or once where a 482 or 483 proves it. Where the circle is out of view, a 483 to a user
    agent that sent a Max-Forwards of 20 or more, and, merely possible, a 482. A request that comes back with another
    Request-URI is a legal spiral; a small Max-Forwards is a test of the path; and a 482 to one of two branches of a
    forked request means that they merged.
Why it matters
    One call becomes dozens of messages on every element of the circle; where one of them forks, thousands.
Example
    Bad:
        alice 192.0.2.10
        p1    192.0.2.1 proxy
        p2    192.0.2.2 proxy
        bob   192.0.2.20
        0.00  alice -> p1  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  p1 -> p2  INVITE
        0.02  p2 -> p1  INVITE
        0.03  p1 -> p2  INVITE
        0.04  p2 -> p1  483
        0.05  p1 -> p2  ACK
        0.06  p1 -> p2  483
        0.07  p2 -> p1  ACK
        0.08  p2 -> p1  483
        0.09  p1 -> p2  ACK
        0.10  p1 -> alice  483
        0.11  alice -> p1  ACK
    Good:
        alice 192.0.2.10
        p1    192.0.2.1 proxy
        bob   192.0.2.20
        0.00  alice -> p1  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  p1 -> bob  INVITE
        0.04  bob -> p1  486
        0.05  p1 -> bob  ACK
        0.06  p1 -> alice  486
        0.07  alice -> p1  ACK
What to check
    - Follow Request-URI and Route from pass to pass: which element sends the request back to where it came from?
    - Is a number or a domain routed to a trunk whose far end routes it back, or forwarded to itself?
    - Does every element in the circle, a B2BUA too, take one from Max-Forwards?
Sources
    RFC 3261 §16.3; RFC 3261 §21.4.20; RFC 3261 §21.4.21
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule

LOOP_STATUSES = {482, 483}
"""Loop Detected and Too Many Hops."""

ENOUGH_HOPS = 20
"""Whoever sends a smaller Max-Forwards may mean to trace the path."""


@rule(
    "TXN-024",
    name="loop-detected",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("request", ("vias other than one", "response 482", "response 483")),
)
def loop_detected(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A request that returns with all that routes it unchanged has looped (RFC 3261 §16.3 item 4)."""
    request = transaction.request
    if request is None or transaction.method in {"ACK", "CANCEL"}:
        return
    refused = transaction.final_status in LOOP_STATUSES
    if not refused and len(request.vias) <= 2:
        return
    passes = trace.index.same_request(transaction)
    returns = _returns(passes)
    proved = any(item.final_status in LOOP_STATUSES for item in passes)
    if len(returns) >= 2 or (returns and proved):
        yield _circle(request, passes, returns)
    elif refused and not returns and len(request.vias) == 1 and _out_of_view(request, transaction, passes):
        yield _refusal(request, transaction)


def _returns(passes: Sequence[Transaction]) -> list[tuple[Request, Request]]:
    """Pairs of an earlier pass and the return to the same element with nothing changed that routes it."""
    requests = [(item.key.server, item.request) for item in passes if item.request is not None]
    found = []
    for server, later in requests:
        before = [one for node, one in requests if node == server and _descends(later, one)]
        if before:
            found.append((max(before, key=lambda one: len(one.vias)), later))
    return found


def _descends(later: Request, earlier: Request) -> bool:
    """Whether the earlier request became the later one on its way, and would be routed alike."""
    depth = len(earlier.vias)
    if not depth or depth >= len(later.vias):
        return False
    below = [(via.sent_by, via.branch) for via in later.vias[-depth:]]
    if below != [(via.sent_by, via.branch) for via in earlier.vias]:
        return False
    routes = [[route.uri.text for route in one.routes] for one in (earlier, later)]
    return later.request_uri_text == earlier.request_uri_text and routes[0] == routes[1]


def _out_of_view(request: Request, transaction: Transaction, passes: Sequence[Transaction]) -> bool:
    """Whether a 482 or 483 speaks of a circle that this tap doesn't see."""
    if transaction.final_status == 483:
        return request.max_forwards is None or request.max_forwards >= ENOUGH_HOPS
    return len(passes) == 1


def _circle(request: Request, passes: Sequence[Transaction], returns: list[tuple[Request, Request]]) -> Hit:
    evidence = [
        Evidence(
            frame=item.request.frames[-1],
            note=f"to {item.hop.destination}, Max-Forwards {item.request.max_forwards}",
        )
        for item in passes
        if item.request is not None
    ]
    for item in passes:
        final = item.final
        if final is not None and final.status in LOOP_STATUSES:
            evidence.append(Evidence(frame=final.frames[-1], note=final.label))
    nodes = sorted({str(later.hop.destination) for _, later in returns})
    return Hit(
        text=(
            f"The {request.method} to {request.request_uri_text} goes round in a circle: it came back "
            f"{len(returns)} times, to {', '.join(nodes)}, with Request-URI and Route unchanged."
        ),
        evidence=tuple(evidence),
        at=returns[0][1].at,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _refusal(request: Request, transaction: Transaction) -> Hit:
    final = transaction.final
    label = "" if final is None else final.label
    merged = transaction.final_status == 482
    evidence = [Evidence(frame=request.frames[-1], note=f"Max-Forwards {request.max_forwards}")]
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=label))
    doubt = "Two branches of the request may have met at one server." if merged else "The circle itself is out of view."
    return Hit(
        text=f"The {request.method} to {request.request_uri_text} was answered {label}: it goes round in a circle.",
        evidence=tuple(evidence),
        at=request.at,
        confidence=Confidence.POSSIBLE if merged else Confidence.LIKELY,
        guards=(doubt,),
        identity=(request.call_id, request.from_tag, request.cseq),
    )
