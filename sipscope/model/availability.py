"""Whether a peer answers, over time: what OPTIONS probes and other requests to it met."""

from enum import StrEnum

from sipscope.model.time import Instant
from sipscope.values import dataclass


class Availability(StrEnum):
    """What the answer to a request says of whom it was sent to."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityChange:
    """The first request from which on a peer was up or down.

    Attributes:
        availability: Which of them.
        at: When the request was sent.
        frame: The frame of the request.
        said: The answer, such as `200 OK`, or `no answer`.
    """

    availability: Availability
    at: Instant
    frame: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probing:
    """The OPTIONS that one node sent to another outside of dialogs, to see whether it lives (RFC 3261 §11).

    Attributes:
        id: `o1`, `o2` … by time.
        client: Node that probes.
        server: Node that is probed.
        probes: How many were sent.
        failures: How many of them show it down.
        changes: The first state that is known, and each change of it, by time; empty where nothing is known.
    """

    id: str
    client: str
    server: str
    probes: int
    failures: int
    changes: tuple[AvailabilityChange, ...] = ()

    @property
    def availability(self) -> Availability | None:
        """As known last."""
        return self.changes[-1].availability if self.changes else None
