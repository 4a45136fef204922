"""Interarrival jitter (RFC 3550 §A.8)."""

import pytest

from sipscope.model.description import RtpFormat
from sipscope.model.network import Hop
from tests.media.datagrams import NOISE, PCMA, Rtp, event, formats, later, stream_of, tracked, voice

ARRIVALS = (0, 20, 45, 60, 80)
FIGURES = (0, 0, 2.5, 4.84375, 4.541015625)
"""Of the arrivals in units of 1/8000 s, by the recurrence worked out by hand."""


def uneven() -> list[Rtp]:
    return [later(packet, ms) for packet, ms in zip(voice(5), ARRIVALS, strict=True)]


def test_figure_after_the_last_packet():
    assert stream_of(uneven()).jitter_ms_last == pytest.approx(FIGURES[-1] / 8)


def test_maximum_is_that_of_all_packets():
    assert stream_of(uneven()).jitter_ms_max == pytest.approx(max(FIGURES) / 8)


def test_mean_leaves_the_first_packet_out():
    assert stream_of(uneven()).jitter_ms_mean == pytest.approx(sum(FIGURES[1:]) / 4 / 8)


def test_unknown_clock_gives_no_jitter():
    stream = stream_of(voice(20, payload_type=97), formats())
    assert (stream.clock_rate_hz, stream.jitter_ms_mean, stream.ptime_ms) == (None, None, None)


def test_clock_that_comes_later_measures_what_came_before():
    named = RtpFormat(payload_type=8, encoding="X", clock_rate_hz=8000)
    packets = [*uneven(), *voice(20, first=105, timestamp=800, ms=100)]
    packets = [Rtp(ms=p.ms, sequence=p.sequence, timestamp=p.timestamp, payload_type=97) for p in packets]
    answers = iter([None, None, None])

    def late(_hop: Hop, payload_type: int, _at: int) -> RtpFormat | None:
        return next(answers, named) if payload_type == 97 else None

    (stream,), _ = tracked(packets, late, cuts=(5, 10, 15))
    (whole,), _ = tracked(packets, formats(RtpFormat(payload_type=97, encoding="X", clock_rate_hz=8000)))
    assert stream.jitter_ms_max == pytest.approx(whole.jitter_ms_max)


def test_clock_known_only_at_the_end_still_measures():
    named = RtpFormat(payload_type=97, encoding="X", clock_rate_hz=8000)
    answers = iter([None])
    packets = [Rtp(ms=p.ms, sequence=p.sequence, timestamp=p.timestamp, payload_type=97) for p in uneven()]
    stream = stream_of(packets, lambda *_: next(answers, named))
    assert stream.jitter_ms_last == pytest.approx(FIGURES[-1] / 8)


def test_silence_with_advancing_timestamps_is_no_jitter():
    # Two seconds of silence: 16000 units pass, and the sequence number goes on.
    stream = stream_of([*voice(50), *voice(50, first=150, timestamp=50 * 160 + 16000, ms=3000)])
    assert stream.jitter_ms_max == pytest.approx(0)


def test_duplicates_do_not_count():
    packets = voice(40)
    doubled = [*packets[:20], later(packets[19], packets[19].ms + 15), *packets[20:]]
    assert stream_of(doubled).jitter_ms_max == pytest.approx(0)


def test_key_presses_do_not_count():
    packets = voice(40)
    keys = [
        Rtp(ms=410 + 5 * n, sequence=120 + n, timestamp=3200, payload_type=101, payload=event(5, 160 * (n + 1)))
        for n in range(3)
    ]
    rest = voice(20, first=123, timestamp=3200, ms=430)
    assert stream_of([*packets[:20], *keys, *rest]).jitter_ms_max == pytest.approx(30 / 16)


def test_step_behind_comfort_noise_does_not_count():
    noise = Rtp(ms=400, sequence=120, timestamp=3200, payload_type=13, payload=b"\x40")
    # The sender's timestamps stand still through one second of silence.
    rest = voice(20, first=121, timestamp=3360, ms=1400)
    assert stream_of([*voice(20), noise, *rest], formats(PCMA, NOISE)).jitter_ms_max == pytest.approx(0)


def test_timestamp_wraps_at_two_to_the_32nd():
    assert stream_of(voice(40, timestamp=2**32 - 1600)).jitter_ms_max == pytest.approx(0)


def test_restart_of_sequence_begins_anew():
    stream = stream_of([*voice(30), *voice(30, first=30000, timestamp=10**9, ms=600)])
    assert stream.jitter_ms_max == pytest.approx(0)


def test_timestamps_that_start_again_are_no_jitter():
    stream = stream_of([*voice(100), *voice(30, first=200, timestamp=0, ms=2000)])
    assert stream.jitter_ms_max == pytest.approx(0)


def test_change_of_clock_begins_anew():
    wide = RtpFormat(payload_type=97, encoding="L16", clock_rate_hz=16000)
    second = [Rtp(ms=600 + 20 * n, sequence=130 + n, timestamp=4800 + 320 * n, payload_type=97) for n in range(30)]
    assert stream_of([*voice(30), *second], formats(PCMA, wide)).jitter_ms_max == pytest.approx(0)
