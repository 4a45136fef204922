"""SDP for early media comes in a response that may get lost, although both sides could have it acknowledged.

What it finds
    An unreliable 101–199 response with SDP to an INVITE that offered `Supported: 100rel`, from a callee whose responses
    say that it supports 100rel as well. It is information: some operators switch PRACK off on purpose.
Why it matters
    One lost UDP packet costs the caller the early media and the choice of the codec until the answer.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              Supported: 100rel
              m=audio 5000 RTP/AVP 0
        1.0-20 bob => alice PCMU
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.1   alice -> bob  ACK
        9.1-20 alice => bob PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183 rseq=1
              Supported: 100rel
              m=audio 5000 RTP/AVP 0
        1.1   alice -> bob  PRACK
        1.2   bob -> alice  200 PRACK
        1.0-20 bob => alice PCMU
        9.0   bob -> alice  200 INVITE
        9.1   alice -> bob  ACK
        9.1-20 alice => bob PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Is PRACK switched off on the callee's product? If not, it should send responses with SDP reliably.
    - Where it is off on purpose, see to it that signalling isn't lost: TCP, or a line without loss.
Sources
    RFC 3262 §3; RFC 6337 §3.1.1; RFC 3960 §3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import is_cut

RELIABLE = "100rel"


@rule(
    "EM-005",
    name="early-answer-unreliable",
    severity=INFO,
    since="0.1",
    subject=Transaction,
    needs=("INVITE out of dialog", "response 1xx", "sdp", "supported"),
)
def early_answer_unreliable(transaction: Transaction, _trace: Trace) -> Iterator[Hit]:
    """A callee may send provisional responses reliably to whom supports it (RFC 3262 §3)."""
    request = transaction.request
    if request is None or not transaction.is_dialog_creating_invite or RELIABLE not in request.supported:
        return
    told: set[str | None] = set()
    for response in transaction.provisionals:
        if response.to_tag in told or not _is_unreliable_answer(response):
            continue
        witness = _supports(transaction, response.to_tag)
        if witness is None:
            continue
        told.add(response.to_tag)
        yield Hit(
            text=(
                f"The {response.label} carries SDP and isn't reliable, though both sides support 100rel: where it "
                "is lost, so is the early media."
            ),
            evidence=_evidence(transaction, response, witness),
            at=response.at,
            identity=(request.call_id, request.cseq, response.to_tag),
        )


def _is_unreliable_answer(response: Response) -> bool:
    """Whether a response brings SDP and nothing of reliability; half of it is another rule's."""
    marked = "rseq" in response.headers or RELIABLE in response.require
    return response.description is not None and not marked and not is_cut(response)


def _supports(transaction: Transaction, to_tag: str | None) -> Response | None:
    """A response of that callee which says that it supports 100rel."""
    own = (item for item in transaction.responses if item.status > 100 and item.to_tag == to_tag)
    return next((item for item in own if RELIABLE in item.supported), None)


def _evidence(transaction: Transaction, response: Response, witness: Response) -> tuple[Evidence, ...]:
    found = [Evidence(frame=response.frames[-1], note=f"{response.label} with SDP, without RSeq")]
    if transaction.request is not None:
        found.insert(0, Evidence(frame=transaction.request.frames[-1], note="INVITE, Supported: 100rel"))
    if witness is not response:
        found.append(Evidence(frame=witness.frames[-1], note=f"{witness.label}, Supported: 100rel"))
    return tuple(found)
