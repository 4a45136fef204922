"""The way to a device, or from it, that was agreed on by its registration isn't taken.

What it finds
    A 2xx to a REGISTER that brought Path to the registrar, where Path is missing or another one, although the device
    supports it. A request from the registrar to the contact that was registered with Path, which goes past every host
    of that Path and has no Route to them. A request of the device that leaves out values of the Service-Route it was
    given, or has them in another order: information, since not every device must follow it, but a warning where the
    request is then refused with 403 or 404. Route values in front are let be, and so are devices without `path` in
    Supported, to whom registrars needn't tell it.
Why it matters
    Calls to the device miss the edge proxy that holds its connection; calls from it miss the proxy that serves it.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Supported: path
              Path: <sip:192.0.2.10;lr>
        0.1   reg -> alice  200
              Contact: <sip:alice@192.0.2.10>;expires=3600
        9.0   end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  REGISTER
              Supported: path
              Path: <sip:192.0.2.10;lr>
        0.1   reg -> alice  200
              Path: <sip:192.0.2.10;lr>
              Contact: <sip:alice@192.0.2.10>;expires=3600
        9.0   end
What to check
    - The registrar stores the Path with the binding, tells it in the 2xx, and makes a Route of it for every request.
    - The device puts the Service-Route into its requests, behind its own outbound proxy, in the order it came.
    - Does an element in between take Path or Service-Route out?
Sources
    RFC 5626 §3.4; RFC 5626 §7; RFC 6140 §7.4
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Address
from sipscope.model.message import Request, Response
from sipscope.model.series import RequestSeries
from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut
from sipscope.rules.request_fields import listed, route_difference, same_target

_REFUSED = frozenset({403, 404})
_Routed = list[tuple[Registration, Response]]


@rule(
    "REG-010",
    name="path-or-service-route-lost",
    severity=WARNING,
    since="0.1",
    subject=Trace,
    needs=(("path", "service-route"),),
)
def path_or_service_route_lost(_capture: Trace, trace: Trace) -> Iterator[Hit]:
    """Path leads to the device, Service-Route from it (RFC 6140 §7.4 tells of both)."""
    bound: list[tuple[Request, Response]] = []
    serving: dict[tuple[str, str], _Routed] = {}
    for registration in trace.registrations:
        final = registration.final
        if registration.outcome is not RegistrationOutcome.REGISTERED or final is None or is_cut(final):
            continue
        if final.service_route:
            key = (registration.attempts[-1].key.client, registration.address_of_record)
            serving.setdefault(key, []).append((registration, final))
        for hop in _at_registrar(registration.attempts[-1], trace):
            if hop.request is not None and hop.final is not None and hop.request.path and not is_cut(hop.final):
                bound.append((hop.request, hop.final))
                yield from _not_told(hop.request, hop.final)
    if bound:
        yield from _past_the_path(bound, trace)
    if serving:
        yield from _without_service_route(serving, trace)


def _at_registrar(register: Transaction, trace: Trace) -> Iterator[Transaction]:
    """The REGISTER on the hop whose server sent it no further, as far as is seen."""
    hops = trace.index.same_request(register)
    senders = {hop.key.client for hop in hops}
    return (hop for hop in hops if hop.key.server not in senders)


def _not_told(request: Request, final: Response) -> Iterator[Hit]:
    if "path" not in request.supported or _texts(request.path) == _texts(final.path):
        return
    seen = f"tells another one, {listed(final.path)}" if final.path else "doesn't tell it back"
    yield Hit(
        text=f"REGISTER came to {request.hop.destination} with Path {listed(request.path)}, and the 200 {seen}.",
        evidence=(
            Evidence(frame=request.frames[-1], note=f"REGISTER, Path: {listed(request.path)}"),
            Evidence(frame=final.frames[-1], note=f"{final.label}, Path: {listed(final.path) or 'none'}"),
        ),
        at=final.at,
        confidence=Confidence.LIKELY,
        guards=("The registrar may have stored the Path all the same.",),
        identity=(request.hop.destination, "path", bool(final.path)),
    )


def _texts(addresses: Sequence[Address]) -> list[str]:
    return [address.uri.text for address in addresses]


def _past_the_path(bound: Sequence[tuple[Request, Response]], trace: Trace) -> Iterator[Hit]:
    """Requests of a registrar to a contact, by another way than its Path (RFC 5626 §7)."""
    for series in trace.series:
        request = series.attempts[0].first
        if series.in_dialog or series.method == "REGISTER" or not isinstance(request, Request):
            continue
        known = [pair for pair in bound if pair[1].at < request.at and _is_for(pair, request)]
        if not known:
            continue
        register = known[-1][0]
        hosts = {address.uri.host for address in register.path}
        if request.hop.destination.address in hosts or not route_difference(register.path, request):
            continue
        yield Hit(
            text=(
                f"{series.method} to {request.request_uri_text} went straight to {request.hop.destination}, past the "
                f"Path {listed(register.path)} with which the contact was registered."
            ),
            evidence=(
                Evidence(frame=register.frames[-1], note=f"REGISTER, Path: {listed(register.path)}"),
                Evidence(frame=request.frames[-1], note=f"Route: {listed(request.routes) or 'none'}"),
            ),
            at=request.at,
            confidence=Confidence.LIKELY,
            identity=(request.hop.source, "past", register.request_uri_text, tuple(_texts(register.path))),
        )


def _is_for(pair: tuple[Request, Response], request: Request) -> bool:
    """Whether a request goes from the registrar to the contact of a binding that is in force."""
    register, final = pair
    if request.hop.source.address != register.hop.destination.address or request.request_uri is None:
        return False
    # A name can't be compared with the address that a request goes to.
    if not all(_is_address(address.uri.host) for address in register.path):
        return False
    return any(
        same_target(contact.uri, request.request_uri) and final.at + (contact.lifetime_s or 0) * SECOND > request.at
        for contact in final.contacts
        if any(same_target(contact.uri, own.uri) for own in register.contacts)
    )


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _without_service_route(serving: dict[tuple[str, str], _Routed], trace: Trace) -> Iterator[Hit]:
    """Requests of the device that leave the Service-Route out (RFC 6140 §7.4)."""
    for series in trace.series:
        request = series.attempts[-1].first
        if series.in_dialog or series.method in {"REGISTER", "CANCEL"} or not isinstance(request, Request):
            continue
        user = "" if request.from_ is None else request.from_.uri.address_of_record
        known = [pair for pair in serving.get((series.client, user), ()) if _in_force(pair, request)]
        if known and route_difference(known[-1][1].service_route, request) and not is_cut(request):
            yield _service_route_hit(series, request, known[-1][1])


def _in_force(pair: tuple[Registration, Response], request: Request) -> bool:
    registration, final = pair
    return final.at < request.at < final.at + (registration.expires_s or 0) * SECOND


def _service_route_hit(series: RequestSeries, request: Request, told: Response) -> Hit:
    final = series.final
    severity: Severity = WARNING if final is not None and final.status in _REFUSED else INFO
    route = listed(told.service_route)
    evidence = [
        Evidence(frame=told.frames[-1], note=f"{told.label}, Service-Route: {route}"),
        Evidence(frame=request.frames[-1], note=f"Route: {listed(request.routes) or 'none'}"),
    ]
    ending = ""
    if final is not None and severity is WARNING:
        evidence.append(Evidence(frame=final.frames[-1], note=final.label))
        ending = f" It was refused with {final.label}."
    return Hit(
        text=f"{series.method} of {series.client} doesn't follow the Service-Route {route} of its registrar.{ending}",
        evidence=tuple(evidence),
        at=request.at,
        severity=severity,
        confidence=Confidence.LIKELY,
        identity=(series.client, series.method, route, severity),
    )
