"""Rows and batches."""

import numpy as np

from sipscope.media.rows import batch_of, group_starts, rows_of
from sipscope.rtp import rtp_columns
from tests.media.datagrams import columns, event, later, voice


def test_sorting_keeps_the_order_of_arrival():
    datagrams = columns(voice(4))
    batch = batch_of(rows_of(datagrams, rtp_columns(datagrams), np.zeros(4, dtype=np.int64)), np.array([1, 0, 1, 0]))
    assert (batch.rows.frame.tolist(), batch.stream.tolist()) == ([2, 4, 1, 3], [0, 0, 1, 1])


def test_groups_know_their_bounds():
    datagrams = columns(voice(4))
    batch = batch_of(rows_of(datagrams, rtp_columns(datagrams), np.zeros(4, dtype=np.int64)), np.array([9, 3, 9, 9]))
    assert (batch.groups.tolist(), batch.starts.tolist(), batch.lengths.tolist()) == ([3, 9], [0, 1], [1, 3])


def test_predecessor_of_the_first_row_comes_from_before():
    datagrams = columns(voice(3))
    batch = batch_of(rows_of(datagrams, rtp_columns(datagrams), np.zeros(3, dtype=np.int64)), np.array([0, 0, 1]))
    assert batch.previous(batch.rows.frame, np.array([70, 80])).tolist() == [70, 1, 80]


def test_payload_of_four_bytes_is_kept_with_its_marker():
    plain = voice(1)[0]
    datagrams = columns(
        [plain, later(plain, 1, payload=event(5, 160)), later(plain, 2, payload=event(5, 160), marker=True)]
    )
    word = rows_of(datagrams, rtp_columns(datagrams), np.zeros(3, dtype=np.int64)).word
    assert word.tolist() == [-1, 0x050A00A0, 0x1_050A00A0]


def test_runs_of_equal_keys():
    assert group_starts(np.array([4, 4, 2, 2, 2, 4])).tolist() == [0, 2, 5]


def test_no_keys_have_no_runs():
    assert group_starts(np.zeros(0)).tolist() == []
