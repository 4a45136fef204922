"""The transfer machine as a literal table: one machine for every REFER (RFC 3515, RFC 4488, RFC 5589).

What may live here: states, events, and the next state with the rule that speaks of a fault. Timers are events that the
observer's clock makes; they come only where the capture goes on long enough. A missing pair is ignored.
"""

from collections.abc import Mapping
from enum import Enum, auto

from sipscope.model.transfer import TransferState as S
from sipscope.values import dataclass


class Event(Enum):
    """What can be observed of a transfer."""

    ACCEPTED = auto()
    """2xx to the REFER, an implicit subscription being made."""
    ACCEPTED_UNSUBSCRIBED = auto()
    """2xx to the REFER without subscription (RFC 4488, RFC 7614)."""
    REFUSED = auto()
    NOTIFY_PROVISIONAL = auto()
    NOTIFY_SUCCESS = auto()
    NOTIFY_FAILURE = auto()
    NOTIFY_FINAL_ACTIVE = auto()
    """A final status while Subscription-State isn't terminated; the status follows as an event of its own."""
    TRIGGERED = auto()
    TRIGGERED_SUCCESS = auto()
    TRIGGERED_FAILURE = auto()
    BYE_TRANSFEROR = auto()
    BYE_TRANSFEREE = auto()
    RESUME = auto()
    """The transferor offers sendrecv in the dialog of the REFER."""
    FIRST_NOTIFY_DUE = auto()
    FINAL_NOTIFY_DUE = auto()
    RECOVERY_DUE = auto()


@dataclass(frozen=True, slots=True)
class Transition:
    """One cell: the next state, and the code of the rule that speaks of it; empty where nothing is wrong."""

    state: S
    anomaly: str = ""

    @property
    def actions(self) -> tuple[str, ...]:
        """The anomaly, for the printed table."""
        return (self.anomaly,) if self.anomaly else ()


Row = Mapping[Event, Transition]

TABLE: Mapping[S, Row] = {
    # A NOTIFY may overtake the response to the REFER (RFC 3515 §2.4.4); the machine is fed with it behind that.
    S.SENT: {
        Event.ACCEPTED: Transition(S.ACCEPTED),
        Event.ACCEPTED_UNSUBSCRIBED: Transition(S.UNSUBSCRIBED),
        Event.REFUSED: Transition(S.REPORTED_FAILURE, "XFER-002"),
        Event.BYE_TRANSFEROR: Transition(S.RELEASED),
    },
    S.ACCEPTED: {
        Event.NOTIFY_PROVISIONAL: Transition(S.ACTIVE),
        Event.NOTIFY_SUCCESS: Transition(S.REPORTED_SUCCESS),
        Event.NOTIFY_FAILURE: Transition(S.REPORTED_FAILURE),
        Event.NOTIFY_FINAL_ACTIVE: Transition(S.ACTIVE, "XFER-007"),
        Event.TRIGGERED: Transition(S.ACCEPTED),
        Event.TRIGGERED_SUCCESS: Transition(S.ANSWERED),
        Event.TRIGGERED_FAILURE: Transition(S.FAILED),
        Event.BYE_TRANSFEROR: Transition(S.RELEASED),
        Event.BYE_TRANSFEREE: Transition(S.ACCEPTED),
        Event.FIRST_NOTIFY_DUE: Transition(S.ACCEPTED, "XFER-004"),
    },
    S.ACTIVE: {
        Event.NOTIFY_PROVISIONAL: Transition(S.ACTIVE),
        Event.NOTIFY_SUCCESS: Transition(S.REPORTED_SUCCESS),
        Event.NOTIFY_FAILURE: Transition(S.REPORTED_FAILURE),
        Event.NOTIFY_FINAL_ACTIVE: Transition(S.ACTIVE, "XFER-007"),
        Event.TRIGGERED: Transition(S.ACTIVE),
        Event.TRIGGERED_SUCCESS: Transition(S.ANSWERED),
        Event.TRIGGERED_FAILURE: Transition(S.FAILED),
        Event.BYE_TRANSFEROR: Transition(S.RELEASED),
        Event.BYE_TRANSFEREE: Transition(S.ACTIVE),
        Event.FINAL_NOTIFY_DUE: Transition(S.ACTIVE, "XFER-005"),
    },
    S.ANSWERED: {
        Event.NOTIFY_PROVISIONAL: Transition(S.ANSWERED),
        Event.NOTIFY_SUCCESS: Transition(S.REPORTED_SUCCESS),
        Event.NOTIFY_FAILURE: Transition(S.REPORTED_FAILURE, "XFER-009"),
        Event.NOTIFY_FINAL_ACTIVE: Transition(S.ANSWERED, "XFER-007"),
        Event.BYE_TRANSFEROR: Transition(S.COMPLETE),
        Event.BYE_TRANSFEREE: Transition(S.COMPLETE),
        Event.FIRST_NOTIFY_DUE: Transition(S.ANSWERED, "XFER-004"),
        Event.FINAL_NOTIFY_DUE: Transition(S.ANSWERED, "XFER-005"),
    },
    # A failure may be followed by another attempt of the transferee.
    S.FAILED: {
        Event.NOTIFY_PROVISIONAL: Transition(S.FAILED),
        Event.NOTIFY_SUCCESS: Transition(S.REPORTED_SUCCESS, "XFER-009"),
        Event.NOTIFY_FAILURE: Transition(S.REPORTED_FAILURE),
        Event.NOTIFY_FINAL_ACTIVE: Transition(S.FAILED, "XFER-007"),
        Event.TRIGGERED: Transition(S.FAILED),
        Event.TRIGGERED_SUCCESS: Transition(S.ANSWERED),
        Event.BYE_TRANSFEROR: Transition(S.ABANDONED, "XFER-018"),
        Event.BYE_TRANSFEREE: Transition(S.ABANDONED),
        Event.RESUME: Transition(S.RECOVERED),
        Event.FIRST_NOTIFY_DUE: Transition(S.FAILED, "XFER-004"),
        Event.FINAL_NOTIFY_DUE: Transition(S.FAILED, "XFER-005"),
        Event.RECOVERY_DUE: Transition(S.FAILED, "XFER-017"),
    },
    S.REPORTED_SUCCESS: {
        Event.NOTIFY_PROVISIONAL: Transition(S.REPORTED_SUCCESS, "XFER-007"),
        Event.NOTIFY_SUCCESS: Transition(S.REPORTED_SUCCESS, "XFER-007"),
        Event.NOTIFY_FAILURE: Transition(S.REPORTED_SUCCESS, "XFER-007"),
        Event.TRIGGERED: Transition(S.REPORTED_SUCCESS),
        Event.TRIGGERED_SUCCESS: Transition(S.REPORTED_SUCCESS),
        Event.TRIGGERED_FAILURE: Transition(S.REPORTED_SUCCESS, "XFER-009"),
        Event.BYE_TRANSFEROR: Transition(S.COMPLETE),
        Event.BYE_TRANSFEREE: Transition(S.COMPLETE),
    },
    S.REPORTED_FAILURE: {
        Event.NOTIFY_PROVISIONAL: Transition(S.REPORTED_FAILURE, "XFER-007"),
        Event.NOTIFY_SUCCESS: Transition(S.REPORTED_FAILURE, "XFER-007"),
        Event.NOTIFY_FAILURE: Transition(S.REPORTED_FAILURE, "XFER-007"),
        Event.TRIGGERED_SUCCESS: Transition(S.REPORTED_FAILURE, "XFER-009"),
        Event.TRIGGERED_FAILURE: Transition(S.REPORTED_FAILURE),
        Event.BYE_TRANSFEROR: Transition(S.ABANDONED),
        Event.BYE_TRANSFEREE: Transition(S.ABANDONED),
        Event.RESUME: Transition(S.RECOVERED),
        Event.RECOVERY_DUE: Transition(S.REPORTED_FAILURE, "XFER-017"),
    },
    S.UNSUBSCRIBED: {
        Event.NOTIFY_PROVISIONAL: Transition(S.UNSUBSCRIBED, "XFER-010"),
        Event.NOTIFY_SUCCESS: Transition(S.UNSUBSCRIBED, "XFER-010"),
        Event.NOTIFY_FAILURE: Transition(S.UNSUBSCRIBED, "XFER-010"),
        Event.NOTIFY_FINAL_ACTIVE: Transition(S.UNSUBSCRIBED, "XFER-010"),
        Event.TRIGGERED: Transition(S.UNSUBSCRIBED),
        Event.TRIGGERED_SUCCESS: Transition(S.ANSWERED),
        Event.TRIGGERED_FAILURE: Transition(S.FAILED),
        Event.BYE_TRANSFEROR: Transition(S.RELEASED),
        Event.BYE_TRANSFEREE: Transition(S.UNSUBSCRIBED),
        Event.RECOVERY_DUE: Transition(S.UNSUBSCRIBED, "XFER-017"),
    },
    # Hanging up before the result is a legal style of blind transfer (RFC 5589 §6); only a failure makes an orphan.
    S.RELEASED: {
        Event.ACCEPTED: Transition(S.RELEASED),
        Event.ACCEPTED_UNSUBSCRIBED: Transition(S.RELEASED),
        Event.REFUSED: Transition(S.ABANDONED, "XFER-002"),
        Event.NOTIFY_PROVISIONAL: Transition(S.RELEASED),
        Event.NOTIFY_SUCCESS: Transition(S.COMPLETE),
        Event.NOTIFY_FAILURE: Transition(S.ABANDONED, "XFER-018"),
        Event.NOTIFY_FINAL_ACTIVE: Transition(S.RELEASED, "XFER-007"),
        Event.TRIGGERED: Transition(S.RELEASED),
        Event.TRIGGERED_SUCCESS: Transition(S.COMPLETE),
        Event.TRIGGERED_FAILURE: Transition(S.ABANDONED, "XFER-018"),
    },
    S.COMPLETE: {
        Event.NOTIFY_SUCCESS: Transition(S.COMPLETE),
        Event.NOTIFY_FAILURE: Transition(S.COMPLETE, "XFER-009"),
        Event.FINAL_NOTIFY_DUE: Transition(S.COMPLETE),
    },
    S.RECOVERED: {
        Event.BYE_TRANSFEROR: Transition(S.RECOVERED),
        Event.BYE_TRANSFEREE: Transition(S.RECOVERED),
    },
    S.ABANDONED: {
        Event.TRIGGERED_SUCCESS: Transition(S.COMPLETE),
        Event.TRIGGERED_FAILURE: Transition(S.ABANDONED, "XFER-018"),
    },
}
