"""Who sent a message and who received it, where the log tells one end only, or none.

A server names itself in the Via of the requests it sends and of the responses it gets back (RFC 3261 §18.1.1,
§18.2.2), in the Contact of its responses, and is named in the Request-URI of what it gets. What is found for one
message holds for its whole Call-ID with the same peer, so that a request and its response never take different paths.
"""

import re
from collections import Counter
from typing import TYPE_CHECKING

from sipscope.capture.text.addresses import endpoint_of, is_literal
from sipscope.model.network import Endpoint, Hop, Transport
from sipscope.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipscope.capture.text.entries import Entry

OWN_SIDE = Endpoint("own-side", 0)
"""Stands for the server itself where nothing tells its address."""

OTHER_SIDE = Endpoint("other-side", 0)
"""Stands for its peer where nothing tells that one's address."""

_NAME = 3
"""Signs that are names of hosts are worse than any that are addresses."""

_DEFAULT_PORT = 5060
_DEFAULT_TLS_PORT = 5061

_VIA = re.compile(
    rb"^(?:via|v)[ \t]*:[ \t]*SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*(?P<transport>[A-Za-z-]+)[ \t]+"
    rb"(?P<sent_by>(?:\[[^\]\r\n]*\]|[^\s;,:]+)(?:[ \t]*:[ \t]*\d+)?)(?P<parameters>[^,\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_BRANCH = re.compile(rb";[ \t]*branch[ \t]*=[ \t]*([^\s;,]+)", re.IGNORECASE)
_RECEIVED = re.compile(rb";[ \t]*received[ \t]*=[ \t]*\[?([0-9A-Fa-f:.]+)", re.IGNORECASE)
_RPORT = re.compile(rb";[ \t]*rport[ \t]*=[ \t]*(\d{1,5})", re.IGNORECASE)
_CALL_ID = re.compile(rb"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_HOST = rb"sips?:(?:[^@>\s]*@)?(?P<host>\[[^\]\s]*\](?::\d+)?|[^\s;>?,:]+(?::\d+)?)"
_CONTACT = re.compile(rb"^(?:contact|m)[ \t]*:[^\r\n]*?" + _HOST, re.IGNORECASE | re.MULTILINE)
_ROUTE = re.compile(rb"^route[ \t]*:[^\r\n]*?" + _HOST, re.IGNORECASE | re.MULTILINE)
_REGISTER = re.compile(rb"^cseq[ \t]*:[^\r\n]*\bREGISTER\b", re.IGNORECASE | re.MULTILINE)
_TARGET = re.compile(rb"\S+ " + _HOST, re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What a message says of its ends.

    Attributes:
        is_request: Whether it is one.
        sent_by: Who wrote the topmost Via.
        seen_as: The same, as its receiver saw it (RFC 3261 §18.2.1, RFC 3581 §4).
        transport: What the topmost Via names.
        transaction: What the request and its responses have in common.
        call_id: The Call-ID.
        contact: The host of the Contact.
        target: For a request, whom it is sent to: the host of the topmost Route, else of the Request-URI.
    """

    is_request: bool
    sent_by: Endpoint | None
    seen_as: Endpoint | None
    transport: Transport
    transaction: bytes
    call_id: bytes
    contact: Endpoint | None
    target: Endpoint | None


class Ends:
    """The ends of every message of one log.

    Attributes:
        own_inferred: Own addresses that were taken from messages, by how many messages they stand in.
        others_inferred: How many messages got the address of a peer from what messages say.
        guessed: How many messages got both ends from what they say, because nothing tells who logged them.
        unknown: How many messages have an end that nothing tells.
    """

    def __init__(self, entries: "Sequence[Entry]") -> None:
        """Learn from all messages of a log."""
        self._entries = entries
        self._signs = [_signs(entry) for entry in entries]
        self.own_inferred: Counter[Endpoint] = Counter()
        self.others_inferred = 0
        self.guessed = 0
        self.unknown = 0
        self._own: dict[tuple[bytes, str], tuple[int, Endpoint]] = {}
        self._others: dict[bytes, tuple[int, Endpoint]] = {}
        self._requests: dict[bytes, Hop] = {}
        self._peers = {entry.heading.remote.address for entry in entries if entry.heading.remote is not None}
        counts: Counter[Endpoint] = Counter()
        for entry, signs in zip(entries, self._signs, strict=True):
            if entry.heading.sent is not None:
                counts.update(self._learn_own(entry, signs))
                self._learn_other(entry, signs)
        self._commonest = min(counts, key=lambda end: (-counts[end], end)) if counts else None

    def hops(self) -> "Iterator[Hop]":
        """The path of every message, in their order."""
        for entry, signs in zip(self._entries, self._signs, strict=True):
            yield self._hop(entry, signs)

    def _hop(self, entry: "Entry", signs: _Signs) -> Hop:
        heading = entry.heading
        transport = heading.transport or signs.transport
        if heading.source is not None and heading.destination is not None:
            return Hop(heading.source, heading.destination, transport)
        if heading.sent is None:
            self.guessed += 1
            return self._counted(self._anybodys_hop(signs, transport))
        own, other = self._own_end(entry, signs), self._other_end(entry, signs)
        self.own_inferred[own] += own != OWN_SIDE
        self.others_inferred += heading.remote is None and other != OTHER_SIDE
        return self._counted(Hop(own, other, transport) if heading.sent else Hop(other, own, transport))

    def _learn_own(self, entry: "Entry", signs: _Signs) -> "list[Endpoint]":
        """Keep the best sign of the own address for this Call-ID and peer; the signs that count for the whole log."""
        if entry.heading.sent == signs.is_request:
            rank, found = 0, signs.sent_by
        elif entry.heading.sent:
            rank, found = 1, signs.contact
        else:
            rank, found = 2, signs.target
        # What a proxy passes on names the ends of the call, not the proxy.
        if found is None or (rank and found.address in self._peers):
            return []
        rank += 0 if is_literal(found) else _NAME
        key = _key(entry, signs)
        if key not in self._own or rank < self._own[key][0]:
            self._own[key] = rank, found
        return [found] if rank == 0 else []

    def _learn_other(self, entry: "Entry", signs: _Signs) -> None:
        """The same for the peer, of which the log tells nothing."""
        if entry.heading.remote is not None:
            return
        if entry.heading.sent != signs.is_request:
            rank, found = 0, signs.seen_as
        elif entry.heading.sent:
            rank, found = 1, signs.target
        else:
            rank, found = 2, signs.contact
        if found is None:
            return
        rank += 0 if is_literal(found) else _NAME
        if signs.call_id not in self._others or rank < self._others[signs.call_id][0]:
            self._others[signs.call_id] = rank, found

    def _own_end(self, entry: "Entry", signs: _Signs) -> Endpoint:
        rank, found = self._own.get(_key(entry, signs), (_NAME, OWN_SIDE))
        return found if rank < _NAME or self._commonest is None else self._commonest

    def _other_end(self, entry: "Entry", signs: _Signs) -> Endpoint:
        if entry.heading.remote is not None:
            return entry.heading.remote
        _, found = self._others.get(signs.call_id, (0, OTHER_SIDE))
        return found

    def _anybodys_hop(self, signs: _Signs, transport: Transport) -> Hop:
        """A message without a word about who logged it: requests go from the Via to their target, responses back."""
        if signs.is_request:
            hop = Hop(signs.seen_as or OTHER_SIDE, signs.target or OTHER_SIDE, transport)
            self._requests[signs.transaction] = hop
            return hop
        request = self._requests.get(signs.transaction)
        if request is not None:
            return request.reversed()
        return Hop(signs.contact or OTHER_SIDE, signs.seen_as or OTHER_SIDE, transport)

    def _counted(self, hop: Hop) -> Hop:
        self.unknown += bool({hop.source, hop.destination} & {OWN_SIDE, OTHER_SIDE})
        return hop


def _key(entry: "Entry", signs: _Signs) -> tuple[bytes, str]:
    remote = entry.heading.remote
    return signs.call_id, "" if remote is None else remote.address


def _signs(entry: "Entry") -> _Signs:
    """Look for what tells the ends in the header fields of a message."""
    head = entry.payload.partition(b"\r\n\r\n")[0]
    is_request = not head.startswith(b"SIP/")
    via = _VIA.search(head)
    parameters = b"" if via is None else via["parameters"]
    transport = _transport_of(via)
    port = _DEFAULT_TLS_PORT if transport in {Transport.TLS, Transport.WSS} else _DEFAULT_PORT
    sent_by = None if via is None else endpoint_of(re.sub(rb"[ \t]", b"", via["sent_by"]), port)
    call_id = _CALL_ID.search(head)
    branch = _BRANCH.search(parameters)
    target = (_ROUTE.search(head) or _TARGET.match(head)) if is_request else None
    return _Signs(
        is_request=is_request,
        sent_by=sent_by,
        seen_as=_seen_as(sent_by, parameters),
        transport=transport,
        transaction=branch[1] if branch else b"",
        call_id=call_id[1] if call_id else b"",
        # The Contact of a registration's answer lists what is registered (RFC 3261 §10.3).
        contact=None if _REGISTER.search(head) else _host(_CONTACT.search(head), port),
        target=_host(target, port),
    )


def _seen_as(sent_by: Endpoint | None, parameters: bytes) -> Endpoint | None:
    """The sender of a request as its receiver noted it in `received` and `rport`."""
    if sent_by is None:
        return None
    received, rport = _RECEIVED.search(parameters), _RPORT.search(parameters)
    address = endpoint_of(b"[" + received[1] + b"]") if received else sent_by
    port = int(rport[1]) if rport and int(rport[1]) < 1 << 16 else sent_by.port
    return None if address is None else Endpoint(address.address, port)


def _host(match: re.Match[bytes] | None, port: int) -> Endpoint | None:
    return None if match is None else endpoint_of(match["host"], port)


def _transport_of(via: re.Match[bytes] | None) -> Transport:
    try:
        return Transport(via["transport"].decode("latin-1").upper()) if via else Transport.UDP
    except ValueError:
        return Transport.UDP
