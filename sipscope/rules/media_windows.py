"""What the rules about media share: when two parties may send to each other, and what was seen meanwhile."""

from collections.abc import Iterator, Sequence

from sipscope.model.dialog import Dialog, Side
from sipscope.model.offer_answer import Basis, Ledger, MediaInForce
from sipscope.model.stream import RtpStream
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.values import dataclass

FIRM_SCORE = 60
"""From this score on a stream belongs to its section; below it is tentative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a confirmed dialog in which one media position stays as negotiated.

    Attributes:
        start: When both sides knew the negotiation, or the 2xx if that came later.
        end: When it changed, the dialog ended, or the capture.
        caller: What the caller wants to receive.
        callee: What the callee wants to receive.
    """

    start: Instant
    end: Instant
    caller: MediaInForce
    callee: MediaInForce

    @property
    def index(self) -> int:
        """Media position."""
        return self.caller.media.index


def windows_of(dialog: Dialog, trace: Trace) -> Iterator[Window]:
    """Windows of a confirmed dialog on its first leg with a ledger, for every RTP position accepted by both."""
    ledger = first_ledger(dialog, trace)
    if ledger is None or dialog.confirmed_at is None or trace.ended_at is None:
        return
    finish = trace.ended_at if dialog.ended_at is None else min(dialog.ended_at, trace.ended_at)
    callee_items = [item for item in ledger.in_force if item.side is Side.CALLEE]
    for caller in ledger.in_force:
        if caller.side is not Side.CALLER or not is_usable(caller):
            continue
        for callee in callee_items:
            if callee.media.index != caller.media.index or not is_usable(callee):
                continue
            start = max(caller.since, callee.since, dialog.confirmed_at)
            end = min(_until(caller, finish), _until(callee, finish), finish)
            if end > start:
                yield Window(start=start, end=end, caller=caller, callee=callee)


def first_ledger(dialog: Dialog, trace: Trace) -> Ledger | None:
    """The ledger of the first leg that has exchanges."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is not None and ledger.exchanges:
            return ledger
    return None


def is_usable(item: MediaInForce) -> bool:
    """Whether a section is answered RTP with ports and addresses on both sides."""
    media, remote = item.media, item.remote
    if remote is None or item.basis not in {Basis.OFFER, Basis.ANSWER}:
        return False
    if not media.is_rtp or not media.port or not remote.port:
        return False
    own, other = media.connection, remote.connection
    return own is not None and other is not None and not own.is_null and not other.is_null


def _until(item: MediaInForce, finish: Instant) -> Instant:
    return finish if item.until is None else item.until


def packets_between(streams: Sequence[RtpStream], start: Instant, end: Instant) -> int:
    """Packets of streams in an interval, counted in proportion where a run of packets crosses its border."""
    total = 0.0
    for stream in streams:
        for run in stream.activity:
            first, last = max(run.start, start), min(run.end, end)
            if first > last:
                continue
            length = run.end - run.start
            total += run.packets if length == 0 else run.packets * (last - first) / length
    return round(total)


def streams_of(dialog: Dialog, trace: Trace, receiver: Side, index: int) -> tuple[RtpStream, ...]:
    """Streams of one position towards one party, on any leg, tentative bindings included."""
    return tuple(
        stream
        for stream in trace.index.streams_of_dialog.get(dialog.id, ())
        if stream.binding is not None and stream.binding.receiver is receiver and stream.binding.media_index == index
    )


def host_pairs(window: Window) -> tuple[str, str]:
    """Addresses that caller and callee announced for receiving."""
    return window.caller.media.address or "", window.callee.media.address or ""


def uses_ice(window: Window) -> bool:
    """Whether both sides list candidates: the default address then need not carry media (RFC 8839 §4.2.5)."""
    return bool(window.caller.media.ice_candidates and window.callee.media.ice_candidates)
