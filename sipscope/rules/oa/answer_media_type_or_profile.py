"""An answer changes the media type or the transport of an m-line.

What it finds
    In some position the answer's media type differs from the offer's, or its transport differs while its port is
    not 0: secure against clear profile, RTP against UDPTL, UDP against TCP. A difference in the feedback variant
    alone (AVP and AVPF, SAVP and SAVPF), or between UDP/TLS/RTP/SAVPF and RTP/SAVPF, is a warning: media still
    decodes.
Why it matters
    SRTP offered and RTP answered, or the reverse, is heard as noise. Another media type in one position means
    that the answerer lost the order, and audio goes to a video port.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 4002 RTP/AVP 31
        0.1   bob -> alice  200
              m=video 5002 RTP/AVP 31
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              m=video 4002 RTP/AVP 31
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              m=video 0 RTP/AVP 31
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - Refuse the section with port 0 and offer again with the other profile, instead of changing it in the answer.
    - Is one side set to encrypt media always and the other never? Align the SRTP policy of both.
    - Does an element in between rewrite the profile or the order? Compare both sides of it.
Sources
    RFC 3264 §6.1; RFC 4568 §5.1.2; RFC 5939 §3.6.2
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import answered_sections, exchange_identity, line_of, pair_evidence, responder


@rule(
    "OA-002",
    name="answer-media-type-or-profile",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("other kind or transport",),
)
def answer_media_type_or_profile(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Type and transport of each position are the offerer's to choose (RFC 3264 §6.1)."""
    for offered, answered in answered_sections(exchange):
        if offered.kind != answered.kind:
            what = f"offered as {offered.kind} and answered as {answered.kind}"
            yield _hit(exchange, trace, offered, answered, what, warn=False)
        elif answered.port != 0 and not _same_transport(offered, answered) and not _capability(offered, answered):
            what = f"offered with transport {offered.protocol} and answered with {answered.protocol}"
            yield _hit(exchange, trace, offered, answered, what, warn=_decodes(offered, answered))


def _same_transport(offered: MediaDescription, answered: MediaDescription) -> bool:
    """Transport tokens, without regard to case: `udptl` and `UDPTL` are both in use."""
    return offered.protocol == answered.protocol or offered.protocol.upper() == answered.protocol.upper()


def _capability(offered: MediaDescription, answered: MediaDescription) -> bool:
    """Capability negotiation: the answer picks a potential configuration of the offer (RFC 5939 §3.6.2)."""
    offers = any(attribute.name in {"pcfg", "tcap"} for attribute in offered.attributes)
    return offers and any(attribute.name == "acfg" for attribute in answered.attributes)


def _decodes(offered: MediaDescription, answered: MediaDescription) -> bool:
    """Whether the profiles differ only in feedback, or in the way the same DTLS profile is written."""
    return _plain(offered) == _plain(answered)


def _plain(section: MediaDescription) -> str:
    protocol = section.protocol.upper().removeprefix("UDP/TLS/")
    return protocol.removesuffix("F") if protocol.endswith("AVPF") else protocol


def _hit(
    exchange: OfferAnswerExchange,
    trace: Trace,
    offered: MediaDescription,
    answered: MediaDescription,
    what: str,
    *,
    warn: bool,
) -> Hit:
    return Hit(
        text=f"m-line {offered.index + 1} was {what} by {responder(exchange, trace)}.",
        evidence=pair_evidence(exchange, line_of(offered), line_of(answered)),
        at=exchange.answered_at or exchange.at,
        severity=WARNING if warn else None,
        identity=exchange_identity(exchange, trace, offered.index),
    )
