"""A registration is refused.

What it finds
    An attempt to register, refresh, fetch or remove bindings that ended in 4xx, 5xx or 6xx, after its challenges and
    corrections; a challenge at its end is not told here, and neither is a 423 that may still be followed. Equal
    refusals are told once. A source that has three or more addresses of record refused and none accepted is a scanner:
    information.
Why it matters
    The user can't be called, and often can't call.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  403
        40    end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  401
              WWW-Authenticate: Digest realm="example.org", nonce="a"
        0.2   alice -> reg  REGISTER
              Authorization: Digest username="al", realm="example.org", nonce="a", uri="sip:192.0.2.1", response="0"
        0.3   reg -> alice  200
        40    end
What to check
    - 403: wrong credentials, or an address of record that this user doesn't own. 404: the registrar doesn't serve it.
    - 400: syntax of Contact, or `*` without `Expires: 0`. 423: ask for the time in Min-Expires, or longer.
    - 420 and 421: Path or outbound not supported on one side. 439: the first hop lacks outbound.
    - 480 and 5xx: the registrar, or what stands behind it, is down.
Sources
    RFC 3261 §10.3; RFC 3261 §21.4; RFC 5626 §11.6
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.contacts import lifetime_left
from sipscope.rules.digest import CHALLENGING
from sipscope.rules.unanswered import DEADLINE

SCANNED = 3
"""Addresses of record that one source has refused before it counts as a scanner."""


@rule("REG-001", name="registration-rejected", severity=ERROR, since="0.1", subject=Registration)
def registration_rejected(registration: Registration, trace: Trace) -> Iterator[Hit]:
    """A registrar that accepts answers 200; everything else leaves the bindings as they were (RFC 3261 §10.3)."""
    final = registration.final
    if registration.outcome is not RegistrationOutcome.REJECTED or final is None:
        return
    if final.status < 400 or final.status in CHALLENGING:
        return
    if final.status == 423 and not guards.capture_continues(trace, final.at, DEADLINE):
        return
    yield _hit(registration, trace, final)


def _is_scanner(registration: Registration, trace: Trace) -> bool:
    source = registration.source.address
    refused = set()
    for item in trace.registrations:
        if item.source.address != source:
            continue
        if item.outcome is not RegistrationOutcome.REJECTED:
            return False
        refused.add(item.address_of_record)
    return len(refused) >= SCANNED


def _hit(registration: Registration, trace: Trace, final: Response) -> Hit:
    left = lifetime_left(trace, registration)
    until = "" if left is None else f" The binding it had ends {left:.0f} s after the attempt began."
    minimum = "" if final.min_expires is None else f", Min-Expires {final.min_expires} s"
    told = "".join(f", {value.text}" for value in final.warnings)
    evidence = []
    for transaction in registration.attempts:
        contacts = ", ".join(contact.uri.text for contact in transaction.first.contacts) or "no Contact"
        evidence.append(Evidence(frame=transaction.first.frames[-1], note=f"REGISTER with {contacts}"))
        if transaction.final is not None:
            evidence.append(Evidence(frame=transaction.final.frames[-1], note=transaction.final.label))
    scanner = _is_scanner(registration, trace)
    who: object = registration.source.address if scanner else registration.address_of_record
    return Hit(
        text=(
            f"{registration.registrar} refused to register {registration.address_of_record} from "
            f"{registration.source}: {final.label}{minimum}{told}.{until}"
        ),
        evidence=tuple(evidence),
        at=final.at,
        severity=INFO if scanner else None,
        identity=(who, registration.source.address, registration.registrar, final.status),
    )
