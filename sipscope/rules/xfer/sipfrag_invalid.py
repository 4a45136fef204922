"""A NOTIFY of the refer event has no valid sipfrag.

What it finds
    A NOTIFY of the refer event whose body is missing, is not message/sipfrag, or doesn't begin with a complete
    status line (`SIP/2.0 200 OK`). A missing version parameter is no fault. A status line without reason phrase
    and blank is a warning. A NOTIFY that ends the subscription for another reason than a result may be empty.
Why it matters
    The transferor can't read the outcome: it takes the transfer for failed, or waits for ever.
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
        2.2   bob -> alice  NOTIFY
              Event: refer
              Subscription-State: terminated;reason=noresource
              Content-Type: text/plain
              | 200 OK
        2.3   alice -> bob  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
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
        2.2   bob -> alice  NOTIFY sipfrag=200
        2.3   alice -> bob  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The body must be of type message/sipfrag and begin with a status line; "SIP/2.0 200 OK" and a line end are
      enough.
    - Does an element in between remove or convert the body of NOTIFY?
Sources
    RFC 3515 §2.4.4; RFC 3515 §2.4.5; RFC 3420 §2
"""

from collections.abc import Iterator

from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.transfers import report_evidence, transfer_identity


@rule("XFER-006", name="sipfrag-invalid", severity=ERROR, since="0.1", subject=Transfer)
def sipfrag_invalid(transfer: Transfer, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """The body of a refer NOTIFY is a sipfrag that begins with a status line (RFC 3515 §2.4.5)."""
    for report in transfer.reports:
        request = report.transaction.request
        if report.problem is None or request is None or _may_be_empty(report):
            continue
        if any(defect.code == "message-truncated" for defect in request.defects):
            continue
        yield Hit(
            text=f"The NOTIFY that should tell the result of the REFER can't be read: {report.problem}.",
            evidence=(report_evidence(report),),
            at=report.at,
            severity=WARNING if report.status is not None else None,
            identity=transfer_identity(transfer, request.cseq),
        )


def _may_be_empty(report: ProgressReport) -> bool:
    """A NOTIFY that ends the subscription because of time or unsubscription carries no result."""
    request = report.transaction.request
    if request is None or request.body.strip():
        return False
    state = request.subscription_state
    reason = None if state is None else state.parameters.get("reason")
    return (report.state or "").startswith("terminated") and reason != "noresource"
