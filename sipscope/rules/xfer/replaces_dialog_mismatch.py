"""A Replaces header names no live dialog of the phone that gets it.

What it finds
    An INVITE with Replaces that was refused, whose Call-ID is known in the capture, but whose tags identify no
    live dialog of the receiver: tags swapped (to-tag must be the receiver's own tag), other tags, a dialog that
    had ended (a warning: the hang-up may have crossed), or a dialog of somebody else. An INVITE that was accepted
    proves that the receiver matched it.
Why it matters
    The target answers 481 or 603, and the transfer fails although every party is fine.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> carol INVITE call=consult
              m=audio 4000 RTP/AVP 0
        0.1   carol -> alice 200 tag=c9
              m=audio 6000 RTP/AVP 0
        0.2   alice -> carol ACK
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: consult@192.0.2.10;to-tag=alice-consult;from-tag=c9
        2.5   carol -> bob  481 call=2
        2.6   bob -> carol  ACK call=2
        9.0   alice -> carol BYE call=consult
        9.1   carol -> alice 200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> carol INVITE call=consult
              m=audio 4000 RTP/AVP 0
        0.1   carol -> alice 200 tag=c9
              m=audio 6000 RTP/AVP 0
        0.2   alice -> carol ACK
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: consult@192.0.2.10;to-tag=c9;from-tag=alice-consult
        2.5   carol -> bob  200 call=2
              m=audio 6002 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   carol -> alice BYE call=consult
        2.8   alice -> carol 200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - Fill the tags from the receiver's point of view: to-tag is its own tag, from-tag the other party's.
    - A B2BUA must translate Call-ID and tags of Replaces between its two legs.
    - Did the consultation end before the INVITE with Replaces arrived?
Sources
    RFC 3891 §3; RFC 3891 §6.1; RFC 5589 §7.3
"""

from collections.abc import Iterator, Sequence

from sipscope.model.dialog import Dialog, Side
from sipscope.model.header_values import DialogReference
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.replacements import (
    NO_REFUSAL,
    accepted_elsewhere,
    matched,
    replaces_evidence,
    side_with_tag,
    tag_of,
)


@rule(
    "XFER-014",
    name="replaces-dialog-mismatch",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("replaces", "response failure"),
)
def replaces_dialog_mismatch(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """to-tag and from-tag are compared with the receiver's local and remote tag (RFC 3891 §3)."""
    request, final = transaction.request, transaction.final
    reference = None if request is None else request.replaces
    if request is None or reference is None or final is None or final.status < 400 or final.status in NO_REFUSAL:
        return
    known = trace.index.dialogs_of_call_id.get(reference.call_id, ())
    if not known or accepted_elsewhere(transaction, trace):
        return
    verdict = _verdict(request, reference, known)
    if verdict is None:
        return
    text, dialog, late = verdict
    yield Hit(
        text=f"{text} It was answered {final.label}.",
        evidence=replaces_evidence(request, final, dialog),
        at=request.at,
        severity=WARNING if late else None,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


_Verdict = tuple[str, Dialog, bool]
"""What is wrong, the dialog it speaks of, and whether the Replaces merely came too late."""


def _verdict(request: Request, reference: DialogReference, known: Sequence[Dialog]) -> _Verdict | None:
    """The verdict on a refused Replaces; None when it matches, or when its dialog may be out of view."""
    match = matched(reference, known)
    if match is not None:
        return _verdict_on_match(request, *match)
    if all(item.confirmed_at is None for item in known):
        # The branch that was answered may be out of view.
        return None
    to_tag, from_tag = tag_of(reference.to_tag), tag_of(reference.from_tag)
    text = f"its Call-ID is known, its tags {to_tag} and {from_tag} are not."
    if any(side_with_tag(item, to_tag) is not None for item in known):
        text = f"from-tag={from_tag} doesn't belong to to-tag={to_tag}."
    return f"Replaces names no dialog: {text}", known[0], False


def _verdict_on_match(request: Request, dialog: Dialog, side: Side) -> _Verdict | None:
    """The verdict where both tags are of one dialog; `side` is the party that to-tag belongs to."""
    if dialog.ended_at is not None and dialog.ended_at <= request.at:
        return "Replaces names a dialog that had already ended.", dialog, True
    receiver = request.hop.destination.address
    owner, other = dialog.party(side).endpoint.address, dialog.party(side.other).endpoint.address
    if receiver != other or owner == other:
        return None
    tag = dialog.party(side).tag
    text = f"Replaces has its tags swapped: to-tag={tag} is the tag of the other party, not of {receiver}."
    return text, dialog, False
