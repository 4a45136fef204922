"""The bones of a call: who asked for it, who accepted, refused, gave up or ended it, and why."""

from collections.abc import Iterator

from sipscope.model.call import Call, CallOutcome, Service
from sipscope.model.dialog import Side
from sipscope.model.message import Message
from sipscope.model.transaction import Transaction


def milestones_of(call: Call) -> Iterator[Service]:
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
    yield from _refusal(call)
    yield from _cancelling(call)
    yield from _release(call)


def _refusal(call: Call) -> Iterator[Service]:
    if call.outcome is not CallOutcome.REJECTED:
        return
    finals = [item.final for item in call.caller_invites if item.final is not None]
    deciding = [final for final in finals if final.status == call.final_status]
    if deciding:
        final = deciding[-1]
        by = Side.CALLEE if call.released_by is not None and call.released_by.value == Side.CALLEE.value else None
        yield Service(name="refuse", at=final.at, by=by, frames=final.frames, detail=_because(final.label, final))


def _cancelling(call: Call) -> Iterator[Service]:
    cancelled = next((item for item in call.caller_invites if item.cancelled_by is not None), None)
    if cancelled is None or call.outcome is not CallOutcome.CANCELLED:
        return
    at = cancelled.final.at if cancelled.final is not None else cancelled.started_at
    frames = () if cancelled.final is None else cancelled.final.frames
    yield Service(name="cancel", at=at, by=Side.CALLER if call.released_by is not None else None, frames=frames)


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
    first, side = min(byes, key=lambda pair: (pair[0].started_at, pair[0].first.frames))
    yield Service(
        name="release", at=first.started_at, by=side, frames=first.first.frames, detail=_because("", first.first)
    )


def _because(label: str, message: Message) -> str:
    """A status with what the Reason header field adds to it (RFC 3326 §2)."""
    reasons = [
        " ".join(part for part in (reason.value, reason.parameters.get("cause"), reason.parameters.get("text")) if part)
        for reason in message.reasons
    ]
    return "; ".join(part for part in (label, *reasons) if part)
