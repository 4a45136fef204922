"""Caller, callee or proxy settle on a session interval that the rules of negotiation don't allow.

What it finds
    A session interval below 90 s, or below the Min-SE beside it; a 2xx that raises the interval that was asked for,
    or falls below its Min-SE; a 422 without a Min-SE, with one below 90 s, or although the request had offered as
    much and more; a request that tries again behind a 422 without Min-SE, or with less than the 422 asked for.
    A 422 for a sender that knows no session timers is a warning, and so is a Min-SE below 90 s in a request; an
    interval that is raised for such a sender, or up to the Min-SE of the request, is told as information.
Why it matters
    The call loops between INVITE and 422 and never comes about, or is refreshed far too often, or too late.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: timer
              Session-Expires: 300
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  422
              Min-SE: 600
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE
              Supported: timer
              Session-Expires: 400
              Min-SE: 600
              m=audio 4000 RTP/AVP 0
        0.4   bob -> alice  422
              Min-SE: 600
        0.5   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: timer
              Session-Expires: 300
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  422
              Min-SE: 600
        0.2   alice -> bob  ACK
        0.3   alice -> bob  INVITE
              Supported: timer
              Session-Expires: 600
              Min-SE: 600
              m=audio 4000 RTP/AVP 0
        0.4   bob -> alice  200
              Require: timer
              Session-Expires: 600;refresher=uac
              m=audio 5000 RTP/AVP 0
        0.5   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Behind a 422 both Session-Expires and Min-SE must be at least the largest Min-SE that came.
    - A callee copies the interval or lowers it, never below Min-SE; only a proxy may raise it, for a caller without
      timers.
    - Set the session interval of both products to 1800 s, and the minimum to 90 s.
Sources
    RFC 4028 §4; RFC 4028 §5; RFC 4028 §6; RFC 4028 §7.4; RFC 4028 §8.1; RFC 4028 §9
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.values import dataclass

LEAST_S = 90
"""Least value of Session-Expires and of Min-SE, and the default of the latter (RFC 4028 §4, §5)."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong: with which message, how badly, and the messages that show it."""

    text: str
    severity: Severity
    messages: tuple[Message, ...]


@rule(
    "SST-003",
    name="interval-negotiation-broken",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=(("INVITE", "UPDATE"), "request"),
)
def interval_negotiation_broken(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Session-Expires may only fall, and never below Min-SE (RFC 4028 §8.1, §9); a 422 raises both (§7.4)."""
    if transaction.method not in {"INVITE", "UPDATE"} or transaction.request is None:
        return
    request, final = transaction.request, transaction.final
    series = trace.index.series_of_transaction.get(transaction.id)
    names = request.headers.names
    faults = _of_request(request) if "session-expires" in names or "min-se" in names else []
    if series is not None and len(series.attempts) > 1:
        faults += _of_retry(series, request)
    for response in transaction.responses:
        if response.is_success and response.session_expires is not None:
            faults += _of_success(request, response)
    if final is not None and final.status == 422:
        faults += _of_refusal(request, final)
    for fault in faults:
        yield _hit(request, fault)


def _of_request(request: Request) -> list[_Fault]:
    """Too small an interval, or too small a minimum, in the request itself."""
    interval, minimum = request.session_interval_s, request.min_se
    found = []
    if minimum is not None and minimum < LEAST_S:
        found.append(_Fault(f"the {request.method} has a Min-SE below {LEAST_S} s: {minimum}", WARNING, (request,)))
    least = max(LEAST_S, minimum or 0)
    if interval is not None and interval < least:
        found.append(_Fault(f"the {request.method} asks for {interval} s, less than {least} s", ERROR, (request,)))
    return found


def _of_success(request: Request, response: Response) -> Iterator[_Fault]:
    """An interval that was raised, or lowered too far."""
    asked, given = request.session_interval_s, response.session_interval_s
    if given is None or given == asked:
        return
    least = max(LEAST_S, request.min_se or 0)
    both = (request, response)
    if given < least:
        yield _Fault(f"the {response.label} sets {given} s, less than {least} s", ERROR, both)
    elif asked is not None and given > asked:
        # A proxy raises it for a sender without timers (§8.1), and some callees raise it to Min-SE likewise.
        foreseen = "timer" not in request.supported or given == least
        text = f"the {response.label} raises the interval from {asked} s to {given} s"
        yield _Fault(text, INFO if foreseen else ERROR, both)


def _of_refusal(request: Request, refusal: Response) -> Iterator[_Fault]:
    """A 422 that its receiver can't satisfy."""
    minimum, both = refusal.min_se, (request, refusal)
    if minimum is None and "min-se" not in refusal.headers:
        yield _Fault(f"the {refusal.label} doesn't tell its Min-SE", ERROR, both)
    elif minimum is not None and minimum < LEAST_S:
        yield _Fault(f"the {refusal.label} has a Min-SE below {LEAST_S} s: {minimum}", ERROR, both)
    elif minimum is not None and _offered(request, minimum):
        text = f"the {refusal.label} asks for {minimum} s, and the {request.method} had offered as much"
        yield _Fault(text, ERROR, both)
    if "timer" not in request.supported and "timer" not in request.require:
        text = f"the {refusal.label} refuses a sender that doesn't list timer in Supported"
        yield _Fault(text, WARNING, both)


def _offered(request: Request, minimum: int) -> bool:
    """Whether nobody on the way may have lowered the interval below that minimum: Min-SE forbids it (§8.1)."""
    interval = request.session_interval_s
    return interval is not None and interval >= minimum and request.min_se is not None and request.min_se >= minimum


def _of_retry(series: RequestSeries, request: Request) -> Iterator[_Fault]:
    """A request that tries again behind a 422 of its own series, and heeds it badly."""
    refusals = [
        item.final
        for item in series.transactions
        if item.final is not None and item.final.status == 422 and item.final.min_se is not None
        if item.final.at < request.at
    ]
    largest = max(refusals, key=lambda item: item.min_se or 0, default=None)
    if largest is None or largest.min_se is None:
        return
    due, both = largest.min_se, (largest, request)
    interval, minimum = request.session_interval_s, request.min_se
    if minimum is None or minimum < due:
        told = "no Min-SE" if minimum is None else f"Min-SE {minimum}"
        yield _Fault(f"the {request.method} behind a 422 with Min-SE {due} has {told}", ERROR, both)
    elif interval is not None and interval < due:
        text = f"the {request.method} behind a 422 with Min-SE {due} asks for {interval} s"
        yield _Fault(text, ERROR, both)


def _hit(request: Request, fault: _Fault) -> Hit:
    last = fault.messages[-1]
    return Hit(
        text=f"The session interval is negotiated badly: {fault.text}.",
        evidence=tuple(Evidence(frame=item.frames[-1], note=_note(item)) for item in fault.messages),
        at=last.at,
        severity=fault.severity,
        identity=(request.call_id, fault.text),
    )


def _note(message: Message) -> str:
    """The two header fields as they came."""
    label = message.label if isinstance(message, Request | Response) else "message"
    expires = message.headers.get("session-expires") or "none"
    return f"{label}: Session-Expires {expires}, Min-SE {message.headers.get('min-se') or 'none'}"
