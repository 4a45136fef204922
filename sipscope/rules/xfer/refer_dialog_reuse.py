"""A REFER shares a dialog that it shouldn't, or doesn't say which call it is about.

What it finds
    A REFER that makes a subscription within the dialog of a call whose Contact at the other side is a GRUU, which can
    be reached from outside of the dialog; and, a warning, a Target-Dialog that lacks one of its tags. A REFER within a
    dialog is what everybody does where the Contact is no GRUU, and one with Require: nosub makes no subscription.
Why it matters
    Two uses of one dialog break each other: a 481 to a NOTIFY, or a BYE, may end both.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Contact: <sip:bob@192.0.2.20;gr=1>
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK uri=sip:bob@192.0.2.20;gr=1
        2.0   alice -> bob  REFER call=1 uri=sip:bob@192.0.2.20;gr=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  200
              Contact: <sip:bob@192.0.2.20;gr=1>
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
              Contact: <sip:bob@192.0.2.20;gr=1>
        2.3   alice -> bob  200
        2.4   bob -> alice  NOTIFY call=1 sipfrag=486
              Contact: <sip:bob@192.0.2.20;gr=1>
        2.5   alice -> bob  200
        9.0   alice -> bob  BYE call=1 uri=sip:bob@192.0.2.20;gr=1
        9.1   bob -> alice  200
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
    - Let the transferor send the REFER outside of the dialog, to the GRUU, with Target-Dialog, or with Require: nosub.
Sources
    RFC 6665 §4.5.2; RFC 5589 §5
"""

from collections.abc import Iterator

from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut
from sipscope.rules.transfers import refer_evidence, subscription_granted, transfer_identity


@rule("XFER-020", name="refer-dialog-reuse", severity=INFO, since="0.1", subject=Transfer)
def refer_dialog_reuse(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """Subscribers don't reuse dialogs whose remote target is a GRUU (RFC 6665 §4.5.2)."""
    request, final = transfer.refer.request, transfer.refer.final
    if request is None or is_cut(request):
        return
    named = request.target_dialog
    if named is not None and (named.to_tag is None or named.from_tag is None):
        lacking = "local-tag" if named.to_tag is None else "remote-tag"
        text = f"The Target-Dialog of the REFER lacks its {lacking}, so it names no dialog."
        yield _hit(transfer, request, text, warn=True)
    elif final is not None and final.is_success and subscription_granted(transfer) and _shares_a_gruu(transfer, trace):
        text = (
            "The REFER subscribes within the dialog of a call whose other side can be reached from outside, by a GRUU."
        )
        yield _hit(transfer, request, text, warn=False)


def _shares_a_gruu(transfer: Transfer, trace: Trace) -> bool:
    """Whether the REFER came in a call's dialog, and the transferee's Contact there is a GRUU (RFC 5627 §3.1)."""
    dialog = trace.index.dialogs.get(transfer.dialog_id or "")
    if dialog is None or not dialog.is_invite or transfer.transferor_side is None:
        return False
    if transfer.refer.first.call_id != dialog.key.call_id:
        # Sent beside the call that its Target-Dialog names.
        return False
    contact = dialog.party(transfer.transferor_side.other).contact
    return contact is not None and "gr" in contact.uri.parameters


def _hit(transfer: Transfer, request: Request, text: str, *, warn: bool) -> Hit:
    return Hit(
        text=text,
        evidence=refer_evidence(transfer),
        at=request.at,
        severity=WARNING if warn else None,
        identity=transfer_identity(transfer),
    )
