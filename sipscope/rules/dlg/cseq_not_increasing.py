"""A party sends a new request in a dialog with a CSeq that isn't higher than its last one.

What it finds
    In an early or confirmed dialog a new request of one party (no retransmission, no ACK, no CANCEL) whose CSeq
    number is lower than, or equal to, the highest number that party used before.
Why it matters
    The peer must answer 500. Hold, transfer, session refresh or BYE fails, typically after fail-over to a node
    that lost the counter.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE cseq=5
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE cseq=4
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  500
        3.2   alice -> bob  ACK
        9.0   alice -> bob  BYE cseq=6
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE cseq=5
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE cseq=6
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        9.0   alice -> bob  BYE cseq=7
        9.1   bob -> alice  200
What to check
    - Did the sender fail over or restart between the two requests, and lose the dialog's counter?
    - Does one counter serve several dialogs, or both directions of one?
Sources
    RFC 3261 §12.2.1.1; RFC 3261 §12.2.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule

REORDERING: Duration = SECOND
"""Requests so near to each other may have changed places on UDP."""

FAIL_OVER: Duration = 33 * SECOND
"""A client turns to another server when 64·T1 (32 s) are over at the latest (RFC 3263 §4.3)."""


@rule("DLG-001", name="cseq-not-increasing", severity=ERROR, since="0.1", subject=Dialog)
def cseq_not_increasing(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """CSeq must rise by one with every new request of a side (RFC 3261 §12.2.1.1)."""
    for leg in dialog.legs:
        highest: dict[str, tuple[int, Request]] = {}
        for transaction in leg.transactions:
            request = transaction.request
            if request is None or request.cseq is None or transaction.method in {"ACK", "CANCEL"}:
                continue
            tag = request.from_tag or ""
            before = highest.get(tag)
            if before is None or request.cseq.number > before[0]:
                highest[tag] = (request.cseq.number, request)
            elif not _excused(request, before[1], transaction, trace):
                yield _hit(dialog, request, before[1], transaction)


def _excused(request: Request, earlier: Request, transaction: Transaction, trace: Trace) -> bool:
    if request.at - earlier.at < REORDERING and request.cseq != earlier.cseq:
        return True
    # The same request under another branch is a fork or a fail-over, not a new one (RFC 3261 §16.6, RFC 3263 §4.3).
    if request.cseq == earlier.cseq and request.at - earlier.at <= FAIL_OVER:
        return any(item.request is earlier for item in trace.index.same_request(transaction))
    return False


def _hit(dialog: Dialog, request: Request, earlier: Request, transaction: Transaction) -> Hit:
    number = 0 if request.cseq is None else request.cseq.number
    highest = 0 if earlier.cseq is None else earlier.cseq.number
    refused = transaction.final_status is not None and transaction.final_status >= 400
    answer = f" It was answered {transaction.final_status}." if refused else ""
    return Hit(
        text=(
            f"{request.method} has CSeq {number}, but the same party had already sent {earlier.method} with CSeq "
            f"{highest} in this dialog; the number must rise with every new request.{answer}"
        ),
        evidence=(
            Evidence(frame=earlier.frames[-1], note=f"CSeq: {highest} {earlier.method}"),
            Evidence(frame=request.frames[-1], note=f"CSeq: {number} {request.method}"),
        ),
        at=request.at,
        confidence=Confidence.CERTAIN if dialog.started_in_capture else Confidence.LIKELY,
        identity=(dialog.id, request.from_tag, request.cseq),
    )
