"""A proxy sends requests on without lowering Max-Forwards, so that a loop would never end.

What it finds
    A request that a proxy sent on, with its own Via on top of the others, whose Max-Forwards is equal to or higher than
    the one it got. Told once for a proxy. A proxy adds the field where it got none; an element that makes a request of
    its own, with no Via of the one it got, may begin anew.
Why it matters
    Max-Forwards is what ends a routing loop. Where one element keeps it, a wrong route sends the same request round and
    round until the elements on it break down.
Example
    Bad:
        alice 192.0.2.10
        edge  192.0.2.1 proxy
        bob   192.0.2.20
        0.0   alice -> edge  OPTIONS to=bob
        0.01  edge -> bob  OPTIONS
              Max-Forwards: 70
        0.1   bob -> edge  200
        0.11  edge -> alice  200
    Good:
        alice 192.0.2.10
        edge  192.0.2.1 proxy
        bob   192.0.2.20
        0.0   alice -> edge  OPTIONS to=bob
        0.01  edge -> bob  OPTIONS
              Max-Forwards: 69
        0.1   bob -> edge  200
        0.11  edge -> alice  200
What to check
    - Does a rule for header fields on that element write Max-Forwards anew?
    - Does it forward requests with a library that leaves the field to its user?
Sources
    RFC 3261 §16.6; RFC 3261 §20.22
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule


@rule(
    "RTE-004",
    name="max-forwards-not-decremented",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("request", "max-forwards", "vias other than one", "other hops"),
)
def max_forwards_not_decremented(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A proxy lowers Max-Forwards by one (RFC 3261 §16.6 item 3)."""
    onward = transaction.request
    sent = None if onward is None else onward.max_forwards
    if onward is None or sent is None or len(onward.vias) < 2 or onward.defects:
        return
    for item in trace.index.same_request(transaction):
        got = item.request
        if got is None or item.key.server != transaction.key.client or got.at > onward.at or got.defects:
            continue
        if got.max_forwards is not None and got.max_forwards <= sent and _sent_on(got, onward):
            yield _hit(transaction.key.client, got, onward)
            return


def _sent_on(got: Request, onward: Request) -> bool:
    """Whether the Via values are those that were got, with one more on top (RFC 3261 §16.6 item 8)."""
    if len(onward.vias) != len(got.vias) + 1:
        return False
    return [(via.branch, via.sent_by) for via in onward.vias[1:]] == [(via.branch, via.sent_by) for via in got.vias]


def _hit(proxy: str, got: Request, onward: Request) -> Hit:
    return Hit(
        text=(
            f"{proxy} sent the {onward.method} on to {onward.hop.destination} with Max-Forwards {onward.max_forwards}; "
            f"it had got it with {got.max_forwards}, so that at most {max((got.max_forwards or 0) - 1, 0)} is due."
        ),
        evidence=(
            Evidence(frame=got.frames[-1], note=f"Max-Forwards: {got.max_forwards}"),
            Evidence(frame=onward.frames[-1], note=f"Max-Forwards: {onward.max_forwards}"),
        ),
        at=onward.at,
        identity=(proxy,),
    )
