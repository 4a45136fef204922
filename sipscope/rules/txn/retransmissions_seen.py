"""Requests or final responses to INVITE are sent again, before an answer or an ACK comes.

What it finds
    Between two hosts, requests and final responses to INVITE that were retransmitted over UDP and then got what they
    waited for, told once for the two hosts with their share. A warning from two retransmissions on, where these are
    more than one in a hundred transactions; information otherwise. Frames captured twice, the same message on the next
    hop, and copies at a distance of 100 ms or less don't count. What never got its answer is told by TXN-001, TXN-002,
    TXN-004 and TXN-005.
Why it matters
    It is the first sign of loss, overload, an expired NAT binding or a wrong way back, before calls start to fail.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        10.0  alice -> bob  OPTIONS
        10.5  alice -> bob  OPTIONS again
        11.5  alice -> bob  OPTIONS again
        11.6  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        10.0  alice -> bob  OPTIONS
        10.1  bob -> alice  200
What to check
    - Is the answer in the capture before the copy was sent? Then look between this tap and the client.
    - Is it not there? Then look beyond this tap, or at how long the server takes.
    - Does a server send 100 before it asks a database or the DNS?
Sources
    RFC 3261 §17.1.1.2; RFC 3261 §17.1.2.2; RFC 3261 §17.2.1; RFC 3261 §13.3.1.4
"""

from collections import Counter
from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.network import Transport
from sipscope.model.time import MILLISECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.retransmissions import is_told_otherwise, true_copies
from sipscope.rules.retries import altered_retry

FARTHEST: Duration = 18_000 * MILLISECOND
"""An INVITE that is repeated behind a provisional response so late keeps a NAT binding open."""

EXAMPLES = 3
"""How many transactions are shown, those with the most copies first."""

Copies = tuple[Transaction, list[tuple[Message, Message]]]
"""A transaction with its retransmissions, each behind the message that it repeats."""


@rule("TXN-009", name="retransmissions-seen", severity=WARNING, since="0.1", subject=Trace, needs=("copies",))
def retransmissions_seen(trace: Trace, _: Trace) -> Iterator[Hit]:
    """Timers A, E and G repeat what was not answered in time (RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1)."""
    repeated: dict[tuple[str, ...], list[Copies]] = {}
    for transaction in trace.transactions:
        if transaction.copies and transaction.hop.transport is Transport.UDP:
            pairs = _retransmissions(transaction)
            if pairs:
                repeated.setdefault(_hosts(transaction), []).append((transaction, pairs))
    if not repeated:
        return
    totals = Counter(_hosts(item) for item in trace.transactions)
    # Loss on a healthy path may touch as many.
    acceptable = trace.policy.threshold("retransmissions_percent")
    for hosts, found in repeated.items():
        yield _hit(hosts, found, totals[hosts], acceptable)


def _hosts(transaction: Transaction) -> tuple[str, ...]:
    return tuple(sorted((transaction.key.client, transaction.key.server)))


def _retransmissions(transaction: Transaction) -> list[tuple[Message, Message]]:
    """What was sent again and then got what it waited for."""
    found: list[tuple[Message, Message]] = []
    request, final = transaction.request, transaction.final
    if altered_retry(transaction) is not None or is_told_otherwise(transaction):
        # Another request under the same branch is told by TXN-020.
        return found
    if request is not None and final is not None:
        keeps_alive = transaction.method == "INVITE" and bool(transaction.provisionals)
        copies = [item for item in transaction.request_copies if not keeps_alive or item.at - request.at < FARTHEST]
        found += [(request, copy) for copy in true_copies(request, copies)]
    if final is not None and transaction.method == "INVITE" and transaction.ack is not None:
        found += [(final, copy) for copy in true_copies(final, transaction.copies_of(final))]
    return found


def _hit(hosts: tuple[str, ...], found: list[Copies], total: int, acceptable: float) -> Hit:
    copies = sum(len(pairs) for _, pairs in found)
    share = len(found) / total
    worst = sorted(found, key=lambda item: (-len(item[1]), item[0].started_at))[:EXAMPLES]
    evidence = []
    for _, pairs in worst:
        original = pairs[0][0]
        evidence.append(Evidence(frame=original.frames[-1], note="first sent"))
        evidence += [
            Evidence(frame=copy.frames[-1], note=f"again after {in_seconds(copy.at - first.at):.1f} s")
            for first, copy in pairs
        ]
    return Hit(
        text=(
            f"Between {' and '.join(hosts)}, {len(found)} of {total} transactions ({share:.1%}) had retransmissions, "
            f"{copies} in all."
        ),
        evidence=tuple(evidence),
        at=found[0][1][0][1].at,
        severity=WARNING if copies > 1 and 100 * share > acceptable else INFO,
        identity=hosts,
    )
