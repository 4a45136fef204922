"""The Via fields of a response aren't those of its request, or a proxy sends a request on without its own.

What it finds
    A response whose Via values aren't those of its request on the same hop: one too many, such as that of the proxy
    which sends it, one too few, or another order; and a request that a proxy sends on, with a smaller Max-Forwards,
    without a Via of its own. Messages that are cut or have unreadable fields are let be. Values are told apart by their
    branch, as address translation may write the hosts anew. A 100, which goes one hop, may have the topmost Via alone.
Why it matters
    A response finds its way back by its Via fields: it goes to the wrong element or is dropped, and the call fails as
    if nobody had answered, while the callee rings.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS branch=z9hG4bKalice
        0.1   bob -> alice  200
              Via:
              Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bKproxy
              Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKalice
        5     end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS branch=z9hG4bKalice
        0.1   bob -> alice  200
        5     end
What to check
    - Compare the Via fields of the response before and behind the element that sends it: it removes the topmost alone.
    - Does a rule for the manipulation of header fields touch Via?
    - An element that sends a request on adds one Via on top, with a branch of its own.
Sources
    RFC 3261 §8.1.3.3; RFC 3261 §8.2.6.2; RFC 3261 §16.6; RFC 3261 §16.7; RFC 3261 §18.1.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule


@rule(
    "RTE-003",
    name="via-stack-corrupted",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=(("vias other than one", "other hops"),),
)
def via_stack_corrupted(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A response has the Via values of its request (RFC 3261 §8.2.6.2), a forwarded request one more (§16.6 item 8)."""
    request = transaction.request
    if request is None:
        yield from _another_on_top(transaction, trace)
        return
    for response in transaction.responses:
        # A 100 is for the next hop alone, which its topmost Via names.
        if response.status == 100 or _same_branches(response, request):
            continue
        if _may_differ(request, response) and not _unreadable(request) and not _unreadable(response):
            yield _hit_of_response(request, response)
            return
    onward = _sent_on_without(transaction, request, trace)
    if onward is not None:
        yield _hit_of_request(request, onward)


def _may_differ(request: Request, response: Response) -> bool:
    """Whether a difference is told: the one Via of a response is that by which it was matched."""
    values, lines = len(request.vias), request.headers.count("via")
    return values > 1 or len(response.vias) != values or response.headers.count("via") != lines


def _branches(message: Message) -> list[str]:
    """What tells its Via values apart, topmost first."""
    return [via.branch or via.sent_by for via in message.vias]


def _same_branches(one: Message, other: Message) -> bool:
    if len(one.vias) != len(other.vias):
        return False
    for via, counterpart in zip(one.vias, other.vias, strict=True):
        # Lines that come again are mostly read as the same value.
        if via is not counterpart and (via.branch or via.sent_by) != (counterpart.branch or counterpart.sent_by):
            return False
    return True


def _unreadable(message: Message) -> bool:
    """Whether a defect may hide or change a Via value."""
    return bool(message.defects) or not message.vias


def _another_on_top(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A response that matches nothing as another Via stands on top, though it has all those of the request."""
    response = transaction.first
    if len(response.vias) < 2 or not isinstance(response, Response) or _unreadable(response):
        return
    for item in trace.index.same_request(transaction):
        request = item.request
        if request is None or item.key.client != transaction.key.client or item.key.server != transaction.key.server:
            continue
        due, seen = set(_branches(request)), set(_branches(response))
        if request.at <= response.at and due and due <= seen and not _unreadable(request):
            yield _hit_of_response(request, response)
            return


def _hit_of_response(request: Request, response: Response) -> Hit:
    return Hit(
        text=(
            f"The {response.label} to {response.method} from {response.hop.source} has the Via values "
            f"{_listed(response)}; due are those of the request, {_listed(request)}."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"Via {_listed(request)}"),
            Evidence(frame=response.frames[-1], note=f"Via {_listed(response)}"),
        ),
        at=response.at,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _sent_on_without(transaction: Transaction, request: Request, trace: Trace) -> Request | None:
    """The request as the server sent it on with nothing but a smaller Max-Forwards (RFC 3261 §16.6 items 3 and 8).

    An address translation sends it on unchanged; it isn't a proxy and adds no Via.
    """
    values, got = len(request.vias), request.max_forwards
    if not values or got is None:
        return None
    for item in trace.index.same_request_from(transaction.key.server, transaction):
        onward = item.request
        if onward is None or item is transaction or len(onward.vias) != values or onward.max_forwards != got - 1:
            continue
        if item.key.server == transaction.key.client:
            continue
        readable = not _unreadable(onward) and not _unreadable(request)
        if onward.at >= request.at and readable and _same_branches(onward, request):
            return onward
    return None


def _hit_of_request(request: Request, onward: Request) -> Hit:
    return Hit(
        text=(
            f"{onward.hop.source} sent the {request.method} on to {onward.hop.destination} without a Via of its own: "
            f"the topmost one is still {request.vias[0].sent_by}, where the responses will go."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"Via {_listed(request)}, Max-Forwards {request.max_forwards}"),
            Evidence(frame=onward.frames[-1], note=f"Via {_listed(onward)}, Max-Forwards {onward.max_forwards}"),
        ),
        at=onward.at,
        confidence=Confidence.LIKELY,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _listed(message: Message) -> str:
    return ", ".join(f"{via.sent_by} ({via.branch})" for via in message.vias) or "none"
