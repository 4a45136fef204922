"""The callee hangs up with BYE before it has answered, or before the ACK to its answer arrived.

What it finds
    A BYE from the callee while its INVITE has had provisional responses alone; and one behind its 2xx and before the
    ACK, within the 32 seconds in which the ACK may come. The caller may send BYE in both states. Where the ACK may have
    passed out of view, nothing is said; BYEs without tags are told by DLG-003.
Why it matters
    The caller may get the BYE before the 2xx, or know no dialog yet, and refuse it with 481: one side then has a call
    that the other one has ended.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   bob -> alice  BYE
        5.1   alice -> bob  200
        5.2   bob -> alice  487 INVITE
        5.3   alice -> bob  ACK
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   bob -> alice  480
        5.1   alice -> bob  ACK
        40    end
What to check
    - A callee that doesn't want the call any more refuses its INVITE with a 4xx or 6xx, such as 480 or 603.
    - Once it has answered, it holds the BYE back until the ACK arrives, or 32 seconds are over.
    - Is the 2xx sent by another element than the one that hangs up?
Sources
    RFC 3261 §15; RFC 3261 §15.1.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.acknowledgement import stray_acks
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.dialog_routing import outcome_words, own_requests
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.unanswered import DEADLINE
from sipscope.values import dataclass

OVERTAKING: Duration = SECOND // 5
"""Messages of one sender so near to each other may have changed places on their way."""

PATIENCE: Duration = 2 * SECOND
"""How long behind the BYE an ACK that doesn't come must have been in view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Early:
    """A BYE that came too early.

    Attributes:
        state: What the dialog still waited for, in words.
        last: The callee's last response before the BYE.
        ack: The ACK that came later; None when none was due, or none came.
        is_sure: Whether what was missing is seen to come later, or the INVITE to end otherwise.
    """

    state: str
    last: Response
    ack: Request | None
    is_sure: bool


@rule("DLG-010", name="bye-in-forbidden-state", severity=ERROR, since="0.1", subject=Dialog, needs=("BYE",))
def bye_in_forbidden_state(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The callee sends no BYE on an early dialog, nor before the ACK to its 2xx (RFC 3261 §15)."""
    if not dialog.is_invite or not dialog.started_in_capture:
        return
    for transaction, bye in own_requests(dialog, Side.CALLEE):
        if transaction.method != "BYE":
            continue
        leg = next((item for item in dialog.legs if transaction in item.transactions), None)
        early = None if leg is None or not leg.both_directions else _early(dialog, leg, bye, trace)
        if early is not None:
            yield _hit(dialog, trace, transaction, bye, early)
        return


def _early(dialog: Dialog, leg: Leg, bye: Request, trace: Trace) -> _Early | None:
    invite = next((item for item in leg.transactions if item.is_dialog_creating_invite), None)
    if invite is None:
        return None
    own = [item for item in invite.responses if item.to_tag == dialog.key.callee_tag and 101 <= item.status < 300]
    success = next((item for item in own if item.is_success), None)
    acks = sorted((item.first for item in stray_acks(invite, trace)), key=lambda item: item.at)
    if success is None:
        # Without a refusal behind the BYE, a 2xx that isn't in view may have come before it.
        refused = any(item.status >= 300 and item.at > bye.at for item in invite.responses)
        if not own or own[0].at >= bye.at or acks or not refused:
            return None
        return _Early(state="it had answered", last=own[-1], ack=None, is_sure=True)
    if success.at > bye.at:
        return _unanswered(own, success, bye)
    return _unacknowledged(dialog, leg, success, bye, acks, trace)


def _unanswered(own: list[Response], success: Response, bye: Request) -> _Early | None:
    before = [item for item in own if item.at < bye.at]
    if not before or success.at - bye.at <= OVERTAKING:
        return None
    return _Early(state="it had answered", last=before[-1], ack=None, is_sure=True)


def _unacknowledged(
    dialog: Dialog, leg: Leg, success: Response, bye: Request, acks: list[Message], trace: Trace
) -> _Early | None:
    """A BYE behind the 2xx and before its ACK, where the ACK was seen later or would have been seen."""
    if bye.at - success.at >= DEADLINE - SECOND or any(item.at <= bye.at + OVERTAKING for item in acks):
        return None
    ack = next((item for item in acks if isinstance(item, Request)), None)
    if ack is None and not _ack_would_show(dialog, leg, bye, trace):
        return None
    return _Early(state="the ACK to its answer had come", last=success, ack=ack, is_sure=ack is not None)


def _ack_would_show(dialog: Dialog, leg: Leg, bye: Request, trace: Trace) -> bool:
    """Whether the ACK goes along this leg, and the capture was long enough to hold it."""
    visible = guards.in_dialog_path_visible(leg, Side.CALLER) or guards.next_hop_is_on_leg(dialog, leg, Side.CALLER)
    return visible and guards.capture_continues(trace, bye.at, PATIENCE)


def _hit(dialog: Dialog, trace: Trace, transaction: Transaction, bye: Request, early: _Early) -> Hit:
    lossy = loss_guard(trace, early.last.at, bye.at)
    evidence = [
        Evidence(frame=early.last.frames[-1], note=f"{early.last.label} to the INVITE"),
        Evidence(frame=bye.frames[-1], note=f"BYE from {bye.hop.source}"),
    ]
    if transaction.final is not None:
        evidence.append(Evidence(frame=transaction.final.frames[-1], note=f"{transaction.final.label} to the BYE"))
    if early.ack is not None:
        evidence.append(Evidence(frame=early.ack.frames[-1], note="the ACK"))
    return Hit(
        text=f"The callee sent BYE before {early.state}.{outcome_words(transaction)}",
        evidence=tuple(evidence),
        at=bye.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN if early.is_sure else Confidence.LIKELY,
        guards=lossy,
        identity=(dialog.id, bye.cseq),
    )
