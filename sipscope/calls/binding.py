"""Which media section of which leg an RTP stream belongs to.

Evidence is counted in points: 60 bind, 40 bind tentatively, and a payload type alone never binds. Sections are found
by the address or the port that media is sent to, so that each stream meets few of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import field

from sipscope.calls.media_places import START_GRACE, Place, PlaceIndex, endpoints_of, near, places_of
from sipscope.media.mos import score_of
from sipscope.media.payloads import is_voice
from sipscope.model.description import RtpFormat
from sipscope.model.dialog import Dialog
from sipscope.model.network import Endpoint, Hop
from sipscope.model.offer_answer import Basis, Ledger, MediaInForce
from sipscope.model.stream import Binding, RtpStream
from sipscope.model.time import SECOND
from sipscope.values import dataclass, replace

BOUND = 60
TENTATIVE = 40


@dataclass(slots=True)
class _Match:
    """Points for one place, and why."""

    place: Place
    score: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, points: int, reason: str) -> None:
        """Count one piece of evidence."""
        self.score += points
        self.reasons.append(reason)


def bind_streams(
    streams: Sequence[RtpStream], ledgers: Sequence[Ledger], dialogs: Sequence[Dialog]
) -> tuple[RtpStream, ...]:
    """Bind streams to media sections, name their codecs, and score them.

    Args:
        streams: As they were measured.
        ledgers: What was in force when, on each leg.
        dialogs: With their legs.

    Returns:
        The streams in the same order, unsignalled ones without a binding.
    """
    if not streams:
        return ()
    index = PlaceIndex(places_of(ledgers, dialogs))
    matches = [_best(stream, index) for stream in streams]
    _join_reverse(streams, matches)
    return tuple(_finished(stream, match) for stream, match in zip(streams, matches, strict=True))


def _best(stream: RtpStream, index: PlaceIndex) -> _Match | None:
    named = near(index.by_endpoint.get(stream.hop.destination, ()), stream.first_packet_at)
    exact = [_exact(stream, place) for place in named]
    return _chosen(stream, exact) or _chosen(stream, _elsewhere(stream, index))


def _chosen(stream: RtpStream, matches: Iterable[_Match]) -> _Match | None:
    """The best match. Of equals the call that began last wins, and within a call the hop nearest the caller."""
    enough = [match for match in matches if match.score >= TENTATIVE]
    if not enough:
        return None
    ranks = [_rank(stream, match) for match in enough]
    top = max(ranks)
    equals = [match for match, rank in zip(enough, ranks, strict=True) if rank == top]
    latest = max(equals, key=lambda match: (match.place.section.since, -match.place.order))
    return min(
        (match for match in equals if match.place.call_id == latest.place.call_id),
        key=lambda match: match.place.order,
    )


def _rank(stream: RtpStream, match: _Match) -> tuple[int, int, bool, bool]:
    section = match.place.section
    is_agreed = section.basis in {Basis.OFFER, Basis.ANSWER}
    return (-_distance(match.place, stream), match.score, section.remote is not None, is_agreed)


def _distance(place: Place, stream: RtpStream) -> int:
    """How far a section's time is from the stream's start, in steps: 0 in force, 1 within a second, 2 and more."""
    first = stream.first_packet_at
    if place.covers(first):
        return 0
    if place.covers(first, START_GRACE):
        return 1
    if first < place.section.since:
        # A stream that runs on into the section belongs to it rather than to one that ended before it began.
        return 2 if stream.last_packet_at >= place.section.since else 3 + (place.section.since - first) // SECOND
    return 3 + (0 if place.until is None else (first - place.until) // SECOND)


def _exact(stream: RtpStream, place: Place) -> _Match:
    """Points of a section that names the stream's destination."""
    match = _Match(place)
    media, destination = place.section.media, stream.hop.destination
    side = place.section.side
    if place.until is not None and stream.first_packet_at >= place.until + START_GRACE:
        match.add(20, f"sent to what the {side} had asked for before")
    elif media.address is not None and Endpoint(media.address.lower(), media.port) == destination:
        match.add(60, f"sent to the {side}'s address and port")
    else:
        match.add(60, f"sent to an ICE candidate or a further port of the {side}")
    _add_common(match, stream)
    return match


def _elsewhere(stream: RtpStream, index: PlaceIndex) -> Iterable[_Match]:
    """Points of sections that don't name the destination: a NAT is in between, or media goes astray."""
    at, port = stream.first_packet_at, stream.hop.destination.port
    # Many calls use the same port numbers, so a port says something only where one of the hosts fits as well.
    by_node_and_port, by_remote_and_port, by_sender = index.others()
    by_port = (
        *near(by_node_and_port.get(stream.hop.destination, ()), at),
        *near(by_remote_and_port.get(Endpoint(stream.hop.source.address, port), ()), at),
    )
    shared = {place.order for place in by_port}
    by_source = near(by_sender.get(stream.hop.source, ()), at)
    places = {place.order: place for place in (*by_port, *by_source)}
    for place in places.values():
        match = _Match(place)
        if place.order in shared:
            match.add(30, f"sent to the {place.section.side}'s port at another address")
        _add_common(match, stream)
        if match.reasons and match.score > _weak_points(stream, place):
            yield match


def _add_common(match: _Match, stream: RtpStream) -> None:
    """Evidence that doesn't depend on the destination."""
    section = match.place.section
    if stream.hop.source in match.place.sources:
        match.add(25, f"sent from what the {section.side.other} announced")
    if _names_source(section, stream.ssrc):
        match.add(50, "its SSRC is announced")
    if _lists_types(stream, match.place):
        match.add(10, "all payload types are listed")
    if match.place.covers(stream.first_packet_at, START_GRACE):
        match.add(10, "starts while the description is in force")


def _weak_points(stream: RtpStream, place: Place) -> int:
    """Points for what alone proves nothing: payload types and time."""
    return 10 * _lists_types(stream, place) + 10 * place.covers(stream.first_packet_at, START_GRACE)


def _lists_types(stream: RtpStream, place: Place) -> bool:
    media = place.section.media
    return all(media.format_of(number) is not None for number in stream.payload_types)


def _names_source(section: MediaInForce, ssrc: int) -> bool:
    """Whether the sender's section announces the SSRC (RFC 5576 §4.1)."""
    if section.remote is None:
        return False
    values = section.remote.attribute_values("ssrc")
    return any(value is not None and value.split(" ", 1)[0] == str(ssrc) for value in values)


def _join_reverse(streams: Sequence[RtpStream], matches: list[_Match | None]) -> None:
    """A stream whose reverse flow is bound belongs to the same position, seen from the other party."""
    bound: dict[Hop, _Match] = {}
    for stream, match in zip(streams, matches, strict=True):
        if match is not None and match.score >= BOUND:
            bound.setdefault(stream.hop, match)
    for number, stream in enumerate(streams):
        match, reverse = matches[number], bound.get(stream.hop.reversed())
        if reverse is None or (match is not None and match.score >= BOUND):
            continue
        matches[number] = _mirrored(stream, reverse) or match


def _mirrored(stream: RtpStream, reverse: _Match) -> _Match | None:
    """The other party's section at the position that the reverse flow is bound to; None when it has none."""
    place, side = reverse.place, reverse.place.section.side.other
    positions = place.ledger.sections(side, place.section.media.index)
    if not positions:
        return None
    others = [
        replace(
            place,
            section=section,
            until=section.until,
            sources=() if section.remote is None else endpoints_of(section.remote),
        )
        for section in positions
    ]
    match = _Match(min(others, key=lambda other: _distance(other, stream)))
    match.add(40, "the reverse flow is bound to the same media")
    _add_common(match, stream)
    return match


def _finished(stream: RtpStream, match: _Match | None) -> RtpStream:
    if match is None:
        score, note = score_of(stream)
        return replace(stream, score=score, score_note=note)
    section = match.place.section
    rtp_format = _format(stream, section)
    named = replace(
        stream,
        codec=stream.codec if rtp_format is None or rtp_format.encoding is None else rtp_format.encoding,
        clock_rate_hz=stream.clock_rate_hz if rtp_format is None else rtp_format.clock_rate_hz or stream.clock_rate_hz,
        media_kind=section.media.kind,
        encrypted=_is_encrypted(section),
        binding=Binding(
            dialog_id=match.place.ledger.dialog_id,
            leg_id=match.place.ledger.leg_id,
            receiver=section.side,
            media_index=section.media.index,
            score=match.score,
            reasons=tuple(match.reasons),
            exchange_id=section.exchange_id,
        ),
    )
    score, note = score_of(named)
    return replace(named, score=score, score_note=note)


def _format(stream: RtpStream, section: MediaInForce) -> RtpFormat | None:
    """What most packets carry: as the receiver listed it, else as the sender did (RFC 3264 §5.1)."""
    found = [item for item in (_listed(number, section) for number in stream.payload_types) if item is not None]
    return next((item for item in found if is_voice(item)), found[0] if found else None)


def _listed(payload_type: int, section: MediaInForce) -> RtpFormat | None:
    found = section.media.format_of(payload_type)
    return found if found is not None or section.remote is None else section.remote.format_of(payload_type)


def _is_encrypted(section: MediaInForce) -> bool:
    """SRTP by profile: SAVP and SAVPF (RFC 3711 §12, RFC 5764 §8)."""
    return "SAVP" in section.media.protocol.upper()
