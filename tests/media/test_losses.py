"""Holes, fills and what remains."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sipscope.media.losses import LossEvents
from tests.media.datagrams import stream_of, voice, without


def test_partly_filled_hole_leaves_two_runs():
    packets = without(voice(60), 120, 121, 122)
    late = voice(60)[21]
    packets.insert(25, late)
    stream = stream_of(packets)
    assert (stream.lost, stream.loss_runs, stream.longest_loss_run) == (2, 2, 1)


def test_long_hole_is_filled_at_its_end():
    events = LossEvents()
    events.add_hole(0, 1000, 2000, 5)
    events.add_fills(np.zeros(3, dtype=np.int64), np.array([2950, 2951, 2999]))
    found = events.finish(1)
    assert (found.lost.tolist(), found.runs.tolist(), found.longest.tolist()) == ([1997], [2], [1950])


def test_loss_is_noted_where_it_showed():
    stream = stream_of(without(voice(100), 130, 131))
    assert stream.series is not None
    # Packets 130 and 131 are missed when 132 comes, 640 ms behind the first.
    assert stream.series.lost.tolist()[6] == 2


@given(st.sets(st.integers(101, 198), max_size=60))
def test_runs_are_those_of_the_missing_numbers(missing: set[int]):
    stream = stream_of(without(voice(100), *missing))
    runs = sum(1 for number in missing if number - 1 not in missing)
    assert (stream.lost, stream.loss_runs) == (len(missing), runs)
