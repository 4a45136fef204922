"""Measuring and breaking text, and the room that columns get. Cells are terminal columns, pixels are CSS pixels."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

Measure: TypeAlias = Callable[[str], float]

_PLAIN = re.compile("[ -~\xa0-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2500-\u25fc]*")
"""Latin letters and the signs that our own sentences and lines use: all can be shown, and take one column each."""


def is_plain(text: str) -> bool:
    """Whether every character is known at once to be one that can be shown and takes one column; most texts are."""
    return text.isprintable() if text.isascii() else _PLAIN.fullmatch(text) is not None


def cells(text: str) -> int:
    """Terminal columns that a text takes: two for wide characters, none for combining marks."""
    if text.isascii() or _PLAIN.fullmatch(text) is not None:
        return len(text)
    return sum(cells_of(character) for character in text)


def cells_of(character: str) -> int:
    """Terminal columns of one character (Unicode Standard Annex 11)."""
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


_NARROW = frozenset("ijl.,:;|!'`()[]{}ftrI1/\\-\" ")
_VERY_NARROW = frozenset("ijl.,:;|!'` ")
_BROAD = frozenset("mwMW@%")


def pixels(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is in DejaVu Sans, the widest of the fonts that pictures name, so that nothing overlaps.

    Args:
        text: One line.
        size: Font size in pixels.
        bold: Bold letters are a tenth wider.
    """
    return sum(_em(character) for character in text) * size * (1.11 if bold else 1.0)


def _em(character: str) -> float:  # noqa: PLR0911 - one line a class of letters
    if character in _VERY_NARROW:
        return 0.35
    if character in _NARROW:
        return 0.43
    if character in _BROAD:
        return 0.98
    if cells_of(character) == 2:
        return 1.05
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0.0
    if character.isupper():
        return 0.71
    if character.isalnum():
        return 0.64
    return 0.86 if character in "→←−×…·~+=<>#" else 0.66


def shortened(text: str, room: float, measure: Measure = cells) -> str:
    """The text, or its beginning and an ellipsis where it is wider than the room; empty where not even that fits."""
    if measure(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle].rstrip() + "…") <= room else (low, middle - 1)
    kept = text[:low].rstrip()
    return f"{kept}…" if kept or measure("…") <= room else ""


def wrapped(text: str, room: float, measure: Measure = cells, limit: int = 3) -> list[str]:
    """Lines no wider than the room, broken at blanks, else inside a word; at most `limit`, the last one shortened."""
    lines: list[str] = []
    rest = text.strip()
    if measure is cells and is_plain(rest):
        if len(rest) <= room:
            return [rest] if rest else []
        measure = len
    while rest:
        if len(lines) == limit - 1 or measure(rest) <= room:
            lines.append(shortened(rest, room, measure))
            break
        head = _head(rest, room, measure)
        lines.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return lines


def _head(text: str, room: float, measure: Measure) -> str:
    """What fits into the first line; at least one character, so that every call makes progress."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle].rstrip()) <= room else (low, middle - 1)
    if low >= len(text) or text[low] == " ":
        return text[:low]
    blank = text.rfind(" ", 0, low)
    if blank > 0:
        return text[: blank + 1]
    # An address without blanks is broken behind one of its own separators where there is one in the later half.
    separator = max(text.rfind(mark, low // 2, low) for mark in ":.@;")
    return text[: separator + 1] if separator > 0 else text[:low]


def gaps(
    lanes: int, needs: Iterable[tuple[int, int, float]], smallest: float, largest: float, room: float | None = None
) -> list[float]:
    """Distances between neighbouring lanes.

    Args:
        lanes: How many lanes there are.
        needs: Two lanes and the distance that something between them asks for.
        smallest: No distance is less.
        largest: No distance grows beyond it.
        room: All distances together; None for no limit. Where it is too small, `smallest` holds and room is exceeded.

    Returns:
        One distance less than there are lanes.
    """
    found = [smallest] * max(0, lanes - 1)
    for one, other, need in sorted(needs, key=lambda item: abs(item[0] - item[1])):
        left, right = min(one, other), max(one, other)
        if left == right:
            continue
        missing = need - sum(found[left:right])
        if missing > 0:
            share = missing / (right - left)
            found[left:right] = [min(largest, gap + share) for gap in found[left:right]]
    total = sum(found)
    if room is not None and total > room and found:
        spare, wanted = max(0.0, room - smallest * len(found)), total - smallest * len(found)
        found = [smallest + (gap - smallest) * (spare / wanted if wanted else 0.0) for gap in found]
    return found


def positions(start: float, distances: Sequence[float]) -> list[float]:
    """Where lanes stand: the first at `start`, each next one a distance further."""
    found = [start]
    for distance in distances:
        found.append(found[-1] + distance)
    return found
