"""The 200 to a REGISTER doesn't list the contact that was registered, or not how long it lasts.

What it finds
    A 200 to a REGISTER that adds or keeps a contact and that lists no equal contact, or lists it with a time of 0, or
    with no time in Contact nor in Expires; and, as a warning, one that grants longer than was asked, or lists the
    contact of the same user with another address, as an element does that rewrites it on one way only. A query and a
    removal have nothing to list.
Why it matters
    The device doesn't find its binding: it registers again and again, or doesn't know when to refresh.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  200
              Contact:
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
        0.1   reg -> alice  200
              Contact: <sip:alice@192.0.2.10:5060>;expires=3600
What to check
    - The registrar lists every binding of the address of record with its expires parameter.
    - Does an element in between rewrite Contact on the way to the registrar, and not on the way back?
    - The time granted is at most the time asked for.
Sources
    RFC 3261 §10.3; RFC 3261 §10.2.4; RFC 3261 §19.1.4
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Address
from sipscope.model.message import Request, Response
from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.contacts import same_contact


@rule("REG-003", name="register-200-incomplete", severity=ERROR, since="0.1", subject=Registration)
def register_200_incomplete(registration: Registration, trace: Trace) -> Iterator[Hit]:
    """The 200 lists every current binding, each with the time chosen for it (RFC 3261 §10.3, step 8)."""
    request, final = registration.request, registration.final
    if registration.outcome is not RegistrationOutcome.REGISTERED or request is None or final is None:
        return
    if final.defects or guards.capture_lossy_near(trace, final.at):
        # What is left of a message that was cut, or can't be read, proves nothing about what it listed.
        return
    for contact in request.contacts:
        asked = request.expires if contact.lifetime_s is None else contact.lifetime_s
        if asked == 0:
            continue
        fault = _fault(contact, asked, final)
        if fault is not None:
            yield _hit(registration, request, final, contact, *fault)


def _fault(contact: Address, asked: int | None, final: Response) -> tuple[str, Severity | None] | None:
    """What is wrong with what the 200 says of a contact, and how grave it is."""
    own = [listed for listed in final.contacts if same_contact(listed, contact)]
    if not own:
        rewritten = [listed for listed in final.contacts if listed.uri.user == contact.uri.user]
        if rewritten:
            return f"lists it as {rewritten[0].uri.text} instead", WARNING
        return "doesn't list it", None
    granted = [final.expires if listed.lifetime_s is None else listed.lifetime_s for listed in own]
    if all(seconds is None for seconds in granted):
        return "doesn't say how long it lasts", None
    known = [seconds for seconds in granted if seconds is not None]
    if all(seconds == 0 for seconds in known):
        return "says that it lasts 0 s", None
    if asked is not None and min(known) > asked:
        return f"grants {min(known)} s, more than the {asked} s asked for", WARNING
    return None


def _hit(
    registration: Registration,
    request: Request,
    final: Response,
    contact: Address,
    fault: str,
    severity: Severity | None,
) -> Hit:
    listed = ", ".join(item.text for item in final.contacts) or "no contact"
    return Hit(
        text=(
            f"{registration.address_of_record} registered {contact.uri.text}, and the {final.label} {fault}; the "
            "contact must be listed with its time."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"REGISTER with {contact.text}"),
            Evidence(frame=final.frames[-1], note=f"{final.label} lists {listed}"),
        ),
        at=final.at,
        severity=severity,
        identity=(registration.address_of_record, contact.uri.text, registration.registrar, fault),
    )
