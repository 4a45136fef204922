"""A re-INVITE is refused after a change inside it has taken effect.

What it finds
    A re-INVITE with a failure as its final response, although within it an offer and its answer were exchanged, in a
    reliable provisional response, PRACK or UPDATE; and nobody brings the two sides into step with another offer
    within 5 s. Exchanges that agree on preconditions alone don't count.
Why it matters
    One side has changed the session and the other may have gone back: they hold different views of it, and media
    goes one way or nowhere.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4002 RTP/AVP 0
              Supported: 100rel
        3.1   bob -> alice  183 rseq=1
              m=audio 5002 RTP/AVP 0
        3.2   alice -> bob  PRACK
        3.3   bob -> alice  200 PRACK
        4.0   bob -> alice  486 INVITE
        4.1   alice -> bob  ACK
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4002 RTP/AVP 0
              Supported: 100rel
        3.1   bob -> alice  183 rseq=1
              m=audio 5002 RTP/AVP 0
        3.2   alice -> bob  PRACK
        3.3   bob -> alice  200 PRACK
        4.0   bob -> alice  200 INVITE
        4.1   alice -> bob  ACK
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - The answering product must undo an executed change with UPDATE and then answer 2xx, or not refuse.
    - The calling product should send an offer close to what was agreed before, to bring both sides into step.
    - Which of the two descriptions does the media of each side follow?
Sources
    RFC 6141 §3.3; RFC 6141 §3.4
"""

from collections.abc import Iterator

from sipscope.model.description import MediaDescription
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import (
    anchor,
    exchange_identity,
    is_answered,
    label_of,
    media_lines,
    messages_of,
    pair_evidence,
)

RESYNC: Duration = 5 * SECOND
"""How soon an offer that brings both sides into step must follow (catalogue threshold `resync_s`)."""


@rule(
    "OA-025",
    name="error-after-executed-change",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("OA-025", "exchange answered"),
)
def error_after_executed_change(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """No error response once changes were executed (RFC 6141 §3.3); else a synchronising offer (§3.4)."""
    for anomaly in exchange.anomalies:
        if anomaly.code != "OA-025" or not is_answered(exchange) or exchange.answer is None:
            continue
        failure = messages_of(anomaly, trace)[-1]
        if any(_has_preconditions(item) for item in (*exchange.offer.media, *exchange.answer.media)):
            continue
        if _is_left_alone(exchange, trace, failure):
            yield Hit(
                text=(
                    f"The re-INVITE ends with {label_of(failure)} although an offer was answered within it; nobody "
                    "brings the two sides into step, so each may take another description for the valid one."
                ),
                evidence=(
                    *pair_evidence(exchange, media_lines(exchange.offer), media_lines(exchange.answer)),
                    Evidence(frame=anchor(failure), note=label_of(failure)),
                ),
                at=failure.at,
                identity=exchange_identity(exchange, trace),
            )


def _has_preconditions(section: MediaDescription) -> bool:
    return any(attribute.name in {"curr", "des", "conf"} for attribute in section.attributes)


def _is_left_alone(exchange: OfferAnswerExchange, trace: Trace, failure: Message) -> bool:
    """Whether the dialog goes on for five seconds behind the failure, without another offer."""
    dialog = trace.index.dialogs[exchange.dialog_id]
    ledger = trace.index.ledgers[(exchange.leg_id, exchange.dialog_id)]
    if dialog.ended_at is not None and dialog.ended_at <= failure.at + RESYNC:
        return False
    if any(failure.at <= later.at <= failure.at + RESYNC for later in ledger.exchanges):
        return False
    return guards.capture_continues(trace, failure.at, RESYNC)
