"""A later offer drops an m-line, or moves one to another position.

What it finds
    A later offer in a dialog with fewer `m=` lines than the description its sender had in the last completed
    exchange; or one whose media types are the earlier ones in another order. One position that changes its media
    type on its own is legal, and so is a position that stood at port 0 and carries a new stream.
Why it matters
    Every later position shifts: the peer applies the parameters of video to audio, or refuses with 488 or 500,
    and hold or resume fails.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 4002 RTP/AVP 31
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              m=video 0 RTP/AVP 31
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        3.1   bob -> alice  488
              Warning: 399 bob "number of m-lines"
        3.2   alice -> bob  ACK
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
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
              m=video 0 RTP/AVP 31
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
              m=video 0 RTP/AVP 31
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The offering product must keep a refused or removed section at port 0, reuse its position, and append new
      ones at the end.
    - Did a B2BUA splice two sessions (transfer, music on hold)? Then its own description must keep the number of
      lines.
    - As a workaround, stop offering the medium that is dropped later, often video.
Sources
    RFC 3264 §8; RFC 3264 §8.2; RFC 3264 §8.3.3; RFC 6337 §5.2.5
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    carrier_of,
    exchange_identity,
    media_count,
    media_lines,
    origin_changed,
    party_words,
)


@rule(
    "OA-003",
    name="media-section-dropped",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("described before",),
)
def media_section_dropped(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A new offer has at least as many m-lines, in the same order, as the one before (RFC 3264 §8)."""
    before = exchange.previous_offerer
    if before is None or exchange.is_initial:
        return
    offer = exchange.offer
    if len(offer.media) < len(before.media):
        text = (
            f"The new offer of {party_words(exchange, trace, exchange.offerer)} has {media_count(offer)}, "
            f"its description before had {len(before.media)}; a stream is removed with port 0, its line stays."
        )
        yield _hit(exchange, trace, before, text)
    elif _permuted(before, offer):
        text = (
            f"The new offer of {party_words(exchange, trace, exchange.offerer)} has its m-lines in another order than "
            "its description before; the order must stay, because streams are matched by position."
        )
        yield _hit(exchange, trace, before, text)


def _permuted(before: SessionDescription, offer: SessionDescription) -> bool:
    """Whether live sections stand at other positions than they did: two or more changed, and each was elsewhere."""
    moved = [
        index
        for index, (old, new) in enumerate(zip(before.media, offer.media, strict=False))
        if old.port != 0 and old.kind != new.kind
    ]
    if len(moved) < 2:
        return False
    return all(_stood_elsewhere(offer.media[index], index, before) for index in moved)


def _stood_elsewhere(section: MediaDescription, index: int, before: SessionDescription) -> bool:
    """Whether a section is one that had another position: same type, and same port, formats or keys."""
    return any(
        old.index != index
        and old.kind == section.kind
        and (
            old.port == section.port or old.formats == section.formats or (old.crypto and old.crypto == section.crypto)
        )
        for old in before.media
    )


def _hit(exchange: OfferAnswerExchange, trace: Trace, before: SessionDescription, text: str) -> Hit:
    spliced = origin_changed(before, exchange.offer)
    earlier = carrier_of(exchange, trace, before)
    evidence = [Evidence(frame=anchor(exchange.offer_message), note=f"new offer: {media_lines(exchange.offer)}")]
    if earlier is not None:
        evidence.insert(0, Evidence(frame=anchor(earlier), note=f"before: {media_lines(before)}"))
    return Hit(
        text=text,
        evidence=tuple(evidence),
        at=exchange.at,
        confidence=Confidence.LIKELY if spliced else Confidence.CERTAIN,
        guards=("The o= line names another session: an element in between may have spliced two.",) if spliced else (),
        identity=exchange_identity(exchange, trace),
    )
