"""The SDP of an unreliable provisional response isn't the answer that follows it in the same dialog.

What it finds
    An answer, in the 2xx or a reliable provisional response, that differs from the first SDP that the same early
    dialog showed in an unreliable provisional response. It is an error where address, port, transport, keys or the
    first codec changed, unless the caller's media was seen to follow; a warning where other things did; a remark
    where it is only the `o=` line, an attribute or ICE. Two unreliable responses that differ are a warning where
    the answer repeats the first of them. Another To tag is another dialog, and no fault.
Why it matters
    Callers take the first SDP for the answer and must ignore what comes later: after the pickup their media still
    goes to the server that played the ring-back tone, and the callee hears nothing.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  183 tag=x
              c=IN IP4 192.0.2.50
              m=audio 6000 RTP/AVP 0
        1.0   bob -> alice  200 tag=x
              c=IN IP4 192.0.2.60
              m=audio 7000 RTP/AVP 0
        1.1   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  183 tag=x
              c=IN IP4 192.0.2.50
              m=audio 6000 RTP/AVP 0
        1.0   bob -> alice  200 tag=y
              c=IN IP4 192.0.2.60
              m=audio 7000 RTP/AVP 0
        1.1   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The answering product must send one and the same SDP in every response of a dialog.
    - A server that plays announcements and then connects the callee should give each its own To tag, or move the
      media with UPDATE or a re-INVITE.
    - Does the silence go away when early media is switched off, or when the caller may change to the SDP of the
      2xx?
Sources
    RFC 3261 §13.2.1
"""

from collections.abc import Iterator

from sipscope.model.comparison import Difference, DifferenceKind, differences
from sipscope.model.defects import Anomaly, Severity
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    change_words,
    description_evidence,
    exchange_identity,
    label_of,
    messages_of,
    responder,
    severity_rank,
)
from sipscope.rules.guards import streams_towards

_MOVES_MEDIA = frozenset(
    {
        DifferenceKind.MEDIA_COUNT,
        DifferenceKind.KIND,
        DifferenceKind.ADDRESS,
        DifferenceKind.PORT,
        DifferenceKind.PROTOCOL,
        DifferenceKind.KEYS,
        DifferenceKind.FIRST_FORMAT,
    }
)
_REACTION = SECOND
"""How soon after the answer media must go to the new address to count as having followed."""


@rule(
    "OA-016",
    name="preview-differs-from-answer",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("OA-016",),
)
def preview_differs_from_answer(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """That same exact answer may be placed in provisional responses before it (RFC 3261 §13.2.1)."""
    found = [item for item in exchange.anomalies if item.code == "OA-016"]
    plain = [item for item in found if not item.variant]
    for anomaly in (plain or found)[:1]:
        yield from _hit(exchange, trace, anomaly)


def _hit(exchange: OfferAnswerExchange, trace: Trace, anomaly: Anomaly) -> Iterator[Hit]:
    messages = messages_of(anomaly, trace)
    first, later = messages[0].description, messages[-1].description
    if len(messages) < 2 or first is None or later is None:
        return
    changed = differences(first, later)
    severity = _severity(changed)
    followed = severity is ERROR and _followed(exchange, trace, first, later)
    if severity is ERROR and (followed or anomaly.variant):
        severity = WARNING
    end = " The caller's media followed to the new address." if followed else ""
    yield Hit(
        text=(
            f"The SDP of {responder(exchange, trace)} in the {label_of(messages[-1])} isn't the one of its "
            f"{label_of(messages[0])} before ({_what(changed)}), which the caller takes for the answer.{end}"
        ),
        evidence=(
            description_evidence(messages[0], first, "first SDP"),
            description_evidence(messages[-1], later, "later SDP"),
        ),
        at=messages[-1].at,
        severity=severity,
        identity=exchange_identity(exchange, trace),
    )


def _what(changed: tuple[Difference, ...]) -> str:
    if not changed:
        return "another o= line"
    shown = sorted(changed, key=severity_rank)[:2]
    rest = f" and {len(changed) - 2} more" if len(changed) > 2 else ""
    return "; ".join(change_words(item) for item in shown) + rest


def _severity(changed: tuple[Difference, ...]) -> Severity:
    kinds = {item.kind for item in changed}
    if kinds & _MOVES_MEDIA:
        return ERROR
    return WARNING if kinds - {DifferenceKind.ICE, DifferenceKind.COSMETIC} else INFO


def _followed(
    exchange: OfferAnswerExchange, trace: Trace, first: SessionDescription, later: SessionDescription
) -> bool:
    """Whether media of the offerer went to where the answer says, soon after it, in each position that moved."""
    moved = [
        new
        for old, new in zip(first.media, later.media, strict=False)
        if new.port and (old.address, old.port) != (new.address, new.port)
    ]
    return bool(moved) and all(_is_used(exchange, trace, section) for section in moved)


def _is_used(exchange: OfferAnswerExchange, trace: Trace, section: MediaDescription) -> bool:
    at = exchange.answered_at
    if at is None:
        return False
    return any(
        (stream.hop.destination.address, stream.hop.destination.port) == (section.address, section.port)
        and stream.is_active(at, at + _REACTION)
        for stream in streams_towards(trace, exchange.dialog_id, exchange.offerer.other)
    )
