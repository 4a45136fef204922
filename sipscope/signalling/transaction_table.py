"""The transaction state machines as literal tables (RFC 3261 §17.1, §17.2; RFC 6026 §7, §8).

What may live here: states, events, and the next state. What may not: timers' arithmetic and message fields.

A passive observer is neither client nor server. Both machines of RFC 3261 go through the same states at almost the
same time, so one table serves: the observer sees a message when the client's machine or the server's machine acts on
it. A pair that is missing in a row has no next state: the event is an anomaly and the state stays. States that only
timers reach (`TERMINATED`) are entered here by the observer's clock.
"""

from collections.abc import Mapping
from enum import Enum, auto

from sipscope.model.transaction import TransactionState as State


class Event(Enum):
    """What can be observed of a transaction."""

    REQUEST = auto()
    """First copy of the request, or a retransmission of it."""
    PROVISIONAL = auto()
    """A 1xx."""
    SUCCESS = auto()
    """A 2xx."""
    FAILURE = auto()
    """A 3xx to 6xx."""
    ACK = auto()
    """An ACK with the branch of the INVITE: it acknowledges a non-2xx."""
    DEADLINE = auto()
    """64·T1 passed since the first copy and the capture goes on (Timer B, F)."""

    # A table is asked for every message; the hash of an enumeration's member is computed in Python.
    __hash__ = object.__hash__


Table = Mapping[State, Mapping[Event, State]]

INVITE_TABLE: Table = {
    # The capture may begin behind the request: any response tells where the transaction stands.
    State.UNKNOWN: {
        Event.REQUEST: State.CALLING,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.ACCEPTED,
        Event.FAILURE: State.COMPLETED,
        Event.ACK: State.CONFIRMED,
    },
    State.CALLING: {
        Event.REQUEST: State.CALLING,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.ACCEPTED,
        Event.FAILURE: State.COMPLETED,
        Event.DEADLINE: State.TIMED_OUT,
    },
    # A copy of the request that was under way when the 1xx came the other way is no fault.
    State.PROCEEDING: {
        Event.REQUEST: State.PROCEEDING,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.ACCEPTED,
        Event.FAILURE: State.COMPLETED,
    },
    State.COMPLETED: {
        Event.REQUEST: State.COMPLETED,
        Event.FAILURE: State.COMPLETED,
        Event.ACK: State.CONFIRMED,
    },
    # RFC 6026 §7.1: the Accepted state absorbs copies of the INVITE and passes every 2xx of every fork.
    State.ACCEPTED: {
        Event.REQUEST: State.ACCEPTED,
        Event.SUCCESS: State.ACCEPTED,
    },
    State.CONFIRMED: {
        Event.REQUEST: State.CONFIRMED,
        Event.FAILURE: State.CONFIRMED,
        Event.ACK: State.CONFIRMED,
    },
    # A response behind Timer B finds no client transaction; it is kept, and the state says what it proves.
    State.TIMED_OUT: {
        Event.REQUEST: State.TIMED_OUT,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.ACCEPTED,
        Event.FAILURE: State.COMPLETED,
    },
}

NON_INVITE_TABLE: Table = {
    State.UNKNOWN: {
        Event.REQUEST: State.TRYING,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.COMPLETED,
        Event.FAILURE: State.COMPLETED,
    },
    State.TRYING: {
        Event.REQUEST: State.TRYING,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.COMPLETED,
        Event.FAILURE: State.COMPLETED,
        Event.DEADLINE: State.TIMED_OUT,
    },
    # RFC 3261 §17.1.2.2: the request is repeated every T2 even after a provisional response.
    State.PROCEEDING: {
        Event.REQUEST: State.PROCEEDING,
        Event.PROVISIONAL: State.PROCEEDING,
        Event.SUCCESS: State.COMPLETED,
        Event.FAILURE: State.COMPLETED,
        Event.DEADLINE: State.TIMED_OUT,
    },
    State.COMPLETED: {
        Event.REQUEST: State.COMPLETED,
        Event.SUCCESS: State.COMPLETED,
        Event.FAILURE: State.COMPLETED,
    },
    State.TIMED_OUT: {
        Event.REQUEST: State.TIMED_OUT,
        Event.SUCCESS: State.COMPLETED,
        Event.FAILURE: State.COMPLETED,
    },
}

ACK_TABLE: Table = {
    # An ACK to a 2xx has no response and no state beyond having been sent (RFC 3261 §13.2.2.4).
    State.UNKNOWN: {Event.REQUEST: State.TERMINATED},
    State.TERMINATED: {Event.REQUEST: State.TERMINATED},
}


def table_of(method: str) -> Table:
    """The table that a request of this method follows."""
    if method == "INVITE":
        return INVITE_TABLE
    return ACK_TABLE if method == "ACK" else NON_INVITE_TABLE
