"""Request series: one intent of a client over all the attempts it took."""

from dataclasses import field
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
        first: Its earliest message.
        final: What decided it: the first success, else the last failure once every branch has one; None before that.
    """

    reason: AttemptReason
    transactions: tuple[Transaction, ...]
    first: Message = field(init=False, repr=False, compare=False)
    final: Response | None = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[Message, Response | None]:
        """How it began and what decided it."""
        transactions = self.transactions
        final = transactions[0].final if len(transactions) == 1 else _decisive(transactions)
        return transactions[0].first, final

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
        transactions: Of all attempts, by time.
        started_at: Time of the first message.
        final: What decided the last attempt.
        outcome: How it ended.
    """

    id: str
    method: str
    call_id: str | None
    in_dialog: bool
    client: str
    attempts: tuple[Attempt, ...]
    transactions: tuple[Transaction, ...] = field(init=False, repr=False, compare=False)
    started_at: Instant = field(init=False, repr=False, compare=False)
    final: Response | None = field(init=False, repr=False, compare=False)
    outcome: SeriesOutcome = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[tuple[Transaction, ...], Instant, Response | None, SeriesOutcome]:
        """When it began and how it ended."""
        attempts, last = self.attempts, self.attempts[-1]
        transactions = last.transactions
        if len(attempts) > 1:
            transactions = tuple([item for attempt in attempts for item in attempt.transactions])
        if last.final is not None:
            outcome = SeriesOutcome.SUCCEEDED if last.final.is_success else SeriesOutcome.FAILED
        else:
            outcome = SeriesOutcome.UNANSWERED if last.timed_out else SeriesOutcome.PENDING
        return transactions, attempts[0].first.at, last.final, outcome


def _decisive(transactions: tuple[Transaction, ...]) -> Response | None:
    known = [item.final for item in transactions if item.final is not None]
    success = [final for final in known if final.is_success]
    if success:
        return min(success, key=_place_of)
    return max(known, key=_place_of) if len(known) == len(transactions) else None


def _place_of(final: Response) -> tuple[Instant, tuple[int, ...]]:
    return final.at, final.frames
