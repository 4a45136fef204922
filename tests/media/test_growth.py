"""Arrays that grow."""

import numpy as np

from sipscope.media.growth import SMALLEST_CAPACITY, grown, integers


def test_values_are_kept_and_new_rows_filled():
    array = grown(np.array([1, 2]), 3, -1)
    assert (array[:4].tolist(), len(array)) == ([1, 2, -1, -1], SMALLEST_CAPACITY)


def test_capacity_doubles():
    assert len(grown(integers(), 1)) * 2 == len(grown(grown(integers(), 1), SMALLEST_CAPACITY + 1))


def test_array_with_room_stays_the_same():
    array = grown(integers(), 1)
    assert grown(array, SMALLEST_CAPACITY) is array


def test_width_of_a_matrix_is_kept():
    assert grown(integers(5), 2).shape[1] == 5
