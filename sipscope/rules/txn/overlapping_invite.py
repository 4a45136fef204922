"""A party sends an INVITE in a dialog while another INVITE of that dialog is open.

What it finds
    An INVITE inside a dialog while an INVITE of the same party waits for its final response, or while one of the other
    party does that it had received: it had answered it provisionally, or half a second had gone by. INVITEs that may
    have crossed are no fault. Where it is an offer upon a pending offer, OA-020 tells it.
Why it matters
    The server must refuse the second one with 500 or 491. Where it doesn't, the two ends match answers to the wrong
    offers, and media goes to the wrong port or stops.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INVITE
        5.1   bob -> alice  100
        5.2   alice -> bob  INVITE
        5.3   bob -> alice  500
              Retry-After: 3
        5.4   alice -> bob  ACK
        5.6   bob -> alice  488 INVITE
        5.7   alice -> bob  ACK
        30    alice -> bob  BYE
        30.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INVITE
        5.1   bob -> alice  100
        5.6   bob -> alice  488
        5.7   alice -> bob  ACK
        5.8   alice -> bob  INVITE
        5.9   bob -> alice  488
        6.0   alice -> bob  ACK
        30    alice -> bob  BYE
        30.1  bob -> alice  200
What to check
    - The sender must hold an INVITE back until the one before it is over, in either direction.
    - Do two features of the sender work at the same time, such as hold and a session refresh?
Sources
    RFC 3261 §14.1; RFC 3261 §14.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.request_times import RequestTimes
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.acknowledgement import stray_acks
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import loss_guard
from sipscope.rules.unanswered import DEADLINE

CROSSING: Duration = SECOND // 2
"""An INVITE that was sent so long ago has reached the other party."""


@rule("TXN-023", name="overlapping-invite", severity=ERROR, since="0.1", subject=Dialog, needs=("INVITE in dialog",))
def overlapping_invite(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """No INVITE is begun while another one is in progress in either direction (RFC 3261 §14.1)."""
    if not dialog.is_invite:
        return
    for leg in dialog.legs:
        invites = [item for item in leg.transactions if item.method == "INVITE" and item.request is not None]
        if len(invites) < 2 or not leg.both_directions:
            continue
        times = RequestTimes(invites)
        for place, second in enumerate(invites):
            request = second.request
            if request is None or request.to_tag is None or len(request.vias) != 1:
                continue
            earlier = invites[times.since(request.at - DEADLINE) : place]
            first = next((item for item in earlier if _overlaps(dialog, trace, item, request)), None)
            if first is not None and not _told_as_offer(leg, trace, request):
                yield _hit(dialog, trace, first, second, request)


def _overlaps(dialog: Dialog, trace: Trace, first: Transaction, second: Request) -> bool:
    """Whether an earlier INVITE was open when the second one was sent, to the knowledge of its sender."""
    request, final = first.request, first.final
    if request is None or request.cseq is None or second.cseq is None or second.at - request.at > DEADLINE:
        return False
    own = request.from_tag == second.from_tag
    if own and request.cseq.number >= second.cseq.number:
        # Another branch of the same request, or one that was overtaken on its way.
        return False
    if final is None or final.at <= second.at or _acknowledged_before(first, second, trace):
        # An INVITE whose final response is never seen may have had one out of view.
        return False
    if own:
        return True
    answered = any(item.at < second.at for item in first.provisionals)
    return dialog.sender_of(second) is not None and (answered or second.at - request.at >= CROSSING)


def _acknowledged_before(first: Transaction, second: Request, trace: Trace) -> bool:
    """Whether an ACK shows that the final response had come although its first copy isn't in view."""
    acks = [item.started_at for item in stray_acks(first, trace)]
    acks += [] if first.ack is None else [first.ack.at]
    return any(at <= second.at for at in acks)


def _told_as_offer(leg: Leg, trace: Trace, second: Request) -> bool:
    """Whether OA-020 speaks of it."""
    ledger = trace.index.ledgers.get((leg.id, leg.dialog_id))
    exchanges = () if ledger is None else ledger.exchanges
    return any(
        anomaly.code == "OA-020" and anomaly.message_ids[-1:] == (second.id,)
        for exchange in exchanges
        for anomaly in exchange.anomalies
    )


def _hit(dialog: Dialog, trace: Trace, first: Transaction, second: Transaction, request: Request) -> Hit:
    own = first.first.from_tag == request.from_tag
    answer, final = second.final, first.final
    due = 500 if own else 491
    ending = f" A {due} was due, and it was answered {answer.label}." if answer and answer.status != due else ""
    lossy = loss_guard(trace, first.started_at, request.at)
    evidence = [
        Evidence(frame=first.first.frames[-1], note="open INVITE"),
        Evidence(frame=request.frames[-1], note="the next one"),
    ]
    if answer is not None:
        evidence.append(Evidence(frame=answer.frames[-1], note=f"{answer.label} to the second one"))
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=f"{final.label} to the first one"))
    return Hit(
        text=(
            f"An INVITE was sent in the dialog while {'its sender’s own' if own else 'the other side’s'} INVITE, that "
            f"of frame {first.first.frames[-1]}, was still open.{ending}"
        ),
        evidence=tuple(evidence),
        at=request.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN if own else Confidence.LIKELY,
        guards=lossy,
        identity=(dialog.id, request.from_tag, request.cseq),
    )
