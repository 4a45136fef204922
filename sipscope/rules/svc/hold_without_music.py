"""A party was on hold, and nothing was sent to it.

What it finds
    A hold of voice for more than 3 s in which no RTP at all goes to the party on hold, neither from the holder nor from
    a music server, where media between the two was captured at another time. Hold by the null address is let be, for
    there the holder mustn't be heard, and so is secured signalling that hides the addresses. It is a warning where the
    same party played something in another hold of the call.
Why it matters
    Whoever hears nothing believes the call was cut, and hangs up.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0    alice -> bob  INVITE
               m=audio 4000 RTP/AVP 0
        0.1    bob -> alice  200
               m=audio 5000 RTP/AVP 0
        0.2    alice -> bob  ACK
        0.3-5  alice => bob  PCMU
        0.3-5  bob => alice  PCMU
        5.1    alice -> bob  INVITE
               m=audio 4000 RTP/AVP 0
               a=sendonly
        5.2    bob -> alice  200
               m=audio 5000 RTP/AVP 0
               a=recvonly
        5.3    alice -> bob  ACK
        20.0   alice -> bob  INVITE
               m=audio 4000 RTP/AVP 0
        20.1   bob -> alice  200
               m=audio 5000 RTP/AVP 0
        20.2   alice -> bob  ACK
        20.3-25 alice => bob PCMU
        20.3-25 bob => alice PCMU
        25.1   alice -> bob  BYE
        25.2   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0    alice -> bob  INVITE
               m=audio 4000 RTP/AVP 0
        0.1    bob -> alice  200
               m=audio 5000 RTP/AVP 0
        0.2    alice -> bob  ACK
        0.3-25 alice => bob  PCMU
        0.3-5  bob => alice  PCMU
        5.1    alice -> bob  INVITE
               m=audio 4000 RTP/AVP 0
               a=sendonly
        5.2    bob -> alice  200
               m=audio 5000 RTP/AVP 0
               a=recvonly
        5.3    alice -> bob  ACK
        20.0   alice -> bob  INVITE
               m=audio 4000 RTP/AVP 0
        20.1   bob -> alice  200
               m=audio 5000 RTP/AVP 0
        20.2   alice -> bob  ACK
        20.3-25 bob => alice PCMU
        25.1   alice -> bob  BYE
        25.2   bob -> alice  200
What to check
    - Does the phone or the PBX have music on hold, and is it turned on?
    - A phone that is put on hold may play a tone of its own; nothing on the wire shows that.
Sources
    RFC 3264 §8.4; RFC 7088 §2.1
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, direction_words, party_words
from sipscope.rules.hold import is_null
from sipscope.rules.hold_times import HoldTime, heard_streams, hold_times
from sipscope.rules.media_windows import packets_between

SILENCE: Duration = 3 * SECOND
"""How long a hold lasts at least for its silence to be heard."""

GRACE: Duration = SECOND // 2
"""How long packets of before may still arrive."""


@rule("SVC-001", name="hold-without-music", severity=INFO, since="0.1", subject=Dialog, needs=("media",))
def hold_without_music(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Whoever holds may send music on the stream that it holds (RFC 3264 §8.4)."""
    if not trace.streams or dialog.confirmed_at is None:
        return
    holds = [hold for hold in hold_times(dialog, trace) if _is_judged(hold, trace)]
    silent = [hold for hold in holds if not _packets(hold, trace)]
    for hold in silent:
        played = any(other.holder is hold.holder and other not in silent for other in holds)
        yield _hit(dialog, trace, hold, warn=played)


def _is_judged(hold: HoldTime, trace: Trace) -> bool:
    """Whether the hold is of voice, long enough, and at a place where media is seen both ways (gate G-MEDIA)."""
    own, other = hold.step.section_of(hold.holder), hold.step.section_of(hold.holder.other)
    if own.kind != "audio" or is_null(own) or is_null(other) or own.ice_candidates or other.ice_candidates:
        return False
    if hold.end - hold.start <= SILENCE + GRACE or own.address is None or other.address is None:
        return False
    return trace.vantage.sees_media_from_to(own.address, other.address) and not guards.capture_lossy_near(
        trace, hold.start, hold.end
    )


def _packets(hold: HoldTime, trace: Trace) -> int:
    return packets_between(heard_streams(hold, trace), hold.start + GRACE, hold.end)


def _hit(dialog: Dialog, trace: Trace, hold: HoldTime, *, warn: bool) -> Hit:
    section = hold.step.section_of(hold.holder)
    exchange = hold.step.exchange
    evidence = [Evidence(frame=anchor(exchange.offer_message), note=f"hold: {direction_words(section)}")]
    if exchange.answer_message is not None:
        evidence.append(Evidence(frame=anchor(exchange.answer_message), note="from here on"))
    more = " It played something in another hold." if warn else ""
    return Hit(
        text=(
            f"While {party_words(exchange, trace, hold.holder)} held the call for "
            f"{in_seconds(hold.end - hold.start):.0f} s, nothing was sent to the other party.{more}"
        ),
        evidence=tuple(evidence),
        at=hold.start,
        severity=WARNING if warn else None,
        identity=(dialog.key, exchange.offer_message.cseq),
    )
