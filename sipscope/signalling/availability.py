"""Tells from answers whether a peer is there: OPTIONS probes of it, and requests to contacts that are registered.

An answer that was not seen tells something only where the peer's packets pass by here at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sipscope.model.availability import Availability, AvailabilityChange, Probing
from sipscope.model.header_values import Uri
from sipscope.model.subscription import Binding, BindingEventKind
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction, TransactionState

NOT_IMPLEMENTED = 501
"""The only 5xx by which a server says what it can, and not that it fails (RFC 3261 §21.5.2)."""

_GONE = frozenset({404, 408, 410, 430, 480})
"""Answers by which a contact that is registered can't be reached all the same (RFC 3261 §21.4, RFC 5626 §11.5)."""

_PORTS = {"sip": 5060, "sips": 5061}
_ENDED = frozenset({BindingEventKind.REMOVED, BindingEventKind.EXPIRED})

_Seen = frozenset[tuple[str, str]]
_Target = tuple[str, str, str, int | None]


def probes_of(transactions: Sequence[Transaction]) -> tuple[Probing, ...]:
    """Who probed whom by OPTIONS outside of dialogs, by time of the first probe."""
    sent: dict[tuple[str, str], list[Transaction]] = {}
    for item in transactions:
        if item.method == "OPTIONS" and item.request is not None and item.request.to_tag is None:
            sent.setdefault((item.key.client, item.key.server), []).append(item)
    seen = _directions_seen(transactions) if sent else frozenset()
    found = sorted(sent.items(), key=lambda entry: entry[1][0].started_at)
    return tuple(_probing(number, *pair, items, seen) for number, (pair, items) in enumerate(found, start=1))


def with_reach(bindings: Sequence[Binding], transactions: Sequence[Transaction]) -> tuple[Binding, ...]:
    """The bindings with what requests to their contacts met while they were in force."""
    if not bindings:
        return ()
    targets = {_target(binding.contact.uri) for binding in bindings}
    seen = _directions_seen(transactions)
    reaching: dict[_Target, list[tuple[Transaction, Availability]]] = {}
    for item in transactions:
        request = item.request
        if item.method in {"REGISTER", "ACK", "CANCEL"} or request is None or request.to_tag is not None:
            continue
        target = None if request.request_uri is None else _target(request.request_uri)
        known = _of_contact(item, seen) if target in targets else None
        if target is not None and known is not None:
            reaching.setdefault(target, []).append((item, known))
    return tuple(_reached(binding, reaching.get(_target(binding.contact.uri), ())) for binding in bindings)


def _directions_seen(transactions: Iterable[Transaction]) -> _Seen:
    """From which node to which a message was seen."""
    asked = {(item.key.client, item.key.server) for item in transactions if item.request is not None}
    return frozenset(asked | {(item.key.server, item.key.client) for item in transactions if item.responses})


def _probing(number: int, client: str, server: str, items: list[Transaction], seen: _Seen) -> Probing:
    known = [(item, state) for item in items if (state := _of_probe(item, seen)) is not None]
    return Probing(
        id=f"o{number}",
        client=client,
        server=server,
        probes=len(items),
        failures=sum(state is Availability.DOWN for _, state in known),
        changes=_changes(known),
    )


def _of_probe(item: Transaction, seen: _Seen) -> Availability | None:
    """Any final answer but 408 and 5xx shows that the peer lives; None where nothing is known."""
    final = item.final
    if final is None:
        return _unanswered(item, seen)
    fails = final.status == 408 or (500 <= final.status < 600 and final.status != NOT_IMPLEMENTED)
    return Availability.DOWN if fails else Availability.UP


def _of_contact(item: Transaction, seen: _Seen) -> Availability | None:
    """As for a probe, but what says that a user isn't there counts as well."""
    final = item.final
    if final is None:
        ringing = any(response.status > 100 for response in item.responses)
        return Availability.UP if ringing else _unanswered(item, seen)
    return Availability.DOWN if final.status in _GONE else _of_probe(item, seen)


def _unanswered(item: Transaction, seen: _Seen) -> Availability | None:
    silent = item.state is TransactionState.TIMED_OUT and not item.responses
    return Availability.DOWN if silent and (item.key.server, item.key.client) in seen else None


def _changes(known: Sequence[tuple[Transaction, Availability]]) -> tuple[AvailabilityChange, ...]:
    found: list[AvailabilityChange] = []
    for item, state in known:
        if not found or found[-1].availability is not state:
            answer = item.final or (item.responses[-1] if item.responses else None)
            said = "no answer" if answer is None else answer.label
            found.append(
                AvailabilityChange(availability=state, at=item.started_at, frame=item.first.frames[-1], said=said)
            )
    return tuple(found)


def _reached(binding: Binding, reaching: Sequence[tuple[Transaction, Availability]]) -> Binding:
    known = [(item, state) for item, state in reaching if _in_force(binding, item.started_at)]
    return replace(binding, reached=_changes(known)) if known else binding


def _in_force(binding: Binding, at: Instant) -> bool:
    before = [event for event in binding.history if event.at <= at]
    return bool(before) and before[-1].kind not in _ENDED


def _target(uri: Uri) -> _Target:
    port = _PORTS.get(uri.scheme) if uri.port is None else uri.port
    return (uri.scheme, uri.user or "", uri.host, port)
