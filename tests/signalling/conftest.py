"""Reconstruction of trace scripts, without the rules."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.trace import Trace
from sipscope.pipeline import reconstruct
from tests.trace_script import capture_of

Reconstruct = Callable[[str], Trace]


@pytest.fixture
def trace_of(tmp_path: Path) -> Reconstruct:
    """Compile a trace script to a capture and reconstruct it."""

    def run(script: str) -> Trace:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return reconstruct(str(path))

    return run
