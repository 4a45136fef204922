"""An answer has another number of m-lines than its offer.

What it finds
    An answer whose number of `m=` lines differs from its offer's. An unreliable 18x with SDP is no answer, but
    callers act on it; it is judged the same way when the real answer has the right number.
Why it matters
    Streams are matched by position alone. With unequal counts each peer must guess: video is bound to audio
    ports, or the answer is thrown away and the call fails.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 4002 RTP/AVP 31
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 4002 RTP/AVP 31
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              m=video 0 RTP/AVP 31
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The answering product must copy every offered m-line in its order, and refuse one with port 0, never by
      leaving it out.
    - Does an element in between remove m-lines? Compare the same answer on the other side of it.
    - As a workaround, stop offering the media the peer can't answer.
Sources
    RFC 3264 §6; RFC 6337 §5.2.3
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    exchange_identity,
    is_answered,
    media_count,
    media_lines,
    pair_evidence,
    responder,
)


@rule("OA-001", name="answer-media-count", severity=ERROR, since="0.1", subject=OfferAnswerExchange)
def answer_media_count(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The answer must contain exactly as many m-lines as the offer (RFC 3264 §6)."""
    offered = len(exchange.offer.media)
    if is_answered(exchange) and exchange.answer is not None and len(exchange.answer.media) != offered:
        yield Hit(
            text=(
                f"The offer has {media_count(exchange.offer)}, the answer of {responder(exchange, trace)} has "
                f"{len(exchange.answer.media)}; streams are matched by position, so the counts must be equal."
            ),
            evidence=pair_evidence(exchange, media_lines(exchange.offer), media_lines(exchange.answer)),
            at=exchange.answered_at or exchange.at,
            identity=exchange_identity(exchange, trace),
        )
    elif exchange.preview is not None and exchange.preview_message is not None:
        yield from _preview(exchange, trace)


def _preview(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    preview, message = exchange.preview, exchange.preview_message
    if preview is None or message is None or len(preview.media) == len(exchange.offer.media):
        return
    yield Hit(
        text=(
            f"The offer has {media_count(exchange.offer)}, the SDP in the unreliable provisional response of "
            f"{responder(exchange, trace)} has {len(preview.media)}; callers that act on it bind media wrongly."
        ),
        evidence=(
            Evidence(frame=anchor(exchange.offer_message), note=f"offer: {media_lines(exchange.offer)}"),
            Evidence(frame=anchor(message), note=f"preview: {media_lines(preview)}"),
        ),
        at=message.at,
        identity=exchange_identity(exchange, trace, "preview"),
    )
