"""The NOTIFY tells another result than the triggered call really had.

What it finds
    A final sipfrag whose class differs from the last final response of the triggered INVITE: success reported
    although it failed or was cancelled, or failure reported although it was answered. Statuses are compared by
    class only. A success that is reported before the triggered INVITE was answered is a warning.
Why it matters
    The transferor hangs up in the belief that all is well while the caller listens to silence, or takes back a
    call that is already connected.
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
        2.5   carol -> bob  486 call=2
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
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
        2.5   carol -> bob  486 call=2
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY sipfrag=486
        2.8   alice -> bob  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The transferee must report the response that the triggered request really got, when it got it.
    - Does the transferee report success as soon as it sends the INVITE? Some phones have a setting for that.
Sources
    RFC 3515 §2.4.5; RFC 5589 §6.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.transfers import DIRECT_SCORE, refer_evidence, report_evidence, target_words, transfer_identity

CHALLENGES = frozenset({401, 407, 422, 491})


@rule("XFER-009", name="refer-result-contradicts-outcome", severity=ERROR, since="0.1", subject=Transfer)
def refer_result_contradicts_outcome(transfer: Transfer, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """The sipfrag reports the response to the referenced request (RFC 3515 §2.4.5)."""
    triggered = transfer.triggered
    if triggered is None or transfer.triggered_score < DIRECT_SCORE:
        return
    report = next((item for item in reversed(transfer.reports) if item.is_final), None)
    final = triggered.final
    if report is None or report.status is None or final is None or final.status in CHALLENGES:
        return
    if 300 <= final.status < 400:
        # A redirection may have been followed by an attempt that is not in view.
        return
    reported_success, observed_success = report.status < 300, final.is_success
    if reported_success != observed_success:
        yield _hit(transfer, report, final, warn=False)
    elif reported_success and report.at < final.at:
        yield _hit(transfer, report, final, warn=True)


def _hit(transfer: Transfer, report: ProgressReport, final: Response, *, warn: bool) -> Hit:
    text = (
        f"The transferor was told {report.status}, but the call to {target_words(transfer)} that the REFER triggered "
        f"got {final.label}."
    )
    if warn:
        text = (
            f"Success was reported {(final.at - report.at) / 1e6:.0f} ms before the call to {target_words(transfer)} "
            "was answered."
        )
    return Hit(
        text=text,
        evidence=(
            *refer_evidence(transfer),
            Evidence(frame=final.frames[-1], note=f"{final.label} to the triggered INVITE"),
            report_evidence(report),
        ),
        at=report.at,
        severity=WARNING if warn else None,
        identity=transfer_identity(transfer),
    )
