"""Captures to audit."""

import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from sipscope.audit.examination import Examination, Task, examine

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


class _Here(Executor):
    """Examines in this process, at once: for tests that are not about processes."""

    def submit(self, _work: Callable[[Task], Examination], task: Task) -> Future[Examination]:  # type: ignore[override]
        future: Future[Examination] = Future()
        future.set_result(examine(task))
        return future


@pytest.fixture
def here() -> Executor:
    """An executor without processes."""
    return _Here()
