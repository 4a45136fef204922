"""Quality over time."""

from dataclasses import replace

import numpy as np
import pytest

from sipscope.media.jitter import JitterRows
from sipscope.media.series import Series
from sipscope.model.stream import QualitySeries
from sipscope.model.time import MILLISECOND
from tests.media.datagrams import later, stream_of, voice


def series(*arguments: object) -> QualitySeries:
    found = stream_of(*arguments).series
    assert found is not None
    return found


def test_bins_are_100_ms_wide_at_first():
    found = series(voice(50))
    assert (found.width, found.packets.tolist()) == (100 * MILLISECOND, [5] * 10)


def test_width_doubles_until_256_bins_suffice():
    found = series(voice(5000))
    assert (found.width, len(found.packets), int(found.packets.sum())) == (400 * MILLISECOND, 250, 5000)


def test_bytes_are_those_of_the_datagrams():
    assert series(voice(50)).bytes.tolist() == [5 * 172] * 10


def test_longest_time_between_packets_of_each_bin():
    packets = voice(50)
    packets[25] = later(packets[25], packets[25].ms + 15)
    assert series(packets).delta_ms_max.tolist()[:6] == pytest.approx([20, 20, 20, 20, 20, 35])


def test_jitter_is_unknown_where_nothing_was_measured():
    found = series([*voice(20), *voice(20, first=120, timestamp=3200 + 8000, ms=1400)])
    assert np.isnan(found.jitter_ms[5:13]).all()
    assert not np.isnan(found.jitter_ms[[0, 14]]).any()


def test_a_clock_set_back_stays_in_the_first_bin():
    found = series([*voice(20, ms=5000), *voice(20, first=120, timestamp=3200, ms=0)])
    assert int(found.packets.sum()) == 40


def test_jitter_lies_in_the_same_bins_whether_its_places_are_known_or_computed(monkeypatch: pytest.MonkeyPatch):
    packets = [replace(packet, ms=packet.ms + number % 7) for number, packet in enumerate(voice(3000))]
    known = series(packets)
    add_jitter = Series.add_jitter

    def compute(table: Series, rows: JitterRows | None) -> None:
        add_jitter(table, None if rows is None else replace(rows, at=rows.at.copy()))

    monkeypatch.setattr(Series, "add_jitter", compute)
    computed = series(packets)
    assert not np.isnan(known.jitter_ms).any()
    np.testing.assert_array_equal(computed.jitter_ms, known.jitter_ms)
