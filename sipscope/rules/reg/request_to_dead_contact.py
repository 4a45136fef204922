"""A call or another request is sent to a contact that was removed, or whose time was over, and it fails.

What it finds
    An INVITE, MESSAGE, OPTIONS or SUBSCRIBE outside a dialog that the registrar, or what stands in front of it, sends
    to a contact which the capture shows removed two seconds before or more, or run out a minute before or more, and
    that is never answered, or answered 404, 410, 480 or 481. A contact that is live for any address of record is let
    be, and so are requests inside a dialog: these go to its remote target, whatever is registered.
Why it matters
    Callers wait for a branch that nobody answers, or fail although the user is on-line elsewhere.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  200
        20.0  alice -> reg  REGISTER
              Expires: 0
        20.1  reg -> alice  200
              Contact:
        60.0  reg -> alice  MESSAGE call=2
        60.1  alice -> reg  480
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  200
        20.0  alice -> reg  REGISTER
        20.1  reg -> alice  200
        60.0  reg -> alice  MESSAGE call=2
        60.1  alice -> reg  480
What to check
    - Registrar and proxy have one location service, and the removal reaches it at once.
    - Is the contact set by hand besides, as a static route?
    - Are bindings taken away when their time is over?
Sources
    RFC 3261 §10.2.2; RFC 3261 §10.2.4; RFC 3261 §16.5
"""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Uri
from sipscope.model.message import Request
from sipscope.model.subscription import Binding, BindingEvent, BindingEventKind, Registration
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.request_fields import same_target

CROSSING: Duration = 2 * SECOND
"""A request this near to a removal may have been under way already."""

GRACE: Duration = 60 * SECOND
"""Registrars may keep a binding for a moment behind its time."""

_METHODS = frozenset({"INVITE", "MESSAGE", "OPTIONS", "SUBSCRIBE"})
_GONE = frozenset({404, 410, 480, 481})
_ENDED = {BindingEventKind.REMOVED: CROSSING, BindingEventKind.EXPIRED: GRACE}


@rule("REG-009", name="request-to-dead-contact", severity=ERROR, since="0.1", subject=Trace, needs=("REGISTER",))
def request_to_dead_contact(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """Targets are the current bindings, not those that were removed or ran out (RFC 3261 §16.5, §10.2.2)."""
    if not any(event.kind in _ENDED for binding in trace.bindings for event in binding.history):
        return
    by_user: dict[str | None, list[Binding]] = {}
    for binding in trace.bindings:
        by_user.setdefault(binding.contact.uri.user, []).append(binding)
    attempts = {item.id: item for item in trace.registrations}
    for transaction in trace.transactions:
        request = transaction.request
        if transaction.method not in _METHODS or request is None or request.to_tag is not None:
            continue
        uri = request.request_uri
        if uri is not None and uri.user in by_user and _failed(transaction):
            yield from _hits(transaction, request, _leading_to(uri, by_user[uri.user]), attempts, trace)


def _failed(transaction: Transaction) -> bool:
    if transaction.final is not None:
        return transaction.final.status in _GONE
    return transaction.state is TransactionState.TIMED_OUT and not transaction.responses


def _leading_to(uri: Uri, bindings: Sequence[Binding]) -> list[Binding]:
    return [binding for binding in bindings if same_target(binding.contact.uri, uri)]


def _hits(
    transaction: Transaction,
    request: Request,
    bindings: Sequence[Binding],
    attempts: Mapping[str, Registration],
    trace: Trace,
) -> Iterator[Hit]:
    """One hit where every binding to the contact had ended, and the last one did so at this sender's registrar."""
    newest = [(event, binding) for binding in bindings for event in [_newest(binding, request.at)] if event is not None]
    if not newest or not all(_is_over(event, request.at) for event, _ in newest):
        return
    ended, binding = max(newest, key=lambda pair: pair[0].at)
    registrars = {attempts[event.registration_id].registrar.address for event in binding.history}
    if request.hop.source.address in registrars:
        yield _hit(transaction, request, binding, ended, trace)


def _is_over(event: BindingEvent, at: Instant) -> bool:
    """Whether an event ended its binding, and long enough before an instant."""
    return event.kind in _ENDED and at - event.at >= _ENDED[event.kind]


def _newest(binding: Binding, at: Instant) -> BindingEvent | None:
    """What happened last to a binding before an instant."""
    return next((event for event in reversed(binding.history) if event.at <= at), None)


def _hit(transaction: Transaction, request: Request, binding: Binding, ended: BindingEvent, trace: Trace) -> Hit:
    removed = ended.kind is BindingEventKind.REMOVED
    how = "was removed" if removed else "ran out"
    final = transaction.final
    outcome = "never answered" if final is None else f"answered {final.label}"
    lossy = guards.capture_lossy_near(trace, ended.at, request.at)
    evidence = [
        Evidence(frame=ended.frame, note=f"binding {how}" if removed else "the last time granted"),
        Evidence(frame=request.frames[-1], note=f"{request.label} to {request.request_uri_text}"),
    ]
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=final.label))
    return Hit(
        text=(
            f"{request.label} was sent to {request.request_uri_text}, which {how} as a binding of "
            f"{binding.address_of_record} {in_seconds(request.at - ended.at):.0f} s before, and was {outcome}."
        ),
        evidence=tuple(evidence),
        at=request.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets in between.",)
        if lossy
        else ("A route that was set by hand, or a registration that took another way, isn't seen here.",),
        identity=(binding.address_of_record, binding.contact.uri.text, request.hop.source.address),
    )
