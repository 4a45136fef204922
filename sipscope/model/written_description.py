"""A session description as a party wrote it: one subject, however many messages carried it."""

from dataclasses import field

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import Instant
from sipscope.values import dataclass

NEGOTIATING_METHODS = frozenset({"INVITE", "ACK", "PRACK", "UPDATE"})
"""Methods whose messages may carry an offer or an answer (RFC 3261 §13.2.1, RFC 3262 §5, RFC 3311 §5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDescription:
    """One description and every message that showed it, on whatever hop.

    Attributes:
        id: Id of the first message that showed it.
        call_id: The Call-ID.
        description: The description.
        disposition: `session` where none is stated, or `early-session` (RFC 3261 §20.11, RFC 3959 §4).
        messages: Those that carried it, by time, retransmissions left out; the first is the one that is judged.
        offset: Where it starts in the payload of the first message.
        transaction_id: Transaction of the first message.
        is_promise: Whether a message carried it that may hold an offer or an answer. What OPTIONS, its response, or a
            refusal carry, tells capabilities only (RFC 3261 §11.2, §21.4.26).
        promised_media: The sections that ask for media: those of a promise with a port.
    """

    id: str
    call_id: str | None
    description: SessionDescription
    disposition: str
    messages: tuple[Message, ...]
    offset: int
    transaction_id: str
    is_promise: bool = field(init=False, repr=False, compare=False)
    promised_media: tuple[MediaDescription, ...] = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[bool, tuple[MediaDescription, ...]]:
        """What every rule asks."""
        promise = False
        for message in self.messages:
            if may_negotiate(message):
                promise = True
                break
        return promise, tuple([section for section in self.description.media if section.port]) if promise else ()

    @property
    def first(self) -> Message:
        """The message that showed it first."""
        return self.messages[0]

    @property
    def at(self) -> Instant:
        """When it was first shown."""
        return self.messages[0].at


def may_negotiate(message: Message) -> bool:
    """Whether what a message describes can be an offer or an answer."""
    if isinstance(message, Request):
        return message.method in NEGOTIATING_METHODS
    return isinstance(message, Response) and message.status < 300 and message.method in NEGOTIATING_METHODS
