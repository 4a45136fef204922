"""The transferor refuses to be told how its REFER goes.

What it finds
    The first NOTIFY about a REFER that is answered with 300 or above, challenges aside, or not at all, while the
    subscription and the transferor's dialog are there. It is information where the transferor had hung up in that
    dialog. A NOTIFY behind the end of its subscription, by time, by a SUBSCRIBE or by an earlier NOTIFY, and one for
    a subscription that was never made, are rightly refused.
Why it matters
    The subscription is gone, so nobody hears the result; some phones drop the whole call with it.
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
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  481
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - The transferor must keep the subscription until a NOTIFY terminates it.
    - With 405 or 489, does an SBC or the phone leave NOTIFY out of Allow, or refer out of Allow-Events?
    - With no answer at all, does a firewall stop NOTIFY on its way?
Sources
    RFC 3515 §2.4.4; RFC 6665 §4.1.3; RFC 6665 §4.2.2
"""

from collections.abc import Iterator
from dataclasses import replace

from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor
from sipscope.rules.refer_subscriptions import expires_at, is_terminated, unsubscribed
from sipscope.rules.transfers import refer_evidence, report_evidence, subscription_granted, transfer_identity
from sipscope.rules.unanswered import confidence_in_silence, superseded

SENT_AGAIN = frozenset({401, 407, 491})
"""Statuses behind which a NOTIFY is sent again."""


@rule("XFER-021", name="refer-notify-rejected", severity=WARNING, since="0.1", subject=Transfer)
def refer_notify_rejected(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """A NOTIFY that is refused ends the subscription (RFC 6665 §4.2.2)."""
    if not subscription_granted(transfer) or unsubscribed(transfer, trace):
        return
    for place, report in enumerate(transfer.reports):
        earlier = transfer.reports[:place]
        if any(is_terminated(item) for item in earlier):
            return
        lasts_until = expires_at(earlier[-1]) if earlier else None
        if lasts_until is not None and lasts_until <= report.at:
            return
        if _is_refused(report.transaction, trace):
            yield _hit(transfer, report, _hung_up(transfer, report, trace), trace)
            return


def _is_refused(notify: Transaction, trace: Trace) -> bool:
    status = notify.final_status
    if status is not None:
        return status >= 300 and status not in SENT_AGAIN
    return notify.state is TransactionState.TIMED_OUT and not superseded(notify, trace)


def _hung_up(transfer: Transfer, report: ProgressReport, trace: Trace) -> Message | None:
    """A BYE of either side in the dialog of the REFER, before the refusal."""
    dialog = trace.index.dialogs.get(transfer.dialog_id or "")
    final = report.transaction.final
    before = report.at if final is None else final.at
    byes = () if dialog is None else dialog.byes
    return next((item.first for item in byes if item.started_at <= before), None)


def _hit(transfer: Transfer, report: ProgressReport, bye: Message | None, trace: Trace) -> Hit:
    notify, final = report.transaction, report.transaction.final
    evidence = [*refer_evidence(transfer), report_evidence(report)]
    if final is not None:
        evidence.append(Evidence(frame=anchor(final), note=final.label))
        text = f"The NOTIFY about the REFER was refused with {final.label}, so its subscription is gone"
    else:
        text = "The NOTIFY about the REFER was never answered, so its subscription is gone"
    if bye is not None:
        evidence.append(Evidence(frame=anchor(bye), note="BYE"))
        text += "; the dialog had been ended by a BYE"
    hit = Hit(
        text=f"{text}.",
        evidence=tuple(evidence),
        at=report.at,
        severity=INFO if bye is not None else None,
        identity=transfer_identity(transfer),
    )
    if final is not None:
        return hit
    confidence, doubts = confidence_in_silence(trace, notify)
    return replace(hit, confidence=confidence, guards=doubts)
