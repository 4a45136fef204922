"""What the rules about registrations share: when two contacts are the same, and the binding that one made."""

from sipscope.model.header_values import Address
from sipscope.model.subscription import Registration
from sipscope.model.trace import Trace
from sipscope.rules.request_fields import same_target


def same_contact(one: Address, other: Address) -> bool:
    """Whether two contacts lead to the same place, a port of 5060 stated or not: leaner than RFC 3261 §19.1.4."""
    return same_target(one.uri, other.uri)


def lifetime_left(trace: Trace, registration: Registration) -> float | None:
    """Seconds that an earlier binding of the same contact had left when an attempt began; None for no such binding."""
    request = registration.request
    if request is None:
        return None
    for binding in trace.bindings:
        if binding.address_of_record == registration.address_of_record and any(
            same_contact(binding.contact, contact) for contact in request.contacts
        ):
            ends = binding.expires_at(registration.started_at)
            if ends is not None and ends > registration.started_at:
                return (ends - registration.started_at) / 1_000_000_000
    return None
