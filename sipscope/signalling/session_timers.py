"""The session timer of an INVITE usage: what each 2xx to INVITE or UPDATE makes of it (RFC 4028 §7.2, §9)."""

from collections.abc import Sequence

from sipscope.model.dialog import DialogKey, SessionTimer, Side
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass

_REFRESHING = frozenset({"INVITE", "UPDATE"})
"""Session refresh requests (RFC 4028 §3)."""


@dataclass(slots=True)
class _Success:
    """A 2xx to a session refresh request, on the hop that says most."""

    request: Request
    response: Response


def session_timer_of(transactions: Sequence[Transaction], key: DialogKey) -> SessionTimer | None:
    """The timer that the last 2xx left; a 2xx without Session-Expires turns it off (RFC 4028 §7.2)."""
    if not _speak_of_one(transactions):
        return None
    timer: SessionTimer | None = None
    for success in _successes(transactions, key):
        timer = _timer(success, key, refreshes=0 if timer is None else timer.refreshes + 1)
    return timer


def _speak_of_one(transactions: Sequence[Transaction]) -> bool:
    """Whether any 2xx has Session-Expires: most calls run without."""
    for transaction in transactions:
        if transaction.method in _REFRESHING:
            for response in transaction.responses:
                if response.is_success and response.session_expires is not None:
                    return True
    return False


def _successes(transactions: Sequence[Transaction], key: DialogKey) -> list[_Success]:
    """One 2xx for each request, whatever the number of hops, by time."""
    found: dict[tuple[str | None, object], _Success] = {}
    tags = {key.caller_tag, key.callee_tag}
    for transaction in transactions:
        request = transaction.request
        if request is None or transaction.method not in _REFRESHING:
            continue
        for response in transaction.responses:
            if not response.is_success or (response.to_tag or "") not in tags:
                continue
            known = found.get((request.from_tag, request.cseq))
            # A proxy adds Session-Expires for a UAS that knows no timer, so hops may differ (RFC 4028 §8.2).
            if known is None or (known.response.session_expires is None and response.session_expires is not None):
                found[request.from_tag, request.cseq] = _Success(request, response)
    return sorted(found.values(), key=lambda success: (success.response.at, success.response.frames))


def _timer(success: _Success, key: DialogKey, *, refreshes: int) -> SessionTimer | None:
    expires = success.response.session_expires
    seconds = success.response.session_interval_s
    if expires is None or seconds is None:
        return None
    sender = Side.CALLER if (success.request.from_tag or "") == key.caller_tag else Side.CALLEE
    named = (expires.parameters.get("refresher") or "").lower()
    return SessionTimer(
        interval=seconds * SECOND,
        refresher={"uac": sender, "uas": sender.other}.get(named),
        minimum_s=success.request.min_se,
        message=success.response,
        refreshes=refreshes,
        expires_at=success.response.at + seconds * SECOND,
    )
