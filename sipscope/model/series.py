"""Request series: one intent of a client over all the attempts it took."""

from enum import StrEnum

from sipscope.model.message import Message, Response
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.values import dataclass


class AttemptReason(StrEnum):
    """Why a client sent a request again as a new one (RFC 3261 §8.1.3.4, §8.1.3.5, RFC 4028 §7.4, RFC 3263 §4.3).

    `DESCRIPTION` is a new offer after the session was not acceptable, `FAILOVER` another server after one failed or
    kept silent.
    """

    FIRST = "first"
    CREDENTIALS = "credentials"
    REDIRECT = "redirect"
    CONTENT = "content"
    EXTENSION = "extension"
    SESSION_INTERVAL = "session-interval"
    EXPIRY = "expiry"
    CONDITION = "condition"
    DESCRIPTION = "description"
    GLARE = "glare"
    FAILOVER = "failover"


class SeriesOutcome(StrEnum):
    """How a series ended, by its last attempt."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request as its client sent it.

    Attributes:
        reason: Why it was sent.
        transactions: On the hop nearest to the client; several where that client forked it, by time.
    """

    reason: AttemptReason
    transactions: tuple[Transaction, ...]

    @property
    def first(self) -> Message:
        """Its earliest message."""
        return self.transactions[0].first

    @property
    def final(self) -> Response | None:
        """What decided it: the first success, else the last failure once every branch has one; None before that."""
        finals = [item.final for item in self.transactions]
        known = [final for final in finals if final is not None]
        success = [final for final in known if final.is_success]
        if success:
            return min(success, key=lambda final: (final.at, final.frames))
        if len(known) < len(finals):
            return None
        return max(known, key=lambda final: (final.at, final.frames))

    @property
    def timed_out(self) -> bool:
        """Whether the capture goes on beyond the time in which a branch had to be answered."""
        return any(item.state is TransactionState.TIMED_OUT for item in self.transactions)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSeries:
    """What a person means by "one attempt": a request with its challenges, corrections, redirects and fail-overs.

    It is the unit every metric counts (RFC 6076 §3 leaves challenges and redirections out of its figures too).

    Attributes:
        id: `q1`, `q2` … by time.
        method: The method, never ACK or CANCEL.
        call_id: Call-ID; None when it has none.
        in_dialog: Whether the first request had a To tag.
        client: Node that sent it.
        attempts: By time, at least one.
    """

    id: str
    method: str
    call_id: str | None
    in_dialog: bool
    client: str
    attempts: tuple[Attempt, ...]

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        """Of all attempts, by time."""
        return tuple(item for attempt in self.attempts for item in attempt.transactions)

    @property
    def started_at(self) -> Instant:
        """Time of the first message."""
        return self.attempts[0].first.at

    @property
    def final(self) -> Response | None:
        """What decided the last attempt."""
        return self.attempts[-1].final

    @property
    def outcome(self) -> SeriesOutcome:
        """How it ended."""
        final = self.final
        if final is not None:
            return SeriesOutcome.SUCCEEDED if final.is_success else SeriesOutcome.FAILED
        return SeriesOutcome.UNANSWERED if self.attempts[-1].timed_out else SeriesOutcome.PENDING
