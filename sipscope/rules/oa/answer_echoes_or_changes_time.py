"""The `t=` line of an answer differs from that of its offer.

What it finds
    An answer whose `t=` lines are others than those of its offer.
Why it matters
    It rarely breaks anything; strict stacks and conformance suites reject it.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              t=3900000000 0
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The answerer copies the offered `t=`, which is `0 0` for a call.
Sources
    RFC 3264 §6
"""

from collections.abc import Iterator

from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder


@rule(
    "OA-034",
    name="answer-echoes-or-changes-time",
    severity=INFO,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("other timing",),
)
def answer_echoes_or_changes_time(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The t= line of the answer equals that of the offer (RFC 3264 §6)."""
    if not is_answered(exchange) or exchange.answer is None or exchange.offer.timing == exchange.answer.timing:
        return
    offered, answered = (
        tuple(" ".join(item.split()) for item in description.timing)
        for description in (exchange.offer, exchange.answer)
    )
    if offered and answered and offered != answered:
        lines = [" | ".join(f"t={item}" for item in timing) for timing in (offered, answered)]
        yield Hit(
            text=f"The answer of {responder(exchange, trace)} has {lines[1]}, and the offer {lines[0]}.",
            evidence=pair_evidence(exchange, *lines),
            at=exchange.answered_at or exchange.at,
            identity=exchange_identity(exchange, trace, "time"),
        )
