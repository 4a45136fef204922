"""Captures whose bytes are the same: one of them counts."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from sipscope.audit.examination import content_of
from sipscope.audit.remote import is_remote
from sipscope.audit.sources import Source
from sipscope.errors import UnreadableInput

_FRONT = 1 << 16
"""Bytes that tell most captures of the same size apart."""


def copies_among(sources: Sequence[Source]) -> dict[str, tuple[str, str]]:
    """Captures that are copies: of which each is one, the first by name, and the digest of their bytes.

    Only files of the same size are opened, and only those that begin alike are read. Captures at URLs are left, as
    they would have to be fetched for it.
    """
    found: dict[str, tuple[str, str]] = {}
    here = (source for source in sources if source.bytes and not any(map(is_remote, source.files)))
    for _, same_size in _alike(here, lambda source: f"{source.bytes} {len(source.files)}"):
        for _, same_front in _alike(same_size, _front_of):
            for content, same in _alike(same_front, _content_of):
                original, *copies = sorted(same, key=lambda source: source.name)
                found.update((copy.name, (original.name, content)) for copy in copies)
    return found


def _alike(sources: Iterable[Source], key: Callable[[Source], str]) -> Iterator[tuple[str, list[Source]]]:
    """Keys with their sources, where there are several; an empty key is like no other."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(key(source), []).append(source)
    return ((shared, group) for shared, group in groups.items() if shared and len(group) > 1)


def _front_of(source: Source) -> str:
    """Digest of its first bytes; empty where it can't be read, which its examination will say."""
    try:
        with Path(source.files[0]).open("rb") as file:
            return hashlib.sha256(file.read(_FRONT)).hexdigest()
    except OSError:
        return ""


def _content_of(source: Source) -> str:
    """Digest of all its bytes; empty where it can't be read."""
    try:
        return content_of(source.files)
    except UnreadableInput:
        return ""
