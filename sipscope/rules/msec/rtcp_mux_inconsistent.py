"""An answer puts RTCP on the RTP port, and the offer didn't ask for that.

What it finds
    An accepted section whose answer has `a=rtcp-mux` and whose offer has neither that, nor `a=rtcp-mux-only`, nor
    a BUNDLE group with the section. It is an error.
Why it matters
    The offerer sends RTCP to the next port, where nobody listens: reports are lost, and some products then end the
    call for lack of media.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=rtcp-mux
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=rtcp-mux
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=rtcp-mux
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The answering product must take the attribute from the offer, never from its configuration.
    - As a workaround, offer `a=rtcp-mux`, or switch it off on the answering product.
Sources
    RFC 5761 §5.1.1
"""

from collections.abc import Iterator

from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder
from sipscope.rules.media_keys import group_of, is_multiplexed


@rule(
    "MSEC-007",
    name="rtcp-mux-inconsistent",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("exchange answered", "a=rtcp-mux"),
)
def rtcp_mux_inconsistent(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """What isn't offered MUST NOT be answered: RTP and RTCP then have ports of their own (RFC 5761 §5.1.1)."""
    if not is_answered(exchange) or exchange.answer is None:
        return
    for offered, answered in zip(exchange.offer.media, exchange.answer.media, strict=False):
        if not (offered.port and answered.port and offered.is_rtp and answered.rtcp_mux):
            continue
        if is_multiplexed(offered) or group_of(offered, exchange.offer):
            continue
        yield Hit(
            text=(
                f"In m-line {answered.index + 1}, {responder(exchange, trace)} answers rtcp-mux, which the offer "
                "doesn't have."
            ),
            evidence=pair_evidence(
                exchange, f"{offered.media_line}, no a=rtcp-mux", f"{answered.media_line}, a=rtcp-mux"
            ),
            at=exchange.answered_at or exchange.at,
            severity=ERROR,
            identity=exchange_identity(exchange, trace, answered.index),
        )
