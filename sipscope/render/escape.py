"""Makes what came from a capture safe to show.

Everything a view holds may have been written by an attacker: terminal escapes, bidirectional overrides that turn a
line round, control characters, undecodable bytes, endless values. A renderer passes its view through `escaped` first,
so that no field can be forgotten; behind that, every character takes the room it seems to take.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from operator import is_
from typing import Any, TypeVar, cast

from sipscope.render.layout import is_plain
from sipscope.views.tables import Alignment
from sipscope.views.tone import Tone

T = TypeVar("T")

VALUE_LIMIT = 400
"""Longest value shown, in characters; longer ones end in an ellipsis."""

_MARKS_LIMIT = 2
"""Combining marks shown on one character; what stacks higher would run over other lines."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def visible(text: str, limit: int = VALUE_LIMIT) -> str:
    r"""Text on one line with everything invisible or dangerous escaped: `\x1b`, `\u202e`; bytes of no encoding too.

    Args:
        text: As it came.
        limit: Longest result in characters; None of an escape is ever cut.
    """
    if len(text) <= limit and is_plain(text):
        return text
    shown: list[str] = []
    length = marks = 0
    for character in text:
        is_mark = unicodedata.category(character) in {"Mn", "Me"}
        marks = marks + 1 if is_mark else 0
        piece = _escape_of(character) if marks > _MARKS_LIMIT or _is_unsafe(character) else character
        if length + len(piece) > limit - 1 and len(text) > len(shown):
            rest_fits = length + len(piece) <= limit and len(shown) == len(text) - 1
            if not rest_fits:
                shown.append("…")
                break
        shown.append(piece)
        length += len(piece)
    return "".join(shown)


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE_CATEGORIES


def _escape_of(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        # A lone surrogate of this range stands for the byte that could not be decoded (PEP 383).
        return f"\\x{number - 0xDC00:02x}"
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def escaped(view: T) -> T:
    """A view with every text in it made visible; enumerations and numbers stay as they are."""
    return mapped(view, visible)


def in_ascii(text: str) -> str:
    """Text in ASCII: our own signs by likeness, everything else as an escape."""
    if text.isascii():
        return text
    return "".join(_ASCII.get(item, item) if item.isascii() or item in _ASCII else _escape_of(item) for item in text)


_ASCII = {
    "→": "->",
    "←": "<-",
    "×": "x",
    "…": "...",
    "·": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "§": "section ",
    "’": "'",
    "“": '"',
    "”": '"',
    "≤": "<=",
    "≥": ">=",
}


def mapped(view: T, change: Callable[[str], str]) -> T:
    """A view with every text in it changed by a function."""
    return cast("T", _mapped(view, change))


def _mapped(value: object, change: Callable[[str], str]) -> object:
    """The value itself where nothing in it changes, as is the rule."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(value)
    if isinstance(value, tuple):
        items = [_mapped(item, change) for item in value]
        return value if all(map(is_, items, value)) else tuple(items)
    changed: dict[str, Any] = {}
    for name in _fields_of(value):
        before = getattr(value, name)
        kind = type(before)
        if kind in _SILENT:
            continue
        after = change(before) if kind is str else _mapped(before, change)
        if after is not before:
            changed[name] = after
    return replace(cast("Any", value), **changed) if changed else value


_SILENT = frozenset({type(None), bool, int, float, Tone, Alignment})
"""Kinds of values that hold no text, of which a table has one in each cell."""

_FIELDS: dict[type, tuple[str, ...]] = {}
"""Names of the fields of each dataclass met so far; none for anything else."""


def _fields_of(value: object) -> tuple[str, ...]:
    kind = type(value)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return names


def xml_text(text: str) -> str:
    """Text for an XML document, content or attribute; characters that XML 1.0 §2.2 forbids become U+FFFD."""
    legal = _ILLEGAL_IN_XML.sub("\ufffd", text)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        legal = legal.replace(character, entity)
    return legal


def without_mathtext(text: str) -> str:
    """Text for matplotlib, which reads what stands between dollar signs as a formula."""
    return text.replace("$", r"\$")
