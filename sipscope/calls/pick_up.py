"""The moment of the answer of a call."""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Call
from sipscope.model.dialog import Dialog, Side
from sipscope.model.message import Request, Response
from sipscope.model.pick_up import MediaUse, PickUp
from sipscope.model.stream import RtpStream
from sipscope.model.time import Duration, Instant

LONGEST_SILENCE_LENGTH = 12
"""Telephone events (RFC 4733 §2.3) and comfort noise are no longer than this; voice is."""

COMFORT_NOISE = 13
"""Its static payload type (RFC 3551 §6)."""


def pick_up_of(call: Call, streams: Sequence[RtpStream]) -> PickUp | None:
    """How media began at the answer; None for a call whose INVITE or 2xx isn't in view.

    Args:
        call: The call.
        streams: Those bound to its dialogs.
    """
    dialog = next((item for item in call.caller_dialogs if item.confirmed_at == call.answered_at), None)
    invite = None if dialog is None else dialog.creating_transaction
    if dialog is None or invite is None or invite.request is None:
        return None
    success = next(
        (item for item in invite.responses if item.is_success and item.to_tag == dialog.key.callee_tag), None
    )
    if success is None:
        return None
    ack, delayed = _ack(dialog, success), invite.request.description is None
    if not streams:
        return PickUp(success=success, ack=ack, delayed=delayed)
    to_caller, to_callee = (tuple(_towards(side, call, streams)) for side in (Side.CALLER, Side.CALLEE))
    since = ack if delayed else success
    return PickUp(
        success=success,
        ack=ack,
        delayed=delayed,
        to_caller=None if since is None else _first_after(to_caller, since.at, call.ended_at),
        to_callee=None if ack is None else _first_after(to_callee, ack.at, call.ended_at),
        before=_before(to_caller, success.at),
        after=_after(to_caller, success.at, call.ended_at),
    )


def _ack(dialog: Dialog, success: Response) -> Request | None:
    number = None if success.cseq is None else success.cseq.number
    for item in dialog.transactions:
        request = item.request
        if item.method == "ACK" and request is not None and request.cseq is not None and request.cseq.number == number:
            return request
    return None


def _towards(receiver: Side, call: Call, streams: Sequence[RtpStream]) -> Iterator[RtpStream]:
    own = {dialog.id for dialog in call.caller_dialogs}
    for stream in streams:
        if stream.binding is not None and stream.binding.dialog_id in own and stream.binding.receiver is receiver:
            yield stream


def _first_after(streams: Sequence[RtpStream], since: Instant, until: Instant | None) -> Duration | None:
    found = [at for stream in streams if (at := stream.first_packet_after(since)) is not None]
    first = min(found, default=None)
    return None if first is None or (until is not None and first > until) else first - since


def _voices(streams: Sequence[RtpStream]) -> Iterator[MediaUse]:
    for stream in streams:
        if stream.media_kind in {None, "audio"}:
            for use in stream.payload_uses:
                if use.longest_length > LONGEST_SILENCE_LENGTH and use.payload_type != COMFORT_NOISE:
                    yield MediaUse(stream=stream, use=use)


def _before(streams: Sequence[RtpStream], at: Instant) -> MediaUse | None:
    found = [item for item in _voices(streams) if item.use.first_at < at]
    return max(found, key=lambda item: (item.ended_before(at), item.use.first_at), default=None)


def _after(streams: Sequence[RtpStream], at: Instant, until: Instant | None) -> MediaUse | None:
    found = [
        item for item in _voices(streams) if item.use.last_at > at and (until is None or item.use.first_at < until)
    ]
    return min(found, key=lambda item: (max(item.use.first_at, at), -item.use.last_at), default=None)
