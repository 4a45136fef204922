"""Dialogs and legs (RFC 3261 §12)."""

from dataclasses import dataclass, field
from enum import StrEnum

from sipscope.model.defects import Anomaly
from sipscope.model.header_values import Address
from sipscope.model.message import Message, Request
from sipscope.model.network import Endpoint
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction


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
class Party:
    """One side of a dialog.

    Attributes:
        address: Its From or To value; None when no message shows it.
        tag: Its tag.
        endpoint: Where its messages came from on the hop nearest to it.
        contact: Its remote target as last set (RFC 3261 §12.2.1.1); None when never seen.
        user_agent: User-Agent or Server, None when never seen.
    """

    address: Address | None
    tag: str
    endpoint: Endpoint
    contact: Address | None = None
    user_agent: str | None = None


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
        found = [message for transaction in self.transactions for message in transaction.messages]
        return tuple(sorted(found, key=lambda message: (message.at, message.frames)))

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
        transactions: Transactions of all legs, by time; one that several legs share appears once.
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
    transactions: tuple[Transaction, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the transactions of all legs into their order, once."""
        by_id = {transaction.id: transaction for leg in self.legs for transaction in leg.transactions}
        ordered = sorted(by_id.values(), key=lambda transaction: (transaction.started_at, transaction.id))
        object.__setattr__(self, "transactions", tuple(ordered))

    def party(self, side: Side) -> Party:
        """The party on that side."""
        return self.caller if side is Side.CALLER else self.callee

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

    @property
    def byes(self) -> tuple[Transaction, ...]:
        """BYE transactions of all legs, by time."""
        return tuple(transaction for transaction in self.transactions if transaction.method == "BYE")

    def sender_of(self, request: Request) -> Side | None:
        """Which party sent an in-dialog request, told by its From tag; None when the tag is neither's."""
        if request.from_tag == self.key.caller_tag:
            return Side.CALLER
        if request.from_tag == self.key.callee_tag:
            return Side.CALLEE
        return None
