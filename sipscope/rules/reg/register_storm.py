"""A device registers again and again, long before it is due, or at once behind a REGISTER that nobody answered.

What it finds
    A binding that is refreshed four times running, each time less than 20 s behind the time before and within the first
    fifth of what was granted, with the same contact; and a device that twice running registers at the same registrar
    within two seconds of the end of a REGISTER that timed out. Short intervals that the registrar grants itself, as
    session border controllers do for devices behind NAT, are let be.
Why it matters
    The registrar has many times the load that it needs, and phones that try again at once keep it down once it is.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Expires: 3600
        0.1   reg -> alice  200
        15.0  alice -> reg  REGISTER
              Expires: 3600
        15.1  reg -> alice  200
        30.0  alice -> reg  REGISTER
              Expires: 3600
        30.1  reg -> alice  200
        45.0  alice -> reg  REGISTER
              Expires: 3600
        45.1  reg -> alice  200
        60.0  alice -> reg  REGISTER
              Expires: 3600
        60.1  reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Expires: 60
        0.1   reg -> alice  200
        50.0  alice -> reg  REGISTER
              Expires: 60
        50.1  reg -> alice  200
What to check
    - Does the device keep its way through a NAT open with REGISTER? CRLF or STUN do that for less.
    - Does the device take the time granted, or one of its own?
    - Does it find its contact in the 200? If not, it may register without end.
    - Behind a time-out the device waits, and longer each time.
Sources
    RFC 3261 §10.2.4; RFC 3261 §10.2.7; RFC 5626 §4.5
"""

from collections.abc import Iterator, Mapping

from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.subscription import Binding, BindingEvent, BindingEventKind, Registration
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.unanswered import DEADLINE

TELLING_REFRESHES = 4
"""Early refreshes running that prove a habit: a change of network or of settings makes one or two."""

AT_ONCE: Duration = 2 * SECOND
"""How soon behind a time-out another attempt is immediate."""

TELLING_RETRIES = 2


@rule("REG-007", name="register-storm", severity=WARNING, since="0.1", subject=Trace)
def register_storm(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """A client refreshes before the interval is over, and waits behind a time-out (RFC 3261 §10.2.4, §10.2.7)."""
    attempts = {item.id: item for item in trace.registrations}
    for binding in trace.bindings:
        run = _early_run(binding, attempts, trace.policy.duration("register_refresh_s"))
        if run:
            yield _storm_hit(binding, run)
    yield from _retries(trace)


def _early_run(binding: Binding, attempts: Mapping[str, Registration], soon: Duration) -> list[BindingEvent]:
    """The longest run of refreshes that each came far too soon, with the event before it.

    Behind a shorter interval than `soon`, a refresh can't be meant for anything but keeping a NAT open.
    """
    longest: list[BindingEvent] = []
    run: list[BindingEvent] = []
    for event in binding.history:
        run = [*run, event] if run and _is_early(run[-1], event, attempts, soon) else [event]
        longest = max(longest, run, key=len)
    return longest if len(longest) > TELLING_REFRESHES else []


def _is_early(before: BindingEvent, event: BindingEvent, attempts: Mapping[str, Registration], soon: Duration) -> bool:
    if event.kind is not BindingEventKind.REFRESHED or before.expires_s is None:
        return False
    gap = event.at - before.at
    if gap >= soon or 5 * gap >= before.expires_s * SECOND:
        return False
    one, other = (attempts[item.registration_id].attempts[-1].first for item in (before, event))
    # The same request on its way through two registrars is one refresh.
    return (one.call_id, one.cseq) != (other.call_id, other.cseq)


def _storm_hit(binding: Binding, run: list[BindingEvent]) -> Hit:
    lasted = in_seconds(run[-1].at - run[0].at)
    granted = run[0].expires_s
    return Hit(
        text=(
            f"{binding.address_of_record} registered {binding.contact.uri.text} {len(run)} times in {lasted:.0f} s, "
            f"every {lasted / (len(run) - 1):.0f} s, although {granted} s were granted."
        ),
        evidence=tuple(Evidence(frame=event.frame, note=f"granted for {event.expires_s} s") for event in run),
        at=run[TELLING_REFRESHES].at,
        identity=(binding.address_of_record, binding.contact.uri.text),
    )


def _retries(trace: Trace) -> Iterator[Hit]:
    """Devices that try again at once, twice running or more."""
    newest: dict[tuple[object, ...], Transaction] = {}
    running: dict[tuple[object, ...], list[Message]] = {}
    told: dict[tuple[object, ...], tuple[Registration, list[Message]]] = {}
    for registration in trace.registrations:
        for transaction in registration.attempts:
            key = (registration.address_of_record, transaction.hop.source.address, transaction.hop.destination)
            before = newest.get(key)
            if before is not None and _is_immediate(before, transaction):
                running.setdefault(key, [before.first]).append(transaction.first)
            else:
                running.pop(key, None)
            newest[key] = transaction
            if len(running.get(key, ())) > TELLING_RETRIES:
                told[key] = (registration, running[key])
    for where, (registration, requests) in told.items():
        yield Hit(
            text=(
                f"{registration.source.address} registered {registration.address_of_record} again at once each time "
                f"when a REGISTER to {registration.registrar} had timed out, {len(requests)} times running."
            ),
            evidence=tuple(Evidence(frame=item.frames[-1], note="REGISTER without an answer") for item in requests),
            at=requests[TELLING_RETRIES].at,
            identity=("retries", *where),
        )


def _is_immediate(before: Transaction, after: Transaction) -> bool:
    """Whether a REGISTER followed the time-out of the one before, and not something that was answered."""
    if before.state is not TransactionState.TIMED_OUT or before.responses:
        return False
    behind = after.started_at - before.started_at - DEADLINE
    return -SECOND <= behind <= AT_ONCE
