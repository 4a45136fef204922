"""A refusal of an INVITE is repeated, because its ACK never arrives.

What it finds
    A 3xx to 6xx response to an INVITE that is repeated over UDP for 64·T1 (32 s), while no ACK of the client passes on
    this hop. Where the repetition ends long before, the ACK took a path out of view. An ACK that came but is
    built wrong is told by TXN-007.
Why it matters
    The server keeps the transaction for half a minute and floods the link. Often the client never got the response,
    so that its user hears nothing either.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  486
        0.6   bob -> alice  486 again
        1.6   bob -> alice  486 again
        3.6   bob -> alice  486 again
        7.6   bob -> alice  486 again
        11.6  bob -> alice  486 again
        15.6  bob -> alice  486 again
        19.6  bob -> alice  486 again
        23.6  bob -> alice  486 again
        27.6  bob -> alice  486 again
        31.6  bob -> alice  486 again
        60    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  486
        0.2   alice -> bob  ACK
        60    end
What to check
    - Does the response reach the client: compare its destination with the source of the INVITE, and its Via with
      `received` and `rport`.
    - The transaction layer of a client acknowledges every final response, also one to an INVITE it gave up.
Sources
    RFC 3261 §17.1.1.2; RFC 3261 §17.1.1.3; RFC 3261 §17.2.1
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.network import Transport
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.acknowledgement import ceased, failures_of, stray_acks
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.unanswered import DEADLINE, TELLING_COPIES


@rule(
    "TXN-005",
    name="ack-missing-non2xx",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("INVITE copies", "request", "response failure"),
)
def ack_missing_non2xx(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A server repeats a refusal until the ACK arrives or timer H fires (RFC 3261 §17.2.1)."""
    if len(transaction.response_copies) < TELLING_COPIES or transaction.method != "INVITE":
        return
    if transaction.request is None or transaction.ack is not None or transaction.hop.transport is not Transport.UDP:
        return
    for refusal in failures_of(transaction)[:1]:
        copies = transaction.copies_of(refusal)
        if len(copies) < TELLING_COPIES or not guards.capture_continues(trace, refusal.at, DEADLINE):
            continue
        if not ceased(copies, refusal.at + DEADLINE) and not stray_acks(transaction, trace):
            yield _hit(transaction, trace, refusal, copies)


def _hit(invite: Transaction, trace: Trace, refusal: Response, copies: Sequence[Message]) -> Hit:
    lossy = guards.capture_lossy_near(trace, refusal.at, copies[-1].at)
    evidence = [Evidence(frame=refusal.frames[-1], note=refusal.label)]
    evidence += [
        Evidence(frame=copy.frames[-1], note=f"repeated after {in_seconds(copy.at - refusal.at):.1f} s")
        for copy in copies
    ]
    return Hit(
        text=(
            f"{invite.hop.source} never acknowledged the {refusal.label}: it was repeated {len(copies)} times over "
            f"{in_seconds(copies[-1].at - refusal.at):.1f} s."
        ),
        evidence=tuple(evidence),
        at=refusal.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=("The capture itself lost packets at that time.",) if lossy else (),
        identity=(refusal.call_id, refusal.from_tag, refusal.cseq),
    )
