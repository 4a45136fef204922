"""A callee changes its Contact by UPDATE while the INVITE is open, and its 2xx takes the change back.

What it finds
    In an early dialog, an UPDATE of the callee, or its 2xx to one, with another Contact than its provisional
    responses had, and a 2xx to the INVITE with yet another or the old one. Only user, host and port are compared.
Why it matters
    The 2xx sets the target anew: ACK and BYE go to where the callee no longer is.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  183 rseq=1
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        0.5   bob -> alice  UPDATE
              Contact: <sip:bob@192.0.2.21:5060>
        0.6   alice -> bob  200 UPDATE
        2.0   bob -> alice  200 INVITE
              Contact: <sip:bob@192.0.2.20:5060>
        2.1   alice -> bob  ACK
        9.0   bob -> alice  BYE
        9.1   alice -> bob  200 BYE
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  183 rseq=1
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        0.5   bob -> alice  UPDATE
              Contact: <sip:bob@192.0.2.20:5060>
        0.6   alice -> bob  200 UPDATE
        2.0   bob -> alice  200 INVITE
              Contact: <sip:bob@192.0.2.20:5060>
        2.1   alice -> bob  ACK
        9.0   bob -> alice  BYE
        9.1   alice -> bob  200 BYE
What to check
    - The callee must repeat its newest Contact in the 2xx.
    - Are UPDATE and INVITE answered by different parts of a B2BUA, each with a Contact of its own?
Sources
    RFC 3311 §5.1; RFC 6141 §4.3
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Uri
from sipscope.model.message import Message, Response
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.request_fields import same_target


@rule("UPD-004", name="update-contact-drift", severity=WARNING, since="0.1", subject=Dialog, needs=("UPDATE 2xx",))
def update_contact_drift(dialog: Dialog, _trace: Trace) -> Iterator[Hit]:
    """UPDATE refreshes the remote target, and so does the 2xx to the INVITE (RFC 3311 §5.1)."""
    for leg in dialog.legs:
        if not leg.both_directions or not any(item.method == "UPDATE" for item in leg.transactions):
            continue
        invite = next((item for item in leg.transactions if item.is_dialog_creating_invite), None)
        if invite is None:
            continue
        own = [item for item in invite.responses if item.to_tag == dialog.key.callee_tag and item.status > 100]
        success = next((item for item in own if item.is_success), None)
        before = [item for item in own if item.is_provisional and _contact(item) is not None]
        changed = None if success is None else _last_change(dialog, leg, success)
        if success is None or changed is None or not before or _contact(success) is None:
            continue
        new = _contact(changed)
        if not same_target(_contact(before[0]), new) and not same_target(new, _contact(success)):
            yield _hit(dialog, before[0], changed, success)


def _contact(message: Message) -> Uri | None:
    return message.contacts[0].uri if message.contacts else None


def _last_change(dialog: Dialog, leg: Leg, success: Response) -> Message | None:
    """The newest Contact of the callee in a successful UPDATE before the 2xx."""
    found: list[Message] = []
    for item in leg.transactions:
        request, final = item.request, item.final
        if item.method != "UPDATE" or request is None or final is None or not final.is_success or final.at > success.at:
            continue
        found.append(request if dialog.sender_of(request) is Side.CALLEE else final)
    told = [message for message in found if message.contacts]
    return max(told, key=lambda message: message.at, default=None)


def _hit(dialog: Dialog, before: Message, changed: Message, success: Response) -> Hit:
    text = {message.id: message.contacts[0].uri.text for message in (before, changed, success)}
    return Hit(
        text=(
            f"The callee moved its Contact to {text[changed.id]} by UPDATE, and its {success.label} names "
            f"{text[success.id]}: requests of the caller go there."
        ),
        evidence=tuple(
            Evidence(frame=message.frames[-1], note=f"Contact: <{text[message.id]}>")
            for message in (before, changed, success)
        ),
        at=success.at,
        identity=(dialog.key, success.cseq),
    )
