"""A process that is lost costs its own capture, and no other."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipscope.audit.examination import Status, Task
from sipscope.audit.supervision import Supervisor


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor that is ended with the test."""
    made = Supervisor()
    yield made
    made.close()


def _task(path: Path, *, timeout_s: float = 60.0, memory_bytes: int = 4 << 30) -> Task:
    return Task(capture=str(path), files=(str(path),), bytes=0, timeout_s=timeout_s, memory_bytes=memory_bytes)


def test_a_capture_is_examined_apart(supervisor: Supervisor, samples: Path) -> None:
    result = supervisor.examine(_task(samples / "attended-transfer.pcapng"))
    assert result.status is Status.READ
    assert result.calls == 3
    assert result.lines["calls"].count(b"\n") == 3


def test_a_file_that_is_no_capture_is_unreadable(supervisor: Supervisor, tmp_path: Path) -> None:
    path = tmp_path / "letter.pcap"
    path.write_text("Dear Sir or Madam,")
    result = supervisor.examine(_task(path))
    assert result.status is Status.UNREADABLE
    assert "letter.pcap" in result.error


def test_a_reader_that_hangs_is_given_up_and_the_next_capture_is_read(
    supervisor: Supervisor, samples: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "never-written.pcap"
    os.mkfifo(pipe)  # opening it for reading waits for a writer that never comes
    assert supervisor.examine(_task(pipe, timeout_s=2.0)).status is Status.TIMED_OUT
    assert supervisor.examine(_task(samples / "attended-transfer.pcapng")).status is Status.READ


def test_a_capture_that_needs_too_much_memory_is_given_up(supervisor: Supervisor, samples: Path) -> None:
    hungry = supervisor.examine(_task(samples / "attended-transfer.pcapng", memory_bytes=1 << 20))
    assert hungry.status is Status.OUT_OF_MEMORY
    assert supervisor.examine(_task(samples / "attended-transfer.pcapng")).status is Status.READ


def test_a_process_that_crashes_leaves_its_last_words(samples: Path) -> None:
    dying = Supervisor((sys.executable, "-c", "import os, sys; sys.stderr.write('stack\\nout of luck\\n'); os.abort()"))
    result = dying.examine(_task(samples / "attended-transfer.pcapng"))
    dying.close()
    assert result.status is Status.CRASHED
    assert result.error == "the analysis ended with signal 6: out of luck"


def test_what_could_not_be_read_is_still_a_row(supervisor: Supervisor, tmp_path: Path) -> None:
    result = supervisor.examine(_task(tmp_path / "missing.pcap"))
    assert result.status is Status.UNREADABLE
    assert b'"status":"unreadable"' in result.lines["captures"]
