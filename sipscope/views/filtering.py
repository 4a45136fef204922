"""Calls by an expression: the fields of a call, their values, and the part of a trace that belongs to some calls."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from sipscope.filter import Expression, Field, Kind, Value, parse
from sipscope.model.call import Call, CallOutcome, Release
from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from sipscope.model.header_values import Address
from sipscope.model.message import Message
from sipscope.model.stream import RtpStream
from sipscope.model.trace import Trace
from sipscope.rules.registry import RULES
from sipscope.views.report_calls import legs_report
from sipscope.views.report_values import milliseconds_of, rounded, time_of


class Subject:
    """A call with what belongs to it, looked up once and only where a field asks for it."""

    def __init__(self, call: Call, trace: Trace, findings: tuple[Finding, ...], headline: str | None) -> None:
        self.call, self.trace, self.findings, self.headline = call, trace, findings, headline

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """Of its INVITEs and of all transactions of its dialogs, each once."""
        transactions = {item.id: item for item in self.call.invites}
        transactions.update((item.id, item) for dialog in self.call.dialogs for item in dialog.transactions)
        return tuple(message for item in transactions.values() for message in item.all_messages)

    @cached_property
    def streams(self) -> tuple[RtpStream, ...]:
        """Those bound to it."""
        known = self.trace.index.streams
        return tuple(known[name] for name in self.call.stream_ids if name in known)


def subjects_of(trace: Trace) -> tuple[Subject, ...]:
    """Every call with its findings."""
    findings: dict[int | None, list[Finding]] = {}
    for finding in trace.findings:
        findings.setdefault(finding.call_id, []).append(finding)
    headlines = {item.call_id: item.headline for item in trace.diagnoses}
    return tuple(Subject(call, trace, tuple(findings.get(call.id, ())), headlines.get(call.id)) for call in trace.calls)


def subject_of(trace: Trace, call_id: int) -> Subject:
    """One call with its findings."""
    own = tuple(finding for finding in trace.findings if finding.call_id == call_id)
    headline = next((item.headline for item in trace.diagnoses if item.call_id == call_id), None)
    return Subject(trace.index.calls[call_id], trace, own, headline)


def expression_of(text: str) -> Expression:
    """The expression over the fields of a call that a text spells.

    Raises:
        UsageError: It spells none.
    """
    return parse(text, FIELDS, has=HAS)


def holds_for(expression: Expression, subject: Subject) -> bool:
    """Whether an expression holds for a call."""
    return expression.holds(_Values(subject))


def chosen_calls(trace: Trace, expression: Expression) -> tuple[int, ...]:
    """Ids of the calls that an expression holds for."""
    return tuple(subject.call.id for subject in subjects_of(trace) if holds_for(expression, subject))


def narrowed(trace: Trace, calls: Collection[int]) -> Trace:
    """A trace without what belongs to other calls or to none; what the capture layer counted stays."""
    index = trace.index
    wanted = frozenset(calls)
    dialogs = {dialog.id for dialog in trace.dialogs if index.call_of_dialog.get(dialog.id) in wanted}
    kept = [call for call in trace.calls if call.id in wanted]
    transfers = {name for call in kept for name in call.transfer_ids}
    transactions = [item for item in trace.transactions if index.call_of_transaction.get(item.id) in wanted]
    messages = {message.id for item in transactions for message in item.all_messages}
    return replace(
        trace,
        messages=tuple(message for message in trace.messages if message.id in messages),
        transactions=tuple(transactions),
        dialogs=tuple(dialog for dialog in trace.dialogs if dialog.id in dialogs),
        ledgers=tuple(ledger for ledger in trace.ledgers if ledger.dialog_id in dialogs),
        subscriptions=tuple(item for item in trace.subscriptions if item.dialog_id in dialogs),
        registrations=(),
        bindings=(),
        publications=(),
        transfers=tuple(item for item in trace.transfers if item.id in transfers),
        conferences=tuple(
            item for item in trace.conferences if any(each.dialog_id in dialogs for each in item.participants)
        ),
        calls=tuple(kept),
        streams=tuple(item for item in trace.streams if item.binding is not None and item.binding.call_id in wanted),
        findings=tuple(item for item in trace.findings if item.call_id in wanted),
        diagnoses=tuple(item for item in trace.diagnoses if item.call_id in wanted),
    )


class _Values(Mapping[str, tuple[Value, ...]]):
    """The values of a call, each made when an expression asks for it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def __getitem__(self, name: str) -> tuple[Value, ...]:
        return values_of(self._subject, name)

    def __iter__(self) -> Iterator[str]:
        return iter(_GETTERS)

    def __len__(self) -> int:
        return len(_GETTERS)


def values_of(subject: Subject, name: str) -> tuple[Value, ...]:
    """The values of one field of a call, each once; none where nothing was seen."""
    return tuple(dict.fromkeys(value for value in _GETTERS[name](subject) if value is not None))


def _of_call(get: Callable[[Call], Value | None]) -> "_Getter":
    return lambda subject: (get(subject.call),)


def _of_streams(get: Callable[[RtpStream], Value | None]) -> "_Getter":
    return lambda subject: tuple(get(stream) for stream in subject.streams)


def _of_findings(get: Callable[[Finding], Value]) -> "_Getter":
    return lambda subject: tuple(get(finding) for finding in subject.findings)


def _count(severity: Severity) -> "_Getter":
    return lambda subject: (
        sum(finding.severity is severity and finding.suppressed is None for finding in subject.findings),
    )


def _party(address: Address | None) -> tuple[Value | None, ...]:
    """A party by all its names: user, address of record, display name."""
    if address is None:
        return ()
    uri = address.uri
    return (uri.user or None, uri.address_of_record, f"{uri.user}@{uri.host}", address.display_name or None)


def _addresses(subject: Subject) -> tuple[Value | None, ...]:
    hops = {message.hop for message in subject.messages} | {stream.hop for stream in subject.streams}
    ends = sorted({end for hop in hops for end in (hop.source, hop.destination)})
    names = subject.trace.facts.names
    return tuple(name for end in ends for name in (end.address, str(end), names.get(end.address), names.get(str(end))))


def _codecs(subject: Subject) -> tuple[Value | None, ...]:
    return tuple(
        part for stream in subject.streams for part in (stream.codec, (stream.codec or "").split("/")[0]) if part
    )


_Getter = Callable[[Subject], tuple[Value | None, ...]]
_RULE_CODES = tuple(rule.code for rule in RULES)
_RULE_NAMES = tuple(rule.name for rule in RULES)
_N, _MS = Kind.NUMBER, Kind.MILLISECONDS

_TABLE: tuple[tuple[Field, _Getter], ...] = (
    (Field(name="id", text="Number of the call", kind=_N), _of_call(lambda call: call.id)),
    (Field(name="call_ids", text="Call-ID of each leg"), lambda subject: subject.call.call_ids),
    (Field(name="caller", text="User, address of record or name"), lambda subject: _party(subject.call.caller)),
    (Field(name="callee", text="User, address of record or name"), lambda subject: _party(subject.call.callee)),
    (Field(name="started_at", text="First message, ISO 8601"), _of_call(lambda call: time_of(call.started_at))),
    (Field(name="ringing_at", text="First ringing, ISO 8601"), _of_call(lambda call: time_of(call.ringing_at))),
    (Field(name="answered_at", text="Answer, ISO 8601"), _of_call(lambda call: time_of(call.answered_at))),
    (Field(name="ended_at", text="End, ISO 8601"), _of_call(lambda call: time_of(call.ended_at))),
    (
        Field(name="outcome", text="How it ended", choices=tuple(item.value for item in CallOutcome)),
        _of_call(lambda call: call.outcome.value),
    ),
    (Field(name="final_status", text="Status that decided it", kind=_N), _of_call(lambda call: call.final_status)),
    (
        Field(name="released_by", text="Who ended it", choices=tuple(item.value for item in Release)),
        _of_call(lambda call: None if call.released_by is None else call.released_by.value),
    ),
    (
        Field(name="setup_ms", text="First INVITE to ringing, else to the answer", kind=_MS),
        _of_call(lambda call: milliseconds_of(call.setup)),
    ),
    (Field(name="ringing_ms", text="Ringing", kind=_MS), _of_call(lambda call: milliseconds_of(call.ringing))),
    (Field(name="talking_ms", text="Answer to end", kind=_MS), _of_call(lambda call: milliseconds_of(call.talking))),
    (
        Field(name="services", text="What happened in it: hold, blind-transfer, fork …"),
        lambda subject: tuple(service.name for service in subject.call.services),
    ),
    (
        Field(name="findings", text="Codes of the rules that found something", choices=_RULE_CODES),
        _of_findings(lambda finding: finding.rule),
    ),
    (
        Field(name="finding_names", text="Names of these rules", choices=_RULE_NAMES),
        _of_findings(lambda finding: finding.name),
    ),
    (
        Field(name="severities", text="Severities of its findings", choices=tuple(item.value for item in Severity)),
        _of_findings(lambda finding: finding.severity.value),
    ),
    (Field(name="errors", text="Findings that are errors", kind=_N), _count(Severity.ERROR)),
    (Field(name="warnings", text="Findings that are warnings", kind=_N), _count(Severity.WARNING)),
    (Field(name="headline", text="Why it went as it did"), lambda subject: (subject.headline,)),
    (
        Field(name="user_agents", text="User-Agent or Server of all messages"),
        lambda subject: tuple(message.user_agent for message in subject.messages),
    ),
    (Field(name="addresses", text="Address, address:port or name of every host"), _addresses),
    (
        Field(name="transports", text="UDP, TCP, TLS, WS …"),
        lambda subject: tuple(message.hop.transport.value for message in subject.messages),
    ),
    (Field(name="dialogs", text="How many", kind=_N), _of_call(lambda call: len(call.dialogs))),
    (
        Field(name="legs", text="How many, over all dialogs", kind=_N),
        _of_call(lambda call: sum(1 for _ in legs_report(call))),
    ),
    (Field(name="transfers", text="How many", kind=_N), _of_call(lambda call: len(call.transfer_ids))),
    (Field(name="streams", text="How many", kind=_N), _of_call(lambda call: len(call.stream_ids))),
    (Field(name="codecs", text="Of its streams"), _codecs),
    (
        Field(name="mos", text="Estimate for each stream", kind=_N),
        _of_streams(lambda stream: None if stream.score is None else rounded(stream.score.mos, 2)),
    ),
    (
        Field(name="loss_percent", text="Of each stream", kind=_N),
        _of_streams(lambda stream: rounded(stream.loss_percent) if stream.expected else None),
    ),
    (
        Field(name="jitter_ms", text="Mean of each stream", kind=_MS),
        _of_streams(lambda stream: rounded(stream.jitter_ms_mean)),
    ),
)

FIELDS: tuple[Field, ...] = tuple(field for field, _ in _TABLE)
"""What an expression may name, spelt as in the report where the report has it."""

HAS = ("findings", "finding_names", "services")
"""What `has(…)` looks into."""

_GETTERS: dict[str, _Getter] = {field.name: getter for field, getter in _TABLE}
