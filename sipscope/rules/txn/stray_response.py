"""A response arrives whose request was never sent here.

What it finds
    Responses with a Call-ID of which the capture holds no request, although it shows requests from the receiver to the
    sender and began 32 seconds before, or ten minutes before for INVITE, whose answer may take its time. Told once for
    the two hosts. Likely where the topmost Via names another host than the receiver; merely possible otherwise, as the
    capture may lack the request.
Why it matters
    A response that goes to the wrong host is missing at the right one, where the call fails as if nobody had answered.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS call=1
        0.1   bob -> alice  200
        40.0  alice -> bob  OPTIONS call=2 unseen
        40.1  bob -> alice  200
              Via:
              Via: SIP/2.0/UDP 192.0.2.30:5060;branch=z9hG4bKcarol
        80    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS call=1
        0.1   bob -> alice  200
        40.0  alice -> bob  OPTIONS call=2
        40.1  bob -> alice  200
        80    end
What to check
    - Whom does the topmost Via name, in sent-by, received and rport? The response belongs there.
    - Does a load balancer or an address translation between the two send answers to the wrong one of several hosts?
    - Is the request in a second capture, taken nearer to the receiver?
Sources
    RFC 3261 §17.1.3; RFC 3261 §18.1.2; RFC 3261 §18.2.2
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.unanswered import DEADLINE

RINGING: Duration = 600 * SECOND
"""An INVITE may have been sent so long before its answer."""

EXAMPLES = 5
"""How many responses are shown."""

DOUBT = "The request may have been sent, and be missing in the capture."


@rule("TXN-013", name="stray-response", severity=WARNING, since="0.1", subject=Trace, needs=("no request",))
def stray_response(trace: Trace, _: Trace) -> Iterator[Hit]:
    """A client drops a response that matches none of its transactions (RFC 3261 §18.1.2)."""
    strays = [item for item in trace.transactions if item.request is None and _would_show(trace, item)]
    if not strays:
        return
    asked = {item.first.call_id for item in trace.transactions if item.request is not None}
    by_hosts: dict[tuple[str, str], list[Response]] = {}
    for item in strays:
        first = item.first
        if first.call_id is not None and first.call_id not in asked and isinstance(first, Response):
            hosts = (first.hop.source.address, first.hop.destination.address)
            by_hosts.setdefault(hosts, []).append(first)
    for (source, destination), responses in by_hosts.items():
        yield _hit(source, destination, responses)


def _would_show(trace: Trace, transaction: Transaction) -> bool:
    """Whether the request of a response would be in the capture, had it been sent."""
    first, began = transaction.first, trace.vantage.first_at
    window = RINGING if transaction.method == "INVITE" else DEADLINE
    if began is None or first.at - began < window or not first.vias or not first.vias[0].branch:
        return False
    return guards.answers_visible(trace, first) and not guards.capture_lossy_near(trace, first.at - window, first.at)


def _hit(source: str, destination: str, responses: Sequence[Response]) -> Hit:
    elsewhere = [item for item in responses if _meant_for_another(item)]
    shown = (elsewhere or responses)[:EXAMPLES]
    first = shown[0]
    many = "a response" if len(responses) == 1 else f"{len(responses)} responses"
    named = f"; the topmost Via names {first.vias[0].sent_by}" if elsewhere else ""
    return Hit(
        text=f"{source} sent {destination} {many} to requests that {destination} hadn't sent{named}.",
        evidence=tuple(
            Evidence(frame=item.frames[-1], note=f"{item.label} to {item.method}, Via {item.vias[0].sent_by}")
            for item in shown
        ),
        at=first.at,
        confidence=Confidence.LIKELY if elsewhere else Confidence.POSSIBLE,
        guards=() if elsewhere else (DOUBT,),
        identity=(source, destination),
    )


def _meant_for_another(response: Response) -> bool:
    """Whether the topmost Via leads to an address, and to another one than the receiver's (RFC 3261 §18.2.2).

    Behind an address translation, either sent-by or received is the receiver's own.
    """
    via = response.vias[0]
    named = {name.strip("[]").lower() for name in (via.host, via.received) if name}
    return all(map(_is_address, named)) and response.hop.destination.address.lower() not in named


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()
