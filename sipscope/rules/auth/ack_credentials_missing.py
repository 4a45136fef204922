"""The ACK to a 2xx lacks credentials that its INVITE had, and has no effect.

What it finds
    On the first hop of a user agent: an ACK to a 2xx that lacks Authorization or Proxy-Authorization of a realm for
    which its INVITE had credentials, where the 2xx is repeated twice or more behind the ACK. Most servers don't ask for
    credentials in an ACK, so one that ends the repetition is let be, and so is one that leads elsewhere than it should.
Why it matters
    A proxy that asks drops the ACK without a word, and the callee ends the call after half a minute.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Proxy-Authorization: Digest username="al", realm="p", nonce="a", uri="sip:bob@192.0.2.20", response="0"
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.6   bob -> alice  200 again
        0.7   alice -> bob  ACK again
        1.6   bob -> alice  200 again
        1.7   alice -> bob  ACK again
        3.6   bob -> alice  200 again
        3.7   alice -> bob  ACK again
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Proxy-Authorization: Digest username="al", realm="p", nonce="a", uri="sip:bob@192.0.2.20", response="0"
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
              Proxy-Authorization: Digest username="al", realm="p", nonce="a", uri="sip:bob@192.0.2.20", response="0"
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The ACK has the credentials of the INVITE, copied as they are.
    - Does a proxy in between ask for credentials in an ACK? It can't challenge it, and is to take those of the INVITE.
Sources
    RFC 3261 §13.2.2.4; RFC 3261 §22.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.acknowledgement import success_of
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.digest import SPELT, realm_of
from sipscope.rules.request_fields import route_difference, same_target

CROSSING: Duration = SECOND // 2
"""A 2xx that is repeated so soon behind the ACK may have crossed it."""

TELLING_COPIES = 2


@rule(
    "AUTH-012",
    name="ack-credentials-missing",
    severity=WARNING,
    since="0.1",
    subject=Dialog,
    needs=("INVITE copies", "ACK", ("authorization", "proxy-authorization")),
)
def ack_credentials_missing(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The ACK must contain the same credentials as the INVITE (RFC 3261 §13.2.2.4)."""
    if not dialog.is_invite:
        return
    for invite in dialog.transactions:
        request = invite.request
        if invite.method != "INVITE" or request is None or not request.credentials or len(request.vias) != 1:
            continue
        success = success_of(invite, dialog)
        acks = [] if success is None else _acks(dialog, invite)
        if success is None or not acks or not _is_sound(request, success, acks[0]):
            continue
        lacking = _lacking(request, acks)
        copies = [copy for copy in invite.copies_of(success) if copy.at > acks[0].at + CROSSING]
        if lacking and len(copies) >= TELLING_COPIES:
            yield _hit(success, acks[0], copies, lacking, request, trace)


def _acks(dialog: Dialog, invite: Transaction) -> list[Request]:
    """The ACKs to it as its own client sent them."""
    number = None if invite.first.cseq is None else invite.first.cseq.number
    return [
        item.request
        for item in dialog.transactions
        if item.method == "ACK"
        and item.request is not None
        and item.key.client == invite.key.client
        and len(item.request.vias) == 1
        and item.request.cseq is not None
        and item.request.cseq.number == number
    ]


def _is_sound(invite: Request, success: Response, ack: Request) -> bool:
    """Whether the ACK leads where it should; otherwise that is why it has no effect (TXN-006)."""
    if success.contacts and not same_target(success.contacts[0].uri, ack.request_uri):
        return False
    return invite.to_tag is not None or not route_difference(list(reversed(success.record_routes)), ack)


def _lacking(invite: Request, acks: list[Request]) -> list[str]:
    """Credentials that no ACK has, by header field and realm."""
    given = {(value.header, realm_of(value)) for ack in acks for value in ack.credentials}
    wanted = dict.fromkeys((value.header, realm_of(value)) for value in invite.credentials)
    return [f"{SPELT[header]} for realm “{realm}”" for header, realm in wanted if (header, realm) not in given]


def _hit(
    success: Response, ack: Request, copies: list[Message], lacking: list[str], invite: Request, trace: Trace
) -> Hit:
    lossy = guards.capture_lossy_near(trace, success.at, copies[-1].at)
    words = " and ".join(lacking)
    return Hit(
        text=(
            f"The ACK to the {success.label} lacks {words}, which its INVITE had, and the {success.label} was repeated "
            f"{len(copies)} times behind it."
        ),
        evidence=(
            Evidence(frame=invite.frames[-1], note=f"INVITE with {words}"),
            Evidence(frame=ack.frames[-1], note="ACK without"),
            *(Evidence(frame=copy.frames[-1], note=f"{success.label} again") for copy in copies),
        ),
        at=ack.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets at that time.",)
        if lossy
        else ("The ACK may have been lost for another reason.",),
        identity=(ack.call_id, ack.from_tag, ack.cseq),
    )
