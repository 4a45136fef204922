"""Graphs from traces."""

from dataclasses import replace

import numpy as np
import pytest

from sipscope.model.call import Service
from sipscope.model.stream import QualitySeries
from sipscope.model.time import SECOND, from_seconds
from sipscope.model.trace import Trace
from sipscope.views.quality import POINTS_LIMIT, quality_of
from tests.views.builders import START, proxied_call


def series(bins: int, **columns: object) -> QualitySeries:
    values: dict[str, object] = {
        "packets": np.full(bins, 50),
        "lost": np.zeros(bins, dtype=np.int64),
        "jitter_ms": np.full(bins, 2.0),
        "delta_ms_max": np.full(bins, 20.0),
        "bytes": np.full(bins, 8600),
    }
    return QualitySeries(start=START + from_seconds(5.3), width=SECOND, **{**values, **columns})


@pytest.fixture
def trace() -> Trace:
    script = proxied_call()
    lost = np.array([0, 50, -1, 0])
    jitter = np.array([1.0, np.nan, 3.0, 4.0])
    script.streams[0] = replace(script.streams[0], series=series(4, lost=lost, jitter_ms=jitter))
    return script.trace()


def values(trace: Trace, title: str) -> tuple[float | None, ...]:
    return next(panel for panel in quality_of(trace, call_id=1).panels if panel.title == title).series[0].y


def test_a_call_counts_from_its_first_message(trace):
    assert quality_of(trace, call_id=1).panels[0].series[0].x == (5.3, 6.3, 7.3, 8.3)


def test_streams_by_themselves_count_from_their_first_packet(trace):
    assert quality_of(trace, ["s1"]).panels[0].series[0].x[0] == 0.0


def test_what_was_not_measured_is_none(trace):
    assert values(trace, "Jitter") == (1.0, None, 3.0, 4.0)


def test_loss_is_lost_by_sent_in_percent(trace):
    assert values(trace, "Loss") == (0.0, 50.0, 0.0, 0.0)


def test_nothing_sent_is_no_loss_but_none():
    script = proxied_call()
    script.streams[0] = replace(script.streams[0], series=series(1, packets=np.array([0])))
    assert values(script.trace(), "Loss") == (None,)


def test_answer_hold_and_bye_are_marked(trace):
    hold = Service(name="hold", at=START + 20 * SECOND)
    held = replace(trace, calls=(replace(trace.calls[0], services=(hold,)),))
    labels = [mark.label for mark in quality_of(held, call_id=1).marks]
    assert [label for label in labels if label in {"ringing", "answer", "hold", "BYE"}] == [
        "ringing",
        "answer",
        "hold",
        "BYE",
    ]


def test_digits_are_marked(trace):
    assert "digit #" in [mark.label for mark in quality_of(trace, ["s1"]).marks]


def test_long_series_are_joined_to_fit_the_limit():
    script = proxied_call()
    jitter = np.arange(9001, dtype=np.float64)
    script.streams[0] = replace(script.streams[0], series=series(9001, jitter_ms=jitter))
    joined = values(script.trace(), "Jitter")
    assert len(joined) <= POINTS_LIMIT
    assert joined[-1] == 9000.0


def test_a_stream_without_a_series_has_no_line(trace):
    assert len(quality_of(trace).panels[0].series) == 1


def test_no_stream_gives_no_panel(trace):
    assert quality_of(trace, ["s2"]).panels == ()


def test_an_unknown_call_has_no_panel(trace):
    assert quality_of(trace, call_id=99).panels == ()
