"""Legs of one call on the two sides of a B2BUA or SBC, which gives each side a Call-ID of its own.

Two kinds of evidence. *Content* that only the same call has: a Session-ID (RFC 7989), a charging identifier (RFC 7315
§4.6), a header field that names the other Call-ID, a tag made from the other one, the `o=` line or the media address
that was let through. And *conduct* of one element: it received an INVITE and sent one at once, to the same number or
for the same caller, and relayed what came back. Conduct joins only where no other call fits as well, and where nothing
contradicts it.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import field

from sipscope.calls.bridge_marks import Mark, Proof, marks_of, own_marks
from sipscope.model.call import Correlation, CorrelationKind
from sipscope.model.defects import Confidence
from sipscope.model.header_values import Address
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND, Duration, Instant, in_milliseconds
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass

AT_ONCE: Duration = 2 * SECOND
"""How soon after the INVITE it received an element sends its own, where only its conduct speaks for the bridge."""

BEFORE_DIALLING: Duration = 300 * SECOND
"""How long an element may keep a caller, with announcements or in a queue, before it calls the other side."""

RELAYED: Duration = SECOND // 2
"""How soon a response is passed on to the other side."""

FEWEST_SIGNS = 2
"""Signs of conduct that make a bridge; at least one of them is a number."""

_SHORTEST_NUMBER = 7
"""Digits that two numbers with different prefixes must share at their ends."""

_NUMBER = re.compile(r"[+*#0-9-]+\Z")


@dataclass(slots=True)
class _Side:
    """All dialog-creating INVITEs with one Call-ID, by time.

    Attributes:
        call_id: The Call-ID.
        invites: On every hop.
        request: The first of their requests.
    """

    call_id: str
    request: Request
    invites: list[Transaction] = field(default_factory=list)

    @property
    def first(self) -> Transaction:
        return self.invites[0]


def bridges_of(invites: Sequence[Transaction], call_id_headers: Collection[str] = ()) -> Iterator[Correlation]:
    """An edge for each Call-ID whose call another Call-ID's call continues, from the caller's side to the callee's.

    Args:
        invites: Dialog-creating INVITEs, by time.
        call_id_headers: Header fields that name the Call-ID of the other side, besides all that begin with `X-`.
    """
    sides = _sides(invites)
    if len(sides) < 2:
        return
    content = _Content(tuple(name.lower() for name in call_id_headers))
    received = _received(sides)
    for side in sides:
        found = content.match(side)
        if found is None:
            found = _by_conduct(side, received.get(side.first.key.client, ()))
        if found is not None:
            earlier, proof = found
            yield Correlation(
                kind=proof.kind,
                confidence=proof.confidence,
                text=proof.text,
                frames=tuple(sorted({*earlier.request.frames, *side.request.frames})),
                first=earlier.first.id,
                second=side.first.id,
            )
        content.learn(side)


def _sides(invites: Sequence[Transaction]) -> list[_Side]:
    found: dict[str, _Side] = {}
    for item in invites:
        request = item.request
        if request is None or request.call_id is None:
            continue
        side = found.get(request.call_id)
        if side is None:
            side = found[request.call_id] = _Side(request.call_id, request)
        side.invites.append(item)
    return list(found.values())


# -- content


class _Content:
    """What the calls so far carry that no other call has."""

    def __init__(self, call_id_headers: tuple[str, ...]) -> None:
        self._call_id_headers = call_id_headers
        self._owners: dict[Mark, list[_Side]] = {}

    def learn(self, side: _Side) -> None:
        """Remember what a call carries."""
        for mark in own_marks(side.request, side.call_id):
            self._owners.setdefault(mark, []).append(side)

    def match(self, side: _Side) -> tuple[_Side, Proof] | None:
        """An earlier call that this one continues; None where there is none, or more than one."""
        for mark, proof in marks_of(side.request, self._call_id_headers):
            owners = self._owners.get(mark)
            if owners is None:
                continue
            limit = AT_ONCE if proof.kind is CorrelationKind.DESCRIPTION else BEFORE_DIALLING
            fitting = [
                other
                for other in _since(owners, side.first.started_at - limit)
                if _goes_on(other, side, proof.kind) and not _failed_before(other, side)
            ]
            if len(fitting) == 1:
                return fitting[0], proof
        return None


def _since(sides: Sequence[_Side], at: Instant) -> Sequence[_Side]:
    """Those of calls by time that began at an instant or later."""
    # All calls of a load test may have one description.
    return sides[bisect_left(sides, at, key=lambda side: side.first.started_at) :]


# -- conduct


def _received(sides: Sequence[_Side]) -> dict[str, list[tuple[Instant, _Side, Transaction]]]:
    """INVITEs by the node that received them, by time."""
    found: dict[str, list[tuple[Instant, _Side, Transaction]]] = {}
    for side in sides:
        for item in side.invites:
            found.setdefault(item.key.server, []).append((item.started_at, side, item))
    for entries in found.values():
        entries.sort(key=lambda entry: entry[0])
    return found


def _by_conduct(side: _Side, received: Sequence[tuple[Instant, _Side, Transaction]]) -> tuple[_Side, Proof] | None:
    """The call whose INVITE the sender of this one had just received, if it is the only one that fits."""
    sent = side.first
    if len(side.request.vias) > 1:
        # It has come from further away, so its sender passed it on and began nothing itself.
        return None
    start = bisect_left(received, sent.started_at - AT_ONCE, key=lambda entry: entry[0])
    scored: list[tuple[int, _Side, str]] = []
    for at, other, item in received[start:]:
        if at > sent.started_at:
            break
        if other is side or _is_over(item, sent.started_at) or _contradicts(item, sent):
            continue
        signs = [*_numbers(item, sent), *_relayed(item, sent)]
        if _numbers(item, sent) and len(signs) >= FEWEST_SIGNS:
            scored.append((len(signs), other, _told(item, sent, signs)))
    if not scored:
        return None
    best = max(score for score, _, _ in scored)
    leading = [(other, text) for score, other, text in scored if score == best]
    if len({other.call_id for other, _ in leading}) > 1:
        return None
    other, text = leading[0]
    return other, Proof(CorrelationKind.BRIDGE, Confidence.LIKELY, text)


def _goes_on(other: _Side, side: _Side, kind: CorrelationKind) -> bool:
    """Whether one call can be the other's continuation: not by the same sender, who began two calls.

    Test tools give all their calls one description, so that one also has to come from where the call had got to.
    """
    if side.first.key.client == other.first.key.client:
        return False
    reached = {item.key.server for item in other.invites}
    return kind is not CorrelationKind.DESCRIPTION or side.first.key.client in reached or _is_beyond(reached, side)


def _is_beyond(reached: set[str], side: _Side) -> bool:
    """Whether the call goes to an element that the other one hasn't been to: out of a second address of a box."""
    return not any(item.key.server in reached for item in side.invites)


def _failed_before(other: _Side, side: _Side) -> bool:
    """Whether the newest attempt of a call was refused or given up before the other call began."""
    at = side.first.started_at
    newest = [item for item in other.invites if item.key.client == other.first.key.client and item.started_at <= at][-1]
    return _is_over(newest, at)


def _is_over(transaction: Transaction, at: Instant) -> bool:
    final = transaction.final
    return final is not None and not final.is_success and final.at < at


def _contradicts(received: Transaction, sent: Transaction) -> bool:
    """Whether the caller was answered before the callee answered: then the element itself had taken the call."""
    answered, answer = _success(received), _success(sent)
    return answered is not None and (answer is None or answered.at < answer.at)


def _success(transaction: Transaction) -> Response | None:
    final = transaction.final
    return final if final is not None and final.is_success else None


def _numbers(received: Transaction, sent: Transaction) -> list[str]:
    """Which parties the two INVITEs have in common."""
    one, other = received.request, sent.request
    if one is None or other is None:
        return []
    signs = []
    if _same_party(one.from_, other.from_):
        signs.append("with the same caller")
    uri, other_uri = one.request_uri, other.request_uri
    called = uri is not None and other_uri is not None and _same_user(uri.user, other_uri.user)
    if called or _same_party(one.to, other.to):
        signs.append("to the same number")
    return signs


def _same_party(one: Address | None, other: Address | None) -> bool:
    return one is not None and other is not None and _same_user(one.uri.user, other.uri.user)


def _same_user(one: str | None, other: str | None) -> bool:
    """Whether two users are the same, prefixes of numbers aside."""
    if not one or not other:
        return False
    if one == other:
        return one.lower() not in {"anonymous", "unknown", "restricted"}
    if not (_NUMBER.match(one) and _NUMBER.match(other)):
        return False
    short, long = sorted((one.lstrip("+0").replace("-", ""), other.lstrip("+0").replace("-", "")), key=len)
    return len(short) >= _SHORTEST_NUMBER and long.endswith(short)


def _relayed(received: Transaction, sent: Transaction) -> list[str]:
    """Which responses were passed on: the same came to the caller right after it had come from the callee."""
    signs = []
    for text, matching in (("ringing", _ringing), ("final response", _final)):
        from_callee, to_caller = matching(sent), matching(received)
        if from_callee is None or to_caller is None or from_callee.status // 100 != to_caller.status // 100:
            continue
        if 0 <= to_caller.at - from_callee.at <= RELAYED:
            signs.append(f"passed the {text} on")
    return signs


def _ringing(transaction: Transaction) -> Response | None:
    return next((response for response in transaction.provisionals if response.status > 100), None)


def _final(transaction: Transaction) -> Response | None:
    return transaction.final


def _told(received: Transaction, sent: Transaction, signs: Sequence[str]) -> str:
    after = in_milliseconds(sent.started_at - received.started_at)
    return f"{sent.key.client} sent this INVITE {after:.0f} ms after it got the other one, {' and '.join(signs)}."
