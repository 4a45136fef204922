"""A change of the session was refused, and media follows it all the same.

What it finds
    A re-INVITE or UPDATE with an offer that was refused; and, more than 1 s later and up to 10 s, before the next
    offer, RTP to an address and port or with a payload type that stood in the refused offer alone. A stream that
    flowed until then and stops with the refusal for more than 5 s is a warning. Refusals that end the dialog (408,
    481) are left alone, and so are offers that crossed one of the other side.
Why it matters
    A refused video upgrade or hold must not disturb the call that is running; when it does, users report that the
    call went silent when they pressed the button.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-15 alice => bob  PCMU
        0.2-5.1 bob => alice  PCMU
        5.0   alice -> bob  INVITE
              m=audio 6000 RTP/AVP 0
        5.1   bob -> alice  500
        5.2   alice -> bob  ACK
        5.12-15 bob => alice  PCMU to=192.0.2.10:6000 ssrc=77
        15.0  alice -> bob  BYE
        15.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-15 alice => bob  PCMU
        0.2-15 bob => alice  PCMU to=192.0.2.10:4000
        5.0   alice -> bob  INVITE
              m=audio 6000 RTP/AVP 0
        5.1   bob -> alice  500
        5.2   alice -> bob  ACK
        15.0  alice -> bob  BYE
        15.1  bob -> alice  200
What to check
    - The product that sends by the refused offer must go back to what was agreed before.
    - Why was the change refused? A product that has carried it out already should not refuse it any more.
    - As a workaround, hold and resume the call once: a completed exchange puts both ends in step.
Sources
    RFC 3261 §14.1; RFC 3311 §5.3; RFC 6141 §3.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.description import SessionDescription
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import ExchangeOutcome, Ledger, OfferAnswerExchange
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, exchange_identity, label_of, media_lines
from sipscope.values import dataclass

GRACE: Duration = 1 * SECOND
"""Media already under way by the offer is legal until the refusal has arrived."""

REACH: Duration = 10 * SECOND
"""How long behind the refusal media is held against it."""

GAP: Duration = 5 * SECOND
"""Silence that counts as a stream that stopped (catalogue threshold `media_gap_s`)."""

_ENDS_THE_DIALOG = frozenset({408, 481})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """A refused change: the exchange, what its sender had said before, and when media is held against it."""

    exchange: OfferAnswerExchange
    refusal: Response
    before: SessionDescription
    start: Instant
    end: Instant


@rule(
    "OA-024",
    name="failed-change-applied",
    severity=ERROR,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("exchange rejected", "described before"),
)
def failed_change_applied(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Behind a refusal the session is as if nothing had been asked (RFC 3261 §14.1, RFC 3311 §5.3)."""
    change = _refused(exchange, trace)
    if change is None:
        return
    streams = trace.index.streams_of_dialog.get(exchange.dialog_id, ())
    for stream in (*streams, *_unbound(trace, change)):
        if stream.is_active(change.start, change.end):
            what = _applied(change, stream, trace)
            if what:
                yield _hit(trace, change, stream, what)
                return
    for stream in streams:
        if _stopped(change, stream, streams):
            yield _gap_hit(trace, change, stream)
            return


def _refused(exchange: OfferAnswerExchange, trace: Trace) -> _Refused | None:
    refusal, before = exchange.answer_message, exchange.previous_offerer
    if exchange.outcome is not ExchangeOutcome.REJECTED or not isinstance(refusal, Response) or before is None:
        return None
    if refusal.status < 300 or refusal.status in _ENDS_THE_DIALOG or trace.ended_at is None:
        return None
    ledger = trace.index.ledgers[(exchange.leg_id, exchange.dialog_id)]
    if any(_crossed(exchange, refusal, other) for other in ledger.exchanges if other is not exchange):
        return None
    dialog = trace.index.dialogs[exchange.dialog_id]
    limits = [refusal.at + REACH, trace.ended_at, *_next_offers(ledger, exchange)]
    end = min(limits if dialog.ended_at is None else [*limits, dialog.ended_at])
    start = refusal.at + GRACE
    return None if end <= start else _Refused(exchange=exchange, refusal=refusal, before=before, start=start, end=end)


def _crossed(exchange: OfferAnswerExchange, refusal: Response, other: OfferAnswerExchange) -> bool:
    """Whether another offer crossed the refused one: its sender may ask for the same in its answer to that."""
    if other.at > refusal.at:
        return False
    settled = other.answer_message
    return other.outcome is ExchangeOutcome.PENDING if settled is None else settled.at >= exchange.at


def _next_offers(ledger: Ledger, exchange: OfferAnswerExchange) -> list[Instant]:
    return [later.at for later in ledger.exchanges if later.number > exchange.number]


def _endpoints(description: SessionDescription) -> set[Endpoint]:
    return {
        Endpoint(address=section.address, port=section.port)
        for section in description.media
        if section.address is not None and section.port and section.is_rtp
    }


def _only_offered(change: _Refused) -> set[Endpoint]:
    return _endpoints(change.exchange.offer) - _endpoints(change.before)


def _unbound(trace: Trace, change: _Refused) -> tuple[RtpStream, ...]:
    """Streams to the new places that belong to no call."""
    wanted = _only_offered(change)
    return tuple(item for item in trace.index.unbound_streams if item.hop.destination in wanted)


def _applied(change: _Refused, stream: RtpStream, trace: Trace) -> str:
    """What of the refused offer a stream uses; empty when nothing."""
    place = stream.hop.destination
    if place in _only_offered(change) and len(trace.index.ledgers_announcing.get(place, ())) <= 1:
        return f"goes to {place}"
    if stream.binding is None or stream.binding.receiver is not change.exchange.offerer:
        return ""
    index = stream.binding.media_index
    fresh = _numbers(change.exchange.offer, index) - _numbers(change.before, index) - _answered_numbers(change, index)
    for use in stream.payload_uses:
        if use.payload_type in fresh and use.last_at >= change.start and use.first_at <= change.end:
            return f"has payload type {use.payload_type}"
    return ""


def _numbers(description: SessionDescription, index: int) -> set[int]:
    if index >= len(description.media):
        return set()
    return {item.payload_type for item in description.media[index].rtp_formats}


def _answered_numbers(change: _Refused, index: int) -> set[int]:
    """Numbers of the other side's description: many products send by their own instead."""
    other = change.exchange.previous_answerer
    return set() if other is None else _numbers(other, index)


def _stopped(change: _Refused, stream: RtpStream, streams: tuple[RtpStream, ...]) -> bool:
    """Whether a stream flowed until the change was asked for, and nothing took its place for five seconds."""
    asked, refused = change.exchange.at, change.refusal.at
    runs = [run for run in stream.activity if run.start <= asked - GAP and asked <= run.end <= refused + GRACE]
    if stream.binding is None or not runs or change.end < runs[-1].end + GAP:
        return False
    return not any(
        other.binding is not None
        and other.binding.receiver is stream.binding.receiver
        and other.is_active(runs[-1].end + 1, runs[-1].end + GAP)
        for other in streams
    )


def _evidence(change: _Refused, frame: int, note: str) -> tuple[Evidence, ...]:
    return (
        Evidence(
            frame=anchor(change.exchange.offer_message), note=f"refused offer: {media_lines(change.exchange.offer)}"
        ),
        Evidence(
            frame=anchor(change.refusal), note=f"{label_of(change.refusal)}; before: {media_lines(change.before)}"
        ),
        Evidence(frame=frame, note=note),
    )


def _hit(trace: Trace, change: _Refused, stream: RtpStream, what: str) -> Hit:
    return Hit(
        text=(
            f"The offer in the {label_of(change.exchange.offer_message)} was refused with {label_of(change.refusal)}, "
            f"but media from {stream.hop.source} still {what} by that offer."
        ),
        evidence=_evidence(change, stream.last_frame, f"RTP that {what}"),
        at=max(change.start, stream.first_packet_at),
        identity=exchange_identity(change.exchange, trace),
    )


def _gap_hit(trace: Trace, change: _Refused, stream: RtpStream) -> Hit:
    return Hit(
        text=(
            f"The offer in the {label_of(change.exchange.offer_message)} was refused with {label_of(change.refusal)}, "
            f"and media from {stream.hop.source}, which flowed until then, stops for more than 5 s."
        ),
        evidence=_evidence(change, stream.last_frame, "last packet of the stream"),
        at=change.refusal.at,
        severity=WARNING,
        confidence=Confidence.LIKELY,
        identity=exchange_identity(change.exchange, trace),
    )
