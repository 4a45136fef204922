"""An INVITE without SDP gets a reliable response without an offer.

What it finds
    An INVITE or re-INVITE without a body whose first reliable response, a reliable provisional one or the 2xx, has
    no SDP either. SDP in an unreliable provisional response is no offer: where that is all that is odd, it is a
    remark. Messages with another kind of body are left alone, and so are PRACKs that name a response which isn't in
    the capture.
Why it matters
    The caller asked the other side to offer. Without an offer it can't answer in PRACK or ACK, so the call is
    released at once or stays silent.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  200
        0.2   alice -> bob  ACK
        0.3   alice -> bob  BYE
        0.4   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
              m=audio 4000 RTP/AVP 0
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The answering product must offer everything it supports in its first reliable response to an INVITE without
      SDP.
    - Does an element in between strip the body? Compare the same response on its other side.
    - Switch the caller to early offer (SDP in the INVITE) where that can be configured.
Sources
    RFC 3261 §13.2.1; RFC 3261 §14.1; RFC 3262 §5
"""

from collections.abc import Iterator

from sipscope.model.defects import Anomaly, Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, INFO, Hit, rule
from sipscope.rules.exchanges import anchor, is_cut, label_of, loss_guard, messages_of


@rule("OA-018", name="delayed-offer-missing", severity=ERROR, since="0.1", subject=Dialog, needs=("OA-018",))
def delayed_offer_missing(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The offer is in the INVITE or else in the first reliable non-failure message (RFC 3261 §13.2.1)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is None or not ledger.anomalies:
            continue
        anomalies = [item for item in ledger.anomalies if item.code == "OA-018"]
        missing = {anchor(messages_of(item, trace)[-1]) for item in anomalies if not item.variant}
        for anomaly in anomalies:
            response = messages_of(anomaly, trace)[-1]
            invite = _invite_of(leg, response)
            if invite is None or invite.request is None or _may_hide_an_offer(leg, invite, response):
                continue
            if anomaly.variant and any(anchor(item) in missing for item in invite.responses):
                continue
            yield _hit(dialog, trace, anomaly, invite.request, response)


def _invite_of(leg: Leg, response: Message) -> Transaction | None:
    return next((item for item in leg.transactions if item.method == "INVITE" and response in item.responses), None)


def _may_hide_an_offer(leg: Leg, invite: Transaction, response: Message) -> bool:
    """Whether there may be an offer after all: cut messages, bodies of another kind, responses that aren't here."""
    request = invite.request
    if request is None or request.body or (response.body and response.description is None):
        return True
    if any(is_cut(item) or _has_doubtful_length(item) for item in (request, response)):
        return True
    seen = {item.rseq for item in invite.responses}
    return any(number not in seen for number in _acknowledged(leg, request))


def _has_doubtful_length(message: Message) -> bool:
    """Whether where the body ends is anybody's guess."""
    return any("content-length" in item.code for item in message.defects)


def _acknowledged(leg: Leg, invite: Message) -> Iterator[int]:
    """RSeq numbers that the PRACKs about that INVITE name."""
    for item in leg.transactions:
        rack = None if item.method != "PRACK" or item.request is None else item.request.rack
        if rack is not None and invite.cseq is not None and rack.cseq_number == invite.cseq.number:
            yield rack.rseq


def _hit(dialog: Dialog, trace: Trace, anomaly: Anomaly, invite: Message, response: Message) -> Hit:
    lossy = loss_guard(trace, invite.at, response.at)
    if anomaly.variant:
        text = (
            f"The {label_of(response)} has SDP although the INVITE had none; it isn't reliable, so this is no offer, "
            "and the caller need not act on it."
        )
        note = "SDP in an unreliable response"
    else:
        text = (
            f"The INVITE has no SDP, so the {label_of(response)}, the first reliable response, must carry the offer; "
            "it has none."
        )
        note = f"{label_of(response)} without SDP"
    return Hit(
        text=text,
        evidence=(
            Evidence(frame=anchor(invite), note="INVITE without SDP"),
            Evidence(frame=anchor(response), note=note),
        ),
        at=response.at,
        severity=INFO if anomaly.variant else None,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=() if anomaly.variant else lossy,
        identity=(dialog.key, invite.cseq, anomaly.variant),
    )
