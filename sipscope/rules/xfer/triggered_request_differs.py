"""The transferee's INVITE isn't what Refer-To asked for.

What it finds
    A triggered INVITE, told by direct evidence and seen as the transferee sent it, with another address than Refer-To
    has, with SIP where SIPS was asked for, without the Replaces that Refer-To carries, with other tags in it, or with
    a header field that is still percent-encoded. It is a warning where the user is right and the host is another,
    or where Referred-By of the REFER was left out or altered, and information where another header field of
    Refer-To was left out. An address that the transferee serves itself, the Contact of a redirection, and a
    telephone number dialled as a SIP URI are no differences.
Why it matters
    Without Replaces an attended transfer becomes a second incoming call at the target; without Referred-By the target
    can't tell on whose behalf it is called.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 200 tag=c9
              m=audio 6002 RTP/AVP 0
        1.2   alice -> carol ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30?Replaces=c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c>
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
        3.2   alice -> carol BYE call=c
        3.3   carol -> alice 200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> carol INVITE call=c
              m=audio 4002 RTP/AVP 0
        1.1   carol -> alice 200 tag=c9
              m=audio 6002 RTP/AVP 0
        1.2   alice -> carol ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30?Replaces=c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.65  carol -> alice BYE call=c
        2.66  alice -> carol 200
        2.7   bob -> alice  NOTIFY call=1 sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE call=1
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
What to check
    - The transferee must decode each header field of Refer-To once, and put it into its INVITE unchanged.
    - Does the transferee support Replaces? Its Supported header field should say so.
    - Does a dial plan in the phone rewrite what Refer-To names?
Sources
    RFC 3515 §2.4.3; RFC 3261 §19.1.5; RFC 3892 §2.2; RFC 5589 §7.3
"""

from collections.abc import Iterator
from urllib.parse import unquote

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Uri
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut
from sipscope.rules.transfers import DIRECT_SCORE, leg_of, refer_evidence, transfer_identity

LEFT_OUT_ON_PURPOSE = frozenset({
    "accept", "accept-encoding", "accept-language", "allow", "body", "call-id", "contact", "cseq", "from",
    "organization", "record-route", "replaces", "route", "supported", "to", "user-agent", "via",
})  # fmt: skip
"""Header fields in a URI that need no honouring or mustn't be honoured (RFC 3261 §19.1.5), and Replaces, which has
a check of its own."""

SAME_NUMBER = 4
"""Digits at the end that two spellings of one telephone number share at least."""

_Difference = tuple[Severity, str]


@rule("XFER-011", name="triggered-request-differs", severity=ERROR, since="0.1", subject=Transfer)
def triggered_request_differs(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """The referenced resource is contacted as its URI says (RFC 3515 §2.4.3, RFC 3261 §19.1.5)."""
    refer, invite = transfer.refer.request, _first_invite(transfer, trace)
    if refer is None or invite is None or transfer.target is None or is_cut(invite) or is_cut(refer):
        return
    hosts = _transferee_hosts(transfer, refer, trace)
    if invite.hop.source.address not in hosts:
        return
    found = [
        *_address(transfer.target.uri, invite, hosts),
        *_replaces(refer, invite),
        *_encoded(transfer.target.uri, invite),
        *_referred_by(refer, invite),
        *_left_out(transfer.target.uri, invite),
    ]
    if found:
        faults = "; ".join(text for _, text in found)
        yield Hit(
            text=f"The INVITE that the REFER triggered isn't what Refer-To asked for: {faults}.",
            evidence=(*refer_evidence(transfer), Evidence(frame=invite.frames[-1], note=_label(invite))),
            at=invite.at,
            severity=max((severity for severity, _ in found), key=lambda severity: severity.rank),
            identity=transfer_identity(transfer),
        )


def _first_invite(transfer: Transfer, trace: Trace) -> Request | None:
    """The triggered INVITE before any challenge or redirection."""
    triggered = transfer.triggered
    if triggered is None or transfer.triggered_score < DIRECT_SCORE:
        return None
    series = trace.index.series_of_transaction.get(triggered.id)
    first: Transaction = triggered if series is None else series.transactions[0]
    return first.request


def _transferee_hosts(transfer: Transfer, refer: Request, trace: Trace) -> set[str]:
    hosts = {refer.hop.destination.address}
    leg = leg_of(transfer, trace)
    dialog = None if leg is None else trace.index.dialogs.get(leg.dialog_id)
    if dialog is not None and transfer.transferor_side is not None:
        party = dialog.party(transfer.transferor_side.other)
        hosts.add(party.endpoint.address)
        if party.contact is not None:
            hosts.add(party.contact.uri.host)
    return hosts


def _address(target: Uri, invite: Request, hosts: set[str]) -> Iterator[_Difference]:
    """Whether Request-URI or To is the address of Refer-To; one that the transferee serves may be translated."""
    dialled = invite.request_uri
    uris = [uri for uri in (dialled, None if invite.to is None else invite.to.uri) if uri is not None]
    if dialled is None or target.scheme not in {"sip", "sips"} or dialled.scheme not in {"sip", "sips"}:
        return
    if target.scheme == "sips" and dialled.scheme == "sip":
        yield ERROR, f"it is sent to {dialled.text}, although Refer-To asks for SIPS"
        return
    if any((uri.user, uri.host) == (target.user, target.host) for uri in uris):
        return
    served = target.host in {*hosts, *_domains(invite)}
    if any(_same_user(uri.user, target.user) for uri in uris):
        if not served:
            yield WARNING, f"it is sent to {dialled.text}, to another host than {target.address_of_record} has"
    elif not served or (target.host not in hosts and target.host == dialled.host):
        yield ERROR, f"it is sent to {dialled.text}, not to {target.address_of_record}"


def _domains(invite: Request) -> set[str]:
    """The transferee's own domain, whose addresses it or its server may translate."""
    return set() if invite.from_ is None else {invite.from_.uri.host}


def _same_user(one: str | None, other: str | None) -> bool:
    """Equal users, or two spellings of one telephone number."""
    if one == other:
        return True
    if not (one and other):
        return False
    digits = [text.lstrip("+").translate({ord(mark): None for mark in "-.()"}) for text in (one, other)]
    return all(text.isdigit() for text in digits) and digits[0][-SAME_NUMBER:] == digits[1][-SAME_NUMBER:]


def _replaces(refer: Request, invite: Request) -> Iterator[_Difference]:
    wanted, found = refer.refer_to_replaces, invite.replaces
    if wanted is None:
        return
    if invite.headers.get("replaces") is None:
        yield ERROR, f"it has no Replaces, and Refer-To carries {wanted.text or wanted.call_id}"
    # Under another Call-ID, a B2BUA has translated it to the dialog of its other side.
    if found is None or found.call_id != wanted.call_id:
        return
    if (found.to_tag, found.from_tag) != (wanted.to_tag, wanted.from_tag):
        swapped = (found.to_tag, found.from_tag) == (wanted.from_tag, wanted.to_tag)
        yield ERROR, f"the tags in its Replaces {'are swapped against' if swapped else 'are not'} those of Refer-To"


def _encoded(target: Uri, invite: Request) -> Iterator[_Difference]:
    for name, wanted in target.headers:
        value = invite.headers.get(name.lower())
        if value is not None and "%" in value and value != wanted and unquote(value) == wanted:
            yield ERROR, f"its {name} is still percent-encoded"


def _referred_by(refer: Request, invite: Request) -> Iterator[_Difference]:
    wanted, found = refer.referred_by, invite.referred_by
    if wanted is None:
        return
    if invite.headers.get("referred-by") is None:
        yield WARNING, f"it lacks the Referred-By of the REFER, {wanted.uri.text}"
    elif found is not None and found.uri.address_of_record != wanted.uri.address_of_record:
        yield WARNING, f"its Referred-By is {found.uri.text}, that of the REFER {wanted.uri.text}"


def _left_out(target: Uri, invite: Request) -> Iterator[_Difference]:
    missing = [
        name
        for name, _ in target.headers
        if name.lower() not in LEFT_OUT_ON_PURPOSE and name.lower() not in invite.headers
    ]
    if missing:
        yield INFO, f"it lacks {', '.join(missing)}, which Refer-To carries"


def _label(invite: Request) -> str:
    return f"INVITE {invite.request_uri_text}, Replaces: {invite.headers.get('replaces') or 'none'}"
