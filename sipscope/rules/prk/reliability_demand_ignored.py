"""The caller demands reliable provisional responses, and gets one that is not reliable.

What it finds
    An INVITE with `Require: 100rel` and a 101–199 response to it, on the same hop, with neither `Require: 100rel` nor
    RSeq. 100 is exempt. One that has only one of both is told as half reliable.
Why it matters
    Callers that insist on PRACK wait, or give the call up.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Require: 100rel
        0.1   bob -> alice  180
        2.0   bob -> alice  486
        2.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Require: 100rel
        0.1   bob -> alice  420
              Unsupported: 100rel
        0.2   alice -> bob  ACK
What to check
    - The answering product must send its provisional responses reliably, or refuse the INVITE with 420.
    - Does an element on the way answer in the callee's name, or remove Require and RSeq?
    - As a workaround, let the caller put 100rel into Supported instead of Require.
Sources
    RFC 3262 §3; RFC 3262 §4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut


@rule(
    "PRK-010",
    name="reliability-demand-ignored",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", "require"),
)
def reliability_demand_ignored(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """With 100rel required, every provisional response but 100 is reliable (RFC 3262 §3)."""
    request = transaction.request
    if request is None or request.method != "INVITE" or "100rel" not in request.require:
        return
    plain = next((item for item in transaction.provisionals if _is_plain(item)), None)
    if plain is None:
        return
    whole = _reliable_elsewhere(transaction, trace, plain)
    evidence = [
        Evidence(frame=request.frames[-1], note="INVITE with Require: 100rel"),
        Evidence(frame=plain.frames[-1], note=f"{plain.label} without Require and RSeq"),
    ]
    text = f"The INVITE requires 100rel, but the {plain.label} is not reliable."
    if whole is not None:
        evidence.append(Evidence(frame=whole.frames[-1], note="the same response on another hop is reliable"))
        text += " On another hop it is, so an element between them changed it."
    yield Hit(
        text=text,
        evidence=tuple(evidence),
        at=plain.at,
        identity=(request.call_id, request.cseq, plain.to_tag),
    )


def _is_plain(response: Response) -> bool:
    marked = "rseq" in response.headers or "100rel" in response.require
    return response.status > 100 and not marked and not is_cut(response)


def _reliable_elsewhere(transaction: Transaction, trace: Trace, plain: Response) -> Response | None:
    for other in trace.index.same_request(transaction):
        for item in other.provisionals:
            if (item.status, item.to_tag) == (plain.status, plain.to_tag) and item.is_reliable_provisional:
                return item
    return None
