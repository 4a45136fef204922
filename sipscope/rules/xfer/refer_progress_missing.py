"""A REFER was accepted, and no NOTIFY ever tells how it goes.

What it finds
    A REFER accepted with 2xx that creates an implicit subscription, and no NOTIFY of the refer event within 4 s.
    A NOTIFY before the 2xx is legal and counts, as does one whose id fits no REFER in view. A REFER that asked for
    no subscription is a matter of its own, see XFER-010. Where the transferor had hung up by then, it is information;
    for a REFER outside a dialog it is merely possible, because the NOTIFY may take another way.
Why it matters
    The transferor's phone stays in "transferring", and many drop the call after a timer.
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
        2.2   bob -> alice  NOTIFY sipfrag=100
        2.3   alice -> bob  200
        3.0   bob -> alice  NOTIFY sipfrag=486
        3.1   alice -> bob  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The transferee must send NOTIFY with "SIP/2.0 100 Trying" right after accepting.
    - Does a firewall, an SBC or an Allow list stop NOTIFY on its way to the transferor?
    - Was the REFER handled by an element in between that doesn't report progress?
Sources
    RFC 3515 §2.4.4; RFC 6665 §4.2.1.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.refer_subscriptions import told_otherwise
from sipscope.rules.transfers import (
    FIRST_NOTIFY,
    accepted_at,
    asked_for_silence,
    notify_would_pass,
    refer_evidence,
    subscription_granted,
    target_words,
    transfer_identity,
    transferor_left,
)


@rule("XFER-004", name="refer-progress-missing", severity=ERROR, since="0.1", subject=Transfer)
def refer_progress_missing(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """Each REFER that creates a subscription is followed by a NOTIFY at once (RFC 3515 §2.4.4)."""
    accepted = accepted_at(transfer)
    if accepted is None or not subscription_granted(transfer) or asked_for_silence(transfer):
        return
    deadline = accepted + FIRST_NOTIFY
    if any(report.at <= deadline for report in transfer.reports) or told_otherwise(transfer, trace, deadline):
        return
    if not guards.capture_continues(trace, accepted, FIRST_NOTIFY):
        return
    left = transferor_left(transfer, trace, deadline)
    evidence = list(refer_evidence(transfer))
    if left is not None:
        evidence.append(Evidence(frame=left.frames[-1], note="BYE by the transferor"))
    late = f"; the first came after {(transfer.reports[0].at - accepted) / 1e9:.1f} s" if transfer.reports else ""
    doubts = _doubts(transfer, trace)
    yield Hit(
        text=(
            f"The REFER to {target_words(transfer)} was accepted, and no NOTIFY told its progress within "
            f"{FIRST_NOTIFY // 10**9} s{late}."
        ),
        evidence=tuple(evidence),
        at=accepted,
        severity=INFO if left is not None else None,
        confidence=Confidence.POSSIBLE if doubts else Confidence.CERTAIN,
        guards=doubts,
        identity=transfer_identity(transfer),
    )


def _doubts(transfer: Transfer, trace: Trace) -> tuple[str, ...]:
    doubts = []
    if not notify_would_pass(transfer, trace):
        doubts.append("The NOTIFY may take a way that this tap doesn't see.")
    if guards.capture_lossy_near(trace, transfer.started_at, transfer.started_at + FIRST_NOTIFY):
        doubts.append("The capture itself lost packets at that time.")
    return tuple(doubts)
