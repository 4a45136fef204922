"""A REGISTER asks for something that no registrar may do: `*` without `Expires: 0`, or beside other contacts.

What it finds
    A REGISTER with `Contact: *` whose Expires is absent or not 0, or that has other contacts as well; and, as a
    warning, one whose Request-URI has a user part, which many registrars let pass.
Why it matters
    Some registrars accept it, some refuse it, and some remove every device of the user.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Contact: *
              Expires: 3600
        0.1   reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Contact: *
              Expires: 0
        0.1   reg -> alice  200
What to check
    - `*` stands alone, and only with `Expires: 0`.
    - The Request-URI names the domain alone; the user stands in To.
Sources
    RFC 3261 §10.2; RFC 3261 §10.2.2; RFC 3261 §10.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.subscription import Registration
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule


@rule("REG-005", name="register-request-malformed", severity=ERROR, since="0.1", subject=Registration)
def register_request_malformed(registration: Registration, _trace: Trace) -> Iterator[Hit]:
    """`*` is for removing all bindings, and the Request-URI for the domain (RFC 3261 §10.2, §10.2.2)."""
    request = registration.request
    if request is None:
        return
    for fault, severity in _faults(request):
        yield Hit(
            text=f"REGISTER for {registration.address_of_record} {fault}.",
            evidence=(Evidence(frame=request.frames[-1], note=f"REGISTER {fault}"),),
            at=request.at,
            severity=severity,
            identity=(registration.address_of_record, registration.source.address, fault),
        )


def _faults(request: Request) -> Iterator[tuple[str, Severity | None]]:
    """What is wrong, in words, and how grave it is where that differs from the rule's level."""
    values = request.headers.all("contact")
    if "*" in values:
        if len(values) > 1:
            yield "has Contact “*” and other contacts", None
        elif request.expires != 0:
            told = "no Expires" if "expires" not in request.headers else f"Expires {request.headers.get('expires')}"
            yield f"has Contact “*” and {told}, not 0", None
    uri = request.request_uri
    if uri is not None and uri.scheme in {"sip", "sips"} and uri.user is not None:
        yield f"has a user in its Request-URI, {request.request_uri_text}", WARNING
