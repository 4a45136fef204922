"""A message carries a session description that its receiver can't find.

What it finds
    An INVITE, ACK, PRACK, UPDATE, or a response to one below 300, whose body reads as SDP but has no Content-Type or
    another than `application/sdp`; whose multipart body names no boundary, shows none, or doesn't close; or that
    carries two descriptions of the session. Alternatives of one session (`multipart/alternative`), an
    early-session beside the session, and parts of other kinds are normal. Messages that are cut are not judged.
Why it matters
    The receiver sees no offer: it answers 415, or takes the INVITE as one without an offer, and negotiation runs the
    other way round than the sender believes.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Content-Type: application/SDP-data
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  415 phrase=Unsupported-Media-Type
              Accept: application/sdp
        0.2   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The sending product must write `Content-Type: application/sdp`, and send one description of the session.
    - Is the body put together by a script or by an element in between? Compare the message one hop earlier.
    - Of a multipart body, does the boundary of the header stand in front of every part and, with `--`, at the end?
Sources
    RFC 3261 §7.4.1; RFC 3261 §13.2.1; RFC 3261 §20.11; RFC 3261 §20.15; RFC 3264 §5
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import BodyPart, Message
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.written_description import NEGOTIATING_METHODS, may_negotiate
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.descriptions import carrier_words

MULTIPART_FAULTS = frozenset({"multipart-boundary-missing", "multipart-delimiter-missing", "multipart-unclosed"})

NEGOTIATING = tuple(sorted(NEGOTIATING_METHODS))

CUT = frozenset({"message-truncated", "content-length-mismatch", "excess-behind-body"})


@rule(
    "SDP-013",
    name="session-body-not-identifiable",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("body", NEGOTIATING),
)
def session_body_not_identifiable(transaction: Transaction, _trace: Trace) -> Iterator[Hit]:
    """The type of a body MUST be given by Content-Type (RFC 3261 §7.4.1), which is application/sdp for SDP."""
    for message in transaction.messages:
        if not message.parts or not may_negotiate(message) or any(item.code in CUT for item in message.defects):
            continue
        if len(message.parts) == 1 and message.parts[0].description is not None and not message.defects:
            continue
        fault = _mistyped(message) or _unbounded(message) or _doubled(message)
        if fault is not None:
            text, note = fault
            yield Hit(
                text=f"{message.hop.source} sent {text} in {carrier_words(message)}.",
                evidence=(Evidence(frame=message.frames[-1], note=note),),
                at=message.at,
                identity=(message.call_id, message.cseq, getattr(message, "status", None), message.to_tag, text),
            )


def _mistyped(message: Message) -> tuple[str, str] | None:
    if any(part.description is not None for part in message.parts):
        return None
    if not any(_reads_as_description(part) for part in message.parts):
        return None
    stated = message.headers.get("content-type")
    if stated is None:
        return "a session description without a Content-Type", "there is no Content-Type, and the body starts with v=0"
    return f"a session description as {stated}", f"Content-Type: {stated}, and the body starts with v=0"


def _reads_as_description(part: BodyPart) -> bool:
    return part.content.lstrip().startswith(b"v=0") and b"\nm=" in part.content


def _unbounded(message: Message) -> tuple[str, str] | None:
    for defect in message.defects:
        if defect.code in MULTIPART_FAULTS and b"v=0" in message.body:
            return (
                "a session description in a broken multipart body",
                f"Content-Type: {message.headers.get('content-type')}. {defect.text}",
            )
    return None


def _doubled(message: Message) -> tuple[str, str] | None:
    found = [part for part in message.parts if part.description is not None and part.disposition in {None, "session"}]
    if len(found) < 2 or "multipart/alternative" in (message.headers.get("content-type") or "").lower():
        return None
    if b"multipart/alternative" in message.body.lower():
        return None
    return (
        f"{len(found)} descriptions of the session",
        f"Content-Type: {message.headers.get('content-type')}; {len(found)} parts are application/sdp",
    )
