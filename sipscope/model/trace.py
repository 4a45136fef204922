"""The whole reconstruction of one capture, frozen."""

from dataclasses import field

from sipscope.model.availability import Probing
from sipscope.model.call import Call, Correlation
from sipscope.model.conference import Conference
from sipscope.model.conversation import Conversation
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Diagnosis, Finding
from sipscope.model.message import Request, Response
from sipscope.model.offer_answer import Ledger, OfferAnswerExchange
from sipscope.model.packets import CaptureFacts, Gap
from sipscope.model.passwords import Passwords
from sipscope.model.policy import Policy
from sipscope.model.publication import Publication
from sipscope.model.series import RequestSeries
from sipscope.model.stream import MediaFacts, RtpStream
from sipscope.model.subscription import Binding, Registration, Subscription
from sipscope.model.time import Instant
from sipscope.model.trace_index import TraceIndex
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.model.vantage import Vantage
from sipscope.model.written_description import WrittenDescription
from sipscope.values import dataclass


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
