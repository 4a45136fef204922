"""A party changes its session description and leaves the version in the `o=` line as it was.

What it finds
    An offer or answer whose `o=` line is, number by number, that of the same party's description in the last
    completed exchange, while something else differs: address, port, direction, formats, packet time. The order of
    attributes, the case of names and where a line stands make no difference. Changes that touch nothing but ICE
    candidates or unknown attributes are a warning. Where the `o=` line names another address than the `c=` line,
    an element in between may have rewritten one of the two descriptions, so the party is only likely to blame.
Why it matters
    Peers look at the version first and skip a description whose version they know: the hold, the new port or the
    new codec is ignored, and media keeps going where it went before.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              o=- 7 1 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              o=- 7 1 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              o=- 7 1 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              o=- 7 2 IN IP4 192.0.2.10
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The product that sent it must raise the version by one whenever anything in its description changes.
    - Does an SBC or ALG on the way rewrite addresses and leave the o= line alone? Compare the same message on the
      other side of it, and let the SBC write an o= line of its own.
    - As a workaround, see whether the peer can be told to ignore the version.
Sources
    RFC 3264 §8; RFC 6337 §5.2.5; RFC 3261 §14.1; RFC 3261 §14.2
"""

from collections.abc import Iterator

from sipscope.model.comparison import Difference, DifferenceKind, differences
from sipscope.model.defects import Confidence
from sipscope.model.description import Origin, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    carrier_of,
    change_words,
    exchange_identity,
    is_another_attempt,
    is_answered,
    label_of,
    party_words,
    severity_rank,
)

_MINOR = frozenset({DifferenceKind.ICE, DifferenceKind.COSMETIC})


@rule(
    "OA-005",
    name="origin-version-stale",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("described before",),
)
def origin_version_stale(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """With an equal version, the description must be identical to the one before (RFC 3264 §8)."""
    if exchange.previous_offerer is None and exchange.previous_answerer is None:
        return
    carrier = exchange.offer_message
    past = None if is_another_attempt(exchange) else exchange.previous_offerer
    sent = [(exchange.offerer, past, exchange.offer, carrier)]
    if is_answered(exchange) and exchange.answer is not None and exchange.answer_message is not None:
        answer = (exchange.offerer.other, exchange.previous_answerer, exchange.answer, exchange.answer_message)
        sent.append(answer)
    for side, before, after, message in sent:
        if before is None or before is after or before.origin is None or before.origin != after.origin:
            continue
        changed = differences(before, after)
        if changed:
            yield _hit(exchange, trace, side, before, after, message, changed)


def _hit(
    exchange: OfferAnswerExchange,
    trace: Trace,
    side: Side,
    before: SessionDescription,
    after: SessionDescription,
    message: Message,
    changed: tuple[Difference, ...],
) -> Hit:
    rewritten = _rewritten(before) or _rewritten(after)
    first = min(changed, key=severity_rank)
    earlier = carrier_of(exchange, trace, before)
    evidence = [Evidence(frame=anchor(message), note=f"{_line(after.origin)}, but {change_words(first)}")]
    if earlier is not None:
        evidence.insert(0, Evidence(frame=anchor(earlier), note=f"before: {_line(before.origin)}"))
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return Hit(
        text=(
            f"The description of {party_words(exchange, trace, side)} in the {label_of(message)} differs from its "
            f"description before ({change_words(first)}{more}), but has the same version in its o= line."
        ),
        evidence=tuple(evidence),
        at=message.at,
        severity=WARNING if first.kind in _MINOR else ERROR,
        confidence=Confidence.LIKELY if rewritten else Confidence.CERTAIN,
        guards=("The o= line names another address than c=: an element in between may have rewritten it.",)
        if rewritten
        else (),
        identity=exchange_identity(exchange, trace, side),
    )


def _rewritten(description: SessionDescription) -> bool:
    """Whether a description has the mark of an element that writes addresses and spares the `o=` line."""
    origin = description.origin
    return origin is not None and any(
        section.address is not None and section.address != origin.address for section in description.media
    )


def _line(origin: Origin | None) -> str:
    return "no o= line" if origin is None else f"o= session {origin.session_id} version {origin.session_version}"
