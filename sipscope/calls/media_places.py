"""Where media is to be sent: the sections in force on each leg, found by what a stream shares with them."""

from bisect import bisect_right
from collections.abc import Sequence

from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import Ledger, MediaInForce
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.values import dataclass

NEAREST_PLACES = 32
"""Sections at one endpoint that a stream is compared with, the nearest in time."""

START_GRACE: Duration = SECOND
"""A stream may start so long before its section is in force, or after: answers overtake media, and reverse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A section in force on a leg.

    Attributes:
        order: Position among all, by ledger.
        ledger: Where it was negotiated.
        leg: The leg; None when no dialog shows it.
        call_id: What copies of one description on several hops have in common.
        section: The section.
        until: When it ceased to be in force, at the latest with its dialog; None while it is.
        sources: Where the other party receives, and so is expected to send from.
    """

    order: int
    ledger: Ledger
    leg: Leg | None
    call_id: str
    section: MediaInForce
    until: Instant | None
    sources: tuple[Endpoint, ...]

    def covers(self, at: Instant, grace: Duration = 0) -> bool:
        """Whether it is in force at an instant, or was or will be within the grace."""
        return self.section.since - grace <= at and (self.until is None or at < self.until + grace)


_Table = dict[Endpoint, list[Place]]


class PlaceIndex:
    """Places, each list by the time they came into force."""

    def __init__(self, places: Sequence[Place]) -> None:
        """Sort them by where media is to be sent, which is all that most streams need."""
        self._places = places
        self._others: tuple[_Table, _Table, _Table] | None = None
        self.by_endpoint: _Table = {}
        for place in places:
            for endpoint in endpoints_of(place.section.media):
                self.by_endpoint.setdefault(endpoint, []).append(place)
        _sort(self.by_endpoint)

    def others(self) -> tuple[_Table, _Table, _Table]:
        """The places by what a stream that goes elsewhere may share with them, made once somebody asks.

        First by the address of the receiver's signalling with its media port, then by the media address of the other
        party with the receiver's media port, then by where the other party receives media.
        """
        if self._others is None:
            self._others = ({}, {}, {})
            for place in self._places:
                _enter(self._others, place)
            for table in self._others:
                _sort(table)
        return self._others


def _enter(tables: tuple[_Table, _Table, _Table], place: Place) -> None:
    by_node_and_port, by_remote_and_port, by_source = tables
    section = place.section
    port, remote = section.media.port, section.remote
    if place.leg is not None:
        node = place.leg.caller if section.side is Side.CALLER else place.leg.callee
        by_node_and_port.setdefault(Endpoint(node.address, port), []).append(place)
    if remote is not None and remote.address is not None:
        by_remote_and_port.setdefault(Endpoint(remote.address.lower(), port), []).append(place)
    for endpoint in place.sources:
        by_source.setdefault(endpoint, []).append(place)


def _sort(table: _Table) -> None:
    for places in table.values():
        if len(places) > 1:
            places.sort(key=_since)


def places_of(ledgers: Sequence[Ledger], dialogs: Sequence[Dialog]) -> list[Place]:
    """Every section that asks for RTP, with its leg, in the order of the ledgers."""
    by_id = {dialog.id: dialog for dialog in dialogs}
    found: list[Place] = []
    for ledger in ledgers:
        dialog = by_id.get(ledger.dialog_id)
        for section in ledger.in_force:
            if section.media.is_rtp and section.media.port:
                found.append(_place(ledger, dialog, section, len(found)))
    return found


def _since(place: Place) -> Instant:
    return place.section.since


def near(places: Sequence[Place], at: Instant) -> Sequence[Place]:
    """Those that came into force last before an instant, and next after it: one endpoint may serve many calls."""
    if len(places) <= NEAREST_PLACES:
        return places
    position = bisect_right(places, at + START_GRACE, key=_since)
    return places[max(0, position - NEAREST_PLACES) : position + 1]


def _place(ledger: Ledger, dialog: Dialog | None, section: MediaInForce, order: int) -> Place:
    ends = [at for at in (section.until, dialog.ended_at if dialog is not None else None) if at is not None]
    legs = () if dialog is None else dialog.legs
    return Place(
        order=order,
        ledger=ledger,
        leg=next((leg for leg in legs if leg.id == ledger.leg_id), None),
        call_id=ledger.dialog_id if dialog is None else dialog.key.call_id,
        section=section,
        until=min(ends) if ends else None,
        sources=() if section.remote is None else endpoints_of(section.remote),
    )


def endpoints_of(media: MediaDescription) -> tuple[Endpoint, ...]:
    """Where a section asks media to be sent: its address and port, and its ICE candidates (RFC 8839 §5.1)."""
    found: dict[Endpoint, None] = {}
    if media.address is not None and media.port:
        for offset in range(min(media.port_count, 16)):
            found[Endpoint(media.address.lower(), media.port + 2 * offset)] = None
    for candidate in media.ice_candidates:
        parts = candidate.split()
        if len(parts) >= 6 and parts[5].isdecimal() and parts[1] == "1":
            found[Endpoint(parts[4].lower(), int(parts[5]))] = None
    return tuple(found)
