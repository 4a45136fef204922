"""Captures at URLs are found and read like files."""

from pathlib import Path

import pytest

from sipscope.audit.examination import Status, Task, examine
from sipscope.audit.remote import local_copies
from sipscope.audit.sources import sources_of
from sipscope.errors import UnreadableInput

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def bucket(samples: Path) -> str:
    """A place in memory with a capture, one below it, and a file that is none."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pipe("/bucket/busy.pcapng", (samples / "busy.pcapng").read_bytes())
    system.pipe("/bucket/night/cancelled.pcapng", (samples / "cancelled.pcapng").read_bytes())
    system.pipe("/bucket/README.md", b"What these captures are.")
    return "memory://bucket"


def test_a_url_of_a_directory_gives_every_capture_below_it(bucket: str) -> None:
    sources = sources_of([bucket])
    assert [source.name for source in sources] == [
        "memory:///bucket/busy.pcapng",
        "memory:///bucket/night/cancelled.pcapng",
    ]
    assert all(source.bytes > 1000 for source in sources)


def test_a_pattern_in_a_url_gives_the_files_that_fit(bucket: str) -> None:
    (source,) = sources_of([f"{bucket}/*.pcapng"])
    assert source.name == "memory:///bucket/busy.pcapng"


def test_a_capture_at_a_url_gives_the_rows_of_the_file(bucket: str, samples: Path) -> None:
    (source, _) = sources_of([bucket])
    there = examine(Task(capture="busy", files=source.files, bytes=source.bytes))
    here = examine(Task(capture="busy", files=(str(samples / "busy.pcapng"),), bytes=source.bytes))
    assert there.status is Status.READ
    assert there.content == here.content
    assert {name: text for name, text in there.lines.items() if name != "captures"} == {
        name: text for name, text in here.lines.items() if name != "captures"
    }


def test_a_file_elsewhere_that_is_no_capture_is_named_by_its_url(bucket: str) -> None:
    url = f"{bucket}/README.md"
    result = examine(Task(capture=url, files=(url,), bytes=0))
    assert result.status is Status.UNREADABLE
    assert result.error.startswith(url)


@pytest.mark.parametrize("url", ["memory://nowhere/call.pcap", "memory://nowhere/*.pcap", "gopher://host/call.pcap"])
def test_what_leads_nowhere_is_said(url: str) -> None:
    with pytest.raises(UnreadableInput, match=r"call\.pcap|nowhere"):
        sources_of([url])


def test_copies_go_away(bucket: str) -> None:
    with local_copies([f"{bucket}/busy.pcapng"]) as (path,):
        assert Path(path).stat().st_size > 1000
    assert not Path(path).exists()
