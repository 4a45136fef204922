"""A party sends another SDP behind its answer, where none may change anything any more.

What it finds
    After an answer in a reliable provisional response: SDP in a later response to the same INVITE that differs from
    all its sender has said in it. And SDP in the ACK although the INVITE had the offer. It is a remark where nothing
    but the `o=` line, unknown attributes or ICE differ, or where the ACK repeats the offer. The same answer once
    more is no fault.
Why it matters
    The receiver must ignore it, the sender believes that it took effect: the two ends disagree about port or codec.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
              m=audio 6000 RTP/AVP 0
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        2.0   bob -> alice  200 INVITE
              m=audio 7000 RTP/AVP 0
        2.1   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
              m=audio 6000 RTP/AVP 0
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        1.0   bob -> alice  UPDATE
              m=audio 7000 RTP/AVP 0
        1.1   alice -> bob  200 UPDATE
              m=audio 4000 RTP/AVP 0
        2.0   bob -> alice  200 INVITE
        2.1   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The sending product must change an early session with UPDATE, and leave SDP out of what follows.
    - Which of the two descriptions does its media follow?
    - Does an element in between answer early media by itself and pass on the callee's SDP later?
Sources
    RFC 3261 §13.2.1; RFC 3262 §5
"""

from collections.abc import Iterator

from sipscope.model.comparison import DifferenceKind, differences
from sipscope.model.defects import Anomaly, Severity
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    change_words,
    description_evidence,
    exchange_identity,
    label_of,
    messages_of,
    severity_rank,
)

_MINOR = frozenset({DifferenceKind.ICE, DifferenceKind.COSMETIC})


@rule(
    "OA-017",
    name="sdp-after-answer-complete",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("OA-017",),
)
def sdp_after_answer_complete(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Descriptions behind the answer to the initial offer must be ignored (RFC 3261 §13.2.1)."""
    for anomaly in exchange.anomalies:
        if anomaly.code == "OA-017":
            yield from _hit(exchange, trace, anomaly)


def _hit(exchange: OfferAnswerExchange, trace: Trace, anomaly: Anomaly) -> Iterator[Hit]:
    *earlier, surplus = messages_of(anomaly, trace)
    before = earlier[0] if earlier else exchange.offer_message
    said, description = before.description, surplus.description
    if said is None or description is None:
        return
    changed = differences(said, description)
    first = min(changed, key=severity_rank, default=None)
    what = "only the o= line, if anything, differs" if first is None else change_words(first)
    yield Hit(
        text=(
            f"The {label_of(surplus)} carries SDP although the answer is complete, and isn't the place for another "
            f"({what}, against the {label_of(before)}); the other side must ignore it."
        ),
        evidence=(description_evidence(before, said, "before"), description_evidence(surplus, description, "surplus")),
        at=surplus.at,
        severity=_severity({item.kind for item in changed}),
        identity=exchange_identity(exchange, trace, anchor(surplus) if surplus.cseq is None else surplus.cseq),
    )


def _severity(kinds: set[DifferenceKind]) -> Severity:
    return WARNING if kinds - _MINOR else INFO
