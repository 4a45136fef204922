"""An answer takes a direction that the offer doesn't permit.

What it finds
    An answered RTP section whose direction the offer forbids: to sendonly only recvonly or inactive may be
    answered, to recvonly only sendonly or inactive, to inactive only inactive. A direction that isn't stated is
    sendrecv. Refused sections, transports other than RTP and multicast streams are not judged.
Why it matters
    The held party believes that it may talk: audio leaks into or out of a hold, or the holder rejects the answer.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The answering product must answer the mirror of the offer, or less: recvonly or inactive to a hold.
    - If it omits the attribute, it answers sendrecv; look for a configuration of "hold support" or a firmware
      update.
    - As a workaround, hold with inactive where the peer handles that.
Sources
    RFC 3264 §6.1; RFC 6337 §5.3; RFC 6337 §5.4
"""

from collections.abc import Iterator

from sipscope.model.description import Direction, MediaDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import answered_sections, direction_words, exchange_identity, pair_evidence, responder

LEGAL = {
    Direction.SENDRECV: frozenset(Direction),
    Direction.SENDONLY: frozenset({Direction.RECVONLY, Direction.INACTIVE}),
    Direction.RECVONLY: frozenset({Direction.SENDONLY, Direction.INACTIVE}),
    Direction.INACTIVE: frozenset({Direction.INACTIVE}),
}
"""Answers that each offered direction permits (RFC 3264 §6.1)."""


@rule(
    "OA-011",
    name="answer-direction-invalid",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("restricted offered",),
)
def answer_direction_invalid(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The answer's direction must fit the offer's (RFC 3264 §6.1)."""
    for offered, answered in answered_sections(exchange):
        if answered.direction in LEGAL[offered.direction] or not _is_judged(offered, answered):
            continue
        legal = " or ".join(sorted(LEGAL[offered.direction]))
        yield Hit(
            text=(
                f"m-line {offered.index + 1} was offered {offered.direction} and answered {answered.direction} by "
                f"{responder(exchange, trace)}; only {legal} may be answered to that."
            ),
            evidence=pair_evidence(
                exchange,
                f"{offered.media_line}, {direction_words(offered)}",
                f"{answered.media_line}, {direction_words(answered)}",
            ),
            at=exchange.answered_at or exchange.at,
            identity=exchange_identity(exchange, trace, offered.index),
        )


def _is_judged(offered: MediaDescription, answered: MediaDescription) -> bool:
    if not (offered.is_rtp and answered.is_rtp and offered.port and answered.port):
        return False
    return not (_is_multicast(offered) or _is_multicast(answered))


def _is_multicast(section: MediaDescription) -> bool:
    """Multicast follows other rules: the direction must be equal (RFC 3264 §6.2)."""
    address = (section.address or "").lower()
    first = address.partition(".")[0]
    return address.startswith("ff") if ":" in address else first.isdigit() and 224 <= int(first) <= 239
