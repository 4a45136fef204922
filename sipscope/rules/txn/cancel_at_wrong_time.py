"""A CANCEL is sent before its INVITE had any response, or long after it was decided.

What it finds
    A CANCEL that passes before the first response to its INVITE does, where that response is in view: an error. A
    CANCEL half a second and more behind the final response is information: a user who hung up too late. An INVITE
    without any response in view proves nothing, nor does a CANCEL that is repeated.
Why it matters
    A CANCEL may overtake its INVITE. The server then knows of no such request and answers 481, and when the INVITE
    comes the phone rings for nobody.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.00  alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.02  alice -> bob  CANCEL
        0.04  bob -> alice  100 INVITE
        0.05  bob -> alice  200 CANCEL
        0.06  bob -> alice  487 INVITE
        0.07  alice -> bob  ACK
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.00  alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.04  bob -> alice  100 INVITE
        0.05  alice -> bob  CANCEL
        0.06  bob -> alice  200 CANCEL
        0.07  bob -> alice  487 INVITE
        0.08  alice -> bob  ACK
        40    end
What to check
    - The client must keep the CANCEL back until a provisional response comes.
    - Does the server send 100 at once? Where it doesn't, users hang up before it.
Sources
    RFC 3261 §9.1; RFC 3261 §9.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, in_milliseconds, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.cancellation import cancelled_invite
from sipscope.rules.exchanges import loss_guard

CROSSING: Duration = SECOND // 2
"""A CANCEL so near behind the final response may have crossed it."""


@rule(
    "TXN-016",
    name="cancel-at-wrong-time",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("CANCEL", "request"),
)
def cancel_at_wrong_time(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """No CANCEL before a provisional response, and none behind a final one (RFC 3261 §9.1)."""
    if transaction.method != "CANCEL" or transaction.request is None:
        return
    invite = cancelled_invite(transaction, trace)
    if invite is None or invite.request is None or not invite.responses:
        return
    sent = transaction.request.at
    if invite.responses[0].at > sent:
        # An ACK before the CANCEL would show a final response that isn't in view.
        if invite.ack is None or invite.ack.at > sent:
            yield _early(invite, transaction, trace)
    elif invite.final is not None and sent - invite.final.at >= CROSSING:
        yield _late(invite, transaction)


def _early(invite: Transaction, cancel: Transaction, trace: Trace) -> Hit:
    response = invite.responses[0]
    waited = in_milliseconds(cancel.started_at - invite.started_at)
    lossy = loss_guard(trace, invite.started_at, cancel.started_at)
    evidence = [
        Evidence(frame=invite.first.frames[-1], note="INVITE"),
        Evidence(frame=cancel.first.frames[-1], note=f"CANCEL after {waited:.0f} ms"),
        Evidence(frame=response.frames[-1], note=f"{response.label}, the first response to the INVITE"),
    ]
    answer = cancel.final
    if answer is not None:
        evidence.append(Evidence(frame=answer.frames[-1], note=f"{answer.label} to the CANCEL"))
    ending = "" if answer is None or answer.is_success else f" It was answered {answer.label}."
    return Hit(
        text=(
            f"The CANCEL was sent {waited:.0f} ms behind its INVITE, before any response to it; the first came "
            f"{in_milliseconds(response.at - cancel.started_at):.0f} ms later.{ending}"
        ),
        evidence=tuple(evidence),
        at=cancel.started_at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=lossy,
        identity=_identity(invite, early=True),
    )


def _late(invite: Transaction, cancel: Transaction) -> Hit:
    final = invite.final or invite.responses[0]
    waited = in_seconds(cancel.started_at - final.at)
    return Hit(
        text=f"The CANCEL was sent {waited:.1f} s after its INVITE was answered {final.label}, and had no effect.",
        evidence=(
            Evidence(frame=final.frames[-1], note=f"{final.label} to the INVITE"),
            Evidence(frame=cancel.first.frames[-1], note=f"CANCEL after {waited:.1f} s"),
        ),
        at=cancel.started_at,
        severity=INFO,
        identity=_identity(invite, early=False),
    )


def _identity(invite: Transaction, *, early: bool) -> tuple[object, ...]:
    return (invite.first.call_id, invite.first.from_tag, invite.first.cseq, early)
