"""One request reaches a user agent twice by different ways, and the second one is refused with 482.

What it finds
    Two requests without a To tag at one host that are equal in From tag, Call-ID and CSeq and differ in their branch,
    where the later one is answered 482. A request that came back to where it had been is a loop, told by TXN-024.
Why it matters
    It is right of the user agent and mostly harmless. But an element before it has two ways to the same device, or
    turned to another server too soon; and where the 482 is taken for the best answer, the call fails.
Example
    Bad:
        alice 192.0.2.10
        proxy 192.0.2.1 proxy record-route
        bob   192.0.2.20
        0.0   alice -> proxy INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob  INVITE
        0.02  proxy -> bob  INVITE
        0.1   bob -> proxy  482
        0.11  proxy -> bob  ACK
        0.2   bob -> proxy  486 INVITE
        0.21  proxy -> alice 486
        0.22  proxy -> bob  ACK
        0.3   alice -> proxy ACK
        40    end
    Good:
        alice 192.0.2.10
        proxy 192.0.2.1 proxy record-route
        bob   192.0.2.20
        0.0   alice -> proxy INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob  INVITE
        0.2   bob -> proxy  486
        0.21  proxy -> alice 486
        0.22  proxy -> bob  ACK
        0.3   alice -> proxy ACK
        40    end
What to check
    - Where do the Via fields of the two begin to differ? That element sent the request two ways.
    - Does the location service hold the device under two contacts, or the number under two routes?
    - Does a client turn to its second server before the first one had the time to answer?
Sources
    RFC 3261 §8.2.2.2; RFC 3261 §17.2.3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule

MERGED = 482
"""Loop Detected, which merged requests get as well."""


@rule(
    "TXN-025", name="merged-request", severity=INFO, since="0.1", subject=Transaction, needs=("request", "response 482")
)
def merged_request(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A user agent refuses the second copy of a request that came another way (RFC 3261 §8.2.2.2)."""
    if transaction.final_status != MERGED:
        return
    request, final = transaction.request, transaction.final
    if request is None or final is None or request.to_tag is not None:
        return
    earlier = _by_another_way(trace, transaction, request)
    if earlier is None:
        return
    yield Hit(
        text=(
            f"The {request.method} reached {request.hop.destination} twice by different ways, and was answered "
            f"{final.label} the second time. The ways part at {_parting(earlier, request)}."
        ),
        evidence=(
            Evidence(frame=earlier.frames[-1], note=f"first, Via {_stack(earlier)}"),
            Evidence(frame=request.frames[-1], note=f"second, Via {_stack(request)}"),
            Evidence(frame=final.frames[-1], note=final.label),
        ),
        at=request.at,
        identity=(request.call_id, request.from_tag, request.cseq, request.hop.destination),
    )


def _by_another_way(trace: Trace, transaction: Transaction, request: Request) -> Request | None:
    """The same request at the same server before, where the later one isn't made of it."""
    return next(
        (
            item.request
            for item in trace.index.same_request(transaction)
            if item.request is not None
            and item.key.server == transaction.key.server
            and item.key.branch != transaction.key.branch
            and item.request.at <= request.at
            and not _went_through(request, item.request)
        ),
        None,
    )


def _went_through(later: Request, earlier: Request) -> bool:
    """Whether the later one holds every Via of the earlier one: it came back, which is a loop."""
    branches = {via.branch for via in later.vias}
    return all(via.branch in branches for via in earlier.vias)


def _parting(earlier: Request, later: Request) -> str:
    """The element whose Via is the last in common, counted from the sender."""
    last = None
    for one, other in zip(reversed(earlier.vias), reversed(later.vias), strict=False):
        if one.branch != other.branch:
            # The element that made the two branches put a Via of its own on each.
            return one.sent_by if one.sent_by == other.sent_by or last is None else last
        last = one.sent_by
    return last or "an element out of view"


def _stack(request: Request) -> str:
    return ", ".join(via.sent_by for via in request.vias)
