"""Reads logs that a test writes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.model.packets import CaptureFacts, Packet


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a log gave."""

    packets: tuple[Packet, ...]
    facts: CaptureFacts


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Read]:
    """Write a log to a file and read it."""

    def reading(text: str | bytes, **options: str) -> Read:
        path = tmp_path / "server.log"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        reader = open_capture(str(path), **options)
        packets = tuple(packet for chunk in reader.chunks() for packet in chunk.packets)
        return Read(packets=packets, facts=reader.facts())

    return reading
