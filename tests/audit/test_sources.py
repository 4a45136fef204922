"""Files, directories and patterns become captures."""

import gzip
import shutil
from pathlib import Path

import pytest

from sipscope.audit.sources import shard_of, sources_of
from sipscope.errors import UnreadableInput


def test_a_directory_gives_every_capture_below_it_in_order(captures: Path) -> None:
    names = [source.name for source in sources_of([str(captures)])]
    assert len(names) == 5
    assert names == sorted(names)
    assert sum("/night/" in name for name in names) == 1


def test_hidden_files_and_other_files_are_left(captures: Path) -> None:
    names = {Path(source.name).name for source in sources_of([str(captures)])}
    assert not names & {".hidden.pcapng", "README.md"}


def test_a_file_that_is_named_twice_is_one_capture(captures: Path) -> None:
    path = str(next(captures.glob("*.pcapng")))
    assert [source.name for source in sources_of([path, str(captures)])].count(path) == 1


def test_a_pattern_gives_the_files_that_fit(captures: Path) -> None:
    assert len(sources_of([str(captures / "**" / "*.pcapng")])) == 5
    assert len(sources_of([str(captures / "*.pcapng")])) == 4


def test_a_capture_is_known_by_its_first_bytes_where_its_name_says_nothing(captures: Path, tmp_path: Path) -> None:
    first = next(captures.glob("*.pcapng"))
    folder = tmp_path / "nameless"
    folder.mkdir()
    shutil.copy(first, folder / "monday")
    (folder / "tuesday.raw.gz").write_bytes(gzip.compress(first.read_bytes()))
    (folder / "wednesday").write_bytes(b"nothing of the kind")
    assert [Path(source.name).name for source in sources_of([str(folder)])] == ["monday", "tuesday.raw.gz"]


def test_a_log_is_a_capture_where_sip_is_in_it(tmp_path: Path) -> None:
    message = "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
    (tmp_path / "sip.log").write_text(f"U 2026/01/01 10:00:00.000000 192.0.2.1:5060 -> 192.0.2.2:5060\n{message}\n")
    (tmp_path / "system.log").write_text("Jan  1 10:00:00 host kernel: nothing of interest\n")
    assert [Path(source.name).name for source in sources_of([str(tmp_path)])] == ["sip.log"]


def test_parts_of_a_ring_buffer_are_one_capture(captures: Path, tmp_path: Path) -> None:
    first = next(captures.glob("*.pcapng"))
    folder = tmp_path / "ring"
    folder.mkdir()
    for name in ("trunk_00001_20260101120000.pcapng", "trunk_00002_20260101120100.pcapng"):
        shutil.copy(first, folder / name)
    (source,) = sources_of([str(folder)])
    assert len(source.files) == 2
    assert source.bytes == 2 * first.stat().st_size


@pytest.mark.parametrize("path", ["nowhere.pcap", "nowhere/*.pcapng"])
def test_what_leads_nowhere_is_said(path: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="nowhere"):
        sources_of([str(tmp_path / path)])


def test_shards_share_all_captures_among_them(captures: Path) -> None:
    sources = sources_of([str(captures)])
    parts = [shard_of(sources, number, 3) for number in (1, 2, 3)]
    assert sorted(source.name for part in parts for source in part) == [source.name for source in sources]
    assert {len(part) for part in parts} == {1, 2}
