"""The benchmark's capture is what it says it is."""

import pytest

from sipscope.pipeline import analyze
from tests.benchmarks.sip_capture import write_sip_capture


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory):
    path = tmp_path_factory.mktemp("benchmark") / "sip.pcap"
    frames = write_sip_capture(path, calls=20)
    return frames, analyze(str(path))


def test_every_frame_of_the_benchmark_is_a_message(benchmark):
    frames, trace = benchmark
    assert len(trace.messages) == frames == trace.facts.frames


def test_benchmark_calls_are_one_call_on_both_sides_of_the_proxy(benchmark):
    assert len(benchmark[1].calls) == 20


def test_benchmark_calls_end_as_they_are_meant_to(benchmark):
    outcomes = [str(call.outcome) for call in benchmark[1].calls]
    assert {outcome: outcomes.count(outcome) for outcome in outcomes} == {"answered": 18, "cancelled": 2}


def test_nothing_is_wrong_with_the_benchmark(benchmark):
    assert [(finding.rule, finding.text) for finding in benchmark[1].findings] == []
