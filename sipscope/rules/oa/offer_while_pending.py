"""A party makes an offer while an offer before it is neither answered nor refused.

What it finds
    A second offer of a party that has one outstanding, in UPDATE, PRACK or INVITE; and an UPDATE offer while the
    offer of a 2xx still waits for its answer in the ACK. The answer may have crossed with it on the way: an offer
    that comes less than 200 ms behind what its sender had to answer is left alone, and so is one that comes after
    32 s, when the first request has timed out.
Why it matters
    Two negotiations overlap, and the two ends finish with different results: refusals with 491 and 500 one after
    the other, or audio in one direction.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  UPDATE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        5.05  alice -> bob  UPDATE
              m=audio 4000 RTP/AVP 0
        5.1   bob -> alice  500
              Retry-After: 4
        5.2   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
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
        5.0   alice -> bob  UPDATE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        5.2   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        5.25  alice -> bob  UPDATE
              m=audio 4000 RTP/AVP 0
        5.35  bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The offering product must hold back a change until the offer before it is answered or refused.
    - Who caused the second offer: a user, a session refresh, a call-control application?
    - Where the peer answers late, find out why: that is what makes offers overlap.
Sources
    RFC 3264 §4; RFC 3261 §14.1; RFC 3311 §5.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import MILLISECOND, SECOND
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    exchange_identity,
    label_of,
    loss_guard,
    media_lines,
    messages_of,
    party_words,
)

RACE = 200 * MILLISECOND
"""Within this time two messages may have crossed on their way (catalogue threshold `race_ms`)."""

TIMEOUT = 32 * SECOND
"""64·T1: a request without a response is over (RFC 3261 §17.1.1.2, §17.1.2.2)."""


@rule("OA-020", name="offer-while-pending", severity=ERROR, since="0.1", subject=OfferAnswerExchange, needs=("OA-020",))
def offer_while_pending(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """No new offer while one is outstanding in either direction (RFC 3264 §4)."""
    leg = trace.index.legs[exchange.leg_id]
    if not leg.both_directions:
        return
    for anomaly in exchange.anomalies:
        second = messages_of(anomaly, trace)[-1]
        if anomaly.code == "OA-020" and isinstance(second, Request) and _is_second(exchange, second):
            sender = trace.index.dialogs[exchange.dialog_id].sender_of(second) or leg.side_of(second)
            waited = second.at - exchange.at
            if waited <= TIMEOUT and (sender is exchange.offerer or waited >= RACE):
                yield _hit(exchange, trace, second, sender)


def _is_second(exchange: OfferAnswerExchange, second: Request) -> bool:
    """Whether a request is an offer made anew inside the dialog, not another branch or attempt of the first."""
    if second.description is None or second.to_tag is None:
        return False
    first, later = exchange.offer_message.cseq, second.cseq
    return first is not None and later is not None and (first.method, first.number) != (later.method, later.number)


def _hit(exchange: OfferAnswerExchange, trace: Trace, second: Request, sender: Side) -> Hit:
    own = sender is exchange.offerer
    lossy = loss_guard(trace, exchange.at, second.at)
    settled = exchange.answer_message is not None and exchange.answer_message.at > second.at
    whose = "its own offer" if own else f"the offer of the {exchange.offerer}"
    return Hit(
        text=(
            f"While {whose} in the {label_of(exchange.offer_message)} is neither answered nor refused, "
            f"{party_words(exchange, trace, sender)} makes another in the {label_of(second)}."
        ),
        evidence=_evidence(exchange, second),
        at=second.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN if settled else Confidence.LIKELY,
        guards=lossy,
        identity=exchange_identity(exchange, trace, second.cseq),
    )


def _evidence(exchange: OfferAnswerExchange, second: Message) -> tuple[Evidence, ...]:
    found = [Evidence(frame=anchor(exchange.offer_message), note=f"pending offer: {media_lines(exchange.offer)}")]
    if second.description is not None:
        found.append(Evidence(frame=anchor(second), note=f"next offer: {media_lines(second.description)}"))
    settled = exchange.answer_message
    if settled is not None and settled.at > second.at:
        found.append(Evidence(frame=anchor(settled), note=f"{label_of(settled)} settles the pending offer"))
    return tuple(found)
