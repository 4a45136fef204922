"""What only the INVITEs of one call have in common on the two sides of a B2BUA: identifiers, names and descriptions.

What may live here: which marks an INVITE carries, and which it names. What may not: other calls.
"""

import re
from collections.abc import Iterator, Sequence

from sipscope.model.call import CorrelationKind
from sipscope.model.defects import Confidence
from sipscope.model.message import Request
from sipscope.values import dataclass

_NIL_SESSION = "0" * 32
_CHARGING = re.compile(r"icid-value=\"?([^\";,\s]{8,})", re.IGNORECASE)
_SHORTEST_CALL_ID = 8
_SHORTEST_TAG = 8
"""32 bits of randomness in hexadecimal digits (RFC 3261 §19.3)."""

Mark = tuple[str, ...]
"""What only the two sides of one call have in common: what it is, and its values."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What joins two calls, how sure it is, and in words."""

    kind: CorrelationKind
    confidence: Confidence
    text: str


def own_marks(request: Request, call_id: str) -> list[Mark]:
    """What another call may carry or name that continues this one."""
    found = [*_identifiers(request), ("call-id", call_id)]
    if request.from_tag is not None and len(request.from_tag) >= _SHORTEST_TAG:
        found.append(("tag", request.from_tag))
    offered = _offered(request)
    return found if offered is None else [*found, offered]


def marks_of(request: Request, call_id_headers: Sequence[str]) -> Iterator[tuple[Mark, Proof]]:
    """What tells the call that this one continues, with what it proves: Call-IDs and tags that it names among them."""
    if call_id_headers:
        yield from _named_in(request, call_id_headers)
    for mark in _identifiers(request):
        yield mark, _identified(mark)
    yield from _named_call_ids(request)
    yield from _longer_tag(request)
    offered = _offered(request)
    if offered is not None:
        yield offered, _same_offer(request, offered)


def _identifiers(request: Request) -> list[Mark]:
    """Identifiers that elements pass on for the purpose."""
    found: list[Mark] = []
    session = request.session_id
    if session is not None and session.value and session.value.lower() != _NIL_SESSION:
        found.append(("session", session.value.lower()))
    if "p-charging-vector" in request.headers.names:
        charging = _CHARGING.search(request.headers.get("p-charging-vector") or "")
        if charging is not None:
            found.append(("charging", charging[1]))
    return found


def _identified(mark: Mark) -> Proof:
    name, value = mark[0], mark[1]
    if name == "session":
        return Proof(CorrelationKind.SESSION_ID, Confidence.CERTAIN, f"Both INVITEs carry the Session-ID {value}.")
    text = f"Both INVITEs carry the charging identifier {value}."
    return Proof(CorrelationKind.HEADER, Confidence.CERTAIN, text)


def _named_in(request: Request, names: Sequence[str]) -> Iterator[tuple[Mark, Proof]]:
    """Call-IDs in the header fields that the user names."""
    for name in names:
        for line in request.headers.lines(name):
            text = f"The INVITE names the other Call-ID in its header field {line.raw_name}."
            yield ("call-id", line.value), Proof(CorrelationKind.HEADER, Confidence.CERTAIN, text)


def _named_call_ids(request: Request) -> Iterator[tuple[Mark, Proof]]:
    """Call-IDs in extension header fields such as X-CID, one that an agent names, and one that the own is made from."""
    told = None if request.agent is None else request.agent.correlation_id
    if told is not None and told != request.call_id and len(told) >= _SHORTEST_CALL_ID:
        text = "The capture agent names the other Call-ID as the correlation id of the INVITE."
        yield ("call-id", told), Proof(CorrelationKind.HEADER, Confidence.CERTAIN, text)
    if b"\nx-" in request.payload.lower():
        for line in request.headers:
            if line.name.startswith("x-") and len(line.value) >= _SHORTEST_CALL_ID:
                text = f"The INVITE names the other Call-ID in its header field {line.raw_name}."
                yield ("call-id", line.value), Proof(CorrelationKind.HEADER, Confidence.CERTAIN, text)
    call_id = request.call_id or ""
    for cut in (call_id.rfind(mark) for mark in ("_b2b", "-b2b", ";", "_")):
        if cut >= _SHORTEST_CALL_ID:
            text = "The Call-ID is the other one with an addition."
            yield ("call-id", call_id[:cut]), Proof(CorrelationKind.HEADER, Confidence.LIKELY, text)


def _longer_tag(request: Request) -> Iterator[tuple[Mark, Proof]]:
    """The other side's From tag behind a prefix: an element that makes its tags so finds the other side again."""
    prefix, hyphen, rest = (request.from_tag or "").partition("-")
    if prefix and hyphen and len(rest) >= _SHORTEST_TAG:
        text = "The From tag is the other one with an addition."
        yield ("tag", rest), Proof(CorrelationKind.HEADER, Confidence.LIKELY, text)


def _offered(request: Request) -> Mark | None:
    """The origin and the media address of the offer, which an element that doesn't relay media lets through."""
    description = request.description
    origin = None if description is None else description.origin
    if description is None or origin is None:
        return None
    for section in description.media:
        if section.address is not None and section.port:
            return "description", origin.session_id, section.address, str(section.port)
    return None


def _same_offer(request: Request, offered: Mark) -> Proof:
    _, session_id, address, port = offered
    origin = None if request.description is None else request.description.origin
    username = "" if origin is None else origin.username
    text = f"Both offers have the origin {username} {session_id} and media at {address}:{port}."
    return Proof(CorrelationKind.DESCRIPTION, Confidence.LIKELY, text)
