"""A transfer failed, and nobody took the caller off hold.

What it finds
    A transfer that failed while the transferor held the other party, and within 15 s of knowing it the transferor
    sends nothing to anybody: no re-INVITE, no BYE, no further REFER, no other call. It is an error where the party on
    hold then hangs up without ever having been taken back. A caller who hangs up within these 15 s, a REFER that
    was refused before any hold, and a call that was not on hold are let be.
Why it matters
    The caller waits in silence, or with music, for somebody who believes the call is gone.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        1.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        1.2   alice -> bob  ACK
        2.0   alice -> bob  REFER
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY sipfrag=100
        2.3   alice -> bob  200
        3.0   bob -> alice  NOTIFY sipfrag=486
        3.1   alice -> bob  200
        93.0  bob -> alice  BYE
        93.1  alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        1.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        1.2   alice -> bob  ACK
        2.0   alice -> bob  REFER
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY sipfrag=100
        2.3   alice -> bob  200
        3.0   bob -> alice  NOTIFY sipfrag=486
        3.1   alice -> bob  200
        6.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        6.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        6.2   alice -> bob  ACK
        93.0  bob -> alice  BYE
        93.1  alice -> bob  200
What to check
    - Does the transferor's phone show that the transfer failed, and how long does it wait for its user?
    - Let the PBX ring the transferor back, or take the call back by itself, when a transfer fails.
    - No RFC sets a time for this; a recall timer of the PBX may be longer than 15 s.
Sources
    RFC 5589 §5; RFC 5589 §6.3; RFC 3264 §8.4
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules import guards
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor
from sipscope.rules.hold import HoldStep, hold_in_force
from sipscope.rules.transfer_failures import failure_told
from sipscope.rules.transfers import (
    original_dialog,
    refer_evidence,
    target_words,
    transfer_identity,
    transferor_side_of,
)

RECOVERY: Duration = 15 * SECOND
"""How long the transferor may take; no RFC sets a limit."""

ACTS = frozenset({"INVITE", "UPDATE", "REFER", "BYE", "CANCEL"})
"""What a transferor who goes on with its calls sends, to whomever."""


@rule("XFER-017", name="transfer-failed-no-recovery", severity=WARNING, since="0.1", subject=Transfer)
def transfer_failed_no_recovery(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """After a failed transfer the transferor takes the transferee off hold (RFC 5589 §6.3)."""
    told, original = failure_told(transfer), original_dialog(transfer, trace)
    side = None if original is None else transferor_side_of(transfer, original)
    if told is None or original is None or side is None:
        return
    hold = hold_in_force(original, trace, side, told.at)
    if hold is None or (original.ended_at is not None and original.ended_at <= told.at + RECOVERY):
        return
    if not guards.capture_continues(trace, told.at, RECOVERY) or not guards.answers_visible(trace, told):
        return
    if not _goes_on(transfer, original, side, trace, told.at):
        yield _hit(transfer, trace, told, hold, _left(original, side, trace))


def _goes_on(transfer: Transfer, original: Dialog, side: Side, trace: Trace, since: Instant) -> bool:
    """Whether the transferor did anything in time, on whatever leg."""
    hosts = {transfer.refer.first.hop.source.address, original.party(side).endpoint.address}
    return any(
        item.method in ACTS and since < item.started_at <= since + RECOVERY and item.hop.source.address in hosts
        for item in trace.transactions
    )


def _left(original: Dialog, side: Side, trace: Trace) -> Message | None:
    """The BYE of the party on hold, where it was never taken back before."""
    release = original.release
    if release is None or release.by is not side.other:
        return None
    held = hold_in_force(original, trace, side, release.message.at)
    return None if held is None else release.message


def _hit(transfer: Transfer, trace: Trace, told: Message, hold: HoldStep, left: Message | None) -> Hit:
    lossy = guards.capture_lossy_near(trace, told.at, told.at + RECOVERY)
    note = told.label if isinstance(told, Response) else "the failure is told"
    evidence = [
        Evidence(frame=anchor(hold.exchange.offer_message), note="hold"),
        *refer_evidence(transfer),
        Evidence(frame=anchor(told), note=note),
    ]
    end = "."
    if left is not None:
        evidence.append(Evidence(frame=anchor(left), note="the party on hold hangs up"))
        end = f", and it hung up {in_seconds(left.at - told.at):.0f} s later, still on hold."
    return Hit(
        text=(
            f"The transfer to {target_words(transfer)} failed, and for {RECOVERY // SECOND} s the transferor did "
            f"nothing for the party it had put on hold{end}"
        ),
        evidence=tuple({item.frame: item for item in evidence}.values()),
        at=told.at,
        severity=ERROR if left is not None else None,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=("The capture itself lost packets at that time.",) if lossy else (),
        identity=transfer_identity(transfer),
    )
