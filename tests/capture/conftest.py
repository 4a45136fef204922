"""Reads captures that a test builds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture.builders import Content, read


@pytest.fixture
def reading(tmp_path: Path) -> Callable[..., Content]:
    """Write bytes to a file and read it natively."""
    return lambda data, **options: read(tmp_path / "capture", data, **options)
