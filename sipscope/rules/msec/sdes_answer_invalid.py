"""An answer accepts SDES keys in a way that no key can come of.

What it finds
    An answered section with a port, whose offer has `a=crypto` lines: the answer has more than one; or its tag
    isn't among those offered; or its suite isn't that of the offered line with that tag; or its key is the offer's
    own; or a key doesn't decode to the length that its suite demands. An answer without any is MSEC-001. Keys are
    shown by their first four characters. The old spelling `AES_CM_256_…` counts as `AES_256_CM_…`.
Why it matters
    SRTP authentication fails on every packet: silence, while counters of packets look healthy.
Example
    Bad:
        alice 192.0.2.10:5060
        bob   192.0.2.10:5070
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/SAVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
        0.1   bob -> alice  200
              m=audio 5000 RTP/SAVP 0
              a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10:5060
        bob   192.0.2.10:5070
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/SAVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz
        0.1   bob -> alice  200
              m=audio 5000 RTP/SAVP 0
              a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - The answering product must take exactly one offered line, repeat its tag and suite, and make a key of its own.
    - As a workaround, offer one suite alone.
    - Does an element in between answer with a fixed line? Compare its two sides.
Sources
    RFC 4568 §5.1.2; RFC 4568 §5.1.3; RFC 4568 §6.2.1; RFC 4568 §6.2.2; RFC 4568 §7.1.2
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder
from sipscope.rules.media_keys import KEY_AND_SALT_OCTETS, crypto_words, keys_of, octets_of, suite_name


@rule(
    "MSEC-002",
    name="sdes-answer-invalid",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("exchange answered", "a=crypto"),
)
def sdes_answer_invalid(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Exactly one offered line is accepted, with its tag and suite, and another key (RFC 4568 §5.1.2, §7.1.2)."""
    if not is_answered(exchange) or exchange.answer is None:
        return
    for offered, answered in zip(exchange.offer.media, exchange.answer.media, strict=False):
        if not (offered.port and answered.port and offered.crypto and answered.crypto):
            continue
        fault = _fault(offered, answered)
        if fault:
            yield Hit(
                text=f"In m-line {answered.index + 1}, {responder(exchange, trace)} {fault}",
                evidence=pair_evidence(exchange, _lines(offered), _lines(answered)),
                at=exchange.answered_at or exchange.at,
                identity=exchange_identity(exchange, trace, answered.index),
            )


def _fault(offered: MediaDescription, answered: MediaDescription) -> str:
    """What is wrong with the answer; empty when nothing is."""
    if len(answered.crypto) > 1:
        return f"answers with {len(answered.crypto)} crypto lines; exactly one is to be accepted."
    chosen = answered.crypto[0]
    same = [item for item in offered.crypto if item.tag == chosen.tag]
    if not same:
        tags = ", ".join(item.tag for item in offered.crypto)
        return f"answers with tag {chosen.tag}, and tag {tags} was offered."
    if suite_name(same[0]) != suite_name(chosen):
        return f"answers tag {chosen.tag} with {chosen.suite}, which was offered with {same[0].suite}."
    if set(keys_of(chosen)) & {key for item in offered.crypto for key in keys_of(item)}:
        return "answers with the key of the offer; each side must have its own."
    octets = KEY_AND_SALT_OCTETS.get(suite_name(chosen))
    for key in keys_of(chosen):
        if octets is not None and octets_of(key) != octets:
            found = octets_of(key)
            words = "is no base64" if found is None else f"decodes to {found} octets"
            return f"answers with a key that {words}; {chosen.suite} demands {octets} of key and salt."
    return ""


def _lines(section: MediaDescription) -> str:
    return f"{section.media_line}, {', '.join(crypto_words(item) for item in section.crypto)}"
