"""What the rules about missing answers share: how sure silence is, and what shows it."""

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.network import Transport
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards

DEADLINE: Duration = 32 * SECOND
"""64·T1 with the default T1 of half a second (RFC 3261 §17.1.1.2, §17.1.2.2)."""


TELLING_COPIES = 3
"""Retransmissions that prove by themselves that the sender got no answer."""


def answered_out_of_view(trace: Trace, transaction: Transaction) -> bool:
    """Whether an answer is proved, or as likely as not, to have taken a path that this tap doesn't see.

    An ACK of the client proves a final response to its INVITE. Where nothing at all came from the other side
    (guard G-ONE), only the client's own persistence shows that it was left without an answer.
    """
    if transaction.ack is not None or _acknowledged(trace, transaction):
        return True
    return not guards.answers_visible(trace, transaction.first) and len(transaction.request_copies) < TELLING_COPIES


def _acknowledged(trace: Trace, transaction: Transaction) -> bool:
    """Whether an ACK to a 2xx carries the number of this INVITE (RFC 3261 §13.2.2.4)."""
    first = transaction.first
    if transaction.method != "INVITE" or first.call_id is None or first.cseq is None:
        return False
    return (first.call_id, first.from_tag or "", first.cseq.number, "ACK") in trace.index.transactions_of_request


def forwarded_in_vain(trace: Trace, transaction: Transaction) -> bool:
    """Whether the server sent the request on and got no answer itself: the last hop that kept silent is to blame.

    An element that passes requests on and makes no answers of its own is as silent as the one behind it.
    """
    return any(
        other.key.client == transaction.key.server
        and other.final is None
        and other.started_at >= transaction.started_at
        for other in trace.index.same_request(transaction)
    )


def confidence_in_silence(trace: Trace, transaction: Transaction) -> tuple[Confidence, tuple[str, ...]]:
    """How sure it is that no answer existed, and why it isn't certain."""
    request = transaction.first
    doubts = []
    confidence = Confidence.CERTAIN
    if not guards.answers_visible(trace, request):
        doubts.append(
            "No packet from the other side was ever captured, so its answer may have taken a path out of view."
        )
        # Repeated copies prove that the sender did not get an answer either.
        persistent = len(transaction.request_copies) >= TELLING_COPIES
        confidence = Confidence.LIKELY if persistent else Confidence.POSSIBLE
    elif not transaction.request_copies and request.hop.transport is Transport.UDP:
        # RFC 3261 §17.1.1.2 makes a client repeat over UDP: one that doesn't got an answer elsewhere, or gave up.
        doubts.append("It was never repeated, so its sender may have had an answer that this tap didn't see.")
        confidence = Confidence.POSSIBLE
    elif not transaction.request_copies:
        doubts.append("Over a stream nothing is repeated, and the answer may have come on another connection.")
        confidence = Confidence.LIKELY
    if guards.capture_lossy_near(trace, request.at, request.at + DEADLINE):
        doubts.append("The capture itself lost packets at that time.")
        confidence = Confidence.POSSIBLE
    return confidence, tuple(doubts)


def copies_as_evidence(transaction: Transaction) -> tuple[Evidence, ...]:
    """The request and its retransmissions with their offsets."""
    first = transaction.first
    notes = [Evidence(frame=first.frames[-1], note=f"{transaction.method} sent")]
    notes.extend(
        Evidence(frame=copy.frames[-1], note=f"sent again after {in_seconds(copy.at - first.at):.1f} s")
        for copy in transaction.request_copies
    )
    return tuple(notes)


def superseded(transaction: Transaction, trace: Trace) -> bool:
    """Whether the same client sent the request on under another branch: fail-over to another server (RFC 3263 §4.3)."""
    return any(
        other is not transaction
        and other.key.client == transaction.key.client
        and other.responses
        and other.started_at >= transaction.started_at
        for other in trace.index.same_request(transaction)
    )
