"""A REFER is refused, or gets no answer at all.

What it finds
    A REFER with a final response of 300 or above, challenges that were met aside, or without any within 64·T1 (32
    s). The text names the probable cause from the status. A 481 because a BYE crossed the REFER is let be.
Why it matters
    The transferor must take the call back from hold. Users say "the transfer failed and the caller was lost".
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
        2.1   bob -> alice  603
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
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
    - Does the transferee list REFER in Allow? Trunks of providers often refuse it on purpose.
    - Let the PBX or SBC carry out the transfer with re-INVITEs instead of passing REFER on.
    - With 481, compare Call-ID and tags of the REFER with the dialog; with 400, look at Refer-To.
Sources
    RFC 3515 §2.4.2; RFC 5589 §6
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import TransactionState
from sipscope.model.transfer import Transfer
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.transfers import refer_evidence, target_words, transfer_identity
from sipscope.rules.unanswered import confidence_in_silence, superseded

CAUSES = {
    400: "the request was not understood, see its Refer-To",
    403: "policy forbids it",
    405: "the method is not allowed there",
    420: "an extension that it requires is not supported",
    481: "the dialog is unknown there",
    501: "the method is not implemented there",
    603: "it was declined, often by policy",
}


CHALLENGES = frozenset({401, 407})

RETRY: Duration = 4 * SECOND
"""How long the capture must go on behind a challenge before it is taken for the last word."""


@rule("XFER-002", name="refer-refused-or-unsupported", severity=WARNING, since="0.1", subject=Transfer)
def refer_refused_or_unsupported(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """A REFER is accepted with 2xx or refused (RFC 3515 §2.4.2)."""
    final, request = transfer.refer.final, transfer.refer.request
    if request is None or (final is not None and final.status < 300):
        return
    if final is not None:
        if final.status in CHALLENGES and not guards.capture_continues(trace, final.at, RETRY):
            return
        if final.status == 481 and _was_hung_up(transfer, trace, final.at):
            return
        cause = CAUSES.get(final.status)
        yield Hit(
            text=f"The REFER to {target_words(transfer)} was refused with {final.label}"
            + (f": {cause}." if cause else "."),
            evidence=refer_evidence(transfer),
            at=request.at,
            identity=transfer_identity(transfer),
        )
    elif transfer.refer.state is TransactionState.TIMED_OUT and not superseded(transfer.refer, trace):
        confidence, doubts = confidence_in_silence(trace, transfer.refer)
        yield Hit(
            text=f"The REFER to {target_words(transfer)} was never answered.",
            evidence=(*refer_evidence(transfer), *_copies(transfer)),
            at=request.at,
            confidence=confidence,
            guards=doubts,
            identity=transfer_identity(transfer),
        )


def _was_hung_up(transfer: Transfer, trace: Trace, at: Instant) -> bool:
    """Whether a BYE crossed the REFER, so that the dialog is rightly unknown; the capture may begin behind that BYE."""
    dialog = trace.index.dialogs.get(transfer.dialog_id or "")
    return dialog is not None and any(item.request is None or item.started_at <= at for item in dialog.byes)


def _copies(transfer: Transfer) -> tuple[Evidence, ...]:
    return tuple(Evidence(frame=copy.frames[-1], note="sent again") for copy in transfer.refer.request_copies)
