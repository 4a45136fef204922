"""Calls that went elsewhere: forwarded by the callee's wish, or tried at another server.

A proxy tells of it by 181, Diversion (RFC 5806 §4) or the cause in History-Info (RFC 4458 §2, RFC 7044 §5); where it
says nothing, its conduct does: it tried one target, got an answer or none, and tried another user.
"""

from collections.abc import Iterator

from sipscope.model.call import Call, Service
from sipscope.model.message import Message, Request, Response
from sipscope.model.transaction import Transaction

_BY_DIVERSION = {
    "user-busy": "forward-busy",
    "no-answer": "forward-no-answer",
    "unconditional": "forward-always",
    "deflection": "deflection",
    "unavailable": "forward-unavailable",
    "time-of-day": "forward-always",
    "do-not-disturb": "forward-always",
    "follow-me": "forward-always",
}
_BY_CAUSE = {
    "302": "forward-always",
    "408": "forward-no-answer",
    "404": "forward-unavailable",
    "480": "deflection",
    "486": "forward-busy",
    "487": "deflection",
    "503": "forward-unavailable",
}
"""RFC 4458 §2.1 and the table in its §3: cause values for the reasons of a redirection."""

_BUSY = frozenset({486, 600})
_NO_ANSWER = frozenset({408, 480, 487})
_BEING_FORWARDED = 181


def forwards_of(call: Call) -> Iterator[Service]:
    """Each forwarding once: as it is told by a message, else as a proxy's conduct shows it.

    A 181 alone tells that the call was forwarded; where the conduct shows why, it tells more.
    """
    told, shown = _told(call), list(_conduct(call))
    if told is None or (told.name == "forward" and any(item.name.startswith("forward-") for item in shown)):
        yield from shown
    else:
        yield told


def _told(call: Call) -> Service | None:
    """The first message that names a reason, else the first 181."""
    messages: list[Message] = []
    for item in call.invites:
        for message in item.messages:
            values = message.headers.values
            forwarded = isinstance(message, Response) and message.status == _BEING_FORWARDED
            if forwarded or "diversion" in values or "history-info" in values:
                messages.append(message)
    if not messages:
        return None
    unnamed: Service | None = None
    messages.sort(key=lambda message: (message.at, message.frames))
    for message in messages:
        name = _reason_in(message)
        if name is not None:
            return Service(name=name, at=message.at, frames=message.frames, detail=_from_whom(message))
        if unnamed is None and isinstance(message, Response) and message.status == _BEING_FORWARDED:
            unnamed = Service(name="forward", at=message.at, frames=message.frames)
    return unnamed


def _reason_in(message: Message) -> str | None:
    for entry in message.diversion[:1]:
        return _BY_DIVERSION.get((entry.parameters.get("reason") or "").lower(), "forward")
    for entry in reversed(message.history_info):
        cause = entry.uri.parameters.get("cause")
        if cause is not None:
            return _BY_CAUSE.get(cause, "forward")
    return None


def _from_whom(message: Message) -> str:
    diverting = message.diversion[:1]
    return f"by {diverting[0].uri.user}" if diverting and diverting[0].uri.user else ""


def _conduct(call: Call) -> Iterator[Service]:
    """A node that tried one target and then another: another user is a forwarding, the same user a fail-over."""
    tried: dict[str, Transaction] = {}
    for item in call.invites:
        request = item.request
        if request is None or len(request.vias) < 2:
            continue
        before = tried.get(item.key.client)
        tried[item.key.client] = item
        if before is None or before.request is None or before.first.call_id != request.call_id:
            continue
        name = _name_of_retry(before, item, request)
        if name is not None:
            yield Service(name=name, at=item.started_at, frames=request.frames, detail=_detail(before))


def _name_of_retry(before: Transaction, after: Transaction, request: Request) -> str | None:
    final = before.final
    # A fork goes on while its other branches ring.
    given_up = before.cancelled_by is not None or final is not None
    if not given_up or (final is not None and (final.is_success or final.at > after.started_at)):
        return None
    if final is None:
        return None
    if 500 <= final.status < 600:
        return "failover"
    if before.request is None or _user(before.request) == _user(request):
        return None
    if final.status in _BUSY:
        return "forward-busy"
    return "forward-no-answer" if final.status in _NO_ANSWER else None


def _user(request: Request) -> str | None:
    return None if request.request_uri is None else request.request_uri.user


def _detail(before: Transaction) -> str:
    final = before.final
    target = "" if before.request is None or _user(before.request) is None else f"{_user(before.request)}: "
    return "" if final is None else f"{target}{final.label}"
