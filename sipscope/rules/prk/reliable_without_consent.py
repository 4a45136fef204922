"""A provisional response is sent reliably to a caller that didn't say that it can acknowledge it.

What it finds
    A reliable provisional response to an INVITE that, on the same hop, has 100rel in neither Supported nor Require;
    and a 100 that asks for PRACK. Where the INVITE of another hop has the option tag, an element between them is
    named.
Why it matters
    The caller ignores the response or refuses it. The callee repeats it, and gives the call up after 32 s.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180 rseq=1
        2.0   bob -> alice  486
        2.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        2.0   bob -> alice  486 INVITE
        2.1   alice -> bob  ACK
What to check
    - The answering product must look for 100rel in Supported and Require of each INVITE.
    - Does an element on the way remove option tags from Supported?
    - As a workaround, turn 100rel off at the callee.
Sources
    RFC 3262 §3; RFC 3262 §4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import is_cut


@rule(
    "PRK-002",
    name="reliable-without-consent",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", "rseq", "require"),
)
def reliable_without_consent(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Reliable responses need 100rel in the INVITE, and 100 is never reliable (RFC 3262 §3)."""
    request = transaction.request
    if request is None or request.method != "INVITE" or is_cut(request):
        return
    for response in transaction.provisionals:
        if "100rel" not in response.require or response.rseq is None:
            continue
        if response.status == 100:
            yield _hit(transaction, trace, request, response, "A 100 is never reliable; its caller ignores the demand.")
        elif not _consents(request):
            text = f"The {response.label} is sent reliably, but the INVITE has 100rel in neither Supported nor Require."
            yield _hit(transaction, trace, request, response, text)
            return


def _consents(request: Request) -> bool:
    return "100rel" in request.supported or "100rel" in request.require


def _hit(transaction: Transaction, trace: Trace, request: Request, response: Response, text: str) -> Hit:
    consenting = None
    if not _consents(request):
        others = (item.request for item in trace.index.same_request(transaction) if item is not transaction)
        consenting = next((item for item in others if item is not None and _consents(item)), None)
    evidence = [
        Evidence(frame=request.frames[-1], note=_tags(request)),
        Evidence(frame=response.frames[-1], note=f"{response.label}; Require: 100rel; RSeq: {response.rseq}"),
    ]
    if consenting is not None:
        evidence.append(Evidence(frame=consenting.frames[-1], note=f"on another hop: {_tags(consenting)}"))
        text += " The INVITE of another hop has it, so an element between them changed it."
    return Hit(
        text=text,
        evidence=tuple(evidence),
        at=response.at,
        identity=(request.call_id, request.cseq, response.to_tag, response.status == 100),
    )


def _tags(request: Request) -> str:
    supported = ", ".join(request.headers.all("supported")) or "none"
    require = ", ".join(request.headers.all("require")) or "none"
    return f"INVITE; Supported: {supported}; Require: {require}"
