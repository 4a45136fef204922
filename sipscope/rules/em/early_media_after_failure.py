"""Early media goes on after the call has failed.

What it finds
    RTP of an early dialog, in either direction, that goes on for more than 1 s behind the ACK to the final response
    other than 2xx (behind that response where no ACK was seen). An announcement before the failure is normal.
    Where another dialog announces the same receiving port, the media may belong to that one, and nothing is said.
Why it matters
    Ports stay in use, and the next call on that port hears the old announcement.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.05-12 bob => alice PCMU
        5.0   bob -> alice  486
        5.05  alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183
              m=audio 5000 RTP/AVP 0
        1.05-5.1 bob => alice PCMU
        5.0   bob -> alice  486
        5.05  alice -> bob  ACK
What to check
    - The sender must stop its media with the final response. Is it a media server that nobody told?
    - Does the element that plays the announcement see the failure, or a CANCEL, at all?
Sources
    RFC 3261 §15
"""

from collections.abc import Iterator

from sipscope.model.call import Call
from sipscope.model.defects import Confidence
from sipscope.model.dialog import Side
from sipscope.model.early_media import EarlyPhase
from sipscope.model.finding import Evidence
from sipscope.model.stream import RtpStream
from sipscope.model.time import Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.early_media import streams_to


@rule("EM-012", name="early-media-after-failure", severity=WARNING, since="0.1", subject=Call, needs=("media",))
def early_media_after_failure(call: Call, trace: Trace) -> Iterator[Hit]:
    """A final response other than 2xx ends the sessions of its INVITE (RFC 3261 §15)."""
    phase = call.early
    if phase is None or phase.final is None or phase.final.is_success or call.answered_at is not None:
        return
    ack = phase.invite.ack
    since = phase.end if ack is None else max(phase.end, ack.at)
    # Packets are on their way, and a sender needs a moment.
    tail = trace.policy.duration("media_after_failure_s")
    for receiver in (Side.CALLER, Side.CALLEE):
        for stream in streams_to(call.caller_dialogs, trace, receiver):
            length = stream.last_packet_at - since
            if stream.first_packet_at < phase.end and length > tail and not _is_announced_anew(stream, call, trace):
                yield _hit(call, phase, stream, receiver.other, length)


def _is_announced_anew(stream: RtpStream, call: Call, trace: Trace) -> bool:
    """Whether a dialog other than the failed ones announces the port that the stream goes to."""
    failed = {dialog.id for dialog in call.caller_dialogs}
    ledgers = trace.index.ledgers_announcing.get(stream.hop.destination, ())
    return any(ledger.dialog_id not in failed for ledger in ledgers)


def _hit(call: Call, phase: EarlyPhase, stream: RtpStream, sender: Side, length: Duration) -> Hit:
    label = "final response" if phase.final is None else phase.final.label
    frame = phase.invite.first.frames[-1] if phase.final is None else phase.final.frames[-1]
    return Hit(
        text=(
            f"Media of the {sender} from {stream.hop.source} went on for {in_seconds(length):.1f} s after the call had "
            f"failed with {label}."
        ),
        evidence=(
            Evidence(frame=frame, note=label),
            Evidence(frame=stream.last_frame, note=f"last RTP to {stream.hop.destination}"),
        ),
        at=stream.last_packet_at,
        confidence=Confidence.LIKELY,
        identity=(call.id, stream.ssrc, sender),
    )
