"""Publications: event state that a client sends to a compositor, named by entity-tags (RFC 3903)."""

from enum import StrEnum

from sipscope.model.message import Request
from sipscope.model.time import SECOND, Instant
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass


class PublicationOperation(StrEnum):
    """What a PUBLISH does, by its body and its SIP-If-Match (RFC 3903 §4.1, table 1)."""

    INITIAL = "initial"
    REFRESH = "refresh"
    MODIFY = "modify"
    REMOVE = "remove"


class PublicationState(StrEnum):
    """What a compositor holds of a publication, as far as its answers tell.

    `REFUSED` is one that was never accepted, or is known no more (412); `UNKNOWN` one that was never answered.
    """

    PUBLISHED = "published"
    REMOVED = "removed"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationStep:
    """One PUBLISH that was not challenged.

    Attributes:
        operation: What it does.
        transaction: The PUBLISH with its response, on the hop nearest to its client.
    """

    operation: PublicationOperation
    transaction: Transaction

    @property
    def request(self) -> Request:
        """The PUBLISH itself."""
        request = self.transaction.request
        if request is None:
            raise LookupError("a step is made from a request")
        return request

    @property
    def at(self) -> Instant:
        """When it was sent."""
        return self.request.at

    @property
    def asked_tag(self) -> str | None:
        """SIP-If-Match: the state that it speaks of."""
        return self.request.sip_if_match

    @property
    def given_tag(self) -> str | None:
        """SIP-ETag of the 2xx: the name of the state from then on."""
        final = self.transaction.final
        return None if final is None or not final.is_success else final.sip_etag

    @property
    def granted_s(self) -> int | None:
        """Expires of the 2xx in seconds."""
        final = self.transaction.final
        return None if final is None or not final.is_success else final.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One piece of event state: the steps that one chain of entity-tags joins.

    Attributes:
        id: `p1`, `p2` … by time.
        resource: Whose state it is: the Request-URI without port and parameters.
        event: Event package; empty when none is named.
        client: Node that published it.
        steps: By time, at least one.
    """

    id: str
    resource: str
    event: str
    client: str
    steps: tuple[PublicationStep, ...]

    @property
    def started_at(self) -> Instant:
        """Time of the first step."""
        return self.steps[0].at

    @property
    def started_in_capture(self) -> bool:
        """Whether its initial PUBLISH is in the capture."""
        return self.steps[0].operation is PublicationOperation.INITIAL

    @property
    def decided(self) -> PublicationStep | None:
        """The step that made its state what it is: the last accepted or refused with 412, else the last refused."""
        answered = [step for step in self.steps if step.transaction.final is not None]
        telling = [step for step in answered if _is_telling(step)]
        return telling[-1] if telling else answered[-1] if answered else None

    @property
    def ends_at(self) -> Instant | None:
        """When it runs out by the newest 2xx; None where none grants a time, or it is over before."""
        step = self.decided
        final = None if step is None else step.transaction.final
        if step is None or final is None or not step.granted_s or step.operation is PublicationOperation.REMOVE:
            return None
        return final.at + step.granted_s * SECOND

    def state_at(self, at: Instant) -> PublicationState:
        """What the compositor holds of it at an instant behind all its steps."""
        step = self.decided
        final = None if step is None else step.transaction.final
        if step is None or final is None:
            return PublicationState.UNKNOWN
        if not final.is_success:
            return PublicationState.REFUSED
        if step.operation is PublicationOperation.REMOVE or step.granted_s == 0:
            return PublicationState.REMOVED
        ends = self.ends_at
        return PublicationState.EXPIRED if ends is not None and ends < at else PublicationState.PUBLISHED


def _is_telling(step: PublicationStep) -> bool:
    """Whether the answer changes what the compositor holds; other failures leave it as it was (RFC 3903 §6)."""
    final = step.transaction.final
    return final is not None and (final.is_success or final.status == 412)
