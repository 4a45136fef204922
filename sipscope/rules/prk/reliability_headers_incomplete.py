"""A provisional response is half reliable: it has one of the two header fields, or a number that may not be.

What it finds
    A 101–199 response to an INVITE with `Require: 100rel` and no RSeq (an error), or with RSeq and no
    `Require: 100rel` (a warning: a caller takes it for unreliable); one whose RSeq is not a number from 1 to 2^32−1,
    or the first one of an INVITE whose RSeq is above 2^31−1. Where another hop shows the same response whole, the
    element between them is named. What a cut packet lacks is not held against it.
Why it matters
    The caller sends no PRACK, or one for a number that the callee doesn't know. The callee repeats its response and
    gives the call up after 32 s.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180
              Require: 100rel
        5.0   bob -> alice  486
        5.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        5.0   bob -> alice  486 INVITE
        5.1   alice -> bob  ACK
What to check
    - The answering product must send `Require: 100rel` and RSeq together, or neither.
    - Does an element on the way remove header fields? Compare the response on both sides of it.
    - As a workaround, remove 100rel from Supported at the caller.
Sources
    RFC 3262 §3; RFC 3262 §7.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut

HIGHEST_FIRST = 2**31 - 1
"""The first RSeq of a transaction is at most this (RFC 3262 §3)."""


@rule(
    "PRK-001",
    name="reliability-headers-incomplete",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", ("rseq", "require")),
)
def reliability_headers_incomplete(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A reliable provisional response has Require with 100rel and RSeq (RFC 3262 §3)."""
    if transaction.method != "INVITE":
        return
    counted: set[str | None] = set()
    for response in transaction.provisionals:
        if response.status == 100 or is_cut(response):
            continue
        fault = _fault(response, is_first=transaction.request is not None and response.to_tag not in counted)
        if response.rseq is not None:
            counted.add(response.to_tag)
        if fault is not None:
            yield _hit(transaction, trace, response, *fault)


def _fault(response: Response, *, is_first: bool) -> tuple[Severity, str] | None:
    """What is wrong with the header fields of a response, and how bad it is."""
    required, numbered = "100rel" in response.require, "rseq" in response.headers
    if not required and not numbered:
        return None
    if not numbered:
        return ERROR, "has `Require: 100rel` but no RSeq: the caller can't acknowledge it"
    written = response.headers.get("rseq")
    if not required:
        return WARNING, f"has `RSeq: {written}` but no `Require: 100rel`: the caller takes it for unreliable"
    if not response.rseq:
        return ERROR, f"has `RSeq: {written}`, which is not a number from 1 to 4294967295"
    if is_first and response.rseq > HIGHEST_FIRST:
        return ERROR, f"has `RSeq: {written}`; the first number of an INVITE is at most {HIGHEST_FIRST}"
    return None


def _hit(transaction: Transaction, trace: Trace, response: Response, severity: Severity, fault: str) -> Hit:
    whole = _whole_elsewhere(transaction, trace, response)
    evidence = [Evidence(frame=response.frames[-1], note=_fields(response))]
    between = ""
    if whole is not None:
        evidence.append(Evidence(frame=whole.frames[-1], note=f"the same response on another hop: {_fields(whole)}"))
        between = " Another hop shows it whole, so an element between them changed it."
    return Hit(
        text=f"The {response.label} {fault}.{between}",
        evidence=tuple(evidence),
        at=response.at,
        severity=severity,
        identity=(response.call_id, response.cseq, response.to_tag, response.status, fault),
    )


def _whole_elsewhere(transaction: Transaction, trace: Trace, response: Response) -> Response | None:
    """The same response on another hop, with both header fields."""
    for other in trace.index.same_request(transaction):
        for candidate in other.provisionals:
            same = (candidate.status, candidate.to_tag) == (response.status, response.to_tag)
            if other is not transaction and same and candidate.is_reliable_provisional:
                return candidate
    return None


def _fields(response: Response) -> str:
    require = ", ".join(response.headers.all("require")) or "none"
    return f"{response.label}; Require: {require}; RSeq: {response.headers.get('rseq') or 'none'}"
