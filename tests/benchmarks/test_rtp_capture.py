"""The benchmark's capture is what it says it is."""

import pytest

from tests.benchmarks.rtp_capture import write_rtp_capture
from tests.capture.builders import read


@pytest.mark.parametrize("pcapng", [False, True])
def test_benchmark_capture_holds_calls_and_streams(tmp_path, pcapng):
    path = tmp_path / "rtp"
    frames = write_rtp_capture(path, calls=10, packets_a_stream=20, pcapng=pcapng)
    content = read(path)
    assert content.facts.frames == frames == len(content.packets) + len(content.rows)
    assert len(content.packets) == 60
    assert len({row[5] for row in content.rows}) == 20
