"""Subscription-State of the NOTIFYs about a REFER doesn't fit what they tell.

What it finds
    A NOTIFY of the refer event without Subscription-State; a final status in one that doesn't terminate the
    subscription, or that terminates it for another reason than noresource; a provisional status in a later one that
    does terminate it; and, an error, a NOTIFY behind one that terminated it. It is information where the first NOTIFY
    is active without expires, which subscribers are warned to expect, or where the first one ends the subscription
    with the result still open, as it may. Approval that is denied later may have its own reason. A NOTIFY behind one
    that was refused, or that another REFER may have brought about, is let be.
Why it matters
    The transferor keeps a subscription that is dead, or takes "100 Trying" for the end and tears the call down.
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
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200 state=active;expires=50
        2.8   alice -> bob  200
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
    - The transferee must send active;expires=… while the new call is in progress, terminated;reason=noresource with its
      result, and nothing after that.
Sources
    RFC 3515 §2.4.4; RFC 3515 §2.4.7; RFC 3515 §3.4; RFC 6665 §4.1.3
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Severity
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut
from sipscope.rules.refer_subscriptions import is_terminated, state_parameter
from sipscope.rules.transfers import report_evidence, transfer_identity

DENIED = frozenset({"rejected", "deactivated", "probation", "giveup", "timeout"})
"""Reasons other than noresource with which a REFER may come to nothing (RFC 3515 §2.4.7, RFC 6665 §4.1.3)."""

_Fault = tuple[Severity, str]


@rule("XFER-007", name="refer-subscription-state-wrong", severity=WARNING, since="0.1", subject=Transfer)
def refer_subscription_state_wrong(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """The final NOTIFY, and it alone, terminates the subscription, with reason noresource (RFC 3515 §2.4.7)."""
    for place, report in enumerate(transfer.reports):
        request = report.transaction.request
        if request is None or is_cut(request):
            continue
        ended = _ended_before(transfer.reports[:place], report, transfer, trace)
        fault = _fault(report, place) if ended is None else (ERROR, "comes behind the one that ended the subscription")
        if fault is not None:
            severity, text = fault
            yield Hit(
                text=f"The NOTIFY that tells {_told(report)} {text}.",
                evidence=(*(report_evidence(item) for item in (ended,) if item is not None), report_evidence(report)),
                at=report.at,
                severity=severity,
                identity=transfer_identity(transfer, request.cseq),
            )


def _told(report: ProgressReport) -> str:
    return "no status" if report.status is None else f"{report.status} {report.reason_phrase}".strip()


def _ended_before(
    earlier: Sequence[ProgressReport], report: ProgressReport, transfer: Transfer, trace: Trace
) -> ProgressReport | None:
    """The accepted NOTIFY with a lower number that had ended the subscription; None where another REFER came since."""
    ended = next((item for item in earlier if is_terminated(item) and item.transaction.final_status == 200), None)
    if ended is None or _number(ended) >= _number(report):
        return None
    own = transfer.refer.first.call_id
    others = [item for item in trace.transfers if item.refer.first.call_id == own]
    later = [item for item in others if transfer.started_at < item.started_at <= report.at]
    return None if later else ended


def _number(report: ProgressReport) -> int:
    cseq = report.transaction.first.cseq
    return 0 if cseq is None else cseq.number


def _fault(report: ProgressReport, place: int) -> _Fault | None:
    if report.state is None:
        return WARNING, "has no Subscription-State"
    if report.is_final:
        return _fault_of_final(report)
    if is_terminated(report):
        return _fault_of_early_end(report, place)
    if place == 0 and state_parameter(report, "expires") is None:
        return INFO, f"is the first, and its Subscription-State is {report.state} without expires"
    return None


def _fault_of_final(report: ProgressReport) -> _Fault | None:
    if not is_terminated(report):
        return WARNING, f"has Subscription-State {report.state}, and a final status must terminate the subscription"
    reason = state_parameter(report, "reason")
    if reason == "noresource" or (reason in DENIED and (report.status or 0) >= 300):
        return None
    stated = "without a reason" if reason is None else f"with reason {reason}"
    return WARNING, f"terminates the subscription {stated}, and the reason must be noresource"


def _fault_of_early_end(report: ProgressReport, place: int) -> _Fault | None:
    if report.status is None:
        # It ends because of time or an unsubscription, and has nothing to tell.
        return None
    if place == 0:
        return INFO, "ends the subscription at once, so that the result is never told"
    return WARNING, "terminates the subscription before there is a result"
