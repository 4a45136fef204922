"""Which captures there are: files, directories and patterns, put together to captures."""

import glob
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sipscope.audit.remote import is_remote, remote_files
from sipscope.capture.native.pcap import MAGIC
from sipscope.capture.native.pcapng import SECTION_MAGIC
from sipscope.capture.native.source import Source as Content
from sipscope.capture.ring import ring_sets
from sipscope.capture.text.recognition import log_format_at
from sipscope.errors import UnreadableInput
from sipscope.values import dataclass

_ENDING = re.compile(r"\.(?:pcap|pcapng|cap|dmp|snoop|pcap\d+)(?:\.(?:gz|zst|lz4|xz|bz2))?", re.IGNORECASE)
"""How the name of a capture ends."""

_LOG_ENDING = re.compile(r"\.(?:log|txt)(?:\.(?:gz|zst|lz4|xz|bz2))?", re.IGNORECASE)
"""How the name of a log may end; whether SIP is in it, its text tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A capture as it was found.

    Attributes:
        name: Path of its first file, as the user's path leads to it.
        files: All of its files, in order.
        bytes: Of all files; 0 where that can't be told.
    """

    name: str
    files: tuple[str, ...]
    bytes: int


def sources_of(paths: Sequence[str]) -> list[Source]:
    """Captures at paths and URLs, each once, by name: files as they are, directories with all below them, patterns.

    Files in a directory are taken by their names' endings, else by their first bytes; hidden ones are left. Those
    that their names make a ring-buffer set are one capture. Below a URL, names' endings alone decide.

    Raises:
        UnreadableInput: There is nothing at a path, or a pattern fits nothing.
    """
    elsewhere: dict[str, int] = {}
    for url in filter(is_remote, paths):
        files, are_named = remote_files(url)
        elsewhere.update((name, size) for name, size in files.items() if are_named or _ENDING.search(name))
    here = {path: _size_of(path) for path in files_at(path for path in paths if not is_remote(path))}
    sizes = {**elsewhere, **here}
    found = [_source((item,) if isinstance(item, str) else item, sizes) for item in ring_sets(sorted(sizes))]
    return sorted(found, key=lambda source: source.name)


def shard_of(sources: Sequence[Source], number: int, count: int) -> list[Source]:
    """Every `count`-th source from the `number`-th on, both counted from 1, largest ones spread evenly."""
    by_size = sorted(sources, key=lambda source: (-source.bytes, source.name))
    return sorted(by_size[number - 1 :: count], key=lambda source: source.name)


def files_at(paths: Iterable[str]) -> Iterator[str]:
    """Captures at paths on this machine; see `sources_of`."""
    for path in paths:
        place = Path(path)
        if place.is_dir():
            yield from _files_below(place)
        elif place.exists():
            yield str(place)
        elif glob.has_magic(path):
            found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 -- a pattern may be absolute
            if not found:
                raise UnreadableInput(f"no file fits the pattern {path}")
            yield from files_at(found)
        else:
            raise UnreadableInput(f"there is no file or directory {path}")


def _files_below(directory: Path) -> Iterator[str]:
    """Captures in a directory and below it."""
    for path in sorted(directory.rglob("*")):
        parts = path.relative_to(directory).parts
        if path.is_file() and not any(part.startswith(".") for part in parts) and _is_capture(path):
            yield str(path)


def _is_capture(path: Path) -> bool:
    if _ENDING.search(path.name):
        return True
    try:
        if _LOG_ENDING.search(path.name):
            return log_format_at(str(path)) is not None
        content = Content(str(path))
        try:
            front = content.read(4)
        finally:
            content.close()
    except (OSError, UnreadableInput):
        return False
    return front in MAGIC or front == SECTION_MAGIC


def _source(files: tuple[str, ...], sizes: Mapping[str, int]) -> Source:
    return Source(name=files[0], files=files, bytes=sum(sizes[path] for path in files))


def _size_of(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0
