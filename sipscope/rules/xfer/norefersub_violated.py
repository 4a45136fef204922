"""What was agreed about the subscription of a REFER isn't what happens.

What it finds
    NOTIFYs about a REFER that was accepted with Refer-Sub: false, or that required nosub or explicitsub, so that there
    is no subscription; a REFER with Refer-Sub: false whose 2xx doesn't repeat it and that no NOTIFY follows within 4 s,
    although the subscription was made then; explicitsub accepted without Refer-Events-At. A SUBSCRIBE of the
    transferor makes a subscription of its own.
Why it matters
    A NOTIFY that nobody waits for gets 481, and some phones drop the whole call for it.
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
              Refer-Sub: false
              Supported: norefersub
        2.1   bob -> alice  202
              Refer-Sub: false
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
              Refer-Sub: false
              Supported: norefersub
        2.1   bob -> alice  202
              Refer-Sub: false
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
What to check
    - The transferee must repeat Refer-Sub: false in its 2xx exactly when it makes no subscription.
    - Does an SBC take Refer-Sub out on the way?
Sources
    RFC 4488 §4; RFC 4488 §5; RFC 7614 §5.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.refer_subscriptions import subscribe_requests, told_otherwise
from sipscope.rules.transfers import (
    FIRST_NOTIFY,
    asked_for_silence,
    notify_would_pass,
    refer_evidence,
    report_evidence,
    subscription_granted,
    transfer_identity,
    transferor_left,
)


@rule("XFER-010", name="norefersub-violated", severity=WARNING, since="0.1", subject=Transfer)
def norefersub_violated(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """The 2xx says whether the REFER made a subscription, and NOTIFYs belong to one (RFC 4488 §4)."""
    request, final = transfer.refer.request, transfer.refer.final
    if request is None or final is None or not final.is_success:
        return
    if not subscription_granted(transfer):
        if transfer.reports and not subscribe_requests(transfer, trace):
            yield _unwanted(transfer, request, final)
        elif "explicitsub" in request.require and final.headers.get("refer-events-at") is None:
            yield _hit(
                transfer, "explicitsub was accepted, and the 2xx has no Refer-Events-At to subscribe to.", final.at
            )
    elif asked_for_silence(transfer) and _never_told(transfer, trace, final):
        yield _hit(
            transfer,
            "Refer-Sub: false isn't repeated in the 2xx, so there is a subscription, and no NOTIFY came.",
            final.at,
            sure=notify_would_pass(transfer, trace) and not guards.capture_lossy_near(trace, final.at),
        )


def _never_told(transfer: Transfer, trace: Trace, final: Response) -> bool:
    deadline = final.at + FIRST_NOTIFY
    if any(report.at <= deadline for report in transfer.reports) or told_otherwise(transfer, trace, deadline):
        return False
    left = transferor_left(transfer, trace, deadline)
    return left is None and guards.capture_continues(trace, final.at, FIRST_NOTIFY)


def _unwanted(transfer: Transfer, request: Request, final: Response) -> Hit:
    agreed = (
        "Refer-Sub: false was granted" if final.refer_sub == "false" else f"{', '.join(request.require)} was accepted"
    )
    return _hit(
        transfer,
        f"{agreed}, so there is no subscription, and {len(transfer.reports)} NOTIFY came all the same.",
        transfer.reports[0].at,
        *(report_evidence(report) for report in transfer.reports),
    )


def _hit(transfer: Transfer, text: str, at: Instant, *evidence: Evidence, sure: bool = True) -> Hit:
    return Hit(
        text=text,
        evidence=(*refer_evidence(transfer), *evidence),
        at=at,
        confidence=Confidence.CERTAIN if sure else Confidence.POSSIBLE,
        guards=() if sure else ("The NOTIFY may have been lost by the capture or take another way.",),
        identity=transfer_identity(transfer),
    )
