"""The triggered call came to its end, and no NOTIFY told the transferor.

What it finds
    An accepted REFER whose triggered request got its last final response, and no NOTIFY with a final status
    within 4 s of that. It is information where the transferor had hung up in the same dialog. It is merely
    possible where no triggered request is in view and 120 s passed without a final NOTIFY. A subscription that
    ended otherwise owes none: by a NOTIFY that was rejected or never answered, by its expiry, by a SUBSCRIBE that
    ends it, or by a notifier that ends it with its first NOTIFY.
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

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.refer_subscriptions import expires_at, is_terminated, unsubscribed
from sipscope.rules.transfers import (
    DIRECT_SCORE,
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

FINAL_NOTIFY: Duration = 4 * SECOND
"""How long the final NOTIFY may take after the triggered request's last final response."""

UNSEEN_PATIENCE: Duration = 120 * SECOND


@rule("XFER-005", name="refer-final-notify-missing", severity=ERROR, since="0.1", subject=Transfer)
def refer_final_notify_missing(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """The last NOTIFY of a REFER tells the final status of the triggered request (RFC 3515 §2.4.5)."""
    accepted = accepted_at(transfer)
    if accepted is None or not subscription_granted(transfer) or not transfer.reports:
        return
    decided = _decided_at(transfer)
    due = accepted + UNSEEN_PATIENCE if decided is None else decided + FINAL_NOTIFY
    in_time = [report for report in transfer.reports if report.at <= due]
    if any(report.is_final or report.problem is not None for report in in_time) or _ended(in_time, transfer, trace):
        return
    if decided is not None:
        if guards.capture_continues(trace, decided, FINAL_NOTIFY):
            yield _hit(transfer, trace, decided)
    elif transfer.triggered is None and guards.capture_continues(trace, accepted, UNSEEN_PATIENCE):
        yield _unseen(transfer, accepted)


def _ended(reports: Sequence[ProgressReport], transfer: Transfer, trace: Trace) -> bool:
    """Whether the subscription ended in another way than by a final NOTIFY, or may have."""
    if not reports or unsubscribed(transfer, trace):
        return True
    for report in reports:
        status = report.transaction.final_status
        # A NOTIFY that nobody answers ends the subscription like one that is refused.
        if status is None or status in ENDING_STATUSES or is_terminated(report):
            return True
    decided, lasts_until = _decided_at(transfer), expires_at(reports[-1])
    needed_until = transfer.started_at + UNSEEN_PATIENCE if decided is None else decided
    return lasts_until is not None and lasts_until <= needed_until


def _decided_at(transfer: Transfer) -> Instant | None:
    """When the triggered request got its last final response."""
    triggered = transfer.triggered
    if triggered is None or transfer.triggered_score < DIRECT_SCORE:
        return None
    final = triggered.final
    return None if final is None else final.at


def _hit(transfer: Transfer, trace: Trace, decided: Instant) -> Hit:
    left = transferor_left(transfer, trace, decided + FINAL_NOTIFY)
    doubtful = not notify_would_pass(transfer, trace) or guards.capture_lossy_near(trace, decided)
    return Hit(
        text=(
            f"The call to {target_words(transfer)} that the REFER triggered got {transfer.observed_status}, but the "
            f"transferor was {_told(transfer, decided)}."
        ),
        evidence=_evidence(transfer, left),
        at=decided,
        severity=INFO if left is not None else None,
        confidence=Confidence.POSSIBLE if doubtful else Confidence.CERTAIN,
        guards=("The NOTIFY may have been lost by the capture or take another way.",) if doubtful else (),
        identity=transfer_identity(transfer),
    )


def _told(transfer: Transfer, decided: Instant) -> str:
    late = next((report for report in transfer.reports if report.is_final and report.at > decided), None)
    if late is None:
        return "never told: no NOTIFY with a final status followed"
    return f"told only {in_seconds(late.at - decided):.1f} s later"


def _evidence(transfer: Transfer, left: Request | None) -> tuple[Evidence, ...]:
    evidence = [*refer_evidence(transfer), *(report_evidence(report) for report in transfer.reports)]
    final = None if transfer.triggered is None else transfer.triggered.final
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=f"{final.label} to the triggered INVITE"))
    if left is not None:
        evidence.append(Evidence(frame=left.frames[-1], note="BYE by the transferor"))
    return tuple(evidence)


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
