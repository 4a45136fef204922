"""A call goes on behind its BYE: requests are sent and accepted in it as if nobody had hung up.

What it finds
    Behind a BYE that was answered 2xx, a new re-INVITE, UPDATE, INFO, MESSAGE or OPTIONS in the same dialog that is
    accepted with 2xx; or three and more of them from one party that are not. What may have crossed the BYE is let be,
    and so are NOTIFY and SUBSCRIBE, as a subscription in the dialog outlives the call.
Why it matters
    One end, or both, still holds the call: lines that stay busy, requests without end, calls that are billed on.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        50    alice -> bob  BYE
        50.1  bob -> alice  200
        60    bob -> alice  INFO
        60.1  alice -> bob  200
        90    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        50    alice -> bob  BYE
        50.1  bob -> alice  200
        60    bob -> alice  INFO
        60.1  alice -> bob  481
        90    end
What to check
    - Each end drops the call as soon as it has sent a BYE or answered one, and refuses what follows with 481.
    - Does an element between the two answer the BYE itself, and not pass it on to the other end?
    - Does a timer of the call, such as for a session refresh or a keep-alive, outlive it?
Sources
    RFC 3261 §12.2.2; RFC 3261 §15.1.1; RFC 3261 §15.1.2
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

CROSSING: Duration = 2 * SECOND
"""A request so near to the answer to the BYE may have been under way already, or be the retry of one."""

OF_THE_CALL = frozenset({"INVITE", "UPDATE", "INFO", "MESSAGE"})
"""Methods that belong to the call itself."""

A_STORM = 3
"""Refused requests behind the end that are no oversight."""

EXAMPLES = 3
"""How many requests are shown."""

Followers = list[tuple[Transaction, Request]]
"""Requests behind the end of the call."""


@rule("DLG-012", name="request-after-bye", severity=WARNING, since="0.1", subject=Dialog, needs=("BYE 2xx",))
def request_after_bye(dialog: Dialog, _trace: Trace) -> Iterator[Hit]:
    """With BYE the call is over for both ends (RFC 3261 §15.1.1, §15.1.2)."""
    if not dialog.is_invite:
        return
    bye = next((item for item in dialog.byes if item.final is not None and item.final.is_success), None)
    answer = None if bye is None else bye.final
    followers = [] if answer is None else _behind(dialog, answer)
    if bye is None or answer is None or not followers:
        return
    accepted = [(item, request) for item, request in followers if item.final is not None and item.final.is_success]
    for side in (dialog.key.caller_tag, dialog.key.callee_tag):
        own = [(item, request) for item, request in followers if request.from_tag == side]
        taken = [pair for pair in accepted if pair in own]
        if taken or len({request.cseq for _, request in own}) >= A_STORM:
            yield _hit(dialog, bye, answer, taken or own)


def _behind(dialog: Dialog, answer: Response) -> Followers:
    """New requests of the call behind the answer to its BYE."""
    # Where the dialog carries a subscription too, what asks for its peer at large may belong to that one.
    methods = OF_THE_CALL if len(dialog.usages) > 1 else OF_THE_CALL | {"OPTIONS"}
    found: Followers = []
    since = answer.at + CROSSING
    for transaction in dialog.transactions:
        request = transaction.request
        if request is None or request.at <= since or transaction.method not in methods or request.to_tag is None:
            continue
        if dialog.sender_of(request) is not None:
            found.append((transaction, request))
    return found


def _hit(dialog: Dialog, bye: Transaction, answer: Response, followers: Sequence[tuple[Transaction, Request]]) -> Hit:
    first, request = followers[0]
    side = dialog.sender_of(request)
    evidence = [
        Evidence(frame=bye.first.frames[-1], note="BYE"),
        Evidence(frame=answer.frames[-1], note=f"{answer.label} to the BYE"),
    ]
    for item, later in followers[:EXAMPLES]:
        evidence.append(
            Evidence(frame=later.frames[-1], note=f"{item.method}, CSeq {later.cseq and later.cseq.number}")
        )
        if item.final is not None:
            evidence.append(Evidence(frame=item.final.frames[-1], note=item.final.label))
    accepted = first.final is not None and first.final.is_success
    ending = "and it was accepted" if accepted else "and goes on, although nobody accepts it"
    return Hit(
        text=(
            f"The {side} sent {first.method} {in_seconds(request.at - answer.at):.0f} s after the BYE was answered "
            f"{answer.label}, {ending}."
        ),
        evidence=tuple(evidence),
        at=request.at,
        confidence=Confidence.CERTAIN if accepted else Confidence.LIKELY,
        identity=(dialog.id, request.from_tag),
    )
