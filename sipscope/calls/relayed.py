"""What a B2BUA passes on from leg to leg is one deed of one party, told once with the frames of all legs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sipscope.model.call import Service
from sipscope.model.dialog import Dialog
from sipscope.model.time import SECOND, Duration

PASSED_ON: Duration = 2 * SECOND
"""How soon the same deed on another leg is still the first one, passed on."""


def told_once(by_dialog: Iterable[tuple[Dialog, Sequence[Service]]]) -> list[Service]:
    """The services of all dialogs, those joined that are equal in name, party and detail and at the same time.

    Forks of one INVITE stay apart: they are different callees, and what one of them does isn't passed on to another.
    """
    joined: list[tuple[Service, list[Dialog]]] = []
    for dialog, services in by_dialog:
        for service in services:
            place = _place_of(service, dialog, joined)
            if place is None:
                joined.append((service, [dialog]))
            else:
                earlier, dialogs = joined[place]
                joined[place] = (_joined(earlier, service), [*dialogs, dialog])
    return [service for service, _ in joined]


def _place_of(service: Service, dialog: Dialog, joined: Sequence[tuple[Service, list[Dialog]]]) -> int | None:
    for place, (earlier, dialogs) in enumerate(joined):
        if (
            (earlier.name, earlier.by, earlier.detail) == (service.name, service.by, service.detail)
            and abs(earlier.at - service.at) <= PASSED_ON
            and not any(other is dialog or other.id in dialog.forked_with for other in dialogs)
        ):
            return place
    return None


def _joined(one: Service, other: Service) -> Service:
    ends = [service.until for service in (one, other) if service.until is not None]
    frames = tuple(sorted({*one.frames, *other.frames}))
    return replace(one, at=min(one.at, other.at), until=max(ends, default=None), frames=frames)
