"""A 2xx doesn't say who is to refresh the session, or says what the request doesn't allow.

What it finds
    A 2xx to INVITE or UPDATE with a Session-Expires that lacks `refresher`; that overrides the refresher which a
    caller with `Supported: timer` asked for; that makes a caller without `Supported: timer` the refresher; or that
    names `uac` without `Require: timer`. The same lack beside `uas` is a warning where the caller supports timers.
Why it matters
    Each side waits for the other to refresh, and the call drops when the session interval is over.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: replaces
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Require: timer
              Session-Expires: 1800;refresher=uac
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: replaces
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Session-Expires: 1800;refresher=uas
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - A caller that doesn't list `timer` in Supported can't refresh: the callee must name `uas`.
    - A caller's own choice of refresher is copied; without one the callee may choose.
    - Turn session timers off on one side until the other is mended.
Sources
    RFC 4028 §9; RFC 4028 §7.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule


@rule(
    "SST-002",
    name="refresher-negotiation-broken",
    severity=ERROR,
    since="0.1",
    subject=Dialog,
    needs=("session-expires",),
)
def refresher_negotiation_broken(dialog: Dialog, trace: Trace) -> Iterator[Hit]:  # noqa: ARG001
    """Table 2 of RFC 4028 §9 tells which refresher a 2xx may name."""
    if not dialog.is_invite:
        return
    for transaction in dialog.transactions:
        request = transaction.request
        if request is None or transaction.method not in {"INVITE", "UPDATE"}:
            continue
        for response in transaction.responses:
            if response.is_success and response.session_expires is not None and _is_of(response, dialog):
                fault = _fault(request, response)
                if fault is not None:
                    yield _hit(dialog, request, response, fault)
                elif _requirement_advised(request, response):
                    yield _hit(dialog, request, response, ADVICE, advised=True)


ADVICE = "it names uas without Require: timer, so that the caller may not watch for the refreshes"


def _is_of(response: Response, dialog: Dialog) -> bool:
    return (response.to_tag or "") in {dialog.key.caller_tag, dialog.key.callee_tag}


def _refresher(message: Request | Response) -> str:
    expires = message.session_expires
    return "" if expires is None else (expires.parameters.get("refresher") or "").lower()


def _fault(request: Request, response: Response) -> str | None:
    """Which row of Table 2 the pair breaks."""
    named, asked, supported = _refresher(response), _refresher(request), "timer" in request.supported
    if named not in {"uac", "uas"}:
        return "it doesn't name a refresher"
    if supported and asked in {"uac", "uas"} and asked != named:
        return f"it names {named} as refresher, and the request had asked for {asked}"
    if named == "uac" and not supported and asked != "uac" and "timer" not in request.require:
        return "it makes the sender of the request the refresher, who doesn't list timer in Supported"
    if named == "uac" and "timer" not in response.require:
        return "it makes the sender of the request the refresher, without Require: timer"
    return None


def _requirement_advised(request: Request, response: Response) -> bool:
    return _refresher(response) == "uas" and "timer" in request.supported and "timer" not in response.require


def _hit(dialog: Dialog, request: Request, response: Response, fault: str, *, advised: bool = False) -> Hit:
    asked = request.headers.get("session-expires") or "absent"
    supported = ", ".join(request.supported) or "none"
    return Hit(
        text=f"The {response.label} to {request.method} sets a session timer badly: {fault}.",
        evidence=(
            Evidence(frame=request.frames[-1], note=f"Session-Expires: {asked}; Supported: {supported}"),
            Evidence(
                frame=response.frames[-1],
                note=f"Session-Expires: {response.headers.get('session-expires')}; "
                f"Require: {', '.join(response.require) or 'none'}",
            ),
        ),
        at=response.at,
        severity=WARNING if advised else None,
        identity=(dialog.id, request.from_tag, request.cseq, advised),
    )
