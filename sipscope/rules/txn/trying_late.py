"""A server takes so long for its first response to an INVITE that the client repeats the request meanwhile.

What it finds
    Over UDP, INVITEs that were sent three times and more before the first response came, a second and a half or later
    behind the first of them and not right behind one of the copies. Told once for a client and a server. A response
    right behind a copy may answer that copy, as the requests before it were lost; where the server waits for the next
    hop, which is as late, that one is told.
Why it matters
    Each copy is work for the server that is slow already, and a client whose patience ends earlier than 32 seconds goes
    to another server although this one would have answered.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.5   alice -> bob  INVITE again
        1.5   alice -> bob  INVITE again
        2.9   bob -> alice  100
        3.0   bob -> alice  486
        3.1   alice -> bob  ACK
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  100
        3.0   bob -> alice  486
        3.1   alice -> bob  ACK
        40    end
What to check
    - Does the server send 100 before it asks the DNS, a directory or a database?
    - Is the server overloaded: do its other responses take longer as well at that time?
    - Are there several threads for requests, and are all of them waiting?
Sources
    RFC 3261 §17.1.1.2; RFC 3261 §17.2.1
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.retransmissions import late_first_response

EXAMPLES = 3
"""How many INVITEs are shown, the latest responses first."""


@rule("TXN-008", name="trying-late", severity=WARNING, since="0.1", subject=Trace, needs=("INVITE copies",))
def trying_late(trace: Trace, _: Trace) -> Iterator[Hit]:
    """A server that takes longer than 200 ms sends 100 first (RFC 3261 §17.2.1)."""
    found: dict[tuple[str, str], list[tuple[Transaction, Response]]] = {}
    for transaction in trace.transactions:
        if len(transaction.request_copies) < 2 or transaction.method != "INVITE":
            continue
        response = late_first_response(transaction)
        if response is not None and not _waits_for_next_hop(trace, transaction):
            hosts = (transaction.hop.source.address, transaction.hop.destination.address)
            found.setdefault(hosts, []).append((transaction, response))
    for hosts, late in found.items():
        yield _hit(trace, hosts, late)


def _waits_for_next_hop(trace: Trace, transaction: Transaction) -> bool:
    """Whether the server passes the request on and is late because the next hop is: it keeps no state itself."""
    return any(
        item.key.client == transaction.key.server and late_first_response(item) is not None
        for item in trace.index.same_request(transaction)
        if item is not transaction
    )


def _hit(trace: Trace, hosts: tuple[str, str], late: Sequence[tuple[Transaction, Response]]) -> Hit:
    latest = sorted(late, key=lambda item: item[0].first.at - item[1].at)[:EXAMPLES]
    transaction, response = latest[0]
    waited = in_seconds(response.at - transaction.first.at)
    copies = sum(1 for copy in transaction.request_copies if copy.at < response.at)
    lossy = loss_guard(trace, transaction.first.at, response.at)
    evidence = []
    for item, first in latest:
        evidence.append(Evidence(frame=item.first.frames[-1], note="INVITE"))
        evidence += [
            Evidence(frame=copy.frames[-1], note=f"again after {in_seconds(copy.at - item.first.at):.1f} s")
            for copy in item.request_copies
            if copy.at < first.at
        ]
        evidence.append(
            Evidence(frame=first.frames[-1], note=f"{first.label} after {in_seconds(first.at - item.first.at):.1f} s")
        )
    many = "an INVITE" if len(late) == 1 else f"{len(late)} INVITEs"
    return Hit(
        text=(
            f"{hosts[1]} was late with its first response to {many} of {hosts[0]}: it took up to {waited:.1f} s, in "
            f"which the INVITE was sent {copies} more times."
        ),
        evidence=tuple(evidence),
        at=late[0][1].at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=lossy,
        identity=hosts,
    )
