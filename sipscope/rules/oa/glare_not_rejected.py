"""A party accepts an offer of the other side while an offer of its own is pending.

What it finds
    Both sides make an offer, or send INVITE, before either is answered; and one of them answers the other's with
    something other than 491. A 2xx is an error where the party's own offer was still pending when it was sent; any
    other response but 491, 500 and those about authentication or a dialog that is gone is a warning. An offer that
    was answered or refused in between is no glare, and offers in PRACK are left alone.
Why it matters
    Both changes take effect by half: after a hold and a resume that cross, one direction stays silent.
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
        5.02  bob -> alice  UPDATE
              m=audio 5000 RTP/AVP 0
              a=sendonly
        5.1   alice -> bob  200
              m=audio 4000 RTP/AVP 0
              a=recvonly
        5.2   bob -> alice  491
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
              a=recvonly
        5.02  bob -> alice  UPDATE
              m=audio 5000 RTP/AVP 0
              a=sendonly
        5.1   alice -> bob  491
        5.2   bob -> alice  491
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The product that accepted must answer 491 while its own offer is pending, and let the retry timers decide.
    - Why do both sides change the session at once: hold and session refresh, two call-control applications?
Sources
    RFC 3261 §14.2; RFC 3311 §5.2
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, exchange_identity, label_of, media_lines, messages_of, party_words

_ACCEPTED = frozenset({401, 403, 407, 408, 481, 491, 500, 503})
"""Refusals that settle a glare, or have a reason of their own."""


@rule("OA-021", name="glare-not-rejected", severity=ERROR, since="0.1", subject=OfferAnswerExchange, needs=("OA-021",))
def glare_not_rejected(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A request that crosses an own pending one gets 491 (RFC 3261 §14.2, RFC 3311 §5.2)."""
    leg = trace.index.legs[exchange.leg_id]
    for anomaly in exchange.anomalies:
        second = messages_of(anomaly, trace)[-1]
        if anomaly.code != "OA-021" or anomaly.variant or not isinstance(second, Request) or second.to_tag is None:
            continue
        crossing = next((item for item in leg.transactions if item.request is second), None)
        final = None if crossing is None else _final_while_pending(exchange, crossing)
        if final is not None and leg.side_of(second) is not exchange.offerer:
            yield _hit(exchange, trace, second, final)


def _final_while_pending(exchange: OfferAnswerExchange, crossing: Transaction) -> Response | None:
    """The response to the second offer, if it was sent before the first was answered or refused."""
    final, settled = crossing.final, exchange.answer_message
    if final is None or final.status in _ACCEPTED or (settled is not None and settled.at <= final.at):
        return None
    return final


def _hit(exchange: OfferAnswerExchange, trace: Trace, second: Request, final: Response) -> Hit:
    crossing = "" if second.description is None else f": {media_lines(second.description)}"
    return Hit(
        text=(
            f"{label_of(final)} of {party_words(exchange, trace, exchange.offerer)}, while its own offer in the "
            f"{label_of(exchange.offer_message)} is pending; the two requests crossed, and 491 is due."
        ),
        evidence=(
            Evidence(frame=anchor(exchange.offer_message), note=f"own offer: {media_lines(exchange.offer)}"),
            Evidence(frame=anchor(second), note=f"offer of the other side{crossing}"),
            Evidence(frame=anchor(final), note=label_of(final)),
        ),
        at=final.at,
        severity=ERROR if final.is_success else WARNING,
        identity=exchange_identity(exchange, trace, second.cseq),
    )
