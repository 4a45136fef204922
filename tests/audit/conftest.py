"""Captures to audit."""

import shutil
from pathlib import Path

import pytest

_SMALL = 30_000
"""Bytes: what takes a moment to analyse."""


@pytest.fixture
def captures(samples: Path, tmp_path: Path) -> Path:
    """A directory with five captures, one of them below another directory, and two files that are none."""
    folder = tmp_path / "captures"
    (folder / "night").mkdir(parents=True)
    names = sorted(path.name for path in samples.glob("*.pcapng") if path.stat().st_size < _SMALL)[:5]
    for number, name in enumerate(names):
        shutil.copy(samples / name, (folder / "night" if number == 4 else folder) / name)
    (folder / "README.md").write_text("What these captures are.")
    (folder / ".hidden.pcapng").write_bytes((samples / names[0]).read_bytes())
    return folder
