"""The bones of a call: who asked for it, who accepted, refused, gave up or ended it, and why."""

from collections.abc import Iterator, Mapping

from sipscope.model.call import Call, CallOutcome, Service
from sipscope.model.dialog import Side
from sipscope.model.message import Message
from sipscope.model.transaction import Transaction

_TERMINATED = 487
"""What an INVITE gets that a CANCEL ended (RFC 3261 §9.2)."""


def milestones_of(call: Call, cancels: Mapping[str, Transaction]) -> Iterator[Service]:
    """Establishing, acceptance, refusal, cancelling and release, as the caller's leg shows them."""
    invites = call.caller_invites
    if invites and invites[0].request is not None:
        yield Service(
            name="establish",
            at=call.started_at,
            until=call.answered_at if call.answered_at is not None else call.ended_at,
            by=Side.CALLER,
            frames=invites[0].request.frames,
        )
    if call.answered_at is not None:
        accepting = [item.final for item in invites if item.final is not None and item.final.is_success]
        frames = next((final.frames for final in accepting if final.at == call.answered_at), ())
        yield Service(name="accept", at=call.answered_at, by=Side.CALLEE, frames=frames)
    if call.outcome is CallOutcome.REJECTED:
        yield from _refusal(call)
    cancelled = [invite for invite in invites if invite.cancelled_by is not None]
    if cancelled:
        yield from _cancelling(call, cancelled, cancels)
    yield from _release(call)


def _refusal(call: Call) -> Iterator[Service]:
    finals = [item.final for item in call.caller_invites if item.final is not None]
    deciding = [final for final in finals if final.status == call.final_status]
    if deciding:
        final = deciding[-1]
        by = Side.CALLEE if call.released_by is not None and call.released_by.value == Side.CALLEE.value else None
        yield Service(name="refuse", at=final.at, by=by, frames=final.frames, detail=_because(final.label, final))


def _cancelling(call: Call, cancelled: list[Transaction], cancels: Mapping[str, Transaction]) -> Iterator[Service]:
    """The caller's CANCELs, those that came too late with them; else the one that a proxy gave the call up with."""
    own = [invite for invite in cancelled if _is_callers(invite, call)]
    by_proxy = cancelled[:1] if call.outcome is CallOutcome.CANCELLED else []
    for invite in own or by_proxy:
        cancel, final = cancels.get(invite.cancelled_by or ""), invite.final
        messages = [item for item in (None if cancel is None else cancel.first, final) if item is not None]
        yield Service(
            name="cancel",
            at=messages[0].at if messages else invite.started_at,
            until=None if final is None else final.at,
            by=Side.CALLER if own else None,
            frames=tuple(frame for message in messages for frame in message.frames),
            detail="" if final is None or final.status == _TERMINATED else f"followed by {final.label}",
        )


def _is_callers(invite: Transaction, call: Call) -> bool:
    """Whether it is the INVITE of the caller itself: a proxy cancels branches on its own account too."""
    first = call.caller_invites[0]
    return invite.request is not None and len(invite.request.vias) == 1 and invite.key.client == first.key.client


def _release(call: Call) -> Iterator[Service]:
    """The first BYE of the dialogs that were answered."""
    byes: list[tuple[Transaction, Side | None]] = [
        (item, dialog.sender_of(item.request))
        for dialog in call.caller_dialogs
        for item in dialog.byes
        if item.request is not None
    ]
    if not byes:
        return
    first, side = byes[0]
    if len(byes) > 1:
        first, side = min(byes, key=lambda pair: (pair[0].started_at, pair[0].first.frames))
    message, who = first.first, ""
    if not call.invites:
        # Which party is the caller is unknown, so the one that ends the call is named.
        side, who = None, "" if message.from_ is None else f"by {message.from_.uri.user or message.from_.uri.host}"
    yield Service(name="release", at=first.started_at, by=side, frames=message.frames, detail=_because(who, message))


def _because(label: str, message: Message) -> str:
    """A status or a party with what the Reason header field adds to it (RFC 3326 §2)."""
    reasons = [
        " ".join(part for part in (reason.value, reason.parameters.get("cause"), reason.parameters.get("text")) if part)
        for reason in message.reasons
    ]
    return "; ".join([part for part in (label, *reasons) if part])
