"""Arrival times."""

import pytest

from sipscope.model.time import MILLISECOND
from tests.media.datagrams import stream_of, tracked, voice


def test_longest_time_between_packets_names_the_frame_that_ended_it():
    stream = stream_of([*voice(20), *voice(20, first=120, ms=450)])
    assert (stream.delta_ms_max, stream.delta_max_frame) == (pytest.approx(70), 21)


def test_mean_time_between_packets():
    assert stream_of(voice(11)).delta_ms_mean == pytest.approx(20)


def test_pause_of_more_than_200_ms_splits_activity():
    stream = stream_of([*voice(20), *voice(10, first=120, ms=800)])
    assert [(run.start // MILLISECOND, run.end // MILLISECOND, run.packets) for run in stream.activity] == [
        (0, 380, 20),
        (800, 980, 10),
    ]


def test_pause_of_200_ms_does_not():
    assert len(stream_of([*voice(20), *voice(10, first=120, ms=580)]).activity) == 1


def test_pause_between_chunks_splits_activity():
    (stream,), _ = tracked([*voice(20), *voice(10, first=120, ms=800)], cuts=(20,))
    assert [run.packets for run in stream.activity] == [20, 10]


def test_first_and_last_packet_with_their_frames():
    stream = stream_of(voice(30, ms=100))
    assert (stream.first_packet_at, stream.last_packet_at) == (100 * MILLISECOND, 680 * MILLISECOND)
    assert (stream.first_frame, stream.last_frame) == (1, 30)
