"""The whole reconstruction of one capture, frozen."""

from collections.abc import Mapping
from dataclasses import field

from sipscope.model.availability import Probing
from sipscope.model.call import Call, Correlation
from sipscope.model.conference import Conference
from sipscope.model.conversation import Conversation
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Diagnosis, Finding
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import Ledger, OfferAnswerExchange
from sipscope.model.packets import CaptureFacts, Gap
from sipscope.model.passwords import Passwords
from sipscope.model.policy import Policy
from sipscope.model.publication import Publication
from sipscope.model.series import RequestSeries
from sipscope.model.stream import MediaFacts, RtpStream
from sipscope.model.subscription import Binding, Registration, Subscription
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.model.vantage import Vantage
from sipscope.model.written_description import WrittenDescription
from sipscope.values import dataclass


@dataclass(slots=True)
class TraceIndex:
    """Look-up tables of a trace; made once beside it.

    Attributes:
        messages: By id.
        transactions: By id.
        dialogs: By id.
        legs: By id.
        ledgers: By (leg id, dialog id).
        exchanges: By id.
        streams: By id.
        calls: By id.
        call_of_dialog: Call id by dialog id.
        call_of_transaction: Call id by transaction id.
        streams_of_dialog: Streams by dialog id.
        dialogs_of_call_id: Dialogs by Call-ID.
        subscriptions_of_call_id: Subscriptions by Call-ID.
        series_of_transaction: Series by the id of each of their transactions.
        transactions_of_request: Transactions of one request over all its hops and branches, by Call-ID, From tag,
            CSeq number and method.
        streams_from: Streams by the endpoint that sends them.
        ledgers_announcing: Ledgers by each endpoint that was in force in them at any time.
        described_from: Requests and non-failure responses with a session description, by the endpoint they came from.
        accepting_other_uris: Servers, each with a realm, that accepted credentials made for another Request-URI.
    """

    messages: Mapping[str, Request | Response] = field(default_factory=dict)
    transactions: Mapping[str, Transaction] = field(default_factory=dict)
    dialogs: Mapping[str, Dialog] = field(default_factory=dict)
    legs: Mapping[str, Leg] = field(default_factory=dict)
    ledgers: Mapping[tuple[str, str], Ledger] = field(default_factory=dict)
    exchanges: Mapping[str, OfferAnswerExchange] = field(default_factory=dict)
    streams: Mapping[str, RtpStream] = field(default_factory=dict)
    calls: Mapping[int, Call] = field(default_factory=dict)
    call_of_dialog: Mapping[str, int] = field(default_factory=dict)
    call_of_transaction: Mapping[str, int] = field(default_factory=dict)
    streams_of_dialog: Mapping[str, tuple[RtpStream, ...]] = field(default_factory=dict)
    dialogs_of_call_id: Mapping[str, tuple[Dialog, ...]] = field(default_factory=dict)
    subscriptions_of_call_id: Mapping[str | None, tuple[Subscription, ...]] = field(default_factory=dict)
    series_of_transaction: Mapping[str, RequestSeries] = field(default_factory=dict)
    transactions_of_request: Mapping[tuple[str, str, int, str], tuple[Transaction, ...]] = field(default_factory=dict)
    streams_from: Mapping[Endpoint, tuple[RtpStream, ...]] = field(default_factory=dict)
    ledgers_announcing: Mapping[Endpoint, tuple[Ledger, ...]] = field(default_factory=dict)
    described_from: Mapping[Endpoint, tuple[Request | Response, ...]] = field(default_factory=dict)
    accepting_other_uris: frozenset[tuple[str, str]] = frozenset()

    def same_request(self, transaction: Transaction) -> tuple[Transaction, ...]:
        """Every transaction of the same request, this one included: other hops, forks, fail-over."""
        first = transaction.first
        if first.call_id is None or first.cseq is None:
            return (transaction,)
        key = (first.call_id, first.from_tag or "", first.cseq.number, transaction.method)
        return self.transactions_of_request.get(key, (transaction,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything that was read from a capture, by kind, each by time. Objects refer upwards by id only.

    Attributes:
        facts: What the capture layer knows.
        messages: SIP messages, retransmissions included, frames captured twice left out.
        message_copies: How many frames held a message captured a second time.
        transactions: On each hop.
        series: Attempts of one intent, at the client that had it.
        dialogs: By Call-ID and both tags.
        ledgers: Offer/answer history of each leg and dialog.
        descriptions: Session descriptions, each once a Call-ID, with the messages that carried it.
        subscriptions: Explicit and implicit.
        registrations: Attempts.
        bindings: Where addresses of record were reachable, over time.
        publications: Event state by chains of entity-tags.
        conversations: Instant messages outside of dialogs, by the two who write.
        probes: Who probed whom by OPTIONS, and what came of it.
        transfers: REFERs.
        conferences: Who was in which conference when.
        calls: As a person counts them.
        correlations: Edges between dialogs and calls.
        streams: RTP.
        media: Counters of the media layer.
        vantage: What could be seen from where the capture was taken.
        passwords: Those that the user gave to check digests with.
        policy: What the network wants of its judgement, as far as it speaks of this capture.
        findings: What the rules say, by time.
        diagnoses: One for each call that has something to say.
    """

    facts: CaptureFacts
    messages: tuple[Request | Response, ...] = ()
    message_copies: int = 0
    transactions: tuple[Transaction, ...] = ()
    series: tuple[RequestSeries, ...] = ()
    dialogs: tuple[Dialog, ...] = ()
    ledgers: tuple[Ledger, ...] = ()
    descriptions: tuple[WrittenDescription, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    registrations: tuple[Registration, ...] = ()
    bindings: tuple[Binding, ...] = ()
    publications: tuple[Publication, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    probes: tuple[Probing, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    conferences: tuple[Conference, ...] = ()
    calls: tuple[Call, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    streams: tuple[RtpStream, ...] = ()
    media: MediaFacts = field(default_factory=MediaFacts)
    vantage: Vantage = field(default_factory=Vantage)
    passwords: Passwords = field(default_factory=Passwords, repr=False, compare=False)
    policy: Policy = field(default_factory=Policy)
    findings: tuple[Finding, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    index: TraceIndex = field(default_factory=TraceIndex, repr=False, compare=False)

    @property
    def exchanges(self) -> tuple[OfferAnswerExchange, ...]:
        """Exchanges of all ledgers, by time of the offer."""
        found = [exchange for ledger in self.ledgers for exchange in ledger.exchanges]
        return tuple(sorted(found, key=lambda exchange: (exchange.at, exchange.offer_frames, exchange.id)))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What the capture lacks."""
        return self.facts.gaps

    @property
    def ended_at(self) -> Instant | None:
        """Time of the last packet."""
        return self.facts.last_packet_at
