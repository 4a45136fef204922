"""A third-party controller connects two phones, and leaves one of them without media or without its ACK.

What it finds
    A call whose first exchange gives voice to nobody, by the null address or a=inactive, that no further exchange
    changes within 30 s while it lasts, and whose party that wrote this has another call at the same time; candidates
    for ICE explain a null address. Also an answer that is sent three times and more, and is acknowledged only within a
    second of the answer to another call of the same caller: the controller keeps the one waiting for the other.
Why it matters
    Click-to-dial connects both phones, and neither hears anything; or the call is dropped after 32 s.
Example
    Bad:
        pbx   192.0.2.5
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   pbx -> alice  INVITE call=1
              c=IN IP4 0.0.0.0
              m=audio 9000 RTP/AVP 0
        0.5   alice -> pbx  200
              m=audio 4000 RTP/AVP 0
        0.6   pbx -> alice  ACK
        0.7   pbx -> bob    INVITE call=2
              m=audio 9002 RTP/AVP 0
        3.0   bob -> pbx    200 call=2
              m=audio 5000 RTP/AVP 0
        3.1   pbx -> bob    ACK call=2
        60.0  alice -> pbx  BYE call=1
        60.1  pbx -> alice  200
        60.2  pbx -> bob    BYE call=2
        60.3  bob -> pbx    200 call=2
    Good:
        pbx   192.0.2.5
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   pbx -> alice  INVITE call=1
              c=IN IP4 0.0.0.0
              m=audio 9000 RTP/AVP 0
        0.5   alice -> pbx  200
              m=audio 4000 RTP/AVP 0
        0.6   pbx -> alice  ACK
        0.7   pbx -> bob    INVITE call=2
              m=audio 4000 RTP/AVP 0
        3.0   bob -> pbx    200 call=2
              m=audio 5000 RTP/AVP 0
        3.1   pbx -> bob    ACK call=2
        3.2   pbx -> alice  INVITE call=1
              m=audio 5000 RTP/AVP 0
        3.3   alice -> pbx  200
              m=audio 4000 RTP/AVP 0
        3.4   pbx -> alice  ACK call=1
        60.0  alice -> pbx  BYE call=1
        60.1  pbx -> alice  200
        60.2  pbx -> bob    BYE call=2
        60.3  bob -> pbx    200 call=2
What to check
    - The controller must send each phone the description of the other one by re-INVITE or UPDATE.
    - It must send ACK at once, and change the session later, where people answer the calls.
Sources
    RFC 3725 §4; RFC 3725 §5; RFC 3264 §8.4
"""

from collections.abc import Iterator

from sipscope.model.description import Direction, MediaDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_answered, party_words
from sipscope.rules.hold import is_null
from sipscope.rules.media_windows import first_ledger

PATIENCE: Duration = 30 * SECOND
"""How long a controller may leave a phone without media."""

STORM = 2
"""Retransmissions of a 2xx that show that its ACK is late."""

TOGETHER: Duration = SECOND
"""How near the ACK follows the answer that was waited for."""


@rule("SVC-003", name="third-party-controller-blackhole", severity=WARNING, since="0.1", subject=Dialog)
def third_party_controller_blackhole(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A controller updates the media of a phone it called without any, and acknowledges at once (RFC 3725 §4, §5)."""
    if not dialog.is_invite or dialog.confirmed_at is None or not dialog.started_in_capture:
        return
    yield from _without_media(dialog, trace)
    yield from _kept_waiting(dialog, trace)


def _without_media(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    confirmed, ended = dialog.confirmed_at, dialog.ended_at
    if confirmed is None or (ended is not None and ended < confirmed + PATIENCE):
        return
    ledger = first_ledger(dialog, trace)
    if ledger is None or not guards.capture_continues(trace, confirmed, PATIENCE):
        return
    first = ledger.exchanges[0]
    side = _silencer(first) if first.history_complete else None
    if side is None or any(item.at <= confirmed + PATIENCE for item in ledger.exchanges[1:]):
        return
    if _has_another_call(dialog, dialog.party(side).endpoint.address, trace):
        carrier = first.offer_message if side is first.offerer else first.answer_message
        evidence: list[Message] = [item for item in (first.offer_message, first.answer_message) if item is not None]
        yield Hit(
            text=(
                f"The call begins without media, as {party_words(first, trace, side)} wanted it, and nothing changes "
                f"that for {PATIENCE // SECOND} s."
            ),
            evidence=tuple(
                Evidence(frame=anchor(item), note="without media" if item is carrier else "answered so")
                for item in evidence
            ),
            at=confirmed,
            identity=(dialog.key, "media"),
        )


def _silencer(exchange: OfferAnswerExchange) -> Side | None:
    """The party whose description keeps every voice section silent; None where one of them may carry media."""
    if not is_answered(exchange):
        return None
    for side in (exchange.offerer, exchange.offerer.other):
        description = exchange.description_of(side)
        sections = () if description is None else tuple(item for item in description.media if item.is_rtp and item.port)
        if sections and all(_is_silent(section) for section in sections):
            return side
    return None


def _is_silent(section: MediaDescription) -> bool:
    if section.ice_candidates or section.ice_credentials[0] is not None:
        return False
    return is_null(section) or section.direction is Direction.INACTIVE


def _has_another_call(dialog: Dialog, host: str, trace: Trace) -> bool:
    """Whether a host calls somebody else at the time, as a controller does."""
    began, ended = dialog.transactions[0].started_at, dialog.ended_at
    return any(
        other.id != dialog.id
        and other.is_invite
        and other.caller.endpoint.address == host
        and other.confirmed_at is not None
        and (ended is None or other.confirmed_at < ended)
        and (other.ended_at is None or other.ended_at > began)
        and other.key.call_id != dialog.key.call_id
        for other in trace.dialogs
    )


def _kept_waiting(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    invite = dialog.creating_transaction
    if invite is None or len(invite.response_copies) < STORM:
        return
    final = invite.final
    copies = [item for item in invite.response_copies if final is not None and item.status == final.status]
    if final is None or not final.is_success or len(copies) < STORM:
        return
    ack = next((item for item in dialog.transactions if item.method == "ACK" and item.first.cseq is not None), None)
    if ack is None:
        return
    other = _answer_just_before(ack, invite, trace)
    if other is not None:
        yield Hit(
            text=(
                f"The ACK came {in_seconds(ack.started_at - final.at):.1f} s behind the answer, when another call of "
                "the same caller was answered: one phone waits for the other."
            ),
            evidence=(
                Evidence(frame=anchor(final), note=final.label),
                *(Evidence(frame=anchor(item), note="sent again") for item in copies),
                Evidence(frame=anchor(other), note="answer to the other call"),
                Evidence(frame=anchor(ack.first), note="ACK"),
            ),
            at=ack.started_at,
            identity=(dialog.key, "ack"),
        )


def _answer_just_before(ack: Transaction, invite: Transaction, trace: Trace) -> Message | None:
    """The 2xx to another INVITE of the same host within the last second before the ACK."""
    for other in trace.transactions:
        final = other.final
        if not other.is_dialog_creating_invite or final is None or not final.is_success:
            continue
        same_host = other.hop.source.address == invite.hop.source.address
        if same_host and other.first.call_id != invite.first.call_id and 0 <= ack.started_at - final.at <= TOGETHER:
            return final
    return None
