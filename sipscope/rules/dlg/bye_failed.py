"""A BYE is refused, or never answered, so the other end may stay in the call.

What it finds
    A BYE without a final answer within 64·T1 (32 s), or answered with anything but a 2xx, where no later BYE of
    the dialog succeeded. A 401 or 407 that is followed by success, or that stands at the end of the capture, is no
    failure. Both ends hanging up at once is no failure either.
Why it matters
    The other end stays in the call: wrong billing, a busy line, open to toll fraud.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.5   alice -> bob  BYE again
        6.5   alice -> bob  BYE again
        8.5   alice -> bob  BYE again
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
        40    end
What to check
    - Compare the Request-URI and Route of the BYE with the Contact and Record-Route of the 2xx or INVITE.
    - Did the phone's NAT binding expire during the call, or did the other end restart?
    - Turn on session timers as a safety net against calls that nobody ends.
Sources
    RFC 3261 §15.1.1; RFC 3261 §15.1.2; RFC 3261 §17.1.2.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.unanswered import DEADLINE, answered_out_of_view, confidence_in_silence, copies_as_evidence


@rule("DLG-009", name="bye-failed", severity=WARNING, since="0.1", subject=Dialog, needs=("BYE",))
def bye_failed(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A BYE ends the session for its sender at once, whatever the answer; the other end learns it only by the BYE."""
    byes = dialog.byes
    if any(bye.final is not None and bye.final.is_success for bye in byes):
        return
    senders = {bye.request.from_tag for bye in byes if bye.request is not None}
    for bye in byes[-1:]:
        if bye.final is not None:
            if not _may_be_retried(bye, trace):
                yield from _refused(dialog, bye, crossed=len(senders) > 1)
        elif bye.state is TransactionState.TIMED_OUT and not answered_out_of_view(trace, bye):
            yield from _unanswered(dialog, bye, trace)


def _may_be_retried(bye: Transaction, trace: Trace) -> bool:
    """Whether a challenge stands so near the end of the capture that the retry may follow behind it."""
    final = bye.final
    challenged = final is not None and final.status in {401, 407}
    return challenged and not guards.capture_continues(trace, bye.started_at, DEADLINE)


def _refused(dialog: Dialog, bye: Transaction, *, crossed: bool) -> Iterator[Hit]:
    final = bye.final
    if final is None or bye.request is None or (crossed and final.status in {481, 487}):
        # RFC 5407 §3.1.3: both ends may hang up at once, and each then refuses the other's BYE.
        return
    yield Hit(
        text=f"The BYE was answered {final.label}: the other end may not have released the call.",
        evidence=(
            Evidence(frame=bye.request.frames[-1], note="BYE"),
            Evidence(frame=final.frames[-1], note=final.label),
        ),
        at=bye.request.at,
        severity=INFO if final.status == 481 else None,
        identity=(dialog.id, "refused"),
    )


def _unanswered(dialog: Dialog, bye: Transaction, trace: Trace) -> Iterator[Hit]:
    confidence, doubts = confidence_in_silence(trace, bye)
    yield Hit(
        text=(
            f"{bye.hop.destination} never answered the BYE, sent {1 + len(bye.request_copies)} times within 32 s: the "
            "other end may still be in the call."
        ),
        evidence=copies_as_evidence(bye),
        at=bye.started_at,
        confidence=confidence,
        guards=doubts,
        identity=(dialog.id, "unanswered"),
    )
