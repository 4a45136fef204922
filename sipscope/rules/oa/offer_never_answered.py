"""An offer reaches the last message that could answer it, and there is no answer.

What it finds
    An offer whose last legal carrier of an answer came without SDP: an INVITE offer whose 2xx has none and no
    reliable provisional response had one; an offer in UPDATE or PRACK whose 2xx has none. Where an unreliable 18x
    carried SDP and the 2xx doesn't repeat it, it is a warning, because many callers accept that.
Why it matters
    The offerer has neither destination nor codec: usually a BYE right after the ACK, or a silent call.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
        0.2   alice -> bob  ACK
        0.3   alice -> bob  BYE
        0.4   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        0.4   bob -> alice  200 INVITE
        0.5   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The answering product must put the answer into the 2xx, unless it already went in a reliable provisional
      response.
    - Does an element in between strip the body? Compare the same response on the other side of it.
    - Where 100rel is in use, was the provisional response with the answer really reliable (Require: 100rel and
      RSeq)?
Sources
    RFC 3261 §13.2.1; RFC 3261 §13.3.1.4; RFC 3262 §5; RFC 3311 §5.2; RFC 6337 §2.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Anomaly, Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    exchange_identity,
    is_cut,
    label_of,
    loss_guard,
    media_lines,
    responder,
)


@rule(
    "OA-015", name="offer-never-answered", severity=ERROR, since="0.1", subject=OfferAnswerExchange, needs=("OA-015",)
)
def offer_never_answered(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Every offer is answered or refused; six pairs of carriers are legal (RFC 6337 §2.2)."""
    for anomaly in exchange.anomalies:
        if anomaly.code == "OA-015":
            yield from _hit(exchange, trace, anomaly)


def _hit(exchange: OfferAnswerExchange, trace: Trace, anomaly: Anomaly) -> Iterator[Hit]:
    carrier = trace.index.messages[anomaly.message_ids[-1]] if anomaly.message_ids else None
    if carrier is None or is_cut(carrier):
        return
    lossy = loss_guard(trace, exchange.at, carrier.at)
    preview = exchange.preview_message
    if preview is not None:
        text = (
            f"The only SDP of {responder(exchange, trace)} came in an unreliable {preview_label(preview)}; the "
            f"{label_of(carrier)} has none. That is no answer, though many callers accept it."
        )
    else:
        text = (
            f"The offer in the {label_of(exchange.offer_message)} was never answered by {responder(exchange, trace)}: "
            f"the {label_of(carrier)}, the last message that could carry the answer, has no SDP."
        )
    evidence = [Evidence(frame=anchor(exchange.offer_message), note=f"offer: {media_lines(exchange.offer)}")]
    if preview is not None:
        evidence.append(Evidence(frame=anchor(preview), note="SDP in an unreliable provisional response"))
    evidence.append(Evidence(frame=anchor(carrier), note=f"{label_of(carrier)} without SDP"))
    yield Hit(
        text=text,
        evidence=tuple(evidence),
        at=carrier.at,
        severity=WARNING if preview is not None else None,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=lossy,
        identity=exchange_identity(exchange, trace),
    )


def preview_label(message: Message) -> str:
    """The status line of a provisional response."""
    return str(getattr(message, "label", "provisional response"))
