"""What each host did: user agent, proxy, registrar, B2BUA …, told by transaction with confidence, summed by host.

A passive observer sees what a host sent and got, not what it is. A request that was made is told from one that was
passed on by its Via header fields: a proxy puts one on top of those that were there (RFC 3261 §16.6). Whether the
last host in view answered itself is never certain where another one may stand behind it out of view.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import attrgetter
from typing import TypeAlias

from sipscope.calls.media_hosts import MediaHosts
from sipscope.calls.request_paths import RequestPaths
from sipscope.model.call import Correlation, CorrelationKind
from sipscope.model.defects import Confidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.stream import RtpStream
from sipscope.model.topology import HostRole, Role, RoleSign
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass

HOP_BY_HOP = frozenset({"ACK", "CANCEL"})
"""Requests that any client may make of its own: CANCEL everywhere, ACK to a failure (RFC 3261 §9.1, §17.1.1.3)."""

BRIDGING = frozenset(
    {CorrelationKind.SESSION_ID, CorrelationKind.HEADER, CorrelationKind.DESCRIPTION, CorrelationKind.BRIDGE}
)
"""Evidence for two legs of a B2BUA."""

_GATEWAY = re.compile(r"gateway|(?<![a-z])gw(?![a-z])", re.IGNORECASE)


_ORDER = {role: place for place, role in enumerate(Role)}


def role_signs_of(trace: Trace, paths: RequestPaths | None = None) -> Iterator[RoleSign]:
    """Every sign of a role, those of each transaction first.

    Args:
        trace: What was reconstructed.
        paths: Of its transactions, where they are known already.
    """
    requests = RequestPaths(trace.transactions) if paths is None else paths
    for transaction in trace.transactions:
        if transaction.method not in HOP_BY_HOP:
            request = transaction.request
            if request is not None:
                is_own = len(request.vias) == 1
                yield from (_client_signs if is_own else _forwarding_signs)(transaction, request, requests)
            yield from _server_signs(transaction, requests)
    yield from _bridge_signs(trace)
    yield from _own_tag_signs(trace.transactions)
    yield from _relay_signs(trace)


@dataclass(slots=True)
class _Alike:
    """The first of the signs of one role with equal confidence, and how many there are."""

    first: RoleSign
    count: int = 0


_Alikes: TypeAlias = dict[Confidence, _Alike]


def host_roles_of(signs: Iterable[RoleSign]) -> dict[str, tuple[HostRole, ...]]:
    """Roles by host, the most telling first; what a surer or closer role explains is left out."""
    grouped: dict[str, dict[Role, _Alikes]] = {}
    for sign in signs:
        alikes = grouped.setdefault(sign.node, {}).setdefault(sign.role, {})
        alike = alikes.get(sign.confidence)
        if alike is None:
            alike = alikes[sign.confidence] = _Alike(sign)
        alike.count += 1
    return {node: _ordered(_without_contradictions(by_role)) for node, by_role in grouped.items()}


def _ordered(by_role: dict[Role, _Alikes]) -> tuple[HostRole, ...]:
    found = [_summed(role, alikes) for role, alikes in by_role.items()]
    if len(found) > 1:
        found.sort(key=_telling)
    return tuple(found)


def _telling(role: HostRole) -> tuple[int, int, int, int]:
    """What tells a host from others comes first: every one is a user agent now and then."""
    is_agent = role.role in {Role.USER_AGENT_CLIENT, Role.USER_AGENT_SERVER}
    group = 1 if is_agent else 2 if role.confidence is Confidence.POSSIBLE else 0
    return group, -role.confidence.rank, -role.signs, _ORDER[role.role]


def _summed(role: Role, alikes: _Alikes) -> HostRole:
    surest = alikes[max(alikes, key=attrgetter("rank"))].first
    count = sum(alike.count for alike in alikes.values())
    return HostRole(role=role, confidence=surest.confidence, signs=count, text=surest.text, frames=surest.frames)


def _without_contradictions(by_role: dict[Role, _Alikes]) -> dict[Role, _Alikes]:
    """A proxy that refuses a request is no user agent for it, and a phone that answers 302 no redirect server."""
    if len(by_role) == 1:
        return by_role
    kept = dict(by_role)
    if kept.keys() & {Role.USER_AGENT_SERVER, Role.B2BUA} and not _above_possible(kept.get(Role.PROXY, {})):
        kept.pop(Role.PROXY, None)
    if kept.keys() & {Role.PROXY, Role.OUTBOUND_PROXY, Role.INBOUND_PROXY}:
        server = _above_possible(kept.pop(Role.USER_AGENT_SERVER, {}))
        if server:
            kept[Role.USER_AGENT_SERVER] = server
    if kept.keys() & {Role.USER_AGENT_SERVER, Role.USER_AGENT_CLIENT, Role.B2BUA}:
        kept.pop(Role.REDIRECT_SERVER, None)
    if kept.keys() & {Role.OUTBOUND_PROXY, Role.INBOUND_PROXY}:
        kept.pop(Role.PROXY, None)
    return kept


def _above_possible(alikes: _Alikes) -> _Alikes:
    return {confidence: alike for confidence, alike in alikes.items() if confidence is not Confidence.POSSIBLE}


# -- who passed a request on


def _forwarding_signs(transaction: Transaction, request: Request, requests: RequestPaths) -> Iterator[RoleSign]:
    """The host that passed a request on: its Via stands on top of another one."""
    if not request.vias:
        return
    before = requests.before(transaction)
    if before is None or before.request is None:
        text = "It passed a request on: another Via stands below its own."
        yield _sign(transaction, transaction.key.client, Role.PROXY, Confidence.LIKELY, text, request)
        return
    role = _place(before, transaction, requests)
    text = f"It got the {transaction.method} and passed it on with its own Via on top."
    frames = tuple(sorted({*before.request.frames, *request.frames}))
    for node in dict.fromkeys((before.key.server, transaction.key.client)):
        yield RoleSign(
            node=node,
            role=role,
            confidence=Confidence.CERTAIN,
            text=text,
            frames=frames,
            transaction_id=transaction.id,
        )


def _place(before: Transaction, transaction: Transaction, requests: RequestPaths) -> Role:
    """First on the way from the caller, last before the callee, or neither: for requests that begin something."""
    request = before.request
    if request is None or request.to_tag is not None or transaction.method == "REGISTER":
        return Role.PROXY
    is_first, is_last = len(request.vias) == 1, not requests.is_passed_on(transaction)
    if is_first == is_last or transaction.final is None:
        return Role.PROXY
    return Role.OUTBOUND_PROXY if is_first else Role.INBOUND_PROXY


# -- who made a request


def _client_signs(transaction: Transaction, request: Request, requests: RequestPaths) -> Iterator[RoleSign]:
    """The host that sent a request with no Via but its own."""
    node = transaction.key.client
    if requests.before(transaction) is None:
        text = f"Its {transaction.method} has no Via but its own."
        yield _sign(transaction, node, Role.USER_AGENT_CLIENT, Confidence.CERTAIN, text, request)
    if transaction.method == "NOTIFY" and request.event is not None:
        event = request.event.value.lower()
        if event == "presence":
            text = "It sent notifications of presence."
            yield _sign(transaction, node, Role.PRESENCE_AGENT, Confidence.CERTAIN, text, request)
        elif event == "conference":
            text = "It sent notifications of a conference's state."
            yield _sign(transaction, node, Role.CONFERENCE_FOCUS, Confidence.LIKELY, text, request)
    yield from _made_by(transaction, node, request)


def _made_by(transaction: Transaction, node: str, message: Message) -> Iterator[RoleSign]:
    """What a message says of the user agent that made it."""
    contacts, parts = message.contacts, message.parts
    if contacts and any("isfocus" in contact.parameters for contact in contacts):
        text = "Its Contact has the feature tag isfocus."
        yield _sign(transaction, node, Role.CONFERENCE_FOCUS, Confidence.CERTAIN, text, message)
    product = message.user_agent
    if product and _is_of_gateway(product):
        text = "It calls itself a gateway in User-Agent or Server."
        yield _sign(transaction, node, Role.GATEWAY, Confidence.LIKELY, text, message)
    if parts and any(part.content_type is not None and part.content_type.subtype == "isup" for part in parts):
        text = "It sent ISUP, the signalling of the telephone network."
        yield _sign(transaction, node, Role.GATEWAY, Confidence.LIKELY, text, message)


@lru_cache(maxsize=1024)
def _is_of_gateway(product: str) -> bool:
    return _GATEWAY.search(product) is not None


# -- who answered a request


def _server_signs(transaction: Transaction, requests: RequestPaths) -> Iterator[RoleSign]:
    """The last host in view that answered: itself, or for one behind it, as Contact and Record-Route tell."""
    answer = _answer(transaction)
    if answer is None or requests.is_passed_on(transaction):
        return
    node = transaction.key.server
    if _is_recorded(answer, transaction):
        text = "It put itself into the route of the dialog by Record-Route."
        yield _sign(transaction, node, Role.PROXY, Confidence.LIKELY, text, answer)
        return
    yield from _answered_as(transaction, node, answer)
    if answer.status < 300:
        yield from _made_by(transaction, node, answer)


def _answer(transaction: Transaction) -> Response | None:
    """The final response, else the newest one that only a user agent makes."""
    final = transaction.final
    if final is not None:
        return final
    return next((item for item in reversed(transaction.responses) if 180 <= item.status < 200), None)


def _is_recorded(answer: Response, transaction: Transaction) -> bool:
    routes = answer.record_routes
    address = transaction.hop.destination.address
    return bool(routes) and any((route.uri.host or "").strip("[]") == address for route in routes)


def _answered_as(transaction: Transaction, node: str, answer: Response) -> Iterator[RoleSign]:
    method, status = transaction.method, answer.status
    text = f"It answered {method} with {status}."
    if method == "REGISTER":
        if status < 300 or status in {401, 423}:
            confidence = Confidence.LIKELY if status < 300 else Confidence.POSSIBLE
            yield _sign(transaction, node, Role.REGISTRAR, confidence, text, answer)
    elif status == 407:
        # Proxies ask with 407, user agents with 401 (RFC 3261 §22.2, §22.3); many a B2BUA asks with 407 too.
        yield _sign(transaction, node, Role.PROXY, Confidence.POSSIBLE, text, answer)
    elif 300 <= status < 400:
        rang = any(180 <= item.status < 200 for item in transaction.responses)
        role = Role.USER_AGENT_SERVER if rang else Role.REDIRECT_SERVER
        yield _sign(transaction, node, role, Confidence.LIKELY, text, answer)
    else:
        confidence = _certainty(transaction, answer)
        yield _sign(transaction, node, Role.USER_AGENT_SERVER, confidence, text, answer)


def _certainty(transaction: Transaction, answer: Response) -> Confidence:
    """Its own Contact proves it; a proxy may refuse requests itself, and pass on any response of a host out of view."""
    hosts = {(contact.uri.host or "").strip("[]") for contact in answer.contacts}
    if answer.status < 300 and hosts:
        return Confidence.CERTAIN if transaction.hop.destination.address in hosts else Confidence.POSSIBLE
    return Confidence.LIKELY if answer.status < 300 or answer.status in {486, 600, 603} else Confidence.POSSIBLE


# -- what two legs, or two streams, say


def _bridge_signs(trace: Trace) -> Iterator[RoleSign]:
    by_id = trace.index.transactions
    for edge in trace.correlations:
        received, sent = by_id.get(edge.first), by_id.get(edge.second)
        if edge.kind in BRIDGING and received is not None and sent is not None:
            yield from _bridge_signs_of(edge, trace.index.same_request(received), sent)


def _bridge_signs_of(edge: Correlation, received: Iterable[Transaction], sent: Transaction) -> Iterator[RoleSign]:
    """The host that got the one INVITE and sent the other; where no such host is in view, perhaps the two ends."""
    servers = list(dict.fromkeys(item.key.server for item in received))
    if sent.key.client in servers:
        nodes, confidence = [sent.key.client], edge.confidence
    else:
        nodes, confidence = [servers[-1], sent.key.client], Confidence.POSSIBLE
    for node in nodes:
        text = f"It got an INVITE and made another one of it. {edge.text}"
        yield RoleSign(
            node=node,
            role=Role.B2BUA,
            confidence=confidence,
            text=text,
            frames=edge.frames,
            transaction_id=sent.id,
        )


def _own_tag_signs(transactions: Iterable[Transaction]) -> Iterator[RoleSign]:
    """A host that keeps the Call-ID of an INVITE, but begins a dialog of its own with it."""
    received: dict[tuple[str, str], Transaction] = {}
    for item in transactions:
        request = item.request
        if request is None or not item.is_dialog_creating_invite or request.call_id is None:
            continue
        origin = received.get((item.key.client, request.call_id))
        if (
            origin is not None
            and origin.request is not None
            and origin.request.from_tag != request.from_tag
            and len(request.vias) == 1
        ):
            yield RoleSign(
                node=item.key.client,
                role=Role.B2BUA,
                confidence=Confidence.CERTAIN,
                text="It got an INVITE and sent one with its Call-ID, but without its Via and with another From tag.",
                frames=tuple(sorted({*origin.request.frames, *request.frames})),
                transaction_id=item.id,
            )
        received.setdefault((item.key.server, request.call_id), item)


def _relay_signs(trace: Trace) -> Iterator[RoleSign]:
    """A host that got a stream and sent one with its SSRC and payload type elsewhere."""
    hosts = MediaHosts(trace)
    arriving: dict[tuple[str, int, str | None], RtpStream] = {}
    for stream in trace.streams:
        arriving.setdefault((hosts.destination(stream), stream.ssrc, stream.codec), stream)
    for stream in trace.streams:
        node = hosts.source(stream)
        incoming = arriving.get((node, stream.ssrc, stream.codec))
        if incoming is None or hosts.source(incoming) == hosts.destination(stream) or not _overlap(incoming, stream):
            continue
        yield RoleSign(
            node=node,
            role=Role.MEDIA_RELAY,
            confidence=Confidence.CERTAIN,
            text=f"It sent the stream with SSRC {stream.ssrc:#010x} on that it got.",
            frames=tuple(sorted({incoming.first_frame, stream.first_frame})),
        )


def _overlap(one: RtpStream, other: RtpStream) -> bool:
    return one.first_packet_at <= other.last_packet_at and other.first_packet_at <= one.last_packet_at


def _sign(
    transaction: Transaction, node: str, role: Role, confidence: Confidence, text: str, message: Message
) -> RoleSign:
    return RoleSign(
        node=node,
        role=role,
        confidence=confidence,
        text=text,
        frames=message.frames,
        transaction_id=transaction.id,
    )
