"""An INVITE with Replaces was accepted, and the call it replaces stays up.

What it finds
    An INVITE with Replaces that got a 2xx, and neither side ends the dialog that it names within 5 s. It is merely
    possible where requests of the receiver in that dialog don't pass this tap. Also a receiver that refuses such an
    INVITE and, within a second, ends the dialog all the same, which it must leave as it is; a refusal that says that
    no such dialog is there tells nothing.
Why it matters
    One phone has two calls, and half of the speech goes to the wrong one; the trunk keeps its channels.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 200 tag=c9
              m=audio 6002 RTP/AVP 0
        1.2   alice -> carol ACK
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
        60.0  alice -> carol BYE call=c
        60.1  carol -> alice 200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 200 tag=c9
              m=audio 6002 RTP/AVP 0
        1.2   alice -> carol ACK
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   carol -> alice BYE call=c
        2.8   alice -> carol 200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - The receiver of the INVITE must send BYE in the replaced dialog, or CANCEL where it had placed that call.
    - Does that BYE get lost on the way to the transferor?
Sources
    RFC 3891 §3; RFC 5589 §7.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import anchor
from sipscope.rules.replacements import NO_REFUSAL, accepted_elsewhere, matched, replaces_evidence

RELEASE: Duration = 5 * SECOND
"""How long the old dialog may stay up behind the 2xx."""

AT_ONCE: Duration = SECOND
"""How near to the refusal a BYE can't be a person's doing."""

NO_MATCH = frozenset({481, 603})
"""Refusals that say that there is no such dialog, or no more (RFC 3891 §3)."""


@rule(
    "XFER-016",
    name="replaced-dialog-not-released",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("replaces", "final"),
)
def replaced_dialog_not_released(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """The UA that accepts an INVITE with Replaces shuts the old dialog down, and leaves it when it refuses."""
    request, final = transaction.request, transaction.final
    reference = None if request is None else request.replaces
    if request is None or reference is None or final is None:
        return
    match = matched(reference, trace.index.dialogs_of_call_id.get(reference.call_id, ()))
    if match is None or (match[0].ended_at is not None and match[0].ended_at <= request.at):
        return
    dialog, receiver = match
    if final.is_success:
        if guards.capture_continues(trace, final.at, RELEASE) and not _released(dialog, final, trace):
            yield _kept(request, final, dialog, receiver, trace)
    elif final.status not in NO_MATCH | NO_REFUSAL and not accepted_elsewhere(transaction, trace):
        bye = _ended_at_once(dialog, receiver, final)
        if bye is not None:
            yield _ended(request, final, dialog, bye)


def _released(dialog: Dialog, final: Response, trace: Trace) -> bool:
    """Whether the dialog ended in time, or either side tried to end it."""
    latest = final.at + RELEASE
    if dialog.ended_at is not None and dialog.ended_at <= latest:
        return True
    created = dialog.creating_transaction
    cancel = None if created is None else trace.index.transactions.get(created.cancelled_by or "")
    tries = [*dialog.byes, *(item for item in (cancel,) if item is not None)]
    return any(item.started_at <= latest for item in tries)


def _ended_at_once(dialog: Dialog, receiver: Side, final: Response) -> Message | None:
    for bye in dialog.byes:
        request = bye.request
        if request is not None and dialog.sender_of(request) is receiver and 0 <= request.at - final.at <= AT_ONCE:
            return request
    return None


def _kept(request: Request, final: Response, dialog: Dialog, receiver: Side, trace: Trace) -> Hit:
    visible = any(
        guards.in_dialog_path_visible(leg, receiver) or guards.next_hop_is_on_leg(dialog, leg, receiver)
        for leg in dialog.legs
    )
    sure = visible and not guards.capture_lossy_near(trace, final.at, final.at + RELEASE)
    late = "" if dialog.ended_at is None else f"; it ended {in_seconds(dialog.ended_at - final.at):.0f} s later"
    ended = [] if dialog.release is None else [Evidence(frame=anchor(dialog.release.message), note="its end")]
    return Hit(
        text=(
            "The INVITE with Replaces was accepted, and the dialog it replaces is not released within "
            f"{RELEASE // SECOND} s{late}."
        ),
        evidence=(*replaces_evidence(request, final, dialog), *ended),
        at=final.at,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
        guards=() if sure else ("The BYE may have been lost by the capture or take another way.",),
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _ended(request: Request, final: Response, dialog: Dialog, bye: Message) -> Hit:
    return Hit(
        text=f"The INVITE with Replaces was refused with {final.label}, and its receiver ended the old dialog as well.",
        evidence=(*replaces_evidence(request, final, dialog), Evidence(frame=anchor(bye), note="BYE by the receiver")),
        at=bye.at,
        confidence=Confidence.LIKELY,
        identity=(request.call_id, request.from_tag, request.cseq),
    )
