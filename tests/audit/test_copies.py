"""Captures with the same bytes count once."""

from concurrent.futures import Executor
from pathlib import Path

import pytest

from sipscope.audit.copies import copies_among
from sipscope.audit.overview import headline_of, overview_of
from sipscope.audit.run import Limits, audit
from sipscope.audit.sources import sources_of
from sipscope.audit.store import Store
from sipscope.pipeline import Options


@pytest.fixture
def copied(captures: Path) -> tuple[Path, Path]:
    """A capture, and its copy in a directory that comes behind it."""
    original = min(captures.glob("[!.]*.pcapng"))
    copy = captures / "zz" / "copy.pcapng"
    copy.parent.mkdir()
    copy.write_bytes(original.read_bytes())
    return original, copy


def _audit(captures: Path, store: Store, executor: Executor) -> tuple[int, int]:
    advance = audit(sources_of([str(captures)]), store, Options(), Limits(jobs=1), executor=executor)
    return advance.analysed, advance.unchanged


def test_the_first_by_name_is_the_original(captures: Path, copied: tuple[Path, Path]) -> None:
    original, copy = copied
    found = {name: same for name, (same, _) in copies_among(sources_of([str(captures)])).items()}
    assert found == {str(copy): str(original)}


def test_captures_of_one_size_and_one_beginning_are_told_apart(tmp_path: Path) -> None:
    front = b"\xd4\xc3\xb2\xa1" + bytes(70_000)
    (tmp_path / "a.pcap").write_bytes(front + b"1")
    (tmp_path / "b.pcap").write_bytes(front + b"2")
    assert copies_among(sources_of([str(tmp_path)])) == {}


def test_empty_files_are_no_copies_of_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").touch()
    (tmp_path / "b.pcap").touch()
    assert copies_among(sources_of([str(tmp_path)])) == {}


def test_a_copy_is_said_and_not_counted_again(
    captures: Path, copied: tuple[Path, Path], tmp_path: Path, here: Executor
) -> None:
    original, copy = copied
    with Store(tmp_path / "audit.duckdb") as store:
        assert _audit(captures, store, here) == (6, 0)
        rows = store.query("SELECT capture, same_as, calls FROM captures WHERE status = 'duplicate'")
        assert rows == [(str(copy), str(original), None)]
        assert store.query("SELECT count(*) FROM calls WHERE capture = ?", [str(copy)]) == [(0,)]
        assert headline_of(store).startswith("6 captures · 1 of them the same as another")
        assert [table.title for table in overview_of(store)][-1].startswith("Captures with the bytes of another")


def test_a_copy_is_unchanged_in_the_next_run(
    captures: Path, copied: tuple[Path, Path], tmp_path: Path, here: Executor
) -> None:
    assert copied[1].exists()
    with Store(tmp_path / "audit.duckdb") as store:
        _audit(captures, store, here)
        assert _audit(captures, store, here) == (0, 6)


def test_a_copy_counts_when_its_original_is_gone(
    captures: Path, copied: tuple[Path, Path], tmp_path: Path, here: Executor
) -> None:
    original, copy = copied
    with Store(tmp_path / "audit.duckdb") as store:
        _audit(captures, store, here)
        original.unlink()
        assert _audit(captures, store, here) == (1, 4)
        assert store.query("SELECT status, same_as FROM captures WHERE capture = ?", [str(copy)]) == [("read", None)]
