"""An UPDATE carries an offer before the offer of the INVITE has its answer in a reliable message.

What it finds
    In an early dialog, an UPDATE with SDP while the INVITE's offer has no answer in a reliable provisional response
    or a 2xx yet (SDP in an unreliable one is only a preview), while an INVITE without SDP waits for an offer or for
    its answer in PRACK, or, from the callee, before the PRACK for its answer. UPDATE without SDP is free at any time.
    Whoever keeps to the order does so at every tap of the way; where a PRACK names a response that this capture
    lacks, nothing is judged.
Why it matters
    The peer must refuse it with 491 or 500, and tries go round in circles; preconditions then never complete.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
              Supported: 100rel
        0.1   bob -> alice  180
              m=audio 5000 RTP/AVP 0
        0.5   alice -> bob  UPDATE
              m=audio 4000 RTP/AVP 0
        0.6   bob -> alice  500
              Retry-After: 4
        1.0   bob -> alice  200 INVITE
              m=audio 5000 RTP/AVP 0
        1.1   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 8
              Supported: 100rel
        0.1   bob -> alice  180 rseq=1
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        0.5   alice -> bob  UPDATE
              m=audio 4000 RTP/AVP 0
        0.6   bob -> alice  200 UPDATE
              m=audio 5000 RTP/AVP 0
        1.0   bob -> alice  200 INVITE
        1.1   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The sender must wait for the reliable answer, and a callee for its PRACK too, before it offers anew.
    - Does it take SDP in an unreliable 18x for the answer? Only a reliable response or the 2xx completes the exchange.
    - Without 100rel on both sides, changes have to wait for the 2xx.
Sources
    RFC 3311 §5.1; RFC 3311 §5.2; RFC 3262 §5
"""

from collections.abc import Iterator

from sipscope.model.defects import Anomaly, Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.offer_answer import Ledger
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import loss_guard, media_lines, messages_of
from sipscope.rules.reliability import lacks_reliable


@rule("UPD-002", name="update-offer-too-early", severity=ERROR, since="0.1", subject=Dialog, needs=("UPD-002",))
def update_offer_too_early(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Before the INVITE is completed, UPDATE offers only behind a reliable answer (RFC 3311 §5.1)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        anomalies = [] if ledger is None or not leg.both_directions else _anomalies(ledger)
        if not anomalies:
            continue
        invite = next((item for item in leg.transactions if item.is_dialog_creating_invite), None)
        if invite is None or lacks_reliable(dialog, leg, invite):
            continue
        for anomaly in anomalies:
            update = messages_of(anomaly, trace)[-1]
            # During a re-INVITE the peers share a session already: that is glare, not haste.
            if isinstance(update, Request) and not _is_behind_success(invite, dialog, update):
                sender = dialog.sender_of(update) or leg.side_of(update)
                if anomaly.variant != "before-prack" or guards.in_dialog_path_visible(leg, sender.other):
                    yield _hit(dialog, trace, invite, update, sender)


def _anomalies(ledger: Ledger) -> list[Anomaly]:
    every = [*ledger.anomalies]
    for exchange in ledger.exchanges:
        every += exchange.anomalies
    return [anomaly for anomaly in every if anomaly.code == "UPD-002"]


def _is_behind_success(invite: Transaction, dialog: Dialog, update: Request) -> bool:
    success = (item for item in invite.responses if item.is_success and item.to_tag == dialog.key.callee_tag)
    return any(response.at <= update.at for response in success)


def _hit(dialog: Dialog, trace: Trace, invite: Transaction, update: Request, sender: Side) -> Hit:
    told = _last_told(invite, dialog, update)
    lossy = loss_guard(trace, invite.started_at, update.at)
    return Hit(
        text=f"The {sender} offers anew in an UPDATE although {_missing(invite, told)}.",
        evidence=tuple(_evidence(invite, told, update)),
        at=update.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.CERTAIN,
        guards=lossy,
        identity=(dialog.key, update.cseq, sender),
    )


def _last_told(invite: Transaction, dialog: Dialog, update: Request) -> Response | None:
    """The last provisional response with SDP before the UPDATE, the reliable one where there is one."""
    told = [
        item
        for item in invite.provisionals
        if item.description is not None and item.to_tag == dialog.key.callee_tag and item.at < update.at
    ]
    reliable = [item for item in told if item.is_reliable_provisional]
    return (reliable or told)[-1] if told else None


def _missing(invite: Transaction, told: Response | None) -> str:
    offered = invite.request is not None and invite.request.description is not None
    if told is not None and told.is_reliable_provisional:
        what = "answer" if offered else "offer"
        return f"no PRACK completed the {what} in the reliable {told.label} (RSeq {told.rseq})"
    if not offered:
        return "the INVITE had no SDP and no offer came in a reliable response"
    if told is None:
        return "the offer of the INVITE has no answer yet"
    return f"the offer of the INVITE has no reliable answer: the {told.label} is unreliable and only a preview"


def _evidence(invite: Transaction, told: Response | None, update: Request) -> Iterator[Evidence]:
    if invite.request is not None:
        offer = invite.request.description
        yield Evidence(
            frame=invite.request.frames[-1],
            note="INVITE without SDP" if offer is None else f"offer: {media_lines(offer)}",
        )
    if told is not None and told.description is not None:
        kind = f"RSeq {told.rseq}" if told.is_reliable_provisional else "unreliable"
        yield Evidence(frame=told.frames[-1], note=f"{told.label}, {kind}: {media_lines(told.description)}")
    if update.description is not None:
        yield Evidence(frame=update.frames[-1], note=f"UPDATE with an offer: {media_lines(update.description)}")
