"""Bursts, gaps and BurstR (RFC 3611 §4.7.2, ITU-T G.107)."""

import numpy as np
import pytest

from sipscope.media.bursts import BurstFigures, burst_ratio, bursts_of
from tests.media.datagrams import stream_of, voice, without

PATTERN = "11110111111111111111111X111X1011110111111111111111111X111111111"
"""The example of RFC 3611 §4.7.2 as printed: 0 is lost, X discarded. Its text counts one more packet."""


def figures(pattern: str) -> BurstFigures:
    bad = np.array([place for place, symbol in enumerate(pattern) if symbol != "1"])
    return bursts_of(bad, bad, 0, len(pattern) - 1)


@pytest.mark.parametrize("pattern", [PATTERN, PATTERN + "1"])
def test_example_has_one_burst(pattern: str):
    assert figures(pattern).bursts == ((23, 34),)


def test_example_burst_has_twelve_packets_of_which_four_are_bad():
    found = figures(PATTERN)
    assert (found.burst_packets, found.burst_bad, found.burst_density) == (12, 4, pytest.approx(4 / 12))


def test_example_has_two_isolated_bad_packets_in_two_gaps():
    found = figures(PATTERN)
    assert (found.gaps, found.gap_bad) == (2, 2)


def test_example_of_64_packets_has_520_ms_of_gap():
    assert figures(PATTERN + "1").gap_packets == 52


def test_series_without_loss_is_one_gap():
    assert (figures("1" * 40).gaps, figures("1" * 40).bursts) == (1, ())


def test_two_lost_in_a_row_are_a_burst():
    assert figures("1" * 20 + "00" + "1" * 20).bursts == ((20, 21),)


def test_fifteen_good_packets_do_not_end_a_burst():
    assert figures("1" * 20 + "0" + "1" * 15 + "0" + "1" * 20).bursts == ((20, 36),)


def test_sixteen_good_packets_end_it():
    assert figures("1" * 20 + "0" + "1" * 16 + "0" + "1" * 20).bursts == ()


def test_burst_ratio_of_ten_runs_of_two_in_a_thousand():
    assert burst_ratio(20, 10, 1000) == pytest.approx(1.96)


def test_burst_ratio_is_unknown_without_loss():
    assert burst_ratio(0, 0, 1000) is None


def test_stream_carries_the_figures():
    lost = [number for start in range(150, 950, 80) for number in (start, start + 1)]
    stream = stream_of(without(voice(1000, first=100), *lost))
    assert (stream.lost, stream.loss_runs, stream.longest_loss_run, stream.bursts, stream.gaps) == (20, 10, 2, 10, 11)
    assert stream.burst_ratio == pytest.approx(1.96)
