"""The first words after the answer are lost, because media starts late.

What it finds
    More than 500 ms (an error from 2 s on) between the 2xx and the first RTP of the callee, or between the ACK
    and the first RTP of the caller, at one tap. With a delayed offer the callee can't send before the ACK, so it
    is counted from there. Media that simply continues from before the answer is no clipping, nor is media that
    starts after a new negotiation or more than 5 s late; a direction that the negotiation excludes, or in which
    no media ever comes, is not judged here. From a sender of comfort noise it is merely possible.
Why it matters
    The "hello" at the start of every call is lost. Typical for delayed offers, for DTLS or ICE after the answer,
    and for transcoders that are allocated on the 2xx.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  180
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.05  alice -> bob  ACK
        9.1-20 alice => bob  PCMU
        10.3-20 bob => alice  PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  180
        9.0   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.05  alice -> bob  ACK
        9.1-20 alice => bob  PCMU
        9.05-20 bob => alice  PCMU
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Offer early (SDP in the INVITE), and send the answer in a reliable provisional response.
    - Finish ICE and DTLS, and allocate transcoders, before the callee is alerted.
    - Is silence suppression on, or is the callee just quiet? Then the first packets come late by design.
Sources
    RFC 3960 §2; RFC 3261 §13.2.1; RFC 8839 §7.1
"""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.stream import RtpStream
from sipscope.model.time import MILLISECOND, Duration, Instant, in_milliseconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.early_media import streams_to
from sipscope.rules.media_windows import windows_of
from sipscope.values import dataclass

COMFORT_NOISE = 13
"""Static payload type of comfort noise (RFC 3551 §6)."""
SILENCE_SUPPRESSED = "Its sender suppresses silence, as comfort noise shows, so it may just have been quiet."
LATE_START: Duration = 5000 * MILLISECOND
"""Media that starts even later is no clipping but missing for a while."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer of a dialog: its 2xx, and the ACK nearest the caller; whether the offer was delayed."""

    success: Response
    ack: Request | None
    delayed: bool


@rule("EM-007", name="answer-clipping", severity=WARNING, since="0.1", subject=Call, needs=("media",))
def answer_clipping(call: Call, trace: Trace) -> Iterator[Hit]:
    """Time from answer to first media, each way, at one tap (RFC 3960 §2)."""
    if not any(trace.index.streams_of_dialog.get(dialog.id) for dialog in call.dialogs):
        return
    for dialog in call.dialogs:
        answer = _answer(dialog)
        leg = tuple(item for item in call.dialogs if item.key.call_id == dialog.key.call_id)
        if answer is None or not dialog.started_in_capture or dialog.confirmed_at is None:
            continue
        first = next((item for item in windows_of(dialog, trace) if item.caller.media.kind == "audio"), None)
        agreed = answer.ack.at if answer.delayed and answer.ack is not None else dialog.confirmed_at
        if first is None or first.start - agreed > trace.policy.duration("clipped_ms"):
            continue
        if first.callee.direction.sends:
            since: Message | None = answer.ack if answer.delayed else answer.success
            yield from _late(leg, trace, Side.CALLER, since, first.end)
        if first.caller.direction.sends:
            yield from _late(leg, trace, Side.CALLEE, answer.ack, first.end)


def _answer(dialog: Dialog) -> _Answer | None:
    invite = dialog.creating_transaction
    if invite is None or invite.request is None:
        return None
    success = next(
        (item for item in invite.responses if item.is_success and (item.to_tag or "") == dialog.key.callee_tag), None
    )
    if success is None:
        return None
    acks = [item.request for item in dialog.transactions if item.method == "ACK" and item.request is not None]
    ack = next((item for item in acks if item.cseq is not None and item.cseq == _ack_cseq(item, success)), None)
    return _Answer(success, ack, delayed=invite.request.description is None)


def _ack_cseq(ack: Request, success: Response) -> object:
    """The ACK's own CSeq where its number is that of the 2xx, else None."""
    same = ack.cseq is not None and success.cseq is not None and ack.cseq.number == success.cseq.number
    return ack.cseq if same else None


def _late(
    leg: Sequence[Dialog], trace: Trace, receiver: Side, since: Message | None, negotiated_until: Instant
) -> Iterator[Hit]:
    """The delay of one direction; media that starts only after a new negotiation tells nothing about the answer."""
    streams = streams_to(leg, trace, receiver)
    if since is None or not streams:
        return
    first: tuple[int, RtpStream] | None = min(
        ((at, stream) for stream in streams if (at := stream.first_packet_after(since.at)) is not None),
        key=lambda item: item[0],
        default=None,
    )
    if first is None:
        return
    at, stream = first
    delay = at - since.at
    if not trace.policy.duration("clipped_ms") < delay <= LATE_START or at >= negotiated_until:
        return
    sender = receiver.other
    label = since.label if isinstance(since, Request | Response) else ""
    doubts = (SILENCE_SUPPRESSED,) if _leaves_silence_out(stream) else ()
    yield Hit(
        text=(
            f"The first media of the {sender} came {in_milliseconds(delay):.0f} ms after the {label}: its first words "
            "are lost."
        ),
        evidence=(
            Evidence(frame=since.frames[-1], note=label),
            Evidence(frame=stream.first_frame, note=f"first RTP of the {sender}"),
        ),
        at=since.at,
        severity=ERROR if delay > trace.policy.duration("badly_clipped_ms") else None,
        confidence=Confidence.POSSIBLE if doubts else Confidence.LIKELY,
        guards=doubts,
        identity=(leg[0].key.call_id, receiver),
    )


def _leaves_silence_out(stream: RtpStream) -> bool:
    """Whether comfort noise shows that the sender suppresses silence."""
    return any(use.payload_type == COMFORT_NOISE for use in stream.payload_uses)
