"""The answer prefers another codec than the offer.

What it finds
    An answer whose first codec isn't the first one of the offer that both have; a warning where media then runs with
    different codecs each way. Payload formats without speech or picture of their own, such as telephone-event and
    comfort noise, don't count.
Why it matters
    Each side sends what it prefers: gateways decode one codec and encode another, and equipment that knows one codec a
    call fails. Both is legal.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 8 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0 8
        0.2   alice -> bob  ACK
        0.3-9 alice => bob  PCMU
        0.3-9 bob => alice  PCMA
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 8 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 8 0
        0.2   alice -> bob  ACK
        0.3-9 alice => bob  PCMA
        0.3-9 bob => alice  PCMA
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Set the answerer to keep the order of the offer.
    - Should both ends prefer the same codec, to spare transcoding?
Sources
    RFC 3264 §6.1; RFC 3264 §7
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.description import RtpFormat
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import NegotiatedMedia, OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder, speaks
from sipscope.rules.media_windows import streams_of
from sipscope.rules.remembered import Formats, of_formats


@rule(
    "OA-030",
    name="codec-order-changed",
    severity=INFO,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("other codec first",),
)
def codec_order_changed(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The answer should list formats in the order of the offer (RFC 3264 §6.1)."""
    if not is_answered(exchange):
        return
    for media in exchange.media:
        if media.offer is None or media.answer is None:
            continue
        changed = _changed(media.offer.rtp_formats, media.answer.rtp_formats)
        if changed is None or not media.is_accepted or not media.offer.is_rtp:
            continue
        first, preferred = changed
        sent = _codecs(exchange, media, trace)
        yield Hit(
            text=(
                f"m-line {media.index + 1} was offered with {first} before {preferred}, and "
                f"{responder(exchange, trace)} prefers {preferred}"
                + (f"; the caller sends {sent[0]}, the callee {sent[1]}." if sent else ".")
            ),
            evidence=pair_evidence(exchange, media.offer.media_line, media.answer.media_line),
            at=exchange.answered_at or exchange.at,
            severity=_severity(sent),
            identity=exchange_identity(exchange, trace, media.index),
        )


def _severity(sent: tuple[str, str] | None) -> Severity:
    return INFO if sent is None else WARNING


@of_formats
def _changed(offered: Formats, answered: Formats) -> tuple[RtpFormat, RtpFormat] | None:
    """The first codec in common by the order of the offer and by that of the answer; None where they are the same."""
    first, preferred = _first_common(offered, answered), _first_common(answered, offered)
    if first is None or preferred is None or first.key == preferred.key:
        return None
    return first, preferred


def _first_common(formats: Formats, other: Formats) -> RtpFormat | None:
    """The first codec of a list that the other one has too."""
    known = {item.key for item in other}
    return next((item for item in formats if speaks(item.encoding) and item.key in known), None)


def _codecs(exchange: OfferAnswerExchange, media: NegotiatedMedia, trace: Trace) -> tuple[str, str] | None:
    """What caller and callee send behind the answer, where that differs."""
    dialog, answered = trace.index.dialogs.get(exchange.dialog_id), exchange.answered_at
    if dialog is None or answered is None:
        return None
    sent = []
    for receiver in (Side.CALLEE, Side.CALLER):
        own = [item for item in streams_of(dialog, trace, receiver, media.index) if item.last_packet_at > answered]
        codecs = {item.codec for item in own if item.codec is not None}
        sent.append(codecs.pop() if len(codecs) == 1 else "")
    return (sent[0], sent[1]) if all(sent) and sent[0] != sent[1] else None
