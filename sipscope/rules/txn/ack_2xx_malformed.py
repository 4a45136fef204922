"""The ACK to a 2xx isn't built as a request in its dialog.

What it finds
    On the first hop of a user agent: an ACK to a 2xx whose CSeq number is that of no INVITE, whose To tag is that of no
    response, whose Request-URI isn't the Contact of the 2xx, or that lacks a value of the route set, which is the
    Record-Route of the 2xx from bottom to top. An ACK to an older Contact of the peer, or with the branch of the
    INVITE, is a warning; so is one behind which the callee repeats no 2xx, so that it took it, told once for two
    hosts. Route values beyond the route set, and route sets with a strict router, are let be.
Why it matters
    The callee or a proxy doesn't recognise the ACK: the 2xx is repeated, and the call drops after half a minute.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK uri=sip:bob@example.com
        0.6   bob -> alice  200 again
        1.6   bob -> alice  200 again
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Build this ACK as a request in the dialog: the Contact of the 2xx as Request-URI, the whole route set, a branch of
      its own, and the number of the INVITE.
    - Does the client take the first provisional response for the one that counts, where a later 2xx differs?
Sources
    RFC 3261 §12.1.2; RFC 3261 §12.2.1.1; RFC 3261 §13.2.2.4; RFC 3261 §13.3.1.4;
    RFC 3261 §17.1.1.3
"""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.defects import Confidence, Severity
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.acknowledgement import stray_acks, success_of
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.request_fields import Difference, in_words, listed, route_difference, same_target
from sipscope.values import dataclass

CROSSING: Duration = SECOND // 2
"""A 2xx that is repeated so soon behind the ACK may have crossed it; the next one comes later than T1
(RFC 3261 §13.3.1.4)."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """An ACK and how it is wrong."""

    ack: Request
    differences: list[Difference]
    severity: Severity = ERROR
    confidence: Confidence = Confidence.CERTAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class _Acks:
    """The ACKs of a dialog that have no Via but their sender's, by the node that sent them.

    Attributes:
        first: By number, the first of equals.
        astray: Those whose number is that of no INVITE, by time.
    """

    first: Mapping[tuple[str, int | None], Request]
    astray: Mapping[str, Sequence[Request]]


@rule("TXN-006", name="ack-2xx-malformed", severity=ERROR, since="0.1", subject=Dialog)
def ack_2xx_malformed(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """An ACK to a 2xx is built like any request in the dialog, with the number of the INVITE (RFC 3261 §13.2.2.4)."""
    if not dialog.is_invite or not dialog.started_in_capture:
        return
    acks: _Acks | None = None
    for invite in dialog.transactions:
        request = invite.request
        success = None if request is None or invite.method != "INVITE" else success_of(invite, dialog)
        if success is None or request is None or len(request.vias) != 1 or request.record_routes:
            # Only a user agent on its first hop: whoever adds Record-Route is an element in between.
            continue
        acks = acks or _acks(dialog)
        found = acks.first.get((invite.key.client, _number(success)))
        faults = _missed(acks, trace, invite, success) if found is None else _misbuilt(dialog, request, success, found)
        for fault in faults:
            yield _hit(invite, success, fault)


def _acks(dialog: Dialog) -> _Acks:
    """ACKs of the dialog as their senders made them, on whatever hop."""
    numbers = {_number(item.request) for item in dialog.transactions if item.method == "INVITE" and item.request}
    first: dict[tuple[str, int | None], Request] = {}
    astray: dict[str, list[Request]] = {}
    for item in dialog.transactions:
        ack = item.request
        if item.method != "ACK" or ack is None or len(ack.vias) != 1:
            continue
        number = _number(ack)
        first.setdefault((item.key.client, number), ack)
        if number not in numbers:
            astray.setdefault(item.key.client, []).append(ack)
    return _Acks(first=first, astray=astray)


def _number(message: Request | Response) -> int | None:
    return None if message.cseq is None else message.cseq.number


def _misbuilt(dialog: Dialog, invite: Request, success: Response, ack: Request) -> Iterator[_Fault]:
    """The ACK with the right tags and number."""
    routes = [] if invite.to_tag is not None else list(reversed(success.record_routes))
    found = route_difference(routes, ack)
    severity = ERROR
    strict = bool(ack.routes) and "lr" not in ack.routes[0].uri.parameters
    if success.contacts and not strict and not same_target(success.contacts[0].uri, ack.request_uri):
        found.append(Difference(field="Request-URI", expected=listed(success.contacts), observed=ack.request_uri_text))
        severity = WARNING if len(found) == 1 and _older_target(dialog, ack) else ERROR
    branch = ack.vias[0].branch
    if found:
        yield _Fault(ack, found, severity)
    elif branch is not None and invite.vias[0].branch == branch:
        yield _Fault(ack, [Difference(field="Via branch", expected="one of its own", observed=branch)], WARNING)


def _older_target(dialog: Dialog, ack: Request) -> bool:
    """Whether the ACK goes to a Contact that the peer gave at another time."""
    return any(
        same_target(contact.uri, ack.request_uri)
        for item in dialog.transactions
        for message in item.messages
        if message.at < ack.at
        for contact in message.contacts
    )


def _missed(acks: _Acks, trace: Trace, invite: Transaction, success: Response) -> Iterator[_Fault]:
    """An ACK that was meant for the 2xx, and names another number or tag."""
    for ack in acks.astray.get(invite.key.client, ()):
        if ack.at > success.at:
            yield _Fault(
                ack, [Difference(field="CSeq number", expected=str(_number(success)), observed=str(_number(ack)))]
            )
    tags = {item.to_tag for same in trace.index.same_request(invite) for item in same.responses}
    for stray in stray_acks(invite, trace):
        meant = stray.request
        if meant is not None and meant.at > success.at and meant.to_tag not in tags:
            due = Difference(field="To tag", expected=success.to_tag or "", observed=meant.to_tag or "")
            # A fork whose 2xx took a path out of view has a tag that nobody knows.
            yield _Fault(meant, [due], ERROR, Confidence.LIKELY if meant.to_tag else Confidence.CERTAIN)


def _hit(invite: Transaction, success: Response, fault: _Fault) -> Hit:
    ack = fault.ack
    harmful = _repeated_behind(invite, success, ack)
    said = in_words(fault.differences)
    ending = " The callee went on repeating the 2xx." if harmful else ""
    fields = tuple(item.field for item in fault.differences)
    each = (ack.call_id, ack.from_tag, ack.cseq, ack.to_tag)
    return Hit(
        text=f"The ACK to the {success.label} isn't built as its dialog asks: {said}.{ending}",
        evidence=(
            Evidence(frame=success.frames[-1], note=f"{success.label}, Contact {listed(success.contacts)}"),
            Evidence(frame=ack.frames[-1], note=f"ACK: {said}"),
        ),
        at=ack.at,
        severity=fault.severity if harmful else WARNING,
        confidence=fault.confidence,
        identity=each if harmful else (invite.key.client, invite.key.server, fields),
    )


def _repeated_behind(invite: Transaction, success: Response, ack: Request) -> bool:
    """Whether the 2xx went on being repeated although the ACK was sent: the callee didn't recognise it."""
    return any(copy.at > ack.at + CROSSING for copy in invite.copies_of(success))
