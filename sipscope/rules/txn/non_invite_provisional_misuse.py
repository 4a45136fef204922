"""A request other than INVITE gets a provisional response too soon, one that isn't allowed, or a 408.

What it finds
    Answers to requests other than INVITE: a 101 to 199; a 100 over UDP within the first 3.5 seconds, in which the
    client repeats the request at short intervals; a 408, but for that to BYE, told by DLG-009. Told once for a server
    and kind of answer, at the hop nearest to its origin. Over TCP and TLS a 100 is right at any time, and over UDP it
    is due once 3.5 seconds are over.
Why it matters
    A 100 makes the client wait four seconds before it repeats, so a lost answer takes longer to mend. A 408 comes when
    the client has given up as well, and only makes useless traffic at every hop.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS
        0.01  bob -> alice  100
        0.2   bob -> alice  200
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS
        0.2   bob -> alice  200
        40    end
What to check
    - Can the server be told to answer at once and with its final response?
    - What does it wait for: a database, another server?
    - By RFC 4320, a proxy that gets no answer lets the request time out, as its client does at the same time.
Sources
    RFC 3261 §8.2.6.1; RFC 3261 §17.1.2.2
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.network import Transport
from sipscope.model.time import MILLISECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

SLOWED_DOWN: Duration = 3_400 * MILLISECOND
"""Timer E reaches T2 when 3.5 s are over (RFC 3261 §17.1.2.2); a tenth of a second for the path."""

FIRST_REPEATED: Duration = 750 * MILLISECOND
"""Between Timer E's first interval and its second; a longer one shows that the first copies aren't in the capture."""

EXAMPLES = 3
"""How many requests are shown."""

Misuses = list[tuple[Transaction, Response]]
"""Requests, each with the answer that it shouldn't have got."""


class _Kind(StrEnum):
    """What is wrong with an answer, in words."""

    PROVISIONAL = "a provisional response other than 100"
    TRYING = "100 over UDP before 3.5 s were over"
    TIMEOUT = "408"


@rule(
    "TXN-015",
    name="non-invite-provisional-misuse",
    severity=WARNING,
    since="0.1",
    subject=Trace,
    needs=(("response 0xx", "response 1xx", "response 408"),),
)
def non_invite_provisional_misuse(trace: Trace, _: Trace) -> Iterator[Hit]:
    """A request other than INVITE is to be answered at once, and finally (RFC 3261 §8.2.6.1, and RFC 4320)."""
    found: dict[tuple[str, _Kind], Misuses] = {}
    for transaction in trace.transactions:
        if transaction.method in {"INVITE", "ACK"} or transaction.request is None:
            continue
        for response in transaction.responses:
            if response.status >= 200 and response.status != 408:
                continue
            kind = _kind(transaction, transaction.request, response)
            if kind is not None and not _passed_on(trace, transaction, response):
                found.setdefault((transaction.hop.destination.address, kind), []).append((transaction, response))
    for (server, kind), misuses in found.items():
        yield _hit(server, kind, misuses)


def _kind(transaction: Transaction, request: Request, response: Response) -> _Kind | None:
    if response.status >= 200:
        return None if transaction.method == "BYE" else _Kind.TIMEOUT
    if response.status > 100:
        return _Kind.PROVISIONAL
    soon = response.at - request.at < SLOWED_DOWN and not _is_repeated_late(transaction, request)
    return _Kind.TRYING if soon and response.hop.transport is Transport.UDP else None


def _is_repeated_late(transaction: Transaction, request: Request) -> bool:
    """Whether copies are missing: a client repeats half a second after the first one (RFC 3261 §17.1.2.2)."""
    copies = transaction.request_copies
    return bool(copies) and copies[0].at - request.at > FIRST_REPEATED


def _passed_on(trace: Trace, transaction: Transaction, response: Response) -> bool:
    """Whether the server had the response from its next hop. A 100 is never passed on (RFC 3261 §16.7)."""
    return response.status > 100 and any(
        item.key.client == transaction.key.server and any(one.status == response.status for one in item.responses)
        for item in trace.index.same_request(transaction)
        if item is not transaction
    )


def _hit(server: str, kind: _Kind, misuses: Sequence[tuple[Transaction, Response]]) -> Hit:
    methods = sorted({item.method for item, _ in misuses})
    many = "a request" if len(misuses) == 1 else f"{len(misuses)} requests"
    evidence = []
    for transaction, response in misuses[:EXAMPLES]:
        first = transaction.first
        evidence.append(Evidence(frame=first.frames[-1], note=transaction.method))
        later = in_seconds(response.at - first.at)
        evidence.append(Evidence(frame=response.frames[-1], note=f"{response.label}, {later:.2f} s later"))
    return Hit(
        text=f"{server} answered {many} ({', '.join(methods)}) with {kind}.",
        evidence=tuple(evidence),
        at=misuses[0][1].at,
        identity=(server, kind),
    )
