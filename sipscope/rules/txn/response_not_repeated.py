"""A server that has answered is silent when its client, whom the answer didn't reach, sends the request again.

What it finds
    Over UDP, two or more retransmissions of a request behind its answer that nothing follows: behind the final response
    to any request but INVITE, behind the refusal of an INVITE until its ACK, and behind a provisional response to an
    INVITE that is still pending. INVITEs repeated behind their 2xx are absorbed, and let be. Where the request went on
    to a next hop that is as silent, that one is told.
Why it matters
    One lost response becomes a request that fails after 32 seconds, although the server did what it was asked.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS
        0.1   bob -> alice  200
        0.5   alice -> bob  OPTIONS again
        1.5   alice -> bob  OPTIONS again
        3.5   alice -> bob  OPTIONS again
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS
        0.1   bob -> alice  200
        0.5   alice -> bob  OPTIONS again
        0.6   bob -> alice  200 again
        40    end
What to check
    - Does the server keep its transaction for 32 seconds behind the final response (Timer J, Timer H)?
    - Does an element between this tap and the server swallow the repeated request, or the repeated response?
    - Why did the first answer not arrive: see what lies between this tap and the client.
Sources
    RFC 3261 §17.2.1; RFC 3261 §17.2.2; RFC 6026 §7.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.retransmissions import Unrepeated, unrepeated_answer

PATIENCE: Duration = SECOND
"""How long behind the last copy the capture must go on."""


@rule("TXN-012", name="response-not-repeated", severity=WARNING, since="0.1", subject=Transaction, needs=("copies",))
def response_not_repeated(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A server answers a retransmission with the response that it has sent (RFC 3261 §17.2.1, §17.2.2)."""
    if not transaction.request_copies:
        return
    found = unrepeated_answer(transaction)
    if found is None or not guards.capture_continues(trace, found.copies[1].at, PATIENCE):
        return
    if not _passed_on(trace, transaction):
        yield _hit(transaction, trace, found)


def _passed_on(trace: Trace, transaction: Transaction) -> bool:
    """Whether the server sends the request on to one that is as silent."""
    return any(
        item.key.client == transaction.key.server and unrepeated_answer(item) is not None
        for item in trace.index.same_request(transaction)
        if item is not transaction
    )


def _hit(transaction: Transaction, trace: Trace, found: Unrepeated) -> Hit:
    answer, copies, first = found.answer, found.copies, transaction.first
    lossy = loss_guard(trace, copies[0].at, copies[-1].at)
    evidence = [
        Evidence(frame=first.frames[-1], note=f"{transaction.method} sent"),
        Evidence(frame=answer.frames[-1], note=f"{answer.label}, once"),
    ]
    evidence += [
        Evidence(frame=item.frames[-1], note=f"sent again {in_seconds(item.at - first.at):.1f} s behind the first")
        for item in copies
    ]
    return Hit(
        text=(
            f"{transaction.hop.destination} answered {transaction.method} {answer.label}, and was silent to the "
            f"{len(copies)} retransmissions behind it: each of them asks for the answer again."
        ),
        evidence=tuple(evidence),
        at=copies[1].at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=lossy,
        identity=(first.call_id, first.from_tag, first.cseq, first.frames),
    )
