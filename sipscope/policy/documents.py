"""Configuration files that build on one another, as one document, with the file that each part comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import PurePath

from sipscope.errors import UsageError
from sipscope.policy.keys import EXTENDS, SECTIONS
from sipscope.values import dataclass

Read = Callable[[str], Mapping[str, object]]
"""Reads a file as a document; a `UsageError` says why it can't."""

_DEEPEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A value with the file that it stands in.

    Attributes:
        value: As it was written.
        path: The file.
        place: Where in the file, such as `suppress 2`.
    """

    value: object
    path: str
    place: str


@dataclass(slots=True)
class Document:
    """All files as one.

    Attributes:
        keys: Parts by key; those of tables by `table.key`.
        arrays: Tables of each array, base files first.
        problems: What is no document at all, in words.
    """

    keys: dict[tuple[str, ...], Part] = field(default_factory=dict)
    arrays: dict[str, list[Part]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def document_of(path: str, read: Read) -> Document:
    """A file with all that it builds on, of which it overrides what it says itself.

    Raises:
        UsageError: A file can't be read, or builds on itself.
    """
    document = Document()
    _add(document, path, read, ())
    return document


def _add(document: Document, path: str, read: Read, above: Sequence[str]) -> None:
    if path in above:
        raise UsageError(f"{path} builds on itself: {' → '.join((*above[above.index(path) :], path))}")
    if len(above) >= _DEEPEST:
        raise UsageError(f"{path}: more than {_DEEPEST} files build on one another")
    content = read(path)
    for base in _bases(content.get(EXTENDS)):
        _add(document, _beside(path, base), read, (*above, path))
    arrays = {section.name for section in SECTIONS if section.is_array}
    for name, value in content.items():
        if name in arrays:
            _add_array(document, path, name, value)
        elif isinstance(value, dict):
            for key, inner in value.items():
                document.keys[name, key] = Part(value=inner, path=path, place=f"{name}.{key}")
        else:
            document.keys[(name,)] = Part(value=value, path=path, place=name)


def _add_array(document: Document, path: str, name: str, value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        document.problems.append(f"{path}: {name} is written as [[{name}]], once for each")
        return
    parts = document.arrays.setdefault(name, [])
    parts.extend(Part(value=item, path=path, place=f"{name} {count}") for count, item in enumerate(value, start=1))


def _bases(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]


def _beside(path: str, other: str) -> str:
    """A path as the directory of a file leads to it, without `..` where that can be said."""
    parts: list[str] = []
    for part in (PurePath(path).parent / other).parts:
        if part == ".." and parts and parts[-1] not in {"..", "/"}:
            parts.pop()
        else:
            parts.append(part)
    return str(PurePath(*parts))
