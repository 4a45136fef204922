"""A section that was offered with port 0 is answered with another port.

What it finds
    An `m=` line at port 0 in the offer, without `a=bundle-only`, that the answer gives a port other than 0.
Why it matters
    The answerer takes a stream for alive that the offerer has removed or never wanted: it sends media that nobody
    plays, and later offers about that position are misunderstood.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 0 RTP/AVP 31
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              m=video 6000 RTP/AVP 31
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 0 RTP/AVP 31
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              m=video 0 RTP/AVP 31
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The answering product must answer port 0 wherever port 0 was offered.
    - A stream comes back in a new offer with a port, not in an answer.
    - Does an SBC in between write ports of its own into refused positions?
Sources
    RFC 3264 §6; RFC 3264 §8.2
"""

from collections.abc import Iterator

from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import answered_sections, exchange_identity, line_of, pair_evidence, responder


@rule(
    "OA-004",
    name="zero-port-not-mirrored",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("refused offered",),
)
def zero_port_not_mirrored(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A stream offered with port zero is marked with port zero in the answer (RFC 3264 §6)."""
    for offered, answered in answered_sections(exchange):
        if offered.port or not answered.port or offered.is_bundle_only:
            continue
        yield Hit(
            text=(
                f"m-line {offered.index + 1} was offered with port 0 and answered with port {answered.port} by "
                f"{responder(exchange, trace)}; the answer must be port 0 too."
            ),
            evidence=pair_evidence(exchange, line_of(offered), line_of(answered)),
            at=exchange.answered_at or exchange.at,
            identity=exchange_identity(exchange, trace, offered.index),
        )
