"""Pairs of hop and source, and packets that wait."""

import numpy as np

from sipscope.media.candidates import WAITING_ROWS, Candidates, WaitingRoom
from sipscope.media.rows import Rows


def test_equal_pairs_have_equal_numbers():
    found = Candidates().numbers_of(np.array([0, 1, 0, 0]), np.array([7, 7, 7, 8]))
    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3


def test_numbers_stay_from_call_to_call():
    candidates = Candidates()
    first = candidates.numbers_of(np.array([3, 3]), np.array([1, 2])).tolist()
    assert candidates.numbers_of(np.array([3, 0, 3]), np.array([2, 9, 1])).tolist() == [first[1], 2, first[0]]


def test_numbers_rise_in_order_of_appearance():
    assert Candidates().numbers_of(np.array([5, 0, 5]), np.array([9, 1, 2])).tolist() == [0, 1, 2]


def test_source_zero_differs_from_unknown():
    assert Candidates().numbers_of(np.array([0]), np.array([0])).tolist() == [0]


def rows(count: int) -> Rows:
    column = np.zeros(count, dtype=np.int64)
    return Rows(
        candidate=np.arange(count),
        at=np.arange(count),
        frame=column,
        sequence=column,
        timestamp=column,
        payload_type=column,
        payload_length=column,
        length=column,
        dscp=column,
        identification=column,
        word=column,
    )


def test_packets_leave_in_order_of_arrival():
    room = WaitingRoom()
    room.add(rows(6))
    left = room.leave(np.array([4, 1]))
    assert left is not None
    assert (left.at.tolist(), len(room)) == ([1, 4], 4)


def test_oldest_packets_are_given_up_and_counted():
    room = WaitingRoom()
    room.add(rows(WAITING_ROWS + 10))
    room.trim()
    assert (len(room), room.dropped, room.row(0)[1]) == (WAITING_ROWS, 10, 10)


def test_nobody_leaves_an_empty_room():
    assert WaitingRoom().leave(np.array([1])) is None
