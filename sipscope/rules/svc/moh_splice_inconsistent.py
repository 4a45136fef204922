"""Music on hold goes on after the call was taken back, beside the voice.

What it finds
    A stream from a music server that began while a party was on hold, and that goes on without a pause for more than
    2 s after the hold was ended, while the one who held sends voice from where it says. A stream from the same address
    and port as the voice isn't told, nor the same stream captured twice, nor music of another hold that follows. Where
    the music doesn't fit what the party on hold offered, OA-001 tells of the sections, OA-009 and OA-010 of the payload
    types, and RTP-006 of a codec that isn't listed.
Why it matters
    The party that was on hold hears music over the conversation, or one of the two in pieces.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        music 192.0.2.40
        0.0    alice -> bob  INVITE call=1
               m=audio 4000 RTP/AVP 0
        0.1    bob -> alice  200
               m=audio 5000 RTP/AVP 0
        0.2    alice -> bob  ACK
        0.3-5  alice => bob  PCMU
        0.3-30 bob => alice  PCMU
        5.1    alice -> bob  INVITE call=1
        5.2    bob -> alice  200
               m=audio 5000 RTP/AVP 0
        5.3    alice -> music  INVITE call=2
               c=IN IP4 192.0.2.20
               m=audio 5000 RTP/AVP 0
               a=recvonly
        5.4    music -> alice  200
               m=audio 7000 RTP/AVP 0
               a=sendonly
        5.5    alice -> music  ACK
        5.6    alice -> bob  ACK call=1
               c=IN IP4 192.0.2.40
               m=audio 7000 RTP/AVP 0
               a=sendonly
        5.6-28 music => bob  PCMU from=192.0.2.40:7000 to=192.0.2.20:5000
        20.0   alice -> bob  INVITE call=1
               m=audio 4000 RTP/AVP 0
        20.1   bob -> alice  200
               m=audio 5000 RTP/AVP 0
        20.2   alice -> bob  ACK
        20.2-30 alice => bob PCMU
        28.0   alice -> music  BYE call=2
        28.1   music -> alice  200
        30.1   alice -> bob  BYE call=1
        30.2   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        music 192.0.2.40
        0.0    alice -> bob  INVITE call=1
               m=audio 4000 RTP/AVP 0
        0.1    bob -> alice  200
               m=audio 5000 RTP/AVP 0
        0.2    alice -> bob  ACK
        0.3-5  alice => bob  PCMU
        0.3-30 bob => alice  PCMU
        5.1    alice -> bob  INVITE call=1
        5.2    bob -> alice  200
               m=audio 5000 RTP/AVP 0
        5.3    alice -> music  INVITE call=2
               c=IN IP4 192.0.2.20
               m=audio 5000 RTP/AVP 0
               a=recvonly
        5.4    music -> alice  200
               m=audio 7000 RTP/AVP 0
               a=sendonly
        5.5    alice -> music  ACK
        5.6    alice -> bob  ACK call=1
               c=IN IP4 192.0.2.40
               m=audio 7000 RTP/AVP 0
               a=sendonly
        5.6-20.2 music => bob  PCMU from=192.0.2.40:7000 to=192.0.2.20:5000
        20.0   alice -> bob  INVITE call=1
               m=audio 4000 RTP/AVP 0
        20.1   bob -> alice  200
               m=audio 5000 RTP/AVP 0
        20.2   alice -> bob  ACK
        20.2-30 alice => bob PCMU
        20.3   alice -> music  BYE call=2
        20.4   music -> alice  200
        30.1   alice -> bob  BYE call=1
        30.2   bob -> alice  200
What to check
    - Does whoever holds end the call to the music server as soon as it takes the call back?
    - Does the music server stop when that call ends, or only by a timer of its own?
Sources
    RFC 7088 §2.1; RFC 3725 §4.3
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.stream import Interval, RtpStream
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, party_words
from sipscope.rules.hold import HoldStep, hold_steps
from sipscope.rules.hold_times import HoldTime, heard_streams, hold_times
from sipscope.rules.media_windows import first_ledger, packets_between

GRACE: Duration = 2 * SECOND
"""How long music may go on after the hold was ended."""


@rule("SVC-002", name="moh-splice-inconsistent", severity=WARNING, since="0.1", subject=Dialog, needs=("media",))
def moh_splice_inconsistent(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Whoever holds ends the call to the music server when it takes the call back (RFC 7088 §2.1)."""
    if not trace.streams or dialog.confirmed_at is None:
        return
    for hold in hold_times(dialog, trace):
        resume = _resume(hold, dialog, trace)
        if resume is None:
            continue
        heard = heard_streams(hold, trace)
        for music in heard:
            run = _goes_on(music, hold, resume)
            if run is not None and any(_is_voice(item, music, hold, resume) for item in heard):
                yield _hit(dialog, trace, hold, resume, music, run)


def _resume(hold: HoldTime, dialog: Dialog, trace: Trace) -> HoldStep | None:
    """The exchange that ended the hold, where nobody holds then, and nothing changes within the grace."""
    ledger, calm = first_ledger(dialog, trace), hold.end + GRACE
    if ledger is None or (dialog.ended_at is not None and dialog.ended_at <= calm):
        return None
    if any(hold.end < item.at <= calm for item in ledger.exchanges):
        return None
    step = next((item for item in hold_steps(ledger, hold.step.offered.index) if item.at == hold.end), None)
    if step is None or step.holding or not step.section_of(hold.holder).direction.sends:
        return None
    held = hold.holder.other
    same_place = _place(step.section_of(held)) == _place(hold.step.section_of(held))
    return step if same_place else None


def _place(section: MediaDescription) -> tuple[str | None, int]:
    return section.address, section.port


def _source(stream: RtpStream) -> tuple[str | None, int]:
    return stream.hop.source.address, stream.hop.source.port


def _goes_on(stream: RtpStream, hold: HoldTime, resume: HoldStep) -> Interval | None:
    """The run of packets of a stream that began in the hold, and that outlasts it by more than the grace."""
    began_in_hold = hold.step.exchange.at <= stream.first_packet_at < resume.exchange.at
    if not began_in_hold or _source(stream) == _place(resume.section_of(hold.holder)):
        return None
    return next((run for run in stream.activity if run.start < hold.end and run.end > hold.end + GRACE), None)


def _is_voice(stream: RtpStream, music: RtpStream, hold: HoldTime, resume: HoldStep) -> bool:
    """Whether a stream is another one, and comes from where the one who held says, in the time of grace."""
    if stream.ssrc == music.ssrc or _source(stream) != _place(resume.section_of(hold.holder)):
        return False
    return packets_between((stream,), hold.end, hold.end + GRACE) > 0


def _hit(dialog: Dialog, trace: Trace, hold: HoldTime, resume: HoldStep, music: RtpStream, run: Interval) -> Hit:
    offer, answer = resume.exchange.offer_message, resume.exchange.answer_message
    evidence = [Evidence(frame=music.first_frame, note=f"music from {music.hop.source} begins")]
    evidence.append(Evidence(frame=anchor(offer), note="end of the hold"))
    if answer is not None:
        evidence.append(Evidence(frame=anchor(answer), note="from here on"))
    evidence.append(Evidence(frame=music.last_frame, note="last packet of the music"))
    return Hit(
        text=(
            f"Music from {music.hop.source} went on for {in_seconds(run.end - hold.end):.1f} s beside the voice, after "
            f"{party_words(resume.exchange, trace, hold.holder)} had taken the call back."
        ),
        evidence=tuple(evidence),
        at=hold.end,
        identity=(dialog.key, offer.cseq, music.ssrc),
    )
