"""Capture → trace → findings: the program on one screen, and the public Python interface.

Heavy libraries are imported here, when a capture is read, never when the program starts.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from sipscope.capture.native.source import MAX_EXPANDED
from sipscope.model.availability import Probing
from sipscope.model.call import Call, Correlation
from sipscope.model.conference import Conference
from sipscope.model.conversation import Conversation
from sipscope.model.description import MediaDescription, RtpFormat, SessionDescription
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Finding
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.model.offer_answer import Ledger
from sipscope.model.packets import CaptureFacts, Gap, GapKind, Packet
from sipscope.model.passwords import Passwords
from sipscope.model.policy import Policy
from sipscope.model.publication import Publication
from sipscope.model.series import RequestSeries
from sipscope.model.stream import MediaFacts, RtpStream
from sipscope.model.subscription import Binding, Registration, Subscription
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.model.trace_index import TraceIndex
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.model.written_description import WrittenDescription
from sipscope.values import dataclass

if TYPE_CHECKING:
    from sipscope.model.packets import IntegerColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far reading has come.

    Attributes:
        path: The file that is being read.
        bytes_read: Of all files so far, compressed ones as they are; None where the engine doesn't know.
        frames: The last frame that was read.
        messages: How many SIP messages were found.
    """

    path: str
    bytes_read: int | None
    frames: int
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a capture is to be analysed.

    Attributes:
        engine: `auto`, `native` or `wireshark`.
        keylog: Path of a TLS key log; makes `auto` take the Wireshark engine.
        media_expected: The user says that media is visible where the capture was taken.
        max_expanded: How many bytes a compressed file may expand to; what is behind them stays unread.
        progress: Called now and then with how far reading has come.
        is_stopped: Asked between packets; once it says yes, nothing more is read, and what was read is analysed.
        aliases: Names for addresses, or for an address with a port; they go before those that the file gives.
        call_id_headers: Header fields in which a B2BUA names the Call-ID of its other side; those that begin with
            `X-`, such as X-CID, are known without being named.
        passwords: Of users, to check digests with.
        policy: What the network wants of the judgement.
        name: What the policy knows the capture by; its path, where empty.
    """

    engine: str = "auto"
    keylog: str | None = None
    media_expected: bool = False
    max_expanded: int = MAX_EXPANDED
    progress: Callable[[Progress], None] | None = None
    is_stopped: Callable[[], bool] | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    call_id_headers: tuple[str, ...] = ()
    passwords: Passwords = field(default_factory=Passwords)
    policy: Policy = field(default_factory=Policy)
    name: str = ""


def analyze(path: str | Sequence[str], options: Options | None = None) -> Trace:
    """Read a capture, reconstruct what happened in it, and say what is wrong.

    Args:
        path: A capture file; `-` reads standard input. Several are read as one capture, merged by time.
        options: How to read it.

    Returns:
        The whole reconstruction, with findings and a diagnosis for each call.

    Raises:
        UnreadableInput: The file is missing, empty, or in no known format.
        EngineUnavailable: The Wireshark engine is asked for and tshark isn't installed.
    """
    from sipscope.diagnosis import diagnoses_of
    from sipscope.rules.engine import findings_of
    from sipscope.rules.registry import RULES
    from sipscope.rules.ruling import ruled, rules_on

    chosen = options or Options()
    reading, trace = _reconstructed(path, chosen)
    findings = findings_of(trace, rules_on(RULES, chosen.policy))
    if findings and reading.facts.clock_step:
        findings = _standing(findings, reading, chosen)
    diagnoses, findings = diagnoses_of(replace(trace, findings=ruled(findings, trace)))
    trace.index.forget()
    return replace(trace, diagnoses=diagnoses, findings=findings)


def reconstruct(path: str | Sequence[str], options: Options | None = None) -> Trace:
    """Read a capture and reconstruct what happened in it, without judging it."""
    return _reconstructed(path, options or Options())[1]


def _reconstructed(path: str | Sequence[str], options: Options) -> "tuple[_Reading, Trace]":
    with _collector_resting():
        reading = _read(path, options)
        return reading, _trace(reading, options)


def _standing(findings: tuple[Finding, ...], reading: "_Reading", options: Options) -> tuple[Finding, ...]:
    """The findings that hold whatever the log's clock leaves out of its times."""
    from sipscope.rules.coarse_times import other_times, standing
    from sipscope.rules.engine import findings_of
    from sipscope.rules.registry import RULES

    for messages in other_times(reading.messages, reading.facts.clock_step):
        if not findings:
            break
        other = _trace(replace(reading, messages=messages), options)
        findings = standing(findings, findings_of(other, RULES))
    return findings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was read, before anything is joined."""

    facts: CaptureFacts
    messages: tuple[Request | Response, ...]
    message_copies: int
    streams: tuple[RtpStream, ...]
    media: MediaFacts


def _read(path: str | Sequence[str], options: Options) -> _Reading:
    from sipscope.capture import open_capture
    from sipscope.decode import Decoder
    from sipscope.media import StreamTracker

    reader = open_capture(path, engine=options.engine, keylog=options.keylog, max_expanded=options.max_expanded)
    decoder, tracker, sections = Decoder(), StreamTracker(), _Sections()
    stop = _Stop(options.is_stopped)
    for chunk in reader.chunks():
        for packet in decoder.add(stop.before(chunk.packets)):
            tracker.add_rtcp(packet)
        if stop.has_come():
            break
        if chunk.datagrams is not None:
            sections.learn(decoder.messages)
            tracker.add(chunk.datagrams, sections.format_of)
            stop.media(chunk.datagrams.at)
        if options.progress is not None:
            where, bytes_read = reader.place()
            options.progress(
                Progress(path=where, bytes_read=bytes_read, frames=_last_frame(chunk), messages=len(decoder.messages))
            )
    decoder.finish()
    streams, media = tracker.finish()
    facts = stop.facts(reader.facts())
    set_aside = dict(facts.set_aside)
    for reason, frames in (*decoder.set_aside.items(), *media.unconfirmed.items()):
        set_aside[reason] = set_aside.get(reason, 0) + frames
    names = {**facts.names, **options.aliases}
    facts = replace(facts, set_aside=set_aside, gaps=(*facts.gaps, *decoder.gaps), names=names)
    return _Reading(
        facts=facts,
        messages=tuple(sorted(decoder.messages, key=attrgetter("at", "frames"))),
        message_copies=decoder.copies,
        streams=streams,
        media=media,
    )


class _Stop:
    """Ends reading when the user asks for it, and keeps what the facts then have to say."""

    def __init__(self, is_asked: Callable[[], bool] | None) -> None:
        self._is_asked = is_asked
        self._last: Packet | None = None
        self._media_until: Instant | None = None
        self._came = False

    def before(self, packets: tuple[Packet, ...]) -> Iterable[Packet]:
        """The packets, until the user asks."""
        return packets if self._is_asked is None else self._watched(packets, self._is_asked)

    def media(self, at: "IntegerColumn") -> None:
        """Take in up to when media was read."""
        if self._is_asked is not None and len(at):
            self._media_until = int(at.max())

    def has_come(self) -> bool:
        """Whether the user asked."""
        self._came = self._came or (self._is_asked is not None and self._is_asked())
        return self._came

    def facts(self, facts: CaptureFacts) -> CaptureFacts:
        """The facts, with the gap behind what was read: silence there proves nothing."""
        if not self._came:
            return facts
        frames = self._last.frames[-1:] if self._last else ()
        known = [at for at in (self._last.at if self._last else None, self._media_until) if at is not None]
        at = max(known, default=facts.first_packet_at)
        behind = f"after frame {frames[0]}" if frames else "before the first message"
        text = f"Reading was stopped {behind}: the rest of the capture is unread."
        gap = Gap(kind=GapKind.READING_STOPPED, frames=frames, text=text, at=at)
        return replace(facts, last_packet_at=at, gaps=(*facts.gaps, gap))

    def _watched(self, packets: tuple[Packet, ...], is_asked: Callable[[], bool]) -> Iterator[Packet]:
        for packet in packets:
            if is_asked():
                self._came = True
                return
            self._last = packet
            yield packet


def _last_frame(chunk: object) -> int:
    packets = getattr(chunk, "packets", ())
    datagrams = getattr(chunk, "datagrams", None)
    last = packets[-1].frames[-1] if packets else 0
    return last if datagrams is None or not len(datagrams.frame) else max(last, int(datagrams.frame[-1]))


class _Sections:
    """Payload types by the endpoint that asked for them, as session descriptions tell while the capture is read."""

    def __init__(self) -> None:
        self._sections: dict[Endpoint, MediaDescription] = {}
        self._learnt = 0

    def learn(self, messages: list[Request | Response]) -> None:
        """Take in what the messages tell that have come since the last call."""
        for message in messages[self._learnt :]:
            for part in message.parts:
                if part.description is not None:
                    self._learn(part.description)
        self._learnt = len(messages)

    def _learn(self, description: SessionDescription) -> None:
        for section in description.media:
            if section.is_rtp and section.port and section.address is not None:
                self._sections[Endpoint(section.address.lower(), section.port)] = section

    def format_of(self, hop: Hop, payload_type: int, _at: Instant) -> RtpFormat | None:
        """What a payload type means to the receiver, else to the sender; None while no description says."""
        for endpoint in (hop.destination, hop.source):
            section = self._sections.get(endpoint)
            if section is not None:
                found = section.format_of(payload_type)
                if found is not None:
                    return found
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """Everything reconstructed, before it is indexed."""

    transactions: tuple[Transaction, ...]
    series: tuple[RequestSeries, ...]
    dialogs: tuple[Dialog, ...]
    ledgers: tuple[Ledger, ...]
    descriptions: tuple[WrittenDescription, ...]
    subscriptions: tuple[Subscription, ...]
    registrations: tuple[Registration, ...]
    bindings: tuple[Binding, ...]
    publications: tuple[Publication, ...]
    conversations: tuple[Conversation, ...]
    probes: tuple[Probing, ...]
    transfers: tuple[Transfer, ...]
    conferences: tuple[Conference, ...]
    calls: tuple[Call, ...]
    correlations: tuple[Correlation, ...]
    streams: tuple[RtpStream, ...]
    media: MediaFacts


def _trace(reading: _Reading, options: Options) -> Trace:
    from sipscope.calls.vantage import vantage_of

    joined = _join(reading, options)
    return Trace(
        facts=reading.facts,
        messages=reading.messages,
        message_copies=reading.message_copies,
        transactions=joined.transactions,
        series=joined.series,
        dialogs=joined.dialogs,
        ledgers=joined.ledgers,
        descriptions=joined.descriptions,
        subscriptions=joined.subscriptions,
        registrations=joined.registrations,
        bindings=joined.bindings,
        publications=joined.publications,
        conversations=joined.conversations,
        probes=joined.probes,
        transfers=joined.transfers,
        conferences=joined.conferences,
        calls=joined.calls,
        correlations=joined.correlations,
        streams=joined.streams,
        media=joined.media,
        vantage=vantage_of(
            reading.facts,
            reading.messages,
            joined.streams,
            reading.facts.gaps,
            media_expected=options.media_expected,
        ),
        policy=options.policy.of_capture(options.name or reading.facts.path),
        passwords=options.passwords,
        index=_index(reading, joined),
    )


def _join(reading: _Reading, options: Options) -> _Joined:
    from sipscope.calls.binding import bind_streams
    from sipscope.calls.calls import calls_of
    from sipscope.calls.conference_services import with_conferences
    from sipscope.calls.conferences import conferences_of
    from sipscope.calls.early_media import with_early_phases
    from sipscope.calls.reported import with_negotiated
    from sipscope.signalling.availability import probes_of, with_reach
    from sipscope.signalling.bindings import bindings_of
    from sipscope.signalling.conversations import conversations_of
    from sipscope.signalling.descriptions import descriptions_of
    from sipscope.signalling.dialogs import dialogs_of
    from sipscope.signalling.nodes import Nodes
    from sipscope.signalling.offer_answer import ledgers_of
    from sipscope.signalling.publications import publications_of
    from sipscope.signalling.registrations import registrations_of
    from sipscope.signalling.series import series_of
    from sipscope.signalling.subscriptions import subscriptions_of
    from sipscope.signalling.transactions import transactions_of
    from sipscope.signalling.transfers import transfers_of

    nodes = Nodes(reading.messages)
    ended_at = reading.facts.last_packet_at
    transactions = transactions_of(reading.messages, nodes, ended_at)
    series = series_of(transactions)
    registrations = registrations_of(series)
    dialogs = dialogs_of(transactions, nodes)
    ledgers = ledgers_of(dialogs)
    subscriptions = subscriptions_of(transactions, dialogs)
    transfers = transfers_of(transactions, dialogs, subscriptions, capture_ended_at=ended_at)
    bound = bind_streams(reading.streams, ledgers, dialogs)
    calls, correlations, streams = calls_of(
        transactions,
        dialogs,
        transfers,
        ledgers,
        bound,
        capture_ended_at=ended_at,
        call_id_headers=options.call_id_headers,
    )
    conferences = conferences_of(calls, dialogs, transfers, subscriptions, ledgers, streams, capture_ended_at=ended_at)
    return _Joined(
        transactions=transactions,
        series=series,
        dialogs=dialogs,
        ledgers=ledgers,
        descriptions=descriptions_of(transactions),
        subscriptions=subscriptions,
        registrations=registrations,
        bindings=with_reach(bindings_of(registrations, ended_at), transactions),
        publications=publications_of(series),
        conversations=conversations_of(series),
        probes=probes_of(transactions),
        transfers=transfers,
        conferences=conferences,
        calls=with_early_phases(with_conferences(calls, conferences), streams, ended_at),
        correlations=correlations,
        streams=streams,
        media=with_negotiated(reading.media, ledgers, dialogs),
    )


def _index(reading: _Reading, joined: _Joined) -> TraceIndex:
    from sipscope.signalling.digest_uris import accepting_other_uris

    return TraceIndex(
        messages=reading.messages,
        transactions=joined.transactions,
        series=joined.series,
        dialogs=joined.dialogs,
        ledgers=joined.ledgers,
        subscriptions=joined.subscriptions,
        calls=joined.calls,
        streams=joined.streams,
        accepting_other_uris=accepting_other_uris(joined.series),
    )


@contextmanager
def _collector_resting() -> Iterator[None]:
    """Suspend the cyclic garbage collector: the trace has no cycles, and millions of live objects make it slow."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
