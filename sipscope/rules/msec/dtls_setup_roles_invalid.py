"""Offer and answer leave open who begins the DTLS handshake.

What it finds
    An answered section with keys from DTLS: the answer's `a=setup` is `actpass`, `holdconn` or missing, or the
    same as an offered `active` or `passive`. It is a warning where the first offer of a dialog has another than
    `actpass`, because answerers must cope with that, and where a later answer turns the parts round although
    addresses, ports and fingerprints of both sides stay, and no other `a=tls-id` tells of a new association. Only
    the first section of a BUNDLE group is judged.
Why it matters
    Both ends wait for the other, or both begin: ICE succeeds, no keys come about, and there is no audio.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD
              a=setup:actpass
        0.1   bob -> alice  200
              m=audio 5000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5
              a=setup:actpass
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD:4A:AD
              a=setup:actpass
        0.1   bob -> alice  200
              m=audio 5000 UDP/TLS/RTP/SAVP 0
              a=fingerprint:sha-1 7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5:7C:E5
              a=setup:active
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Offer `actpass`, and answer `active` (or `passive`).
    - Does an element in between copy the attribute from one side to the other? Compare its two sides.
Sources
    RFC 5763 §5; RFC 4145 §4.1; RFC 8842 §5.1; RFC 8842 §5.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.description import MediaDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    exchange_identity,
    is_another_attempt,
    is_answered,
    pair_evidence,
    party_words,
    responder,
)
from sipscope.rules.media_keys import association_of, follows_in_group, is_dtls


@rule(
    "MSEC-005",
    name="dtls-setup-roles-invalid",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("exchange answered", "SRTP"),
)
def dtls_setup_roles_invalid(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """The offerer MUST use actpass, the answerer active or passive (RFC 5763 §5), fitting the offer (RFC 4145 §4.1)."""
    if not is_answered(exchange) or exchange.answer is None:
        return
    for offered, answered in zip(exchange.offer.media, exchange.answer.media, strict=False):
        if not (offered.port and answered.port and is_dtls(offered) and is_dtls(answered)):
            continue
        if follows_in_group(answered, exchange.answer) or follows_in_group(offered, exchange.offer):
            continue
        fault, severity = _fault(exchange, trace, offered, answered)
        if fault:
            yield Hit(
                text=f"In m-line {answered.index + 1}, {fault}",
                evidence=pair_evidence(exchange, _words(offered), _words(answered)),
                at=exchange.answered_at or exchange.at,
                severity=severity,
                identity=exchange_identity(exchange, trace, answered.index),
            )


def _fault(
    exchange: OfferAnswerExchange, trace: Trace, offered: MediaDescription, answered: MediaDescription
) -> tuple[str, Severity | None]:
    offer, answer = (offered.setup or "").lower(), (answered.setup or "").lower()
    who = responder(exchange, trace)
    if answer not in {"active", "passive"} and (answer or offer):
        return f"{who} answers setup:{answer or 'nothing'}; only active or passive settles who begins.", None
    if answer and answer == offer:
        return f"{who} answers setup:{answer} to setup:{offer}: both take the same part.", None
    if exchange.is_initial and offer != "actpass":
        offerer = party_words(exchange, trace, exchange.offerer)
        return f"{offerer} offers setup:{offer or 'nothing'} first, where actpass is expected.", WARNING
    if _turns_round(exchange, offered, answered):
        return f"{who} answers setup:{answer}, the other part than before, in an association that stays.", WARNING
    return "", None


def _turns_round(exchange: OfferAnswerExchange, offered: MediaDescription, answered: MediaDescription) -> bool:
    """Whether the other side becomes active than before, and nothing else of the association changes."""
    one, other = exchange.previous_offerer, exchange.previous_answerer
    if one is None or other is None or exchange.answer is None or is_another_attempt(exchange):
        return False
    if offered.index >= min(len(one.media), len(other.media)):
        return False
    before, after = one.media[offered.index], other.media[offered.index]
    if not (is_dtls(before) and is_dtls(after)):
        return False
    was, becomes = _active(before, after), _active(offered, answered)
    if was is None or becomes is None or was == becomes:
        return False
    stays = association_of(before, one) == association_of(offered, exchange.offer)
    return stays and association_of(after, other) == association_of(answered, exchange.answer)


def _active(offerer: MediaDescription, answerer: MediaDescription) -> str | None:
    """Who of two sides, named as in the later exchange, begins the handshake; None when that is open."""
    one, other = (offerer.setup or "").lower(), (answerer.setup or "").lower()
    if "active" in {one, other} and one != other:
        return "offerer" if one == "active" else "answerer"
    if "passive" in {one, other} and one != other:
        return "answerer" if one == "passive" else "offerer"
    return None


def _words(section: MediaDescription) -> str:
    return f"{section.media_line}, " + ("no a=setup" if section.setup is None else f"a=setup:{section.setup}")
