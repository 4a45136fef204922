"""Packets carry a payload type that the receiver never listed.

What it finds
    A stream in which more than 1 % of the packets (or three and more: a warning) carry a payload type that the
    receiver's description in force doesn't list for that section. The sender must use the numbers of the
    description it received, not its own. Two seconds around a change are left alone; a format that an earlier
    description listed is information for a minute. Comfort noise (13) and rare keep-alives with unknown types are
    not judged here.
Why it matters
    The receiver must drop such packets: gaps in the audio, or lost DTMF digits.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMA
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Compare the payload type with the numbers in both descriptions: a sender that uses its own number instead of
      the peer's is the usual cause.
    - Does an element in between answer with one codec list and relay media of another?
    - Make both sides use the same numbers, telephone-event included.
Sources
    RFC 3264 §6.1; RFC 3264 §7; RFC 3264 §8.3.2; RFC 3550 §5.1
"""

from collections.abc import Iterator, Sequence

from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import MediaInForce
from sipscope.model.stream import Binding, PayloadTypeUse, RtpStream
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.media_windows import FIRM_SCORE

GRACE: Duration = 2 * SECOND
TOLERATED: Duration = 60 * SECOND
FEWEST_PACKETS = 3
COMFORT_NOISE = frozenset({13, 19})
KEEP_ALIVE_LENGTH = 4
"""A keep-alive with an unknown payload type has next to no payload (RFC 6263 §4.4)."""


@rule("RTP-006", name="payload-type-not-negotiated", severity=ERROR, since="0.1", subject=RtpStream)
def payload_type_not_negotiated(stream: RtpStream, trace: Trace) -> Iterator[Hit]:
    """Only formats of the receiver's description may be sent, under its numbers (RFC 3264 §6.1)."""
    binding = stream.binding
    if binding is None or binding.score < FIRM_SCORE or not _history_known(binding, trace):
        return
    ledger = trace.index.ledgers.get((binding.leg_id, binding.dialog_id))
    sections = () if ledger is None else ledger.sections(binding.receiver, binding.media_index)
    if not sections or not all(item.media.is_rtp for item in sections):
        return
    for use in stream.payload_uses:
        if _is_counted(use, stream):
            yield from _check(stream, binding, trace, use, sections)


def _history_known(binding: Binding, trace: Trace) -> bool:
    """Whether the dialog's beginning is in the capture (gate G-HIST)."""
    dialog = trace.index.dialogs.get(binding.dialog_id)
    return dialog is not None and dialog.started_in_capture


def _is_counted(use: PayloadTypeUse, stream: RtpStream) -> bool:
    if use.payload_type in COMFORT_NOISE:
        return False
    if (
        use.longest_length <= KEEP_ALIVE_LENGTH
        and use.packets * 15 * SECOND <= use.last_at - use.first_at + 15 * SECOND
    ):
        return False
    return use.packets >= FEWEST_PACKETS or use.packets * 100 > stream.packets


def _check(
    stream: RtpStream, binding: Binding, trace: Trace, use: PayloadTypeUse, sections: Sequence[MediaInForce]
) -> Iterator[Hit]:
    listing = [item for item in sections if item.media.format_of(use.payload_type) is not None]
    if any(_overlaps(item, use) for item in listing):
        return
    earlier = [item for item in listing if item.until is not None and item.until <= use.first_at]
    tolerated = any(item.until is not None and use.first_at - item.until <= TOLERATED for item in earlier)
    in_force = [item for item in sections if _overlaps(item, use)] or list(sections[-1:])
    exchange = trace.index.exchanges[in_force[-1].exchange_id]
    section = in_force[-1].media
    message = exchange.offer_message if exchange.offerer is binding.receiver else exchange.answer_message
    evidence = [Evidence(frame=use.first_frame, note=f"first packet with payload type {use.payload_type}")]
    if message is not None:
        note = f"the {binding.receiver} lists: {section.media_line}"
        evidence.insert(0, Evidence(frame=message.frames[-1], note=note))
    listed = ", ".join(f"{item.payload_type} ({item})" for item in section.rtp_formats) or "nothing"
    yield Hit(
        text=(
            f"{use.packets} packets towards the {binding.receiver} carry payload type {use.payload_type}, but its "
            f"description lists {listed}."
        ),
        evidence=tuple(evidence),
        at=use.first_at,
        severity=INFO if tolerated else WARNING if use.packets * 100 <= stream.packets else None,
        identity=(binding.dialog_id, stream.ssrc, use.payload_type, binding.receiver),
    )


def _overlaps(item: MediaInForce, use: PayloadTypeUse) -> bool:
    """Whether a section was in force while the type was used, two seconds of grace on each side."""
    return item.since - GRACE <= use.last_at and (item.until is None or use.first_at <= item.until + GRACE)
