"""A proxy that forked a call lets a phone ring on after another one answered.

What it finds
    A proxy sent an INVITE to several targets and relayed a 2xx of one, or got a 6xx from one; and another branch that
    had only a provisional response neither got a CANCEL nor came to a final response in the next 5 s. That a CANCEL
    behind a 2xx lacks `Reason: SIP;cause=200` is told once for each proxy, as information. Calls whose
    `Request-Disposition: no-cancel` asks to leave the branches alone after a 2xx are let be.
Why it matters
    Phones ring on although the call is answered elsewhere; without the Reason they list it as missed.
Example
    Bad:
        alice 192.0.2.10
        proxy 192.0.2.1 proxy record-route
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> proxy  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob    INVITE
        0.02  proxy -> carol  INVITE
        0.1   bob -> proxy    180 tag=b1
        0.2   carol -> proxy  180 tag=c1
        2.0   bob -> proxy    200 tag=b1
              m=audio 5000 RTP/AVP 0
        2.01  proxy -> alice  200
        2.1   alice -> proxy  ACK
        2.11  proxy -> bob    ACK
        9.0   carol -> proxy  480
        9.01  proxy -> carol  ACK
        9.1   alice -> proxy  BYE
        9.11  proxy -> bob    BYE
        9.2   bob -> proxy    200
        9.21  proxy -> alice  200
    Good:
        alice 192.0.2.10
        proxy 192.0.2.1 proxy record-route
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> proxy  INVITE to=bob
              m=audio 4000 RTP/AVP 0
        0.01  proxy -> bob    INVITE
        0.02  proxy -> carol  INVITE
        0.1   bob -> proxy    180 tag=b1
        0.2   carol -> proxy  180 tag=c1
        2.0   bob -> proxy    200 tag=b1
              m=audio 5000 RTP/AVP 0
        2.01  proxy -> alice  200
        2.02  proxy -> carol  CANCEL
              Reason: SIP;cause=200;text="Call completed elsewhere"
        2.03  carol -> proxy  200 CANCEL
        2.04  carol -> proxy  487 INVITE tag=c1
        2.05  proxy -> carol  ACK
        2.1   alice -> proxy  ACK
        2.11  proxy -> bob    ACK
        9.1   alice -> proxy  BYE
        9.11  proxy -> bob    BYE
        9.2   bob -> proxy    200
        9.21  proxy -> alice  200
What to check
    - The proxy must cancel every pending branch when it relays the answer, with a Reason that names the 200.
    - Does the element that rings on sit behind another proxy or gateway that loses the CANCEL?
Sources
    RFC 3261 §16.7; RFC 3326 §3.1; RFC 3841 §9.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule

GRACE: Duration = 5 * SECOND
"""How long a branch may stay without CANCEL before that is told."""


@rule(
    "FRK-003",
    name="losing-branches-not-cancelled",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("INVITE out of dialog", "other hops", "response 1xx"),
)
def losing_branches_not_cancelled(branch: Transaction, trace: Trace) -> Iterator[Hit]:
    """Behind the final response that it forwards, a proxy cancels every pending branch (RFC 3261 §16.7 step 10)."""
    if branch.method != "INVITE" or branch.request is None or branch.request.to_tag is not None:
        return
    if not branch.provisionals or len(branch.request.vias) < 2:
        return
    decided = _decision(branch, trace)
    if decided is None or decided.at <= branch.provisionals[0].at or _left_alone(branch, decided):
        return
    cancel = trace.index.transactions.get(branch.cancelled_by or "")
    if cancel is not None:
        if decided.is_success and decided.at <= cancel.started_at:
            yield from _without_reason(branch, decided, cancel)
    elif _rings_on(branch, decided, trace):
        yield _hit(branch, decided, trace)


def _decision(branch: Transaction, trace: Trace) -> Response | None:
    """What decided the call on another branch of the same proxy: a 2xx that it relayed, or a 6xx."""
    same = trace.index.same_request(branch)
    proxy = branch.key.client
    others = [item for item in same if item.key.client == proxy and item is not branch]
    if not others:
        return None
    upstream = [item for item in same if item.key.server == proxy and item.key.client != proxy]
    relayed = {item.to_tag for above in upstream for item in above.responses if item.is_success}
    found = [
        response
        for other in (others if upstream else ())
        for response in other.responses
        if response.status >= 600 or (response.is_success and response.to_tag in relayed)
    ]
    return min(found, key=lambda response: (response.at, response.frames), default=None)


def _left_alone(branch: Transaction, decided: Response) -> bool:
    """Whether the caller asked not to cancel branches behind a 2xx (RFC 3841 §9.1)."""
    request = branch.request
    wishes = "" if request is None else (request.headers.get("request-disposition") or "")
    return decided.is_success and "no-cancel" in wishes.lower()


def _rings_on(branch: Transaction, decided: Response, trace: Trace) -> bool:
    final = branch.final
    pending = final is None or final.at > decided.at + GRACE
    return pending and guards.capture_continues(trace, decided.at, GRACE)


def _hit(branch: Transaction, decided: Response, trace: Trace) -> Hit:
    ringing = branch.provisionals[-1]
    lossy = guards.capture_lossy_near(trace, decided.at, decided.at + GRACE)
    evidence = [
        Evidence(frame=branch.provisionals[0].frames[-1], note=f"{branch.provisionals[0].label} on the other branch"),
        Evidence(frame=decided.frames[-1], note=f"{decided.label} decides the call"),
    ]
    if branch.final is not None:
        evidence.append(Evidence(frame=branch.final.frames[-1], note=f"{branch.final.label} only now"))
    return Hit(
        text=(
            f"{branch.hop.source} got {decided.label} on one branch and never cancelled the INVITE to "
            f"{branch.hop.destination}, which had answered {ringing.label}."
        ),
        evidence=tuple(evidence),
        at=decided.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=("The capture itself lost packets at that time.",) if lossy else (),
        identity=(branch.key,),
    )


def _without_reason(branch: Transaction, decided: Response, cancel: Transaction) -> Iterator[Hit]:
    """A CANCEL that doesn't say that the call was answered elsewhere (RFC 3326 §3.1)."""
    request = cancel.request
    if request is None or "reason" in request.headers:
        return
    yield Hit(
        text=(
            f"{branch.hop.source} cancelled the INVITE to {branch.hop.destination} because another phone had answered, "
            "without a Reason that says so: phones then list the call as missed."
        ),
        evidence=(
            Evidence(frame=decided.frames[-1], note=f"{decided.label} on another branch"),
            Evidence(frame=request.frames[-1], note="CANCEL without Reason"),
        ),
        at=request.at,
        severity=INFO,
        next_steps=('Have the proxy add `Reason: SIP;cause=200;text="Call completed elsewhere"` to its CANCEL.',),
        identity=("reason", branch.key.client),
    )
