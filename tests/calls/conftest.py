"""Calls of trace scripts, without the rules."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.call import Call, Service
from sipscope.model.time import MILLISECOND
from sipscope.model.trace import Trace
from sipscope.pipeline import reconstruct
from tests.trace_script import BASE, capture_of

Reconstruct = Callable[[str], Trace]
Calls = Callable[[str], tuple[Call, ...]]


@pytest.fixture
def trace_of(tmp_path: Path) -> Reconstruct:
    """Compile a trace script to a capture and reconstruct it."""

    def run(script: str) -> Trace:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return reconstruct(str(path))

    return run


@pytest.fixture
def calls_of(trace_of: Reconstruct) -> Calls:
    """The calls of a trace script."""
    return lambda script: trace_of(script).calls


def milliseconds(instant: int | None) -> int | None:
    """A time of the capture as milliseconds of the script."""
    return None if instant is None else round((instant - BASE) / MILLISECOND)


def told(service: Service) -> tuple[str, str | None, int | None, int | None]:
    """A service as name, side, and begin and end in milliseconds of the script."""
    by = None if service.by is None else service.by.value
    return (service.name, by, milliseconds(service.at), milliseconds(service.until))
