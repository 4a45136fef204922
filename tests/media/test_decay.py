"""The smoothing recurrence over many series at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.media.decay import decayed_sums


@given(st.lists(st.integers(1, 1200), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_every_value_is_that_of_the_plain_loop(lengths: list[int], seed: int):
    random = np.random.default_rng(seed)
    added, initial = random.random(sum(lengths)), random.random(len(lengths))
    starts = np.cumsum([0, *lengths[:-1]])
    expected = []
    for start, length, before in zip(starts, lengths, initial, strict=True):
        value = before
        for x in added[start : start + length]:
            value = value * 15 / 16 + x
            expected.append(value)
    assert decayed_sums(added, starts, initial, 15 / 16) == pytest.approx(expected, rel=1e-12)
