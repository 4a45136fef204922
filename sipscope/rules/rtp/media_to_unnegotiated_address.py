"""A party sends media to an address that its peer never announced, or goes on sending to the old one.

What it finds
    A stream from the announced address of a party of an answered call to an address or port that the peer
    announced in no description, candidate or rtcp attribute of the call, for more than 1 s after the answer. Or a
    stream that goes on for more than 2 s to the address of an earlier description after a new one was accepted.
    Sending back to where the peer's media comes from is latching and legal; where no media to the sender is seen, it
    is merely possible that this is none.
Why it matters
    The audio goes nowhere, or into somebody else's call.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU to=192.0.2.66:7000
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-9 alice => bob  PCMU
        0.2-9 bob => alice  PCMU
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Does the sender follow the newest accepted description, or the first one it saw in a provisional response?
    - Is a NAT mapping or a relay's learned address stale?
    - Does a router with a SIP helper rewrite the description after the capture point?
Sources
    RFC 3264 §5.1; RFC 3264 §8.3.1; RFC 4961 §4
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import Ledger, MediaInForce
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.media_windows import FIRM_SCORE

AFTER_ANSWER: Duration = SECOND
AFTER_CHANGE: Duration = 2 * SECOND
FEWEST_PACKETS = 50
UNHEARD = "No media towards the sender was captured, so it may answer a source out of view (RFC 4961 §4)."


@rule("RTP-003", name="media-to-unnegotiated-address", severity=ERROR, since="0.1", subject=Dialog, needs=("media",))
def media_to_unnegotiated_address(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Media goes to the address and port of the peer's newest description (RFC 3264 §5.1, §8.3.1)."""
    if not dialog.is_invite or dialog.confirmed_at is None or not dialog.started_in_capture:
        return
    if not trace.index.streams_from:
        return
    ledgers = [ledger for leg in dialog.legs if (ledger := trace.index.ledgers.get((leg.id, dialog.id))) is not None]
    announced = {side: _announced(ledgers, side) for side in Side}
    if not announced[Side.CALLER] or not announced[Side.CALLEE] or _uses_ice(ledgers):
        return
    everywhere = announced[Side.CALLER] | announced[Side.CALLEE]
    for stream in _unbound_from(trace, everywhere):
        yield from _stray(dialog, trace, stream, everywhere, ledgers)
    for stream in trace.index.streams_of_dialog.get(dialog.id, ()):
        yield from _outdated(dialog, trace, stream)


def _announced(ledgers: list[Ledger], side: Side) -> set[Endpoint]:
    """Every address and port that a party ever asked for, RTCP included, on any leg."""
    found: set[Endpoint] = set()
    for ledger in ledgers:
        for exchange in ledger.exchanges:
            for description in (
                exchange.description_of(side),
                exchange.preview if side is not exchange.offerer else None,
            ):
                for section in () if description is None else description.media:
                    if section.port and section.address is not None:
                        found.add(Endpoint(section.address, section.port))
                        found.add(
                            Endpoint(section.rtcp_address or section.address, section.rtcp_port or section.port + 1)
                        )
    return found


def _uses_ice(ledgers: list[Ledger]) -> bool:
    return any(item.media.ice_candidates for ledger in ledgers for item in ledger.in_force)


def _unbound_from(trace: Trace, endpoints: set[Endpoint]) -> Iterator[RtpStream]:
    """Streams whose source a description announced and that belong to no section firmly."""
    streams = [stream for endpoint in endpoints for stream in trace.index.streams_from.get(endpoint, ())]
    for stream in sorted(streams, key=lambda stream: (stream.first_packet_at, stream.first_frame)):
        if stream.packets < FEWEST_PACKETS:
            continue
        if stream.binding is None or stream.binding.score < FIRM_SCORE:
            yield stream


def _stray(
    dialog: Dialog, trace: Trace, stream: RtpStream, announced: set[Endpoint], ledgers: list[Ledger]
) -> Iterator[Hit]:
    confirmed = dialog.confirmed_at or 0
    end = dialog.ended_at if dialog.ended_at is not None else stream.last_packet_at
    if stream.hop.destination in announced or stream.first_packet_at > end or stream.last_packet_at < confirmed:
        return
    if min(stream.last_packet_at, end) - max(stream.first_packet_at, confirmed) <= AFTER_ANSWER:
        return
    if _latched(trace, stream) or _owned_elsewhere(trace, dialog, stream.hop.source, confirmed, end):
        return
    sender = _side_of(stream.hop.source, ledgers)
    wanted = sorted(str(item) for item in _rtp_endpoints(ledgers, sender.other))
    yield Hit(
        text=(
            f"The {sender} sends {stream.packets} packets from {stream.hop.source} to {stream.hop.destination}, which "
            f"the {sender.other} never announced; it asked for {', '.join(wanted)}."
        ),
        evidence=(*_announcement(ledgers, sender.other), Evidence(frame=stream.first_frame, note=f"RTP {stream.hop}")),
        at=stream.first_packet_at,
        confidence=Confidence.LIKELY if _hears(trace, stream) else Confidence.POSSIBLE,
        guards=() if _hears(trace, stream) else (UNHEARD,),
        identity=(dialog.key, stream.id),
    )


def _hears(trace: Trace, stream: RtpStream) -> bool:
    """Whether media towards the sender is in view: without it, that it latched onto its source can't be excluded."""
    return stream.hop.source in trace.index.streams_to


def _latched(trace: Trace, stream: RtpStream) -> bool:
    """Whether the destination itself sends RTP to the stream's source: symmetric RTP through NAT (RFC 4961 §4)."""
    return any(
        other.hop.destination.address == stream.hop.source.address
        for other in trace.index.streams_from.get(stream.hop.destination, ())
    )


def _owned_elsewhere(trace: Trace, dialog: Dialog, source: Endpoint, start: Instant, end: Instant) -> bool:
    """Whether another dialog announced the same endpoint meanwhile, as a relay or B2BUA does on its other leg."""
    for ledger in trace.index.ledgers_announcing.get(source, ()):
        if ledger.dialog_id == dialog.id:
            continue
        for item in ledger.in_force:
            if Endpoint(item.media.address or "", item.media.port) != source:
                continue
            if item.since <= end and (item.until is None or item.until >= start):
                return True
    return False


def _side_of(endpoint: Endpoint, ledgers: list[Ledger]) -> Side:
    return Side.CALLER if endpoint in _announced(ledgers, Side.CALLER) else Side.CALLEE


def _rtp_endpoints(ledgers: list[Ledger], side: Side) -> set[Endpoint]:
    return {
        Endpoint(item.media.address or "", item.media.port)
        for ledger in ledgers
        for item in ledger.in_force
        if item.side is side and item.media.port
    }


def _announcement(ledgers: list[Ledger], side: Side) -> tuple[Evidence, ...]:
    """The message in which a party said where it wants its media."""
    for ledger in ledgers:
        for exchange in ledger.exchanges:
            message = exchange.offer_message if side is exchange.offerer else exchange.answer_message
            description = exchange.description_of(side)
            if message is not None and description is not None and description.media:
                section = description.media[0]
                return (Evidence(frame=message.frames[-1], note=f"{section.media_line} at {section.address}"),)
    return ()


def _outdated(dialog: Dialog, trace: Trace, stream: RtpStream) -> Iterator[Hit]:
    """A bound stream that goes on to an address that a later accepted description replaced."""
    binding = stream.binding
    if binding is None or binding.score < FIRM_SCORE:
        return
    ledger = trace.index.ledgers.get((binding.leg_id, dialog.id))
    if ledger is None:
        return
    sections = ledger.sections(binding.receiver, binding.media_index)
    current = [item for item in sections if _is_at(item, stream.hop.destination)]
    if not current or current[-1].until is None:
        return
    replaced_at = current[-1].until
    successor = next((item for item in sections if item.since >= replaced_at and item.media.port), None)
    if successor is None or successor.remote is None or stream.last_packet_at - replaced_at <= AFTER_CHANGE:
        return
    if dialog.ended_at is not None and replaced_at >= dialog.ended_at:
        return
    late = in_seconds(min(stream.last_packet_at, dialog.ended_at or stream.last_packet_at) - replaced_at)
    if late * SECOND <= AFTER_CHANGE:
        return
    exchange = trace.index.exchanges[successor.exchange_id]
    yield Hit(
        text=(
            f"Media for the {binding.receiver} goes on to {stream.hop.destination} for {late:.1f} s after it moved to "
            f"{successor.media.address}:{successor.media.port}."
        ),
        evidence=(
            Evidence(frame=exchange.offer_message.frames[-1], note=f"new: {successor.media.media_line}"),
            Evidence(frame=stream.last_frame, note=f"last packet {stream.hop}"),
        ),
        at=replaced_at,
        confidence=Confidence.LIKELY,
        identity=(dialog.key, stream.id, "old"),
    )


def _is_at(item: MediaInForce, endpoint: Endpoint) -> bool:
    return item.media.port == endpoint.port and (item.media.address or "") == endpoint.address
