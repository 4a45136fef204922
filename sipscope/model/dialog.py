"""Dialogs and legs (RFC 3261 §12)."""

from dataclasses import field
from enum import StrEnum

from sipscope.model.defects import Anomaly
from sipscope.model.header_values import Address, Parametrised, Uri
from sipscope.model.message import Message, Request
from sipscope.model.network import Endpoint
from sipscope.model.time import Duration, Instant
from sipscope.model.transaction import Transaction, by_time, in_order
from sipscope.values import dataclass


class Side(StrEnum):
    """A party of a dialog. The caller is the UAC of the request that created it, and owns the Call-ID."""

    CALLER = "caller"
    CALLEE = "callee"

    @property
    def other(self) -> "Side":
        """The other party."""
        return Side.CALLEE if self is Side.CALLER else Side.CALLER


class DialogState(StrEnum):
    """RFC 3261 §12: early by a 1xx with a To tag, confirmed by a 2xx."""

    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class DialogKey:
    """Call-ID and both tags, the caller's first. A missing tag of an RFC 2543 peer is an empty string."""

    call_id: str
    caller_tag: str
    callee_tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSet:
    """The routes that a party's in-dialog requests take (RFC 3261 §12.1.1, §12.1.2).

    Attributes:
        routes: In the order in which its Route lists them; empty when nobody recorded a route.
        message: The message whose Record-Route set it: the INVITE for the callee, a response for the caller.
        final: Whether it stays as it is: from the 2xx on for the caller (RFC 3261 §13.2.2.4), at once for the callee.
    """

    routes: tuple[Address, ...]
    message: Message
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteTarget:
    """A Contact of the peer, as a party's own hop shows it.

    Attributes:
        uri: Where the party's requests are to go.
        message: The message that carried it.
        committed_at: When it took effect: with the 2xx of the request that carried it, or with the response that
            did (RFC 3261 §12.2.1.2, §12.2.2); None when that request never succeeded.
    """

    uri: Uri
    message: Message
    committed_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a dialog.

    Attributes:
        address: Its From or To value; None when no message shows it.
        tag: Its tag.
        endpoint: Where its messages came from on the hop nearest to it.
        contact: Its remote target as last set (RFC 3261 §12.2.1.1); None when never seen.
        user_agent: User-Agent or Server, None when never seen.
        route_set: The routes its requests take; None when its own hop doesn't show how the dialog was made.
        remote_targets: The peer's Contacts as its own hop shows them, by time.
        highest_number: Highest CSeq number of its requests; None when none was seen.
    """

    address: Address | None
    tag: str
    endpoint: Endpoint
    contact: Address | None = None
    user_agent: str | None = None
    route_set: RouteSet | None = None
    remote_targets: tuple[RemoteTarget, ...] = ()
    highest_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTimer:
    """The session timer of an INVITE usage as its last 2xx left it (RFC 4028).

    Attributes:
        interval: Session interval.
        refresher: The party that has to refresh; None when the 2xx names neither.
        minimum_s: Min-SE of the request that set it, in seconds; None when absent.
        message: The 2xx that set it.
        refreshes: How often a later 2xx set it anew.
        expires_at: When the session is over without another refresh.
    """

    interval: Duration
    refresher: Side | None
    minimum_s: int | None
    message: Message
    refreshes: int
    expires_at: Instant


class ReleaseKind(StrEnum):
    """How a dialog came to its end.

    `TIMER` is a BYE at the moment RFC 4028 §10 recommends for a session that nobody refreshed; `CANCEL` and `REFUSAL`
    end an early dialog; `NOTIFICATION` ends a subscription.
    """

    BYE = "bye"
    TIMER = "timer"
    CANCEL = "cancel"
    REFUSAL = "refusal"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogRelease:
    """Who ended a dialog, how, and why.

    Attributes:
        by: The party that did; None when the messages don't tell.
        kind: How.
        message: The message that ended it.
        reason: Its first Reason (RFC 3326 §2); None when absent.
    """

    by: Side | None
    kind: ReleaseKind
    message: Message
    reason: Parametrised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A dialog as seen on one hop: between two nodes. All SDP rules run on a leg.

    Attributes:
        id: `l1`, `l2` …
        dialog_id: The dialog it belongs to.
        caller: Endpoint on the caller's side of this hop.
        callee: Endpoint on the callee's side of this hop.
        caller_node: Node name of the caller's side: address, or `address:port` where an address hosts several nodes.
        callee_node: Node name of the callee's side.
        transactions: The transactions of the dialog on this hop, by time, the creating one first. For a dialog
            that an INVITE created this includes that INVITE, with the responses of all forks.
        both_directions: Whether at least one message was seen each way.
    """

    id: str
    dialog_id: str
    caller: Endpoint
    callee: Endpoint
    caller_node: str
    callee_node: str
    transactions: tuple[Transaction, ...]
    both_directions: bool

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages of its transactions without retransmissions, by time."""
        return by_time(tuple([message for transaction in self.transactions for message in transaction.messages]))

    def side_of(self, message: Message) -> Side:
        """Which party sent a message of this leg: the one on whose side of the hop it started."""
        if message.hop.source == self.caller:
            return Side.CALLER
        if message.hop.source == self.callee:
            return Side.CALLEE
        return Side.CALLER if message.hop.source.address == self.caller.address else Side.CALLEE


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """A peer-to-peer relation between two user agents, identified by Call-ID and both tags.

    Attributes:
        id: `d1`, `d2` … by time.
        key: Call-ID and tags.
        state: Where the messages leave it.
        created_by: Method that created it: INVITE, SUBSCRIBE, REFER, or NOTIFY.
        caller: UAC of the creating request.
        callee: UAS of the creating request.
        legs: The hops it was seen on, the one nearest the caller first.
        usages: `invite`, `refer`, `subscribe:presence` … in order of appearance (RFC 5057).
        started_in_capture: Whether the request that created it is in the capture.
        early_at: First 1xx with the callee's tag.
        confirmed_at: The 2xx.
        ended_at: When it ended: BYE, failure of the creating INVITE, or a response that destroys it.
        ended_by: Id of the message that ended it; None when it is still open at the end of the capture.
        released_by: Which party sent the BYE, None when none did.
        forked_with: Ids of other dialogs from the same INVITE.
        anomalies: What is out of order.
        session_timer: The timer in force at the end of what was seen; None when there is none, or it was turned off.
        release: Who ended it, how and why; None while it is open.
        transactions: Transactions of all legs, by time; one that several legs share appears once.
        byes: BYE transactions of all legs, by time.
    """

    id: str
    key: DialogKey
    state: DialogState
    created_by: str
    caller: Party
    callee: Party
    legs: tuple[Leg, ...]
    usages: tuple[str, ...] = ()
    started_in_capture: bool
    early_at: Instant | None = None
    confirmed_at: Instant | None = None
    ended_at: Instant | None = None
    ended_by: str | None = None
    released_by: Side | None = None
    forked_with: tuple[str, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    session_timer: SessionTimer | None = None
    release: DialogRelease | None = None
    transactions: tuple[Transaction, ...] = field(init=False, repr=False, compare=False)
    byes: tuple[Transaction, ...] = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[tuple[Transaction, ...], tuple[Transaction, ...]]:
        """The transactions of all legs in their order, and the BYEs among them."""
        legs = self.legs
        every = legs[0].transactions if len(legs) == 1 else [item for leg in legs for item in leg.transactions]
        ordered = in_order(every)
        if ordered is None:
            by_id = {transaction.id: transaction for transaction in every}
            ordered = sorted(by_id.values(), key=lambda item: (item.started_at, item.id))
        return tuple(ordered), tuple([item for item in ordered if item.method == "BYE"])

    def party(self, side: Side) -> Party:
        """The party on that side."""
        return self.caller if side is Side.CALLER else self.callee

    def node_of(self, side: Side) -> str:
        """The node of the party on that side."""
        return self.legs[0].caller_node if side is Side.CALLER else self.legs[-1].callee_node

    @property
    def is_invite(self) -> bool:
        """Whether an INVITE created it."""
        return self.created_by == "INVITE"

    @property
    def creating_transaction(self) -> Transaction | None:
        """The transaction that created it on the first leg; None when the capture starts later."""
        if not self.started_in_capture:
            return None
        return next((item for item in self.legs[0].transactions if item.method == self.created_by), None)

    def sender_of(self, request: Request) -> Side | None:
        """Which party sent an in-dialog request, told by its From tag; None when the tag is neither's."""
        if request.from_tag == self.key.caller_tag:
            return Side.CALLER
        if request.from_tag == self.key.callee_tag:
            return Side.CALLEE
        return None
