"""Packetisation from timestamps."""

import pytest

from tests.media.datagrams import Rtp, stream_of, voice, without


def test_step_of_160_units_at_8_khz_is_20_ms():
    assert stream_of(voice(30)).ptime_ms == pytest.approx(20)


def test_loss_does_not_change_it():
    assert stream_of(without(voice(60), *range(101, 160, 3))).ptime_ms == pytest.approx(20)


def test_packets_of_one_video_frame_share_a_timestamp():
    packets = [
        Rtp(ms=33 * n + part, sequence=3 * n + part, timestamp=3000 * n, payload_type=34)
        for n in range(20)
        for part in range(3)
    ]
    assert stream_of(packets, lambda *_: None).ptime_ms == pytest.approx(1000 / 30)


def test_single_packet_shows_none():
    assert stream_of(voice(1)).ptime_ms is None
