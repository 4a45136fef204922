"""The offer came from the callee, and the ACK or PRACK that must answer it has no SDP.

What it finds
    An INVITE without SDP whose 2xx carries the offer and whose ACK has no SDP; or a reliable provisional response
    with the offer whose PRACK has none.
Why it matters
    The callee has no destination for its media: a dead call, usually ended by BYE when a timer expires.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   bob -> alice  BYE
        5.1   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
              m=audio 4000 RTP/AVP 0
        5.0   bob -> alice  BYE
        5.1   alice -> bob  200
What to check
    - The calling product must put its answer into the ACK (or PRACK); to refuse, it answers with every port 0 and
      hangs up.
    - Does an element in between strip the body of the ACK, or send an ACK of its own?
    - Switch the caller to early offer (SDP in the INVITE) where that can be configured.
Sources
    RFC 3261 §13.2.1; RFC 3261 §13.2.2.4; RFC 3262 §5; RFC 6337 §2.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import anchor, exchange_identity, label_of, loss_guard, media_lines, responder


@rule(
    "OA-019",
    name="delayed-offer-not-answered",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("OA-019",),
)
def delayed_offer_not_answered(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """An offer in a 2xx is answered in the ACK, one in a reliable 1xx in the PRACK (RFC 3261 §13.2.1)."""
    for anomaly in exchange.anomalies:
        if anomaly.code != "OA-019" or not anomaly.message_ids:
            continue
        carrier = trace.index.messages[anomaly.message_ids[-1]]
        lossy = loss_guard(trace, exchange.at, carrier.at)
        yield Hit(
            text=(
                f"The {label_of(exchange.offer_message)} carries the offer, and the {label_of(carrier)} of "
                f"{responder(exchange, trace)}, which must answer it, has no SDP."
            ),
            evidence=(
                Evidence(frame=anchor(exchange.offer_message), note=f"offer: {media_lines(exchange.offer)}"),
                Evidence(frame=anchor(carrier), note=f"{label_of(carrier)} without SDP"),
            ),
            at=carrier.at,
            confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
            guards=lossy,
            identity=exchange_identity(exchange, trace),
        )
