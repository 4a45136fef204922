"""Geometry of the pictures on the page of an audit: bars over time, and the matrix of products."""

from collections.abc import Sequence
from math import floor, log10

from sipscope.values import dataclass
from sipscope.views.audit_page import Pair, Slot
from sipscope.views.audit_tables import NOT_TOLD

WIDTH, HEIGHT = 1000.0, 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 8.0, 10.0, 28.0
_LABEL_WIDTH = 92.0
_AXIS = 8
"""Products on each side of the matrix."""

OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A part of a bar.

    Attributes:
        kind: `answered`, `unanswered` or `faulty`.
        x: Left edge.
        y: Upper edge.
        width: From left to right.
        height: From top to bottom.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis.

    Attributes:
        place: Along the axis.
        label: What stands there.
    """

    place: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A time with its bar.

    Attributes:
        x: Left edge.
        width: From left to right, with the gap to the next.
        slot: What it shows.
        bars: Its parts from the bottom.
    """

    x: float
    width: float
    slot: Slot
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotChart:
    """Bars over time.

    Attributes:
        columns: Of each time.
        times: Labels beneath.
        counts: Labels at the left.
        left: Where the bars begin.
        right: Where they end.
        base: Where they stand.
    """

    columns: tuple[Column, ...]
    times: tuple[Tick, ...]
    counts: tuple[Tick, ...]
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    base: float = HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Who calls whom.

    Attributes:
        callees: Headings.
        rows: Caller, and a cell for each callee; None where they never called.
    """

    callees: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Pair | None, ...]], ...]


def slot_chart(slots: Sequence[Slot]) -> SlotChart:
    """Bars for times, with ticks at round numbers."""
    top = max((slot.calls for slot in slots), default=0)
    step = _step(top)
    highest = max(step, -(-top // step) * step)
    scale = (HEIGHT - _TOP - _BOTTOM) / highest
    width = (WIDTH - _LEFT - _RIGHT) / max(1, len(slots))
    base = HEIGHT - _BOTTOM
    columns = tuple(_column(slot, _LEFT + number * width, width, scale, base) for number, slot in enumerate(slots))
    every = max(1, -(-len(slots) * int(_LABEL_WIDTH) // int(WIDTH - _LEFT - _RIGHT)))
    return SlotChart(
        columns=columns,
        times=tuple(
            Tick(place=column.x + width / 2, label=column.slot.label)
            for number, column in enumerate(columns)
            if number % every == 0
        ),
        counts=tuple(
            Tick(place=base - count * scale, label=f"{count:,}".replace(",", "\u202f"))
            for count in range(0, highest + 1, step)
        ),
    )


def matrix_of(pairs: Sequence[Pair]) -> Matrix:
    """The products that matter most on each side, and all others together."""
    callers, callees = _axis([(pair.caller, pair) for pair in pairs]), _axis([(pair.callee, pair) for pair in pairs])
    cells: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        key = (_named(pair.caller, callers), _named(pair.callee, callees))
        cells.setdefault(key, []).append(pair)
    return Matrix(
        callees=callees,
        rows=tuple(
            (caller, tuple(_joined(caller, callee, cells.get((caller, callee), ())) for callee in callees))
            for caller in callers
        ),
    )


def _column(slot: Slot, x: float, width: float, scale: float, base: float) -> Column:
    gap = min(4.0, width * 0.2)
    thick = min(width - gap, 60.0)
    left, y = x + (width - thick) / 2, base
    bars = []
    for kind, count in (("answered", slot.answered), ("unanswered", slot.unanswered), ("faulty", slot.faulty)):
        if count:
            # What is there can be seen, however few it is.
            height = max(1.5, count * scale)
            y -= height
            bars.append(Bar(kind=kind, x=round(left, 2), y=round(y, 2), width=round(thick, 2), height=round(height, 2)))
    return Column(x=round(x, 2), width=round(width, 2), slot=slot, bars=tuple(bars))


def _step(top: int) -> int:
    """A round step (1, 2 or 5 by a power of ten) that makes at most five."""
    if top <= 5:
        return 1
    power = 10 ** floor(log10(top / 5))
    return int(next(power * factor for factor in (1, 2, 5, 10) if top <= 5 * power * factor))


def _axis(named: Sequence[tuple[str, Pair]]) -> tuple[str, ...]:
    """Products by faulty calls, then by calls; one that doesn't tell its name, and the others, at the end."""
    totals: dict[str, tuple[int, int]] = {}
    for name, pair in named:
        faulty, calls = totals.get(name, (0, 0))
        totals[name] = (faulty + pair.faulty, calls + pair.calls)
    products = sorted((name for name in totals if name), key=lambda name: (-totals[name][0], -totals[name][1], name))
    shown = products[:_AXIS]
    return (*shown, *([OTHERS] if len(products) > _AXIS else []), *([NOT_TOLD] if "" in totals else []))


def _named(product: str, axis: Sequence[str]) -> str:
    if not product:
        return NOT_TOLD
    return product if product in axis else OTHERS


def _joined(caller: str, callee: str, pairs: Sequence[Pair]) -> Pair | None:
    """Pairs as one; its rule is that of the pair with most faulty calls."""
    if not pairs:
        return None
    worst = max(pairs, key=lambda pair: pair.faulty)
    return Pair(
        caller=caller,
        callee=callee,
        calls=sum(pair.calls for pair in pairs),
        faulty=sum(pair.faulty for pair in pairs),
        rule=worst.rule,
    )
