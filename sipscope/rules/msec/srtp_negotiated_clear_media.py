"""SRTP was agreed, and the media that runs is in the clear.

What it finds
    A stream of 50 packets or more of G.711 that belongs to a section both sides agreed as SRTP, nearly all of it
    that codec, in which no packet is longer than the samples of its packet time: there is no room for the
    authentication tag that every suite adds. Other codecs aren't judged, because their length tells less, nor is a
    section whose keys carry `UNENCRYPTED_SRTP` or `UNAUTHENTICATED_SRTP`.
    The reverse is a warning: every packet is longer than its samples by just an authentication tag, 4 or 10 octets,
    and neither SRTP nor keys were agreed.
Why it matters
    Anyone can listen to a call that both ends call secure; or the receiver decrypts clear media and plays noise.
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
              a=setup:active
        0.2   alice -> bob  ACK
        0.3-8 alice => bob  PCMU
        0.3-8 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
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
        0.3-8 alice => bob  PCMU ptime=21.25 step=160
        0.3-8 bob => alice  PCMU ptime=21.25 step=160
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Which element in between ends SRTP? It must encrypt on this leg as well, or agree to RTP/AVP.
    - Does the sending product log that its keys failed? Some then send in the clear.
Sources
    RFC 4568 §5.1.2; RFC 4568 §6.2.1; RFC 4568 §6.2.2; RFC 4568 §6.3.2; RFC 4568 §6.3.3; RFC 3711 §3.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.description import MediaDescription
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.stream import PayloadTypeUse, RtpStream
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_answered
from sipscope.rules.media_keys import has_keys, is_secure
from sipscope.rules.media_windows import FIRM_SCORE

G711 = frozenset({0, 8})
OCTETS_PER_MILLISECOND = 8
FEWEST_PACKETS = 50
NEARLY_ALL = 0.95

TAGS = frozenset({4, 10})
"""Octets of the authentication tags of the suites with AES in counter mode (RFC 4568 §6.2.1, §6.2.2)."""

RTP_HEADER = 12

IN_THE_CLEAR = ("UNENCRYPTED_SRTP", "UNAUTHENTICATED_SRTP")
"""Session parameters by which both sides agree to do without (RFC 4568 §6.3.2, §6.3.3)."""


@rule("MSEC-004", name="srtp-negotiated-clear-media", severity=ERROR, since="0.1", subject=RtpStream)
def srtp_negotiated_clear_media(stream: RtpStream, trace: Trace) -> Iterator[Hit]:
    """SRTP appends its tag to what RTP would carry (RFC 3711 §3.1): packets as long as the samples alone have none."""
    binding = stream.binding
    if binding is None or binding.score < FIRM_SCORE:
        return
    exchange = trace.index.exchanges.get(binding.exchange_id)
    use = _g711_of(stream)
    octets = round(OCTETS_PER_MILLISECOND * (stream.ptime_ms or 0))
    if exchange is None or use is None or not octets:
        return
    sections = _agreed(exchange, binding.media_index)
    if use.longest_length <= octets and _is_secured(sections):
        yield _in_the_clear(stream, exchange, use, octets, sections[0])
    elif use.longest_length - octets in TAGS and _is_clear(exchange, sections) and _is_constant(stream, use):
        yield _tagged(stream, exchange, use, octets, sections[0])


def _in_the_clear(
    stream: RtpStream, exchange: OfferAnswerExchange, use: PayloadTypeUse, octets: int, section: MediaDescription
) -> Hit:
    return Hit(
        text=(
            f"{stream.hop.source} sends {use.packets} packets to {stream.hop.destination} with {use.longest_length} "
            f"octets at most, and {stream.ptime_ms:g} ms of {stream.codec} have {octets}; {section.protocol} was "
            "agreed, which adds an authentication tag to each."
        ),
        evidence=_evidence(exchange, use, section),
        at=use.first_at,
        identity=(stream.id,),
    )


def _tagged(
    stream: RtpStream, exchange: OfferAnswerExchange, use: PayloadTypeUse, octets: int, section: MediaDescription
) -> Hit:
    return Hit(
        text=(
            f"{stream.hop.source} sends {use.packets} packets to {stream.hop.destination} with {use.longest_length} "
            f"octets each, {use.longest_length - octets} more than {stream.ptime_ms:g} ms of {stream.codec} have, as "
            f"SRTP makes them; {section.protocol} without keys was agreed."
        ),
        evidence=_evidence(exchange, use, section),
        at=use.first_at,
        severity=WARNING,
        confidence=Confidence.POSSIBLE,
        guards=("ZRTP agrees on keys in the media itself, and makes such packets by right.",),
        identity=(stream.id,),
    )


def _evidence(exchange: OfferAnswerExchange, use: PayloadTypeUse, section: MediaDescription) -> tuple[Evidence, ...]:
    return (
        Evidence(frame=anchor(exchange.offer_message), note=f"offer: {section.media_line}"),
        Evidence(frame=use.first_frame, note=f"payload type {use.payload_type}, {use.longest_length} octets"),
    )


def _g711_of(stream: RtpStream) -> PayloadTypeUse | None:
    """The use of G.711 in a stream that hardly carries anything else."""
    for use in stream.payload_uses:
        if use.payload_type in G711 and use.packets >= max(FEWEST_PACKETS, NEARLY_ALL * stream.packets):
            return use
    return None


def _agreed(exchange: OfferAnswerExchange, index: int) -> tuple[MediaDescription, ...]:
    """Both sections of a position that was accepted; none where it wasn't."""
    if not is_answered(exchange) or exchange.answer is None:
        return ()
    if index >= min(len(exchange.offer.media), len(exchange.answer.media)):
        return ()
    sections = (exchange.offer.media[index], exchange.answer.media[index])
    return sections if all(section.port for section in sections) else ()


def _is_secured(sections: tuple[MediaDescription, ...]) -> bool:
    """Whether both sides agreed to SRTP, encrypted and authenticated."""
    if not sections or not all(is_secure(section) for section in sections):
        return False
    parameters = [item.session_parameters.upper() for section in sections for item in section.crypto]
    return not any(name in text for name in IN_THE_CLEAR for text in parameters)


def _is_clear(exchange: OfferAnswerExchange, sections: tuple[MediaDescription, ...]) -> bool:
    """Whether neither side spoke of SRTP, or gave any keys."""
    if not sections or exchange.answer is None or any(is_secure(section) for section in sections):
        return False
    descriptions = (exchange.offer, exchange.answer)
    return not any(has_keys(section, item) for section, item in zip(sections, descriptions, strict=True))


def _is_constant(stream: RtpStream, use: PayloadTypeUse) -> bool:
    """Whether every packet is as long as the longest, and its RTP header has nothing more than it must."""
    if stream.series is None or use.packets != stream.packets:
        return False
    return int(stream.series.bytes.sum()) == stream.packets * (RTP_HEADER + use.longest_length)
