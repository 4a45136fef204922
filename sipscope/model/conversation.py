"""Conversations by MESSAGE outside of dialogs: each message on its own, joined by the two who write (RFC 3428)."""

from sipscope.model.message import Message
from sipscope.model.series import RequestSeries, SeriesOutcome
from sipscope.model.time import Instant
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerMessage:
    """One MESSAGE over all its attempts.

    Attributes:
        sender: Address of record of From.
        series: The attempts, on the hop nearest to the client.
        relays: The same message as servers sent it on under another Call-ID, by time.
    """

    sender: str
    series: RequestSeries
    relays: tuple[RequestSeries, ...] = ()

    @property
    def message(self) -> Message:
        """The MESSAGE of the last attempt, which decided."""
        return self.series.attempts[-1].first

    @property
    def at(self) -> Instant:
        """When it was sent first."""
        return self.series.started_at

    @property
    def decided_by(self) -> RequestSeries:
        """What tells whether it arrived: the last relay, else its own attempts."""
        return self.relays[-1] if self.relays else self.series

    @property
    def has_failed(self) -> bool:
        """Whether it was refused or not answered, as far as it was seen."""
        return self.decided_by.outcome in {SeriesOutcome.FAILED, SeriesOutcome.UNANSWERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What two parties wrote each other outside of dialogs.

    Attributes:
        id: `i1`, `i2` … by time.
        parties: Addresses of record, whoever wrote first in front.
        messages: By time, at least one.
    """

    id: str
    parties: tuple[str, str]
    messages: tuple[PagerMessage, ...]

    @property
    def started_at(self) -> Instant:
        """Time of the first message."""
        return self.messages[0].at
