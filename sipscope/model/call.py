"""Calls: what a person means, made of correlated dialogs."""

from dataclasses import field
from enum import StrEnum

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.early_media import EarlyPhase
from sipscope.model.header_values import Address
from sipscope.model.pick_up import PickUp
from sipscope.model.time import Duration, Instant
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass


class CallOutcome(StrEnum):
    """How a call ended. `OPEN`: the capture ends before anything decided it, or starts after it was decided."""

    ANSWERED = "answered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REDIRECTED = "redirected"
    UNANSWERED = "unanswered"
    OPEN = "open"


class Release(StrEnum):
    """Who ended a call."""

    CALLER = "caller"
    CALLEE = "callee"
    NETWORK = "network"


class CorrelationKind(StrEnum):
    """Why two dialogs belong together.

    `SESSION_ID` to `BRIDGE` are legs on the two sides of a B2BUA: by RFC 7989, by a header field or a charging
    identifier that both carry, by the description that was let through, and by what the B2BUA did.
    """

    SAME_CALL_ID = "same-call-id"
    SESSION_ID = "session-id"
    HEADER = "header"
    DESCRIPTION = "description"
    BRIDGE = "bridge"
    REPLACES = "replaces"
    JOIN = "join"
    TARGET_DIALOG = "target-dialog"
    REFER = "refer"
    REFERRED_BY = "referred-by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """An edge of the graph that joins dialogs into calls, or calls into a story.

    Attributes:
        kind: What the evidence is.
        confidence: How sure.
        text: The evidence in words.
        frames: Where it stands.
        first: Id of one dialog or transaction.
        second: Id of the other.
    """

    kind: CorrelationKind
    confidence: Confidence
    text: str
    frames: tuple[int, ...]
    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that happened in a call, in a user's words.

    Attributes:
        name: Kebab-case: `establish`, `accept`, `refuse`, `cancel`, `release`, `hold`, `resume`, `session-change`,
            `forward-busy`, `failover`, `blind-transfer`, `early-media`, `fork`, `redirect`, `digits` …
        at: When it began.
        until: When it ended; None for an instant or when it never ended.
        by: Who did it; None when nobody in particular.
        frames: Where it shows.
        detail: More of it in words: what changed, the status that refused, the digits; empty when there is no more.
    """

    name: str
    at: Instant
    until: Instant | None = None
    by: Side | None = None
    frames: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as a person counts them, over challenges, redirects, forks and proxy hops.

    Attributes:
        id: Counted from 1 by time.
        call_ids: Call-IDs, in order of appearance.
        caller: From of the first INVITE; None when no message shows it.
        callee: To of the first INVITE.
        invites: Dialog-creating INVITE transactions on all hops, by time.
        dialogs: Its dialogs, by time.
        started_at: First message.
        ringing_at: First 180 (or other 18x where no 180 came); None when none.
        answered_at: First 2xx to a dialog-creating INVITE.
        ended_at: BYE, CANCEL's 487 or the final failure; None while open.
        outcome: How it ended.
        final_status: Status that decided the call attempt, of the last attempt after challenges.
        released_by: Who ended it; None while open, and where the one who gave up before the answer is out of view.
        services: By time.
        correlations: What joins its dialogs, and joins it to others.
        stream_ids: Streams bound to its dialogs.
        transfer_ids: Transfers that touch it.
        pick_up: The moment of the answer; None where it isn't in view.
        early: The time before the answer, as the caller's hop shows it; None when nothing came before it.
        caller_invites: Its INVITEs with the caller's own Call-ID: without the legs behind a B2BUA.
        caller_dialogs: Its dialogs with the caller's own Call-ID: without the legs behind a B2BUA.
    """

    id: int
    call_ids: tuple[str, ...]
    caller: Address | None
    callee: Address | None
    invites: tuple[Transaction, ...]
    dialogs: tuple[Dialog, ...]
    started_at: Instant
    ringing_at: Instant | None = None
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    outcome: CallOutcome = CallOutcome.OPEN
    final_status: int | None = None
    released_by: Release | None = None
    services: tuple[Service, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    stream_ids: tuple[str, ...] = ()
    transfer_ids: tuple[str, ...] = ()
    early: EarlyPhase | None = None
    pick_up: PickUp | None = None
    caller_invites: tuple[Transaction, ...] = field(init=False, repr=False, compare=False)
    caller_dialogs: tuple[Dialog, ...] = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[tuple[Transaction, ...], tuple[Dialog, ...]]:
        """The caller's own legs, told from those behind a B2BUA once."""
        own, invites, dialogs = self.call_ids[:1], self.invites, self.dialogs
        own_invites = [item for item in invites if item.first.call_id in own]
        own_dialogs = [dialog for dialog in dialogs if dialog.key.call_id in own]
        # Mostly these are all, and need no second tuple.
        return (
            invites if len(own_invites) == len(invites) else tuple(own_invites),
            dialogs if len(own_dialogs) == len(dialogs) else tuple(own_dialogs),
        )

    @property
    def was_going_on(self) -> bool:
        """Whether the capture begins inside it: which of its parties called isn't known then."""
        return not self.invites

    @property
    def setup(self) -> Duration | None:
        """From the first INVITE to the first ringing, else to the answer; None when neither came."""
        end = self.ringing_at if self.ringing_at is not None else self.answered_at
        return None if end is None else end - self.started_at

    @property
    def ringing(self) -> Duration | None:
        """From the first ringing to answer or end."""
        end = self.answered_at if self.answered_at is not None else self.ended_at
        return None if self.ringing_at is None or end is None else max(0, end - self.ringing_at)

    @property
    def talking(self) -> Duration | None:
        """From answer to end; None when it was not answered or never ended in the capture."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0, self.ended_at - self.answered_at)
