"""An m-line is accepted although both sides share no codec.

What it finds
    An answered RTP section with a port other than 0 in which offer and answer share no usable format: no equal
    name, clock and channels after rtpmap and the static table. telephone-event, comfort noise, redundancy and
    error correction don't count; where one of these is common, it is a warning. A section that offers nothing but
    telephone-event is judged on that.
Why it matters
    The call connects and stays silent: each end sends what the other can't decode.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 18
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 18 8
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 8 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Give both sides a common codec; G.711 A-law or µ-law is the usual common ground.
    - The answering product must refuse such a section with port 0, or the call with 488.
    - Is a transcoding element in between set to answer with its own list? Compare its two legs.
Sources
    RFC 3264 §6.1
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder, speaks


@rule("OA-008", name="accepted-without-common-codec", severity=ERROR, since="0.1", subject=OfferAnswerExchange)
def accepted_without_common_codec(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Without a common format the stream must be refused (RFC 3264 §6.1)."""
    if not is_answered(exchange) or exchange.answer is None:
        return
    for offered, answered in zip(exchange.offer.media, exchange.answer.media, strict=False):
        if not _is_judged(offered, answered):
            continue
        common = _keys(offered) & _keys(answered)
        if any(speaks(name) for name, _, _ in common) or (common and not _offers_codec(offered)):
            continue
        yield Hit(
            text=(
                f"m-line {offered.index + 1} ({offered.kind}) was accepted by {responder(exchange, trace)} with "
                f"{_names(answered)}, but {_names(offered)} was offered: no codec in common."
            ),
            evidence=pair_evidence(
                exchange,
                f"{offered.media_line} ({_names(offered)})",
                f"{answered.media_line} ({_names(answered)})",
            ),
            at=exchange.answered_at or exchange.at,
            severity=WARNING if common else None,
            identity=exchange_identity(exchange, trace, offered.index),
        )


def _is_judged(offered: MediaDescription, answered: MediaDescription) -> bool:
    """Both RTP, both with a port, and every format known by name: an unmapped dynamic type proves nothing."""
    if not (offered.is_rtp and answered.is_rtp and offered.port and answered.port):
        return False
    if offered.kind != answered.kind:
        return False
    formats = (*offered.rtp_formats, *answered.rtp_formats)
    return bool(offered.rtp_formats and answered.rtp_formats) and all(item.encoding is not None for item in formats)


def _keys(section: MediaDescription) -> set[tuple[str, int | None, int]]:
    return {item.key for item in section.rtp_formats}


def _offers_codec(section: MediaDescription) -> bool:
    return any(speaks(item.encoding) for item in section.rtp_formats)


def _names(section: MediaDescription) -> str:
    return ", ".join(str(item) for item in section.rtp_formats)
