"""A device changed its address and left the old one registered: every call forks to a place where nobody is.

What it finds
    A 200 that lists, beside the contact that was just registered, another one of the same user at another address or
    port, which the same device registered before, and of which no later REGISTER speaks. The same device is one with
    the same `+sip.instance`, or with the same Call-ID where there is none. Other devices of the user, other values of
    reg-id and contacts registered together are let be.
Why it matters
    Callers hear long ringing, calls end with 408, and voice mail is reached late or never.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER call=1
              Contact: <sip:alice@192.0.2.10:1024>
        0.1   reg -> alice  200
              Contact: <sip:alice@192.0.2.10:1024>;expires=3600
        60.0  alice -> reg  REGISTER call=1
              Contact: <sip:alice@192.0.2.10:61002>
        60.1  reg -> alice  200
              Contact: <sip:alice@192.0.2.10:1024>;expires=3540, <sip:alice@192.0.2.10:61002>;expires=3600
        100   end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER call=1
              Contact: <sip:alice@192.0.2.10:1024>
        0.1   reg -> alice  200
              Contact: <sip:alice@192.0.2.10:1024>;expires=3600
        60.0  alice -> reg  REGISTER call=1
              Contact: <sip:alice@192.0.2.10:1024>;expires=0, <sip:alice@192.0.2.10:61002>
        60.1  reg -> alice  200
              Contact: <sip:alice@192.0.2.10:61002>;expires=3600
        100   end
What to check
    - The device removes its old binding before it leaves the address, or together with the new one.
    - With `+sip.instance` and reg-id the registrar replaces the old binding by itself.
    - Behind NAT a short time lets old bindings end soon.
Sources
    RFC 3261 §10.2.2; RFC 3261 §10.2.4; RFC 5626 §6
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Address
from sipscope.model.message import Request, Response
from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.contacts import same_contact
from sipscope.rules.unanswered import DEADLINE

_INSTANCE = "+sip.instance"


@rule("REG-008", name="stale-bindings-accumulate", severity=WARNING, since="0.1", subject=Trace)
def stale_bindings_accumulate(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """A device removes the bindings that it doesn't use any more (RFC 3261 §10.2.2)."""
    of_record: dict[str, list[Registration]] = {}
    for registration in trace.registrations:
        of_record.setdefault(registration.address_of_record, []).append(registration)
    for registrations in of_record.values():
        for number, registration in enumerate(registrations):
            if registration.final is None or len(registration.final.contacts) < 2:
                continue
            yield from _left_behind(registration, registrations[:number], registrations[number + 1 :], trace)


def _left_behind(
    registration: Registration, before: Sequence[Registration], behind: Sequence[Registration], trace: Trace
) -> Iterator[Hit]:
    request, final = registration.request, registration.final
    if registration.outcome is not RegistrationOutcome.REGISTERED or request is None or final is None:
        return
    # A device may remove its old contact in a REGISTER of its own.
    if not before or not guards.capture_continues(trace, final.at, DEADLINE):
        return
    for listed in final.contacts:
        if listed.lifetime_s == 0 or _names(request, listed) or any(_names(one.request, listed) for one in behind):
            continue
        own = next((contact for contact in request.contacts if _moved(listed, contact)), None)
        earlier = next((one for one in reversed(before) if _names(one.request, listed)), None)
        if own is not None and earlier is not None and _same_device(earlier.request, request, listed, own):
            yield _hit(registration, earlier, final, listed, own, trace)


def _names(request: Request | None, contact: Address) -> bool:
    return request is not None and any(same_contact(one, contact) for one in request.contacts)


def _moved(old: Address, new: Address) -> bool:
    """Whether two contacts have all in common but address and port."""
    one, other = old.uri, new.uri
    transports = [(uri.parameters.get("transport") or "").lower() for uri in (one, other)]
    if one.user is None or (one.user, one.scheme) != (other.user, other.scheme) or transports[0] != transports[1]:
        return False
    flows = (old.parameters.get("reg-id"), new.parameters.get("reg-id"))
    return flows[0] == flows[1] and not same_contact(old, new)


def _same_device(earlier: Request | None, request: Request, old: Address, new: Address) -> bool:
    instances = (old.parameters.get(_INSTANCE), new.parameters.get(_INSTANCE))
    if any(instances):
        return instances[0] == instances[1]
    return earlier is not None and earlier.call_id == request.call_id


def _hit(
    registration: Registration, earlier: Registration, final: Response, old: Address, new: Address, trace: Trace
) -> Hit:
    lossy = guards.capture_lossy_near(trace, earlier.started_at, final.at)
    left = "" if old.lifetime_s is None else f" for another {old.lifetime_s} s"
    first = earlier.attempts[-1].first
    return Hit(
        text=(
            f"{registration.address_of_record} registered {new.uri.text}, and {old.uri.text}, which the same device "
            f"had registered before, stays{left}: calls go to both."
        ),
        evidence=(
            Evidence(frame=first.frames[-1], note=f"REGISTER with {old.uri.text}"),
            Evidence(frame=final.frames[-1], note=f"{final.label} lists both"),
        ),
        at=final.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets in between.",) if lossy else (),
        identity=(registration.address_of_record, old.uri.text),
    )
