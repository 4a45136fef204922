"""The answer gives a codec another payload type than the offer.

What it finds
    A dynamic payload type in the answer whose codec the offer lists under other numbers alone. It is a remark where
    RTP in both directions shows that each side sends with the number it was told. Static payload types don't count.
Why it matters
    It is legal, and fragile: each side must send with the number of the description it received, and products that
    send with their own make one direction undecodable. Digits sent as telephone-event are lost most often.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 101
              a=rtpmap:101 telephone-event/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0 96
              a=rtpmap:96 telephone-event/8000
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 101
              a=rtpmap:101 telephone-event/8000
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0 101
              a=rtpmap:101 telephone-event/8000
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - Set the answering product to take over the numbers of the offer.
    - Or give both sides the same number for that codec, such as 101 for telephone-event.
    - Which number does each side really send with? The streams of the report show it.
Sources
    RFC 3264 §5.1; RFC 3264 §6.1
"""

from collections.abc import Iterator

from sipscope.model.description import RtpFormat
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import FIRST_DYNAMIC, answered_sections, exchange_identity, pair_evidence, responder
from sipscope.rules.remembered import Formats, of_formats


@rule(
    "OA-010",
    name="payload-type-asymmetric",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("other payload type",),
)
def payload_type_asymmetric(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Each side sends with the payload type that the other one listed (RFC 3264 §5.1)."""
    for offered, answered in answered_sections(exchange):
        pairs = _asymmetric(offered.rtp_formats, answered.rtp_formats)
        if not pairs or not (offered.is_rtp and answered.is_rtp and offered.port and answered.port):
            continue
        handled = all(_is_handled(exchange, trace, offered.index, one, other) for one, other in pairs)
        words = "; ".join(f"{one} is {one.payload_type} in the offer" for one, _ in pairs)
        more = "; ".join(f"{other.payload_type} in the answer" for _, other in pairs)
        end = " Each side sends with the number it was told." if handled else ""
        yield Hit(
            text=f"m-line {offered.index + 1}: {words}, and {more} of {responder(exchange, trace)}.{end}",
            evidence=pair_evidence(
                exchange,
                ", ".join(_line(one) for one, _ in pairs),
                ", ".join(_line(other) for _, other in pairs),
            ),
            at=exchange.answered_at or exchange.at,
            severity=INFO if handled else WARNING,
            identity=exchange_identity(exchange, trace, offered.index),
        )


@of_formats
def _asymmetric(offered: Formats, answered: Formats) -> list[tuple[RtpFormat, RtpFormat]]:
    """The offered and the answered format of each codec that has no number in common."""
    found: dict[object, tuple[RtpFormat, RtpFormat]] = {}
    for other in answered:
        same = [one for one in offered if one.encoding is not None and one.key == other.key]
        if any(item.payload_type < FIRST_DYNAMIC for item in (*same, other)):
            continue
        if same and other.payload_type not in {one.payload_type for one in same}:
            found.setdefault(other.key, (same[0], other))
    offered_numbers = {(item.key, item.payload_type) for item in offered}
    symmetric = {item.key for item in answered if (item.key, item.payload_type) in offered_numbers}
    return [pair for key, pair in found.items() if key not in symmetric]


def _is_handled(
    exchange: OfferAnswerExchange, trace: Trace, index: int, offered: RtpFormat, answered: RtpFormat
) -> bool:
    """Whether both sides were seen to send with the other one's number, and neither with its own."""
    to_offerer = _numbers_towards(exchange, trace, exchange.offerer, index)
    to_answerer = _numbers_towards(exchange, trace, exchange.offerer.other, index)
    right = offered.payload_type in to_offerer and answered.payload_type in to_answerer
    return right and answered.payload_type not in to_offerer and offered.payload_type not in to_answerer


def _numbers_towards(exchange: OfferAnswerExchange, trace: Trace, receiver: Side, index: int) -> set[int]:
    return {
        number
        for stream in trace.index.streams_of_dialog.get(exchange.dialog_id, ())
        if stream.binding is not None and stream.binding.receiver is receiver and stream.binding.media_index == index
        for number in stream.payload_types
    }


def _line(item: RtpFormat) -> str:
    return f"a=rtpmap:{item.payload_type} {item}"
