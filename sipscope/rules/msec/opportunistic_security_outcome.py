"""An offer leaves open whether media is encrypted; what the answer made of it.

What it finds
    An answered section of a profile without SRTP whose offer carries keys all the same (`a=crypto`,
    `a=fingerprint`): information tells, of the first exchange, whether the answer took them. It is a warning where
    the answer keeps keys of both methods, or where it names a configuration by `a=acfg` and no `a=pcfg` was offered.
Why it matters
    It tells why one call is encrypted and the next one isn't. Keys of two methods leave open which of them holds.
Example
    Bad:
        alice 192.0.2.10:5060
        bob   192.0.2.10:5070
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
              a=fingerprint:sha-1 4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD
              a=setup:actpass
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj
              a=fingerprint:sha-1 7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5
              a=setup:active
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Where both ends know SRTP, offer RTP/SAVP or UDP/TLS/RTP/SAVP, so that a call is never in the clear by chance.
    - The answering product should keep the keys of one method alone.
Sources
    RFC 8643 §3.1; RFC 8643 §3.2; RFC 5939 §3.6.2
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder
from sipscope.rules.media_keys import is_secure


@rule(
    "MSEC-011",
    name="opportunistic-security-outcome",
    severity=INFO,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("exchange answered", ("a=acfg", "a=crypto", "a=fingerprint")),
)
def opportunistic_security_outcome(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Keys beside a profile without SRTP are an offer that the answer may take or leave (RFC 8643 §3.1)."""
    if not is_answered(exchange) or exchange.answer is None:
        return
    for offered, answered in zip(exchange.offer.media, exchange.answer.media, strict=False):
        if not (offered.port and answered.port and offered.is_rtp and answered.is_rtp):
            continue
        outcome = _outcome(exchange.offer, offered, exchange.answer, answered)
        if outcome is None:
            continue
        words, is_fault = outcome
        if not (is_fault or exchange.is_initial):
            continue
        yield Hit(
            text=f"In m-line {answered.index + 1}, {responder(exchange, trace)} {words}",
            evidence=pair_evidence(exchange, _shown(offered, exchange.offer), _shown(answered, exchange.answer)),
            at=exchange.answered_at or exchange.at,
            severity=WARNING if is_fault else None,
            identity=exchange_identity(exchange, trace, answered.index),
        )


def _outcome(
    offer: SessionDescription, offered: MediaDescription, answer: SessionDescription, answered: MediaDescription
) -> tuple[str, bool] | None:
    """What came of the section, in words, and whether that is a fault; None where nothing was left open."""
    if any(answered.attribute_values("acfg")) and not any(offered.attribute_values("pcfg")):
        return "names a configuration by a=acfg, and the offer has no a=pcfg.", True
    if is_secure(offered) or is_secure(answered):
        return None
    methods = [name for name in _methods(answered, answer) if name in _methods(offered, offer)]
    if not _methods(offered, offer):
        return None
    if len(methods) > 1:
        return f"keeps keys of two methods, {' and '.join(methods)}; which of them holds is open.", True
    if methods:
        return f"takes the keys that {offered.protocol} was offered with, of {methods[0]}: media is encrypted.", False
    return f"leaves the keys that {offered.protocol} was offered with: media is in the clear.", False


def _methods(section: MediaDescription, description: SessionDescription) -> tuple[str, ...]:
    """The methods that a section has keys of."""
    names = {attribute.name for attribute in (*description.attributes, *section.attributes)}
    found = (("SDES", bool(section.crypto)), ("DTLS", "fingerprint" in names))
    return tuple(name for name, is_there in found if is_there)


def _shown(section: MediaDescription, description: SessionDescription) -> str:
    return f"{section.media_line}; keys of {' and '.join(_methods(section, description)) or 'no method'}"
