"""Who ended a call, how and why, in words."""

from collections.abc import Mapping

from sipscope.model.call import Call, CallOutcome, Service
from sipscope.model.dialog import ReleaseKind, Side
from sipscope.views.report_values import masked
from sipscope.views.words import party_of


def release_words(call: Call, names: Mapping[str, str]) -> str:
    """A sentence for a page of one call: `caller alice hung up (BYE, frame 712): Q.850 16`; empty while it is open."""
    deed = _ending_deed(call)
    if deed is None:
        return "" if call.released_by is None else f"the {call.released_by.value}"
    who, why = _who_and_why(call, deed, names)
    if deed.name == "refuse":
        return masked(f"{who} refused: {why}")
    if deed.name == "cancel":
        return masked(f"{who} gave up (CANCEL{_in_frame(deed)})" + (f", {why}" if why else ""))
    how = "BYE at the end of the session timer" if _is_timer(call) else "BYE"
    return masked(f"{who} hung up ({how}{_in_frame(deed)})" + (f": {why}" if why else ""))


def _who_and_why(call: Call, deed: Service, names: Mapping[str, str]) -> tuple[str, str]:
    """The party, by its name alone where nothing tells who called, and the reason."""
    if deed.by is not None:
        return f"{deed.by.value} {_name_of(call, deed.by, names)}".strip(), deed.detail
    if deed.name == "release":
        who, _, why = deed.detail.removeprefix("by ").partition("; ")
        return who or "somebody", why
    return "the network" if deed.name == "refuse" else "somebody", deed.detail


def _in_frame(deed: Service) -> str:
    return f", frame {deed.frames[0]}" if deed.frames else ""


def release_in_short(call: Call) -> str:
    """A few words for a row of a table: `caller: BYE`, `callee: session timer`; refusals have theirs in the outcome."""
    if call.released_by is None:
        return ""
    deed = _ending_deed(call)
    if deed is None or deed.name == "refuse":
        return call.released_by.value
    how = "CANCEL" if deed.name == "cancel" else "session timer" if _is_timer(call) else "BYE"
    return f"{call.released_by.value}: {how}"


_DEED_OF_OUTCOME = {
    CallOutcome.ANSWERED: "release",
    CallOutcome.OPEN: "release",
    CallOutcome.REJECTED: "refuse",
    CallOutcome.CANCELLED: "cancel",
}


def _ending_deed(call: Call) -> Service | None:
    """What ended it: the BYE, the refusal or the CANCEL; a caller may also give up with a BYE (RFC 3261 §15)."""
    name = _DEED_OF_OUTCOME.get(call.outcome)
    found = next((service for service in call.services if service.name == name), None)
    if found is None and call.outcome is CallOutcome.CANCELLED:
        return next((service for service in call.services if service.name == "release"), None)
    return None if name == "release" and call.ended_at is None else found


def _is_timer(call: Call) -> bool:
    """Whether the BYE came when the session timer ran out (RFC 4028 §10)."""
    releases = [dialog.release for dialog in call.caller_dialogs if dialog.ended_at == call.ended_at]
    return any(release is not None and release.kind is ReleaseKind.TIMER for release in releases)


def _name_of(call: Call, side: Side, names: Mapping[str, str]) -> str:
    return party_of(call.caller if side is Side.CALLER else call.callee, names) or ""
