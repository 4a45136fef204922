"""A device registers again with a CSeq that isn't higher, or with another Call-ID each time.

What it finds
    A REGISTER of one Call-ID and address of record, sent to the same registrar under a new branch, whose CSeq number is
    not higher than one before; the same request to another registrar is fail-over, and a retry with credentials is
    told by AUTH-003. As a warning: three registrations of one binding in a row, each in the time granted by the one
    before, and each with a Call-ID of its own.
Why it matters
    The registrar ignores what it takes for old, so the refresh does nothing and the binding runs out.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER cseq=7
        0.1   reg -> alice  200
        60.0  alice -> reg  REGISTER cseq=7
        60.1  reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER cseq=7
        0.1   reg -> alice  200
        60.0  alice -> reg  REGISTER cseq=8
        60.1  reg -> alice  200
What to check
    - One Call-ID for a registrar until the device restarts, and a CSeq that rises by one each time.
    - After a restart the device takes a new Call-ID.
Sources
    RFC 3261 §10.2; RFC 3261 §10.2.4; RFC 3261 §10.3
"""

from collections.abc import Iterator, Mapping

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.series import AttemptReason
from sipscope.model.subscription import Binding, BindingEvent, BindingEventKind, Registration
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.digest import CHALLENGING

REORDERING: Duration = SECOND
"""Requests so near to each other may have changed places on UDP."""

TELLING_CALL_IDS = 3
"""Registrations in a row that prove a habit: one restart makes two Call-IDs, a second one follows rarely."""


@rule("REG-004", name="register-sequence-broken", severity=ERROR, since="0.1", subject=Trace)
def register_sequence_broken(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """All registrations of a device have one Call-ID, and a CSeq that rises by one (RFC 3261 §10.2)."""
    yield from _numbers(trace)
    attempts = {item.id: item for item in trace.registrations}
    for binding in trace.bindings:
        events = _with_changing_call_ids(binding, attempts)
        if events:
            yield _call_id_hit(binding, events)


def _numbers(trace: Trace) -> Iterator[Hit]:
    highest: dict[tuple[object, ...], Transaction] = {}
    for registration in trace.registrations:
        for transaction in registration.attempts:
            first = transaction.first
            if first.cseq is None or transaction.request is None:
                continue
            # Fail-over and forks repeat the request at another server, with its number.
            key = (first.call_id, registration.address_of_record, transaction.key.client, transaction.key.server)
            before = highest.get(key)
            number = None if before is None or before.first.cseq is None else before.first.cseq.number
            if before is None or number is None or first.cseq.number > number:
                highest[key] = transaction
            elif not _excused(before, transaction, trace):
                yield _number_hit(registration, before, transaction)


def _excused(before: Transaction, after: Transaction, trace: Trace) -> bool:
    one, other = before.first, after.first
    if one.cseq != other.cseq:
        return other.at - one.at < REORDERING
    if before.final is not None and before.final.status in CHALLENGING and other.credentials:
        return True
    series = trace.index.series_of_transaction.get(after.id)
    if series is None:
        return False
    # A server behind the same address may be tried with the same request while nothing has come back.
    return before.final is None and any(
        item.reason is AttemptReason.FAILOVER and after in item.transactions for item in series.attempts
    )


def _number_of(message: Message) -> int:
    return 0 if message.cseq is None else message.cseq.number


def _number_hit(registration: Registration, before: Transaction, after: Transaction) -> Hit:
    one, other = _number_of(before.first), _number_of(after.first)
    answer = "" if after.final is None else f" It was answered {after.final.label}."
    return Hit(
        text=(
            f"REGISTER for {registration.address_of_record} has CSeq {other}, but {one} was used before in the same "
            f"Call-ID: the registrar must take it for old.{answer}"
        ),
        evidence=(
            Evidence(frame=before.first.frames[-1], note=f"CSeq: {one} REGISTER"),
            Evidence(frame=after.first.frames[-1], note=f"CSeq: {other} REGISTER"),
        ),
        at=after.first.at,
        identity=(after.first.call_id, registration.address_of_record, after.key.client),
    )


def _with_changing_call_ids(binding: Binding, attempts: Mapping[str, Registration]) -> list[BindingEvent]:
    """The first three registrations in a row, each in time and each with another Call-ID."""
    run: list[BindingEvent] = []
    for event in binding.history:
        if event.kind not in {BindingEventKind.ADDED, BindingEventKind.REFRESHED}:
            run = []
            continue
        known = {_call_id_of(item, attempts) for item in run}
        if event.kind is BindingEventKind.ADDED or _call_id_of(event, attempts) in known:
            run = []
        run.append(event)
        if len(run) >= TELLING_CALL_IDS:
            return run
    return []


def _call_id_of(event: BindingEvent, attempts: Mapping[str, Registration]) -> str | None:
    return attempts[event.registration_id].attempts[-1].first.call_id


def _call_id_hit(binding: Binding, events: list[BindingEvent]) -> Hit:
    return Hit(
        text=(
            f"{binding.address_of_record} refreshed its binding to {binding.contact.uri.text} with another Call-ID "
            "each time: the registrar can't tell an old request from a new one."
        ),
        evidence=tuple(Evidence(frame=event.frame, note="accepted, with a Call-ID of its own") for event in events),
        at=events[-1].at,
        severity=WARNING,
        confidence=Confidence.LIKELY,
        guards=("A device that restarts each time takes another Call-ID rightly.",),
    )
