"""What a B2BUA passes on from leg to leg is one deed of one party, told once with the frames of all legs."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import islice, takewhile

from sipscope.model.call import Service
from sipscope.model.dialog import Dialog
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.values import replace

PASSED_ON: Duration = 2 * SECOND
"""How soon the same deed on another leg is still the first one, passed on."""


def told_once(by_dialog: Iterable[tuple[Dialog, Sequence[Service]]]) -> list[Service]:
    """The services of all dialogs, those joined that are equal in name, party and detail and at the same time.

    Forks of one INVITE stay apart: they are different callees, and what one of them does isn't passed on to another.
    """
    told = list(by_dialog)
    if len(told) == 1:
        return list(told[0][1])
    joined: list[tuple[Service, list[Dialog]]] = []
    for dialog, services in told:
        for service in services:
            place = _place_of(service, dialog, joined)
            if place is None:
                joined.append((service, [dialog]))
            else:
                earlier, dialogs = joined[place]
                joined[place] = (_joined(earlier, service), [*dialogs, dialog])
    return [service for service, _ in joined]


def passed_on_from(transfer: Transfer, trace: Trace) -> Transfer | None:
    """The transfer whose REFER a B2BUA passed on as this one; None for the one that came first, or for another one."""
    since = bisect_left(trace.transfers, transfer.started_at - PASSED_ON, key=lambda item: item.started_at)
    earlier = takewhile(lambda item: item.id != transfer.id, islice(trace.transfers, since, None))
    return next((item for item in earlier if _is_same_deed(item, transfer, trace)), None)


def _is_same_deed(earlier: Transfer, transfer: Transfer, trace: Trace) -> bool:
    """Of one party, to one target, in another dialog of the same call."""
    if earlier.dialog_id is None or transfer.dialog_id is None or earlier.dialog_id == transfer.dialog_id:
        return False
    dialog, call_of = trace.index.dialogs[transfer.dialog_id], trace.index.call_of_dialog
    call = call_of.get(transfer.dialog_id)
    if call is None or call != call_of.get(earlier.dialog_id) or earlier.dialog_id in dialog.forked_with:
        return False
    if earlier.target is None or transfer.target is None or not earlier.target.uri.user:
        return False
    same_target = earlier.target.uri.user == transfer.target.uri.user
    same_party = (earlier.transferor_side, earlier.kind) == (transfer.transferor_side, transfer.kind)
    return same_target and same_party


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
