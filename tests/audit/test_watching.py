"""Files of a rotating capture are complete once another was begun, or once they rest."""

from pathlib import Path

import pytest

from sipscope.audit.watching import Watch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a capture writes."""
    made = tmp_path / "captures"
    made.mkdir()
    return made


def _write(folder: Path, number: int, text: str = "content") -> Path:
    path = folder / f"trunk_{number:05}_2026010112{number:02}00.pcapng"
    path.write_text(text)
    return path


def _names(watch: Watch, now: float) -> list[int]:
    return [int(Path(source.name).name[6:11]) for source in watch.completed(now)]


def test_a_file_is_complete_when_the_next_was_begun(folder: Path) -> None:
    watch = Watch([str(folder)], settle_s=10.0)
    _write(folder, 1)
    assert _names(watch, 0.0) == []
    _write(folder, 2)
    assert _names(watch, 1.0) == [1]


def test_the_last_file_is_complete_once_it_rests(folder: Path) -> None:
    watch = Watch([str(folder)], settle_s=10.0)
    path = _write(folder, 1)
    assert _names(watch, 0.0) == []
    path.write_text("content that grows")
    assert _names(watch, 9.0) == []
    assert _names(watch, 18.0) == []
    assert watch.is_waiting
    assert _names(watch, 19.0) == [1]
    assert not watch.is_waiting


def test_a_file_is_told_once(folder: Path) -> None:
    watch = Watch([str(folder)], settle_s=0.0)
    _write(folder, 1)
    assert _names(watch, 0.0) == [1]
    assert _names(watch, 100.0) == []


def test_a_file_that_was_written_anew_is_told_again(folder: Path) -> None:
    watch = Watch([str(folder)], settle_s=5.0)
    path = _write(folder, 1)
    watch.completed(0.0)
    assert _names(watch, 5.0) == [1]
    path.write_text("the ring begins anew")
    assert _names(watch, 6.0) == []
    assert _names(watch, 11.0) == [1]


def test_empty_and_deleted_files_are_nothing_to_wait_for(folder: Path) -> None:
    watch = Watch([str(folder)], settle_s=5.0)
    _write(folder, 1, text="")
    path = _write(folder, 7)
    watch.completed(0.0)
    path.unlink()
    assert _names(watch, 10.0) == []
    assert not watch.is_waiting
