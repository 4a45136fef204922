"""The triggered call came to its end, and no NOTIFY told the transferor.

What it finds
    An accepted REFER whose triggered request got its last final response, and no NOTIFY with a final status
    within 4 s of that. It is information where the transferor had hung up in the same dialog. It is merely
    possible where no triggered request is in view and 120 s passed without a final NOTIFY. A subscription that
    ended otherwise (a rejected NOTIFY, its expiry, or a notifier that ends it with its first NOTIFY) owes none.
Why it matters
    The transferor never releases its leg: three parties stay up, billing goes on, or the transferor takes back a
    call that was in fact transferred.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
        12.0  alice -> bob  BYE
        12.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - The transferee must send a final NOTIFY (terminated;reason=noresource) before it releases anything.
    - Was an earlier NOTIFY rejected, so that it gave up?
    - Does the transferor hang up too early for the result to reach it?
Sources
    RFC 3515 §2.4.4; RFC 3515 §2.4.5; RFC 3515 §2.4.7
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.transfers import (
    DIRECT_SCORE,
    FIRST_NOTIFY,
    accepted_at,
    notify_would_pass,
    refer_evidence,
    report_evidence,
    subscription_granted,
    target_words,
    transfer_identity,
    transferor_left,
)

ENDING_STATUSES = frozenset({404, 405, 408, 410, 416, *range(480, 486), 489, 501, 604})
"""Responses to a NOTIFY that end the subscription (RFC 6665 §4.2.2)."""

UNSEEN_PATIENCE: Duration = 120 * SECOND


@rule("XFER-005", name="refer-final-notify-missing", severity=ERROR, since="0.1", subject=Transfer)
def refer_final_notify_missing(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """The last NOTIFY of a REFER tells the final status of the triggered request (RFC 3515 §2.4.5)."""
    accepted = accepted_at(transfer)
    if accepted is None or not subscription_granted(transfer) or not transfer.reports:
        return
    if any(report.is_final or report.problem is not None for report in transfer.reports) or _ended(transfer, trace):
        return
    decided = _decided_at(transfer)
    if decided is not None:
        if guards.capture_continues(trace, decided, FIRST_NOTIFY):
            yield _hit(transfer, trace, decided)
    elif transfer.triggered is None and guards.capture_continues(trace, accepted, UNSEEN_PATIENCE):
        yield _unseen(transfer, accepted)


def _ended(transfer: Transfer, trace: Trace) -> bool:
    """Whether the subscription ended in another way than by a final NOTIFY."""
    last = transfer.reports[-1]
    if any(
        report.transaction.final_status in ENDING_STATUSES or (report.state or "").startswith("terminated")
        for report in transfer.reports
    ):
        return True
    state = None if last.transaction.request is None else last.transaction.request.subscription_state
    granted = None if state is None else state.parameters.get("expires")
    if granted is not None and granted.isdigit() and trace.ended_at is not None:
        decided = _decided_at(transfer)
        return decided is not None and last.at + int(granted) * SECOND <= decided
    return False


def _decided_at(transfer: Transfer) -> Instant | None:
    """When the triggered request got its last final response."""
    triggered = transfer.triggered
    if triggered is None or transfer.triggered_score < DIRECT_SCORE:
        return None
    final = triggered.final
    return None if final is None else final.at


def _hit(transfer: Transfer, trace: Trace, decided: Instant) -> Hit:
    left = transferor_left(transfer, trace, decided + FIRST_NOTIFY)
    doubtful = not notify_would_pass(transfer, trace) or guards.capture_lossy_near(trace, decided)
    evidence = [*refer_evidence(transfer), *(report_evidence(report) for report in transfer.reports)]
    final = None if transfer.triggered is None else transfer.triggered.final
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=f"{final.label} to the triggered INVITE"))
    if left is not None:
        evidence.append(Evidence(frame=left.frames[-1], note="BYE by the transferor"))
    return Hit(
        text=(
            f"The call to {target_words(transfer)} that the REFER triggered got {transfer.observed_status}, but the "
            "transferor was never told: no NOTIFY with a final status followed."
        ),
        evidence=tuple(evidence),
        at=decided,
        severity=INFO if left is not None and left.at <= decided + FIRST_NOTIFY else None,
        confidence=Confidence.POSSIBLE if doubtful else Confidence.CERTAIN,
        guards=("The NOTIFY may have been lost by the capture or take another way.",) if doubtful else (),
        identity=transfer_identity(transfer),
    )


def _unseen(transfer: Transfer, accepted: Instant) -> Hit:
    return Hit(
        text=(
            f"The REFER to {target_words(transfer)} was accepted, and neither the call it should trigger nor a final "
            "NOTIFY was seen within 120 s."
        ),
        evidence=(*refer_evidence(transfer), *(report_evidence(report) for report in transfer.reports)),
        at=accepted,
        severity=WARNING,
        confidence=Confidence.POSSIBLE,
        guards=("The triggered call is not in view of this tap.",),
        identity=transfer_identity(transfer),
    )
