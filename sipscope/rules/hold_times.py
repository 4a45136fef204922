"""When a party was on hold, and what it could hear meanwhile."""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Side
from sipscope.model.network import Endpoint
from sipscope.model.stream import RtpStream
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.rules.hold import HoldStep, expresses_hold, hold_steps, positions_of
from sipscope.rules.media_windows import first_ledger
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTime:
    """A stretch in which one party holds one media position, and the other one doesn't.

    Attributes:
        step: The exchange that began it.
        holder: Who holds.
        start: When both knew.
        end: When the holder let go, the dialog ended, or the capture.
    """

    step: HoldStep
    holder: Side
    start: Instant
    end: Instant


def hold_times(dialog: Dialog, trace: Trace) -> Iterator[HoldTime]:
    """The holds of a dialog on its first leg with a ledger."""
    ledger = first_ledger(dialog, trace)
    if ledger is None or trace.ended_at is None or not expresses_hold(ledger):
        return
    finish = trace.ended_at if dialog.ended_at is None else min(dialog.ended_at, trace.ended_at)
    for index in range(positions_of(ledger)):
        began: HoldStep | None = None
        for step in hold_steps(ledger, index):
            if began is not None and step.holding != began.holding:
                yield _time(began, step.at)
                began = None
            if began is None and len(step.holding) == 1:
                began = step
        if began is not None:
            yield _time(began, finish)


def _time(step: HoldStep, end: Instant) -> HoldTime:
    return HoldTime(step=step, holder=next(iter(step.holding)), start=step.at, end=end)


def heard_streams(hold: HoldTime, trace: Trace) -> tuple[RtpStream, ...]:
    """Streams that anybody sends to where the party on hold listens."""
    section = hold.step.section_of(hold.holder.other)
    if section.address is None:
        return ()
    return trace.index.streams_to.get(Endpoint(section.address, section.port), ())
