"""A MESSAGE is too large for UDP: it is cut into fragments on the way, which many paths lose.

What it finds
    A MESSAGE outside a call of more than 1300 bytes that is sent over UDP. Told once for a sender and its next hop,
    with the largest and what became of it. Over TCP, TLS or WebSocket nothing is told: whether a later hop is UDP
    can't be seen from here.
Why it matters
    Larger than what the path takes, the datagram goes in fragments. Firewalls and address translations drop those, and
    the text is lost without a trace, or is refused with 413 or 513.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  MESSAGE
              Content-Type: text/plain
              | Line 01 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 02 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 03 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 04 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 05 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 06 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 07 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 08 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 09 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 10 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 11 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 12 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 13 of a text that nobody would call a short one, sent as a single message all the same.
              | Line 14 of a text that nobody would call a short one, sent as a single message all the same.
        0.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  MESSAGE
              Content-Type: text/plain
              | See you at the gate.
        0.1   bob -> alice  200
What to check
    - Set the client and its proxy to TCP or TLS for requests of more than 1300 bytes.
    - Send long texts by MSRP, in parts, or as a link.
    - On a closed network whose path is known to take it, this is no fault.
Sources
    RFC 3261 §18.1.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

LARGEST_BYTES = 1300
"""What may go over UDP where nobody knows how much the path takes (RFC 3261 §18.1.1)."""


@rule("MSGM-001", name="message-oversize", severity=WARNING, since="0.1", subject=Trace, needs=("MESSAGE",))
def message_oversize(trace: Trace, _same: Trace) -> Iterator[Hit]:
    """A request of more than 1300 bytes goes by a transport with congestion control (RFC 3261 §18.1.1)."""
    found: dict[tuple[str, str], list[Transaction]] = {}
    for transaction in trace.transactions:
        if transaction.method == "MESSAGE" and _is_oversize(transaction):
            found.setdefault((transaction.key.client, transaction.key.server), []).append(transaction)
    for items in found.values():
        yield _hit(items)


def _is_oversize(transaction: Transaction) -> bool:
    request = transaction.request
    if request is None or request.to_tag is not None or request.hop.transport.upper() != "UDP":
        return False
    return len(request.payload) > LARGEST_BYTES


def _hit(items: list[Transaction]) -> Hit:
    largest = max(items, key=lambda item: len(item.first.payload))
    others = f", and {len(items) - 1} more over {LARGEST_BYTES}" if len(items) > 1 else ""
    answer = "no final response was seen" if largest.final is None else f"it was answered {largest.final.label}"
    evidence = [
        Evidence(frame=item.first.frames[-1], note=f"MESSAGE of {len(item.first.payload)} bytes over UDP")
        for item in items
    ]
    if largest.final is not None:
        evidence.append(Evidence(frame=largest.final.frames[-1], note=largest.final.label))
    return Hit(
        text=(
            f"{largest.hop.source} sent a MESSAGE of {len(largest.first.payload)} bytes over UDP to "
            f"{largest.hop.destination}{others}; {answer}."
        ),
        evidence=tuple(evidence),
        at=items[0].started_at,
    )
