"""What the rules about early media share: streams of a party, silence by design, and what the tap can see."""

from collections.abc import Sequence

from sipscope.model.call import Call
from sipscope.model.dialog import Dialog, Side
from sipscope.model.early_media import EarlyPhase
from sipscope.model.stream import RtpStream
from sipscope.model.trace import Trace


def streams_to(dialogs: Sequence[Dialog], trace: Trace, receiver: Side) -> tuple[RtpStream, ...]:
    """Streams of dialogs towards one party, on any leg, each SSRC once."""
    found: dict[int, RtpStream] = {}
    if not trace.index.streams_of_dialog:
        return ()
    for dialog in dialogs:
        for stream in trace.index.streams_of_dialog.get(dialog.id, ()):
            if stream.binding is not None and stream.binding.receiver is receiver:
                found.setdefault(stream.ssrc, stream)
    return tuple(found.values())


def awaits_preconditions(phase: EarlyPhase) -> bool:
    """Whether the silence is by design: resources are being reserved (RFC 3312 §5)."""
    return any(
        attribute.name in {"curr", "des"}
        for response in phase.provisionals
        if response.description is not None
        for section in response.description.media
        for attribute in section.attributes
    )


def has_early_session(phase: EarlyPhase) -> bool:
    """Whether early media has a session of its own, so that it comes to other places than those of the call."""
    return any(response.early_description is not None for response in phase.provisionals)


def is_gated(phase: EarlyPhase) -> bool:
    """Whether P-Early-Media keeps media from the caller: only `sendrecv` and `sendonly` let it pass (RFC 5009 §8)."""
    return any(
        direction in {"inactive", "recvonly"} for response in phase.provisionals for direction in response.p_early_media
    )


def media_visible(call: Call, phase: EarlyPhase, trace: Trace) -> bool:
    """Whether RTP between the two media hosts would be seen here (gate G-MEDIA)."""
    request = phase.invite.request
    offers = () if request is None or request.description is None else request.description.media
    callers = {section.address for section in offers if section.address}
    callees = {
        section.address
        for response in phase.invite.responses
        if response.description is not None
        for section in response.description.media
        if section.address
    }
    if any(trace.vantage.sees_media_between(caller, callee) for caller in callers for callee in callees):
        return True
    return any(trace.index.streams_of_dialog.get(dialog.id) for dialog in call.caller_dialogs)


def announced_by(phase: EarlyPhase, stream: RtpStream) -> str | None:
    """To tag of the early dialog whose SDP names the stream's source; None where none does."""
    for response in phase.invite.responses:
        for description in (response.description, response.early_description):
            sections = () if description is None else description.media
            for section in sections:
                if section.port == stream.hop.source.port and section.address == stream.hop.source.address:
                    return response.to_tag
    return None
