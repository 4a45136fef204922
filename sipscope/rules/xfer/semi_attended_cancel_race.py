"""The transferor gave its call to the target up for a blind transfer, and the two calls collided at the target.

What it finds
    A transferor that cancels or ends its call to the target within 3 s of a REFER to the same target, and a target that
    answers the cancelled call all the same, or that refuses the triggered INVITE as busy while it still has the first
    call, or within a second of its end. A target that was never rung by the transferor is busy for its own reasons.
Why it matters
    Some transfers fail and some don't, and nobody can reproduce it.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 180 tag=c9
        1.9   alice -> carol CANCEL call=c
        1.95  carol -> alice 200 CANCEL
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  486 call=2
        2.6   bob -> carol  ACK call=2
        2.65  carol -> alice 487 INVITE call=c tag=c9
        2.68  alice -> carol ACK call=c
        2.7   bob -> alice  NOTIFY call=1 sipfrag=486
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 180 tag=c9
        1.5   carol -> alice 200 call=c
              m=audio 6002 RTP/AVP 0
        1.6   alice -> carol ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30?Replaces=c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.65  carol -> alice BYE call=c
        2.66  alice -> carol 200
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - Let the transferor's phone keep the first call, play media when the target answers, and send REFER with Replaces.
    - Or let it wait for the 487 to its INVITE before it sends the REFER.
Sources
    RFC 5589 §7.6; RFC 5589 §11.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor
from sipscope.rules.transfer_kinds import ABANDONED_WITHIN, consultation_of
from sipscope.rules.transfers import DIRECT_SCORE, refer_evidence, transfer_identity, transferor_side_of

BUSY = frozenset({486, 600})

BUSY_AFTER: Duration = SECOND
"""How long a phone may need behind the end of a call until it takes another."""


@rule("XFER-019", name="semi-attended-cancel-race", severity=WARNING, since="0.1", subject=Transfer)
def semi_attended_cancel_race(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """A consultation that is given up for a blind transfer races with it (RFC 5589 §7.6, §11.2)."""
    request, consultation = transfer.refer.request, consultation_of(transfer, trace)
    if request is None or consultation is None or request.refer_to_replaces is not None:
        return
    given_up = _given_up(transfer, consultation, trace)
    if given_up is None or abs(given_up.at - request.at) > ABANDONED_WITHIN:
        return
    answer = _answer_behind(consultation, given_up)
    if answer is not None:
        text = "The target answered the call that the transferor had just cancelled for a blind transfer to it."
        yield _hit(transfer, text, given_up, answer, Confidence.CERTAIN)
    elif (busy := _busy(transfer, consultation)) is not None:
        text = (
            "The target was still busy with the transferor's own call to it, which was given up for a blind transfer."
        )
        yield _hit(transfer, text, given_up, busy, Confidence.LIKELY)


def _given_up(transfer: Transfer, consultation: Dialog, trace: Trace) -> Message | None:
    """The CANCEL or BYE with which the transferor ended its call to the target."""
    created = consultation.creating_transaction
    cancel = None if created is None else trace.index.transactions.get(created.cancelled_by or "")
    if cancel is not None:
        return cancel.first
    side, release = transferor_side_of(transfer, consultation), consultation.release
    return release.message if release is not None and side is not None and release.by is side else None


def _answer_behind(consultation: Dialog, given_up: Message) -> Response | None:
    """The 2xx of the target to a call that had been cancelled."""
    created = consultation.creating_transaction
    final = None if created is None else created.final
    cancelled = created is not None and created.cancelled_by is not None
    return final if final is not None and cancelled and final.is_success and final.at > given_up.at else None


def _busy(transfer: Transfer, consultation: Dialog) -> Response | None:
    """The refusal of the triggered INVITE that came while the target had its first call, or just behind it."""
    triggered = transfer.triggered
    final = None if triggered is None or transfer.triggered_score < DIRECT_SCORE else triggered.final
    if triggered is None or final is None or final.status not in BUSY:
        return None
    rang = consultation.early_at is not None or consultation.confirmed_at is not None
    ended = consultation.ended_at
    return final if rang and (ended is None or triggered.started_at <= ended + BUSY_AFTER) else None


def _hit(transfer: Transfer, text: str, given_up: Message, outcome: Response, confidence: Confidence) -> Hit:
    return Hit(
        text=text,
        evidence=(
            Evidence(frame=anchor(given_up), note="the transferor gives its call to the target up"),
            *refer_evidence(transfer),
            Evidence(frame=anchor(outcome), note=outcome.label),
        ),
        at=outcome.at,
        confidence=confidence,
        identity=transfer_identity(transfer),
    )
