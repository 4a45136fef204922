"""Captures that lie elsewhere, by URL: listed through fsspec, and copied here while they are analysed."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sipscope.errors import EngineUnavailable, UnreadableInput

_FAILURES = (OSError, ValueError, ImportError)
"""What file systems of fsspec raise: nothing there, no permission, no such scheme, or a library that it needs."""


def is_remote(path: str) -> bool:
    """Whether a path is a URL."""
    return "://" in path


def remote_files(url: str) -> tuple[dict[str, int], bool]:
    """Files at a URL with their sizes, and whether it named them: not so for what a directory holds.

    Raises:
        UnreadableInput: There is nothing, or no way to it.
        EngineUnavailable: fsspec isn't installed.
    """
    fsspec = _fsspec()
    try:
        system, place = fsspec.core.url_to_fs(url)
        if "*" in place or "?" in place:
            found, is_named = system.glob(place, detail=True), True
        elif system.isdir(place):
            found, is_named = system.find(place, detail=True), False
        else:
            found, is_named = {place: system.info(place)}, True
        files = {system.unstrip_protocol(name): _size(facts) for name, facts in found.items() if _is_file(facts)}
    except _FAILURES as error:
        raise UnreadableInput(f"can't read {url}: {_words(error)}") from error
    if not files and is_named:
        raise UnreadableInput(f"no file fits the pattern {url}")
    return files, is_named


@contextmanager
def local_copies(files: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Paths at which files can be read: their own, or those of copies that last as long as this does.

    Raises:
        UnreadableInput: A file elsewhere can't be read.
    """
    if not any(map(is_remote, files)):
        yield tuple(files)
        return
    with tempfile.TemporaryDirectory(prefix="sipscope-") as folder:
        yield tuple(_copied(path, Path(folder) / str(number)) for number, path in enumerate(files))


def _copied(url: str, folder: Path) -> str:
    if not is_remote(url):
        return url
    folder.mkdir()
    target = folder / (Path(url).name or "capture")
    try:
        with _fsspec().open(url, "rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except _FAILURES as error:
        raise UnreadableInput(f"can't read {url}: {_words(error)}") from error
    return str(target)


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError as error:
        raise EngineUnavailable("captures at URLs need fsspec: pip install 'sipscope[remote]'") from error
    return fsspec


def _is_file(facts: Mapping[str, Any]) -> bool:
    return facts.get("type") == "file"


def _size(facts: Mapping[str, Any]) -> int:
    return int(facts.get("size") or 0)


def _words(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().splitlines()[0]
