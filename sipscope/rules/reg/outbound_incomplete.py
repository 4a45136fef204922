"""A device asks for a flow that is kept alive, but leaves out what the registrar needs for it.

What it finds
    A REGISTER with reg-id in a contact without `+sip.instance`, or with outbound in Supported and no path there. As
    information, a 200 without `Require: outbound` to a REGISTER that had all of it: registrars need not know outbound,
    and then the device mustn't rely on its flow. `+sip.instance` alone is for GRUU, and valid.
Why it matters
    The registrar leaves reg-id aside and routes by address, so calls fail once the NAT in between has forgotten it.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Contact: <sip:alice@192.0.2.10>;reg-id=1
        0.1   reg -> alice  200
              Contact: <sip:alice@192.0.2.10>;expires=3600
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Supported: path, outbound
              Contact: <sip:alice@192.0.2.10>;reg-id=1;+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"
        0.1   reg -> alice  200
              Require: outbound
              Contact: <sip:alice@192.0.2.10>;expires=3600
What to check
    - A contact for outbound has `+sip.instance` and reg-id, and Supported lists outbound and path.
    - A registrar that knows outbound says so with `Require: outbound`; without it the device keeps its address alive.
Sources
    RFC 5626 §4.2.1; RFC 5626 §6
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut

_INSTANCE = "+sip.instance"


@rule("REG-011", name="outbound-incomplete", severity=WARNING, since="0.1", subject=Registration)
def outbound_incomplete(registration: Registration, _trace: Trace) -> Iterator[Hit]:
    """An outbound registration has instance, reg-id, outbound and path (RFC 5626 §4.2.1)."""
    request = registration.request
    if request is None or is_cut(request):
        return
    options = {option.lower() for option in request.supported}
    faults = list(_faults(request, options))
    for fault in faults:
        yield _hit(registration, request, fault, None)
    if not faults and "outbound" in options and _asks_for_a_flow(request) and _leaves_it_out(registration):
        yield _hit(registration, request, "asked for outbound, and the 2xx lacks Require: outbound", INFO)


def _faults(request: Request, options: set[str]) -> Iterator[str]:
    for contact in request.contacts:
        if "reg-id" in contact.parameters and _INSTANCE not in contact.parameters:
            yield f"has reg-id and no +sip.instance in {contact.uri.text}, so that reg-id counts for nothing"
    if "outbound" in options and "path" not in options:
        yield "has outbound in Supported, and no path"


def _asks_for_a_flow(request: Request) -> bool:
    return any(
        "reg-id" in contact.parameters and _INSTANCE in contact.parameters and contact.lifetime_s != 0
        for contact in request.contacts
    )


def _leaves_it_out(registration: Registration) -> bool:
    final = registration.final
    if registration.outcome is not RegistrationOutcome.REGISTERED or final is None or is_cut(final):
        return False
    return "outbound" not in {option.lower() for option in final.require}


def _hit(registration: Registration, request: Request, fault: str, severity: Severity | None) -> Hit:
    evidence = [Evidence(frame=request.frames[-1], note=f"REGISTER {fault}")]
    if severity is INFO and registration.final is not None:
        evidence.append(Evidence(frame=registration.final.frames[-1], note=registration.final.label))
    return Hit(
        text=f"REGISTER for {registration.address_of_record} {fault}.",
        evidence=tuple(evidence),
        at=request.at,
        severity=severity,
        identity=(registration.address_of_record, registration.source.address, fault),
    )
