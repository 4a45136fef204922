"""A message is sent again where nothing is to be repeated: over a stream, or behind a provisional response.

What it finds
    Requests and refusals of INVITEs that are sent again over TCP, TLS, SCTP or WebSocket; and INVITEs over UDP that are
    repeated twice and more behind a provisional response although the server repeats that too. Told once for the two
    hosts. An INVITE that is repeated every twenty seconds keeps a NAT binding open, and a 2xx to INVITE is repeated on
    any transport: both are let be.
Why it matters
    Over a stream it shows an application that takes it for datagrams, or that repeats by itself. Over UDP it mostly
    shows that the provisional response doesn't reach the client, so that the final one will be lost as well.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  100
        0.5   alice -> bob  INVITE again
        0.51  bob -> alice  100 again
        1.5   alice -> bob  INVITE again
        1.51  bob -> alice  100 again
        3.5   alice -> bob  INVITE again
        3.51  bob -> alice  100 again
        4.0   bob -> alice  486
        4.1   alice -> bob  ACK
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  100
        4.0   bob -> alice  486
        4.1   alice -> bob  ACK
        40    end
What to check
    - Capture at the client: do the provisional responses arrive there, at the port from which it sent?
    - Does the topmost Via name the right address, with rport where there is an address translation?
    - Turn the timers for UDP off for connections.
Sources
    RFC 3261 §17.1.1.2; RFC 3261 §17.1.2.2; RFC 3261 §17.2.1
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.network import Transport
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import label_of
from sipscope.rules.retransmissions import repeated_behind_provisional, true_copies
from sipscope.rules.retries import altered_retry

EXAMPLES = 3
"""How many messages are shown."""

Repeated = tuple[Message, Sequence[Message]]
"""A message and the copies of it that are out of place."""


@rule("TXN-011", name="retransmission-not-allowed", severity=WARNING, since="0.1", subject=Trace, needs=("copies",))
def retransmission_not_allowed(trace: Trace, _: Trace) -> Iterator[Hit]:
    """Streams need no retransmission, and a provisional response ends that of an INVITE (RFC 3261 §17.1.1.2)."""
    found: dict[tuple[str, str, Transport], list[Repeated]] = {}
    for transaction in trace.transactions:
        if not transaction.copies or transaction.method == "ACK":
            continue
        for message, copies in _out_of_place(transaction):
            hop = message.hop
            hosts = (hop.source.address, hop.destination.address, hop.transport)
            found.setdefault(hosts, []).append((message, copies))
    for (source, destination, transport), repeated in found.items():
        yield _hit(source, destination, transport, repeated)


def _out_of_place(transaction: Transaction) -> Iterator[Repeated]:
    request, final = transaction.request, transaction.final
    if transaction.hop.transport is Transport.UDP:
        pending = repeated_behind_provisional(transaction)
        if pending is not None:
            yield pending
        return
    if request is not None and transaction.request_copies and altered_retry(transaction) is None:
        copies = true_copies(request, transaction.request_copies)
        if copies:
            yield request, copies
    if final is not None and final.status >= 300 and transaction.method == "INVITE" and not transaction.request_copies:
        answers = true_copies(final, transaction.copies_of(final))
        if answers:
            yield final, answers


def _hit(source: str, destination: str, transport: Transport, repeated: Sequence[Repeated]) -> Hit:
    message, copies = repeated[0]
    evidence = []
    for first, again in repeated[:EXAMPLES]:
        evidence.append(Evidence(frame=first.frames[-1], note=label_of(first)))
        evidence += [
            Evidence(
                frame=copy.frames[-1], note=f"{label_of(copy)} again, {in_seconds(copy.at - first.at):.1f} s later"
            )
            for copy in again
        ]
    more = "" if len(repeated) == 1 else f", and so with {len(repeated) - 1} more"
    if transport is Transport.UDP:
        text = (
            f"{destination} repeated an INVITE {len(copies)} times behind the {label_of(message)} that {source} sent: "
            f"the response doesn't seem to arrive{more}."
        )
    else:
        text = f"{source} sent {label_of(message)} to {destination} {len(copies)} more times over {transport}{more}."
    return Hit(
        text=text,
        evidence=tuple(evidence),
        at=copies[0].at,
        confidence=Confidence.LIKELY if transport is Transport.UDP else Confidence.CERTAIN,
        identity=(source, destination, transport),
    )
