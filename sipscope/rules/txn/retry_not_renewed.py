"""A request that was refused is corrected and sent again as if it were the same request.

What it finds
    Behind a 3xx to 6xx response, a request with the same branch that isn't a retransmission, as its CSeq, Request-URI,
    Require, credentials, Expires, Session-Expires or body differ; and in a dialog, the corrected request to the same
    server with a new branch and the old CSeq number. Fail-over to another server, and a proxy that follows a redirect,
    keep the number and are right. Retries with credentials are told by AUTH-003, REGISTERs by REG-004.
Why it matters
    The server takes it for a retransmission and repeats its refusal, however well the request was corrected.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE branch=z9hG4bKsame
              Require: foo
        0.1   bob -> alice  420
              Unsupported: foo
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE call=1 from-tag=alice-1 cseq=2 branch=z9hG4bKsame
        0.4   bob -> alice  420 INVITE
              Unsupported: foo
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Require: foo
        0.1   bob -> alice  420
              Unsupported: foo
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE call=1 from-tag=alice-1 cseq=2
        0.4   bob -> alice  486
        0.5   alice -> bob  ACK
        40    end
What to check
    - Every request but a retransmission, an ACK to a refusal and a CANCEL has a branch of its own.
    - A corrected request has the CSeq number of the one before plus one.
Sources
    RFC 3261 §8.1.1.7; RFC 3261 §8.1.3.4; RFC 3261 §8.1.3.5; RFC 3261 §12.2.1.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.retries import altered_retry

CORRECTED = {413, 415, 416, 420, 421, 422, 423, 488}
"""Refusals that a client answers with a corrected request."""


@rule(
    "TXN-020",
    name="retry-not-renewed",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("request", "response failure"),
)
def retry_not_renewed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A corrected request is a new transaction with the next number (RFC 3261 §8.1.3.5, §8.1.1.7)."""
    request, final = transaction.request, transaction.final
    if request is None or final is None or final.status < 300:
        return
    if transaction.request_copies:
        found = altered_retry(transaction)
        if found is not None:
            copy, fields = found
            yield _hit(request, final, copy, f"its branch, although it differs in {', '.join(fields)}")
            return
    if final.status in CORRECTED and request.to_tag is not None and len(request.vias) == 1:
        retry = _with_the_number(transaction, final, trace)
        if retry is not None:
            yield _hit(request, final, retry, f"its CSeq number {'' if request.cseq is None else request.cseq.number}")


def _with_the_number(transaction: Transaction, final: Response, trace: Trace) -> Request | None:
    """What the same client sent the same server behind the refusal, under another branch with the old number."""
    if transaction.method == "REGISTER":
        return None
    return next(
        (
            item.request
            for item in trace.index.same_request(transaction)
            if item is not transaction
            and item.request is not None
            and (item.key.client, item.key.server) == (transaction.key.client, transaction.key.server)
            and item.started_at > final.at
            and item.first.to_tag == transaction.first.to_tag
        ),
        None,
    )


def _hit(request: Request, final: Response, retry: Request, reused: str) -> Hit:
    return Hit(
        text=(
            f"The {request.method} was refused with {final.label}, and the one that follows reuses {reused}: the "
            "server must take it for the one that it refused."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=_numbers(request)),
            Evidence(frame=final.frames[-1], note=final.label),
            Evidence(frame=retry.frames[-1], note=f"again, {_numbers(retry)}"),
        ),
        at=retry.at,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _numbers(request: Request) -> str:
    number = "" if request.cseq is None else str(request.cseq.number)
    branch = request.vias[0].branch if request.vias else None
    return f"CSeq: {number} {request.method}, branch {branch}"
