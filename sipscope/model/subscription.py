"""Subscriptions and registrations: state that expires (RFC 6665, RFC 3261 §10)."""

from enum import StrEnum

from sipscope.model.availability import AvailabilityChange
from sipscope.model.defects import Anomaly
from sipscope.model.dialog import Side
from sipscope.model.header_values import Address
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.time import SECOND, Instant
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass


class SubscriptionState(StrEnum):
    """As Subscription-State told last (RFC 6665 §4.1.3); the first two before any NOTIFY."""

    REQUESTED = "requested"
    REFUSED = "refused"
    PENDING = "pending"
    ACTIVE = "active"
    TERMINATED = "terminated"
    UNKNOWN = "unknown"


class DocumentKind(StrEnum):
    """State documents whose root element is known, by the name of that element."""

    DIALOGS = "dialog-info"
    REGISTRATIONS = "reginfo"
    CONFERENCE = "conference-info"
    WATCHERS = "watcherinfo"
    LIST = "list"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDocument:
    """What the root element of a notified document says.

    Attributes:
        kind: Which document it is.
        version: Its number within the subscription; None when absent or no number.
        is_full: Whether it holds the whole state; None when it doesn't say.
        entity: URI of whom or what it speaks; None when absent.
    """

    kind: DocumentKind
    version: int | None
    is_full: bool | None
    entity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateEntry:
    """What a notified document says of one user or resource.

    Attributes:
        entity: Its URI as told; empty where the document names none.
        state: Its state as told: of a registration, a presentity (`open`, `closed`), a dialog, a participant, a
            watcher, a member of a list, or whether messages wait; empty where it has none.
        detail: More of it: contacts with their states, counts of messages, direction of a dialog, a reason.
    """

    entity: str
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One statement about how long a subscription lasts.

    Attributes:
        at: When it was made.
        frame: The frame that made it.
        seconds: Duration from then on.
        requested_s: What the SUBSCRIBE asked for; None for a NOTIFY, or where the SUBSCRIBE left it out.
    """

    at: Instant
    frame: int
    seconds: int
    requested_s: int | None = None

    @property
    def ends_at(self) -> Instant:
        """When the subscription expires by it."""
        return self.at + self.seconds * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A NOTIFY of a subscription.

    Attributes:
        transaction: The NOTIFY with its response.
        state: Value of Subscription-State, lower-case; None when absent.
        reason: Its reason parameter.
        expires_s: Its expires parameter in seconds.
        document: The state document it carries, where its kind is known.
        body_fault: What keeps a subscriber from reading its body; None where nothing is known to.
        told: What its documents say of whom.
    """

    transaction: Transaction
    state: str | None
    reason: str | None = None
    expires_s: int | None = None
    document: StateDocument | None = None
    body_fault: str | None = None
    told: tuple[StateEntry, ...] = ()

    @property
    def request(self) -> Request:
        """The NOTIFY itself."""
        request = self.transaction.request
        if request is None:
            raise LookupError("a notification is made from a request")
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription, explicit by SUBSCRIBE or implicit by REFER.

    Attributes:
        id: `u1`, `u2` … by time.
        dialog_id: The dialog that carries it; None when no response created one.
        event: Event package, such as `presence`; `refer` for an implicit one.
        event_id: The id parameter of Event.
        implicit: Made by REFER.
        subscriber: Which side of the dialog subscribed; None without a dialog.
        state: As last told.
        reason: Why it ended.
        expires_s: Duration granted last, in seconds.
        requests: SUBSCRIBE or REFER transactions, the creating one first.
        notifications: In order of arrival.
        terms: What was granted and told of its duration, by time.
        anomalies: What is out of order.
    """

    id: str
    dialog_id: str | None
    event: str
    event_id: str | None
    implicit: bool
    subscriber: Side | None
    state: SubscriptionState
    reason: str | None = None
    expires_s: int | None = None
    requests: tuple[Transaction, ...] = ()
    notifications: tuple[Notification, ...] = ()
    terms: tuple[Term, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def first(self) -> Transaction:
        """The transaction it is known from."""
        return self.requests[0] if self.requests else self.notifications[0].transaction

    @property
    def started_at(self) -> Instant:
        """Time of the first message."""
        return self.first.started_at

    @property
    def call_id(self) -> str | None:
        """Call-ID of its messages; None when they have none."""
        return self.first.first.call_id


class RegistrationOutcome(StrEnum):
    """How a registration attempt ended, after challenges and corrections."""

    REGISTERED = "registered"
    REMOVED = "removed"
    FETCHED = "fetched"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One attempt to register, refresh, fetch or remove bindings, over all its challenges (RFC 3261 §10).

    Attributes:
        id: `r1`, `r2` … by time.
        address_of_record: From the To header.
        contacts: Bindings that the 2xx listed; what was asked for when there is none.
        outcome: How it ended.
        expires_s: Granted for the contact asked for, in seconds.
        attempts: The REGISTER transactions, in order.
        series_id: The series that it is.
        asked_s: Asked for the first contact of the last request, in seconds; None where it left that to the registrar.
    """

    id: str
    address_of_record: str
    contacts: tuple[Address, ...]
    outcome: RegistrationOutcome
    expires_s: int | None
    attempts: tuple[Transaction, ...]
    series_id: str = ""
    asked_s: int | None = None

    @property
    def started_at(self) -> Instant:
        """Time of the first message."""
        return self.attempts[0].started_at

    @property
    def request(self) -> Request | None:
        """The last REGISTER, the one that decided; None where only its answer was captured."""
        return self.attempts[-1].request

    @property
    def final(self) -> Response | None:
        """The final response to the last REGISTER."""
        return self.attempts[-1].final

    @property
    def source(self) -> Endpoint:
        """Where the registrar, or whatever stands in front of it, saw the last request come from."""
        return self.attempts[-1].hop.source

    @property
    def registrar(self) -> Endpoint:
        """Where the last request was sent."""
        return self.attempts[-1].hop.destination

    @property
    def is_third_party(self) -> bool:
        """Whether From names somebody else than To (RFC 3261 §10.2)."""
        first = self.attempts[0].first
        if first.from_ is None or first.to is None:
            return False
        return first.from_.uri.address_of_record != first.to.uri.address_of_record

    @property
    def path(self) -> tuple[Address, ...]:
        """Path as the registrar kept it, else as the request had it on this hop (RFC 3327 §5)."""
        listed = () if self.final is None else self.final.path
        return listed or (() if self.request is None else self.request.path)

    @property
    def service_route(self) -> tuple[Address, ...]:
        """Service-Route of the 2xx (RFC 3608 §5)."""
        return () if self.final is None or not self.final.is_success else self.final.service_route

    @property
    def flow_timer_s(self) -> int | None:
        """Flow-Timer of the 2xx in seconds (RFC 5626 §5.4); None when absent or no number."""
        text = None if self.final is None else self.final.headers.get("flow-timer")
        return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 12 else None


class BindingEventKind(StrEnum):
    """What happened to a binding; `LISTED` is one that a 2xx tells of and that nobody was seen to register."""

    ADDED = "added"
    REFRESHED = "refreshed"
    LISTED = "listed"
    REMOVED = "removed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingEvent:
    """One change of a binding.

    Attributes:
        kind: What happened.
        at: When: the time of the 2xx, or the instant of expiry.
        frame: The frame of the 2xx that tells it; for an expiry, of the one that granted the time.
        expires_s: Lifetime from here on in seconds; None when it ended or no time was told.
        registration_id: The attempt; for an expiry, the one before.
    """

    kind: BindingEventKind
    at: Instant
    frame: int
    expires_s: int | None
    registration_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Where an address of record was reachable, over time (RFC 3261 §10, RFC 5626 §6).

    Attributes:
        id: `b1`, `b2` … by time of the first event.
        address_of_record: Whom it leads to.
        contact: As told last.
        instance: `+sip.instance` without the brackets; None when absent (RFC 5626 §4.1).
        reg_id: `reg-id`; None when absent.
        history: What happened, by time, at least one event.
        reached: Whether requests to the contact reached anybody while it was registered: the first state and each
            change; empty where none was sent.
    """

    id: str
    address_of_record: str
    contact: Address
    instance: str | None
    reg_id: str | None
    history: tuple[BindingEvent, ...]
    reached: tuple[AvailabilityChange, ...] = ()

    def expires_at(self, at: Instant) -> Instant | None:
        """When it ends, as known at an instant; None where it has ended, was not there, or no time was told."""
        before = [event for event in self.history if event.at <= at]
        if not before or before[-1].expires_s is None:
            return None
        return before[-1].at + before[-1].expires_s * SECOND
