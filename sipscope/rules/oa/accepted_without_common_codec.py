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

from sipscope.model.defects import Severity
from sipscope.model.description import MediaDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import answered_sections, exchange_identity, pair_evidence, responder, speaks
from sipscope.rules.remembered import Formats, of_formats
from sipscope.values import dataclass


@rule(
    "OA-008",
    name="accepted-without-common-codec",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("no codec in common",),
)
def accepted_without_common_codec(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Without a common format the stream must be refused (RFC 3264 §6.1)."""
    for offered, answered in answered_sections(exchange):
        fault = _fault(offered.rtp_formats, answered.rtp_formats)
        if fault is None or not _is_judged(offered, answered):
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
            severity=fault.severity,
            identity=exchange_identity(exchange, trace, offered.index),
        )


@dataclass(frozen=True, slots=True)
class _Fault:
    """That two lists of formats share no codec; how severe, where that isn't the rule's own level."""

    severity: Severity | None


@of_formats
def _fault(offered: Formats, answered: Formats) -> _Fault | None:
    """What two lists lack. Every format must be known by name: an unmapped dynamic type proves nothing."""
    if not offered or not answered or any(item.encoding is None for item in (*offered, *answered)):
        return None
    common = {item.key for item in offered} & {item.key for item in answered}
    offers_codec = any(speaks(item.encoding) for item in offered)
    if any(speaks(name) for name, _, _ in common) or (common and not offers_codec):
        return None
    return _Fault(WARNING if common else None)


def _is_judged(offered: MediaDescription, answered: MediaDescription) -> bool:
    """Of one kind, both RTP, and both with a port."""
    both_rtp = offered.is_rtp and answered.is_rtp
    return both_rtp and bool(offered.port and answered.port) and offered.kind == answered.kind


def _names(section: MediaDescription) -> str:
    return ", ".join(str(item) for item in section.rtp_formats)
