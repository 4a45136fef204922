"""Subscriptions, registrations, publications: state that expires (RFC 6665, RFC 3261 §10, RFC 3903)."""

from dataclasses import dataclass
from enum import StrEnum

from sipscope.model.defects import Anomaly
from sipscope.model.dialog import Side
from sipscope.model.header_values import Address
from sipscope.model.message import Request
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction


class SubscriptionState(StrEnum):
    """As Subscription-State told last (RFC 6665 §4.1.3); the first two before any NOTIFY."""

    REQUESTED = "requested"
    REFUSED = "refused"
    PENDING = "pending"
    ACTIVE = "active"
    TERMINATED = "terminated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A NOTIFY of a subscription.

    Attributes:
        transaction: The NOTIFY with its response.
        state: Value of Subscription-State, lower-case; None when absent.
        reason: Its reason parameter.
        expires_s: Its expires parameter in seconds.
    """

    transaction: Transaction
    state: str | None
    reason: str | None = None
    expires_s: int | None = None

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
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def started_at(self) -> Instant:
        """Time of the first message."""
        if self.requests:
            return self.requests[0].started_at
        return self.notifications[0].transaction.started_at


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
    """

    id: str
    address_of_record: str
    contacts: tuple[Address, ...]
    outcome: RegistrationOutcome
    expires_s: int | None
    attempts: tuple[Transaction, ...]
