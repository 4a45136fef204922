"""Which call a stream belongs to that only reports tell of, and the clock its jitter is counted in."""

from collections.abc import Iterator, Sequence

from sipscope.calls.media_places import START_GRACE, Place, near, places_of
from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Dialog
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import MediaFacts, ReportedStream
from sipscope.values import replace


def with_negotiated(media: MediaFacts, ledgers: Sequence[Ledger], dialogs: Sequence[Dialog]) -> MediaFacts:
    """The facts, with what was negotiated where the reported streams go.

    Args:
        media: As it was read.
        ledgers: What was in force when, on each leg.
        dialogs: With their legs.
    """
    if not media.reported:
        return media
    places = _by_control(places_of(ledgers, dialogs))
    return replace(media, reported=tuple(_negotiated(stream, places) for stream in media.reported))


def _by_control(places: Sequence[Place]) -> dict[Endpoint, list[Place]]:
    found: dict[Endpoint, list[Place]] = {}
    for place in sorted(places, key=lambda place: place.section.since):
        for endpoint in dict.fromkeys(_control(place.section.media)):
            found.setdefault(endpoint, []).append(place)
    return found


def _control(media: MediaDescription) -> Iterator[Endpoint]:
    """Where a section gets RTCP: `a=rtcp` (RFC 3605 §2.1), else the next port, or that of RTP (RFC 5761 §5.1.1)."""
    if media.address is None:
        return
    address = media.address.lower()
    if media.rtcp_port is not None:
        yield Endpoint((media.rtcp_address or address).lower(), media.rtcp_port)
    else:
        yield Endpoint(address, media.port + 1)
    if media.rtcp_mux:
        yield Endpoint(address, media.port)


def _negotiated(stream: ReportedStream, places: dict[Endpoint, list[Place]]) -> ReportedStream:
    """The stream with the Call-ID and the clock of the sections in force at its receiver when it was reported on."""
    at = stream.rtcp.receiver_reports[0].at
    found = [place for place in near(places.get(stream.hop.destination, ()), at) if place.covers(at, START_GRACE)]
    if not found:
        return stream
    return replace(stream, call_id=found[-1].call_id, clock_rate_hz=_clock(found))


def _clock(places: Sequence[Place]) -> int | None:
    """The clock of all formats; None where they differ, as a report doesn't say which format came."""
    clocks = {listed.clock_rate_hz for place in places for listed in place.section.media.rtp_formats}
    return clocks.pop() if len(clocks) == 1 else None
