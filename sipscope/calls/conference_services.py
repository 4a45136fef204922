"""What conferences mean to the calls that are part of them: a service in each."""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.call import Call, Service
from sipscope.model.conference import Conference, ConferenceKind, Participant
from sipscope.model.dialog import Dialog, Side
from sipscope.values import replace

Part = tuple[Conference, Participant]


def with_conferences(calls: Sequence[Call], conferences: Sequence[Conference]) -> tuple[Call, ...]:
    """The calls, each with a service for every conference that it is part of."""
    parts: dict[str, list[Part]] = {}
    for conference in conferences:
        for participant in conference.participants:
            if participant.dialog_id is not None:
                parts.setdefault(participant.dialog_id, []).append((conference, participant))
    return tuple(_with_services(call, parts) for call in calls) if parts else tuple(calls)


def _with_services(call: Call, parts: Mapping[str, Sequence[Part]]) -> Call:
    more = [service for dialog in call.dialogs for service in _services(dialog, parts.get(dialog.id, ()))]
    if not more:
        return call
    ordered = sorted([*call.services, *more], key=lambda service: (service.at, service.name, service.frames))
    return replace(call, services=tuple(ordered))


def _services(dialog: Dialog, parts: Sequence[Part]) -> Iterator[Service]:
    for conference, participant in parts:
        at = participant.joined_at if participant.joined_at is not None else dialog.confirmed_at
        if at is None:
            continue
        yield Service(
            name="conference",
            at=at,
            until=participant.left_at,
            by=_focus_side(dialog, participant),
            frames=participant.frames[:1],
            detail=_detail(conference, participant),
        )


def _focus_side(dialog: Dialog, participant: Participant) -> Side | None:
    """The side opposite of the participant."""
    for side in Side:
        address = dialog.party(side).address
        if address is not None and address.uri.address_of_record == participant.uri:
            return side.other
    return None


def _detail(conference: Conference, participant: Participant) -> str:
    others = [item for item in conference.participants if item is not participant and item.dialog_id is not None]
    if conference.kind is ConferenceKind.MIXING_PHONE:
        return f"mixed with {', '.join(item.uri for item in others)}"
    return f"{conference.uri}, {participant.entry.value}"
