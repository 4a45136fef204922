"""A call that was answered while its caller cancelled it isn't released.

What it finds
    A 2xx behind the CANCEL of its INVITE, which the caller acknowledges, and no BYE of the caller to the end: at least
    32 s without anything else that the caller asks in the dialog and without media from it. A caller may keep such a
    call, so where no media of the callee is in view either this is merely possible. A 2xx without ACK is told by
    TXN-004, several answers of forks by FRK-001.
Why it matters
    The callee talks into a call that nobody holds, and somebody pays for it.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL
        5.05  bob -> alice  200 INVITE
              m=audio 5000 RTP/AVP 0
        5.1   bob -> alice  200 CANCEL
        5.2   alice -> bob  ACK
        50    bob -> alice  BYE
        50.1  alice -> bob  200 BYE
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL
        5.05  bob -> alice  200 INVITE
              m=audio 5000 RTP/AVP 0
        5.1   bob -> alice  200 CANCEL
        5.2   alice -> bob  ACK
        5.3   alice -> bob  BYE
        5.4   bob -> alice  200 BYE
        50    end
What to check
    - Whoever cancelled and gets a 2xx nevertheless must send ACK, and then BYE.
    - Does a back-to-back user agent forget the leg as soon as it has sent CANCEL?
Sources
    RFC 3261 §13.2.2.4; RFC 3261 §15
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.acknowledgement import success_of
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.unanswered import DEADLINE


@rule(
    "TXN-019",
    name="cancel-race-not-released",
    severity=WARNING,
    since="0.1",
    subject=Dialog,
    needs=("INVITE cancelled", "response 2xx", "ACK"),
)
def cancel_race_not_released(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Whoever doesn't want to go on with a dialog that a 2xx made sends BYE (RFC 3261 §13.2.2.4)."""
    if not dialog.is_invite or dialog.confirmed_at is None or dialog.forked_with:
        return
    invite = dialog.creating_transaction
    if invite is None or invite.cancelled_by is None or len(invite.first.vias) != 1 or invite.first.record_routes:
        # Only a user agent on its first hop: a proxy that cancels a branch passes the late 2xx on.
        return
    cancel = trace.index.transactions.get(invite.cancelled_by)
    success = success_of(invite, dialog)
    if cancel is None or success is None or success.at <= cancel.started_at:
        return
    ack = _ack_of(dialog, success)
    if ack is None or _still_wanted(dialog, trace, ack):
        return
    ended_at = next((bye.started_at for bye in dialog.byes), trace.ended_at)
    if ended_at is not None and ended_at >= ack.at + DEADLINE:
        yield _hit(dialog, trace, (invite, cancel), success, ack)


def _ack_of(dialog: Dialog, success: Response) -> Request | None:
    """The ACK of the caller, which shows that its requests in the dialog are in view."""
    number = None if success.cseq is None else success.cseq.number
    acks = [item.request for item in dialog.transactions if item.method == "ACK" and item.request is not None]
    return next((ack for ack in acks if ack.cseq is not None and ack.cseq.number == number), None)


def _still_wanted(dialog: Dialog, trace: Trace, ack: Request) -> bool:
    """Whether the caller asked anything in the dialog behind the ACK, BYE too, or sends media."""
    asked = any(
        item.request is not None
        and item.request.at > ack.at
        and item.method != "ACK"
        and dialog.sender_of(item.request) is Side.CALLER
        for item in dialog.transactions
    )
    return asked or bool(guards.streams_towards(trace, dialog.id, Side.CALLEE))


def _hit(
    dialog: Dialog, trace: Trace, cancelled: tuple[Transaction, Transaction], success: Response, ack: Request
) -> Hit:
    invite, cancel = cancelled
    doubts = list(loss_guard(trace, success.at, ack.at + DEADLINE))
    if not guards.streams_towards(trace, dialog.id, Side.CALLER):
        doubts.append("No media is in view, and a caller may keep such a call.")
    elsewhere = "" if not dialog.byes else f" The callee sent BYE after {_seconds(dialog.byes[0].started_at, ack)}."
    evidence = [Evidence(frame=invite.first.frames[-1], note="INVITE")]
    evidence += [Evidence(frame=cancel.first.frames[-1], note="CANCEL")]
    if cancel.final is not None:
        evidence.append(Evidence(frame=cancel.final.frames[-1], note=f"{cancel.final.label} to the CANCEL"))
    evidence += [
        Evidence(frame=success.frames[-1], note=f"{success.label} to the INVITE"),
        Evidence(frame=ack.frames[-1], note="ACK, and nothing of the caller behind it"),
    ]
    return Hit(
        text=(
            f"The caller cancelled, got {success.label} {_seconds(success.at, cancel.first)} later, acknowledged it "
            f"and never sent BYE: the callee is left in the call.{elsewhere}"
        ),
        evidence=tuple(evidence),
        at=success.at,
        confidence=Confidence.POSSIBLE if doubts else Confidence.LIKELY,
        guards=tuple(doubts),
    )


def _seconds(at: Instant, message: Message) -> str:
    return f"{in_seconds(at - message.at):.1f} s"
