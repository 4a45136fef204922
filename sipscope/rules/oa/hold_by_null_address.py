"""A call is put on hold by the address 0.0.0.0 or ::.

What it finds
    An offer inside a dialog whose `c=` line is 0.0.0.0 or :: for a stream with a port that had a real address
    before. It is an error where the descriptions use ICE, because the null address then ends the checks that were
    made. The first offer of a dialog is left alone: third-party call control begins so.
Why it matters
    It stops RTCP together with RTP, leaves no place for music on hold, and products of today may take it for an
    address that can't be reached and release the call.
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
              c=IN IP4 0.0.0.0
              m=audio 4000 RTP/AVP 0
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        4.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        4.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        4.2   alice -> bob  ACK
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
        4.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        4.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        4.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - Set the product that holds to a=sendonly or a=inactive with its real address.
    - Does the peer stop sending, and go on when the hold ends?
Sources
    RFC 3264 §8.4
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    carrier_of,
    exchange_identity,
    is_another_attempt,
    label_of,
    party_words,
)
from sipscope.rules.hold import is_null


@rule(
    "OA-012",
    name="hold-by-null-address",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("described before",),
)
def hold_by_null_address(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Hold by the null address is no longer recommended (RFC 3264 §8.4)."""
    before = exchange.previous_offerer
    if before is None or exchange.is_initial or is_another_attempt(exchange):
        return
    held = [
        (old, new)
        for old, new in zip(before.media, exchange.offer.media, strict=False)
        if new.port and old.port and is_null(new) and old.address is not None and not is_null(old)
    ]
    if not held:
        return
    earlier = carrier_of(exchange, trace, before)
    positions = ", ".join(str(new.index + 1) for _, new in held)
    evidence = [Evidence(frame=anchor(exchange.offer_message), note=_line(held[0][1]))]
    if earlier is not None:
        evidence.insert(0, Evidence(frame=anchor(earlier), note=f"before: {_line(held[0][0])}"))
    yield Hit(
        text=(
            f"{label_of(exchange.offer_message)} of {party_words(exchange, trace, exchange.offerer)} puts m-line "
            f"{positions} on hold by the null address instead of a direction attribute."
        ),
        evidence=tuple(evidence),
        at=exchange.at,
        severity=ERROR if any(_uses_ice(old) or _uses_ice(new) for old, new in held) else WARNING,
        identity=exchange_identity(exchange, trace),
    )


def _uses_ice(section: MediaDescription) -> bool:
    return bool(section.ice_candidates) or any(section.ice_credentials)


def _line(section: MediaDescription) -> str:
    return f"{section.media_line}, c= {section.address}"
