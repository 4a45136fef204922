"""The transferor hung up before it knew the result, and the transfer failed: nobody is left with the caller.

What it finds
    A BYE of the transferor in the call that is transferred, before a final NOTIFY, and a triggered INVITE that fails
    or is cancelled, or a failure that is told later. It is merely possible where the new call never comes into view
    within 30 s. A BYE before the result is a style of blind transfer and no fault while the transfer succeeds; a
    challenge, a redirection or another try is no failure. A transferor that knew of the failure, or had waited in
    vain to be told of it, is let be.
Why it matters
    The caller is lost, and the log of every phone says that all went well.
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
        2.2   alice -> bob  BYE
        2.3   bob -> alice  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  404 call=2
        2.6   bob -> carol  ACK call=2
        9.0   end
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
        2.5   carol -> bob  404 call=2
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY sipfrag=404
        2.8   alice -> bob  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Let the transferor keep its call until a final NOTIFY comes; many phones have a setting for it.
    - Why did the new call fail: a wrong number, a busy target, a target that isn't registered?
Sources
    RFC 5589 §6; RFC 5589 §6.3; RFC 3515 §2.4.4
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferKind, TransferOutcome
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import anchor
from sipscope.rules.transfer_failures import failure_observed, failure_told, reached_otherwise, transferee_still_talks
from sipscope.rules.transfers import (
    FIRST_NOTIFY,
    accepted_at,
    original_dialog,
    refer_evidence,
    target_words,
    transfer_identity,
    transferor_side_of,
)

RETRY: Duration = 5 * SECOND
"""How long the capture must go on behind the failure, for another try to be seen."""

UNSEEN: Duration = 30 * SECOND
"""How long the transferee may take to place the new call."""


@rule("XFER-018", name="caller-orphaned", severity=ERROR, since="0.1", subject=Transfer)
def caller_orphaned(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """Only a transferor that stays until the result can help when the transfer fails (RFC 5589 §6)."""
    accepted, bye = accepted_at(transfer), _bye(transfer, trace)
    if accepted is None or bye is None or transfer.kind is TransferKind.OTHER:
        return
    if any(report.is_final and report.at <= bye.at for report in transfer.reports):
        return
    if transferee_still_talks(transfer, trace, bye.at + SECOND) or reached_otherwise(transfer, trace):
        return
    failure = failure_observed(transfer) or failure_told(transfer)
    if failure is None:
        in_haste = bye.at <= accepted + FIRST_NOTIFY and _never_appears(transfer)
        if in_haste and guards.capture_continues(trace, accepted, UNSEEN):
            yield _unseen(transfer, bye)
    elif bye.at <= failure.at + FIRST_NOTIFY and guards.capture_continues(trace, failure.at, RETRY):
        yield _hit(transfer, bye, failure)


def _bye(transfer: Transfer, trace: Trace) -> Request | None:
    """The BYE with which the transferor left the call it had transferred."""
    original = original_dialog(transfer, trace)
    side = None if original is None else transferor_side_of(transfer, original)
    release = None if original is None else original.release
    if side is None or release is None or release.by is not side or not isinstance(release.message, Request):
        return None
    return release.message if release.message.at >= transfer.started_at else None


def _never_appears(transfer: Transfer) -> bool:
    """Whether neither a new call nor any word of it came into view."""
    if transfer.triggered is not None or transfer.outcome is not TransferOutcome.UNKNOWN:
        return False
    return transfer.target is not None and transfer.target.uri.scheme in {"sip", "sips", "tel"}


def _hit(transfer: Transfer, bye: Request, failure: Message) -> Hit:
    waited = in_seconds(failure.at - bye.at)
    advice = f" {waited:.1f} s later it would have known, and could have taken the call back." if waited > 0 else ""
    what = f"got {failure.label}" if isinstance(failure, Response) else "failed, as it was told too late"
    return Hit(
        text=(
            f"The transferor hung up before it was told the result, and the call to {target_words(transfer)} {what}: "
            f"nobody is connected.{advice}"
        ),
        evidence=(*_evidence(transfer, bye), Evidence(frame=anchor(failure), note="the new call failed")),
        at=max(bye.at, failure.at),
        confidence=Confidence.CERTAIN if isinstance(failure, Response) else Confidence.LIKELY,
        identity=transfer_identity(transfer),
    )


def _unseen(transfer: Transfer, bye: Request) -> Hit:
    return Hit(
        text=(
            f"The transferor hung up before it was told the result, and no call to {target_words(transfer)} came into "
            f"view within {UNSEEN // SECOND} s."
        ),
        evidence=_evidence(transfer, bye),
        at=bye.at,
        confidence=Confidence.POSSIBLE,
        guards=("The new call may take a way that this tap doesn't see.",),
        identity=transfer_identity(transfer),
    )


def _evidence(transfer: Transfer, bye: Request) -> tuple[Evidence, ...]:
    return (*refer_evidence(transfer), Evidence(frame=anchor(bye), note="BYE by the transferor"))
