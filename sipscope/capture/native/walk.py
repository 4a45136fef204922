"""Finds where the records of a window start, many at a time.

The chain of record lengths is serial: a record's place is known only when the lengths of all before it are. So
plausible record starts are guessed, one for every stretch of the window, and all chains advance in lock step. A
guess counts only when the chain from the proven start lands on it exactly; where it doesn't, that part is walked
plainly. By induction the result is that of the plain walk, whatever the guesses were worth.
"""

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sipscope.model.packets import IntegerColumn

STRETCH_BYTES = (8 << 10) + 64
"""How far apart the guesses are. Were it a power of two, all lanes would compete for a few lines of the processor's
caches, and the walk would take twice as long."""

SEARCH_BYTES = 2048
"""How much of a stretch is searched for a record start: a little more than an Ethernet frame."""

_FEWEST_STRETCHES = 8
"""Below this, the plain walk is as fast."""


class Framing(Protocol):
    """How the records of one file format say how long they are."""

    def step(self, position: int, end: int) -> int:
        """The length of the record at `position`, 0 if it isn't whole before `end` or can't be passed."""
        ...

    def steps(self, positions: "IntegerColumn", end: int) -> "IntegerColumn":
        """The same for many positions."""
        ...

    def guesses(self, begin: int, end: int, stretch: int) -> "IntegerColumn":
        """Plausible record starts behind `begin`, ascending, at most one for every `stretch` bytes."""
        ...


def record_starts(
    framing: Framing, begin: int, end: int, *, stretch: int = STRETCH_BYTES
) -> "tuple[IntegerColumn, int]":
    """Where whole records start from `begin` on, and where the walk had to stop."""
    if end - begin < _FEWEST_STRETCHES * stretch:
        return plain_walk(framing, begin, end)
    guesses = framing.guesses(begin, end, stretch)
    lanes = np.concatenate((np.array([begin], dtype=np.int64), guesses))
    limits = np.concatenate((guesses, np.array([end], dtype=np.int64)))
    places, walked, stops = _in_lock_step(framing, lanes, limits, end)
    if np.array_equal(stops[:-1], lanes[1:]):
        return places[walked], int(stops[-1])
    return _proven(framing, lanes, places, walked, stops, end)


def plain_walk(framing: Framing, begin: int, end: int) -> "tuple[IntegerColumn, int]":
    """The same by walking from record to record."""
    places = []
    position = begin
    while step := framing.step(position, end):
        places.append(position)
        position += step
    return np.array(places, dtype=np.int64), position


def _in_lock_step(
    framing: Framing, lanes: "IntegerColumn", limits: "IntegerColumn", end: int
) -> "tuple[IntegerColumn, NDArray[np.bool_], IntegerColumn]":
    """Positions by lane and step, which of them are records, and where each lane stopped."""
    history, walking = [lanes], []
    positions = lanes
    while True:
        steps = framing.steps(positions, end)
        steps[positions >= limits] = 0
        walking.append(steps > 0)
        if not walking[-1].any():
            break
        positions = positions + steps
        history.append(positions)
    return np.stack(history, axis=1), np.stack(walking, axis=1), positions


def _proven(
    framing: Framing,
    lanes: "IntegerColumn",
    places: "IntegerColumn",
    walked: "NDArray[np.bool_]",
    stops: "IntegerColumn",
    end: int,
) -> "tuple[IntegerColumn, int]":
    """Keep the lanes that the chain from the first one reaches, and walk plainly where it passes a wrong guess."""
    proven = np.zeros(len(lanes), dtype=np.bool_)
    plain: list[int] = []
    starts = lanes.tolist()
    lane, position = 0, starts[0]
    while True:
        if lane < len(starts) and starts[lane] <= position:
            if starts[lane] == position:
                proven[lane] = True
                position = int(stops[lane])
            lane += 1
            continue
        step = framing.step(position, end)
        if not step:
            break
        plain.append(position)
        position += step
    kept = places[proven][walked[proven]]
    return np.sort(np.concatenate((kept, np.array(plain, dtype=np.int64)))), position
