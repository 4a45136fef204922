"""Regular expressions that can't run long: small ones, without what makes matching explode.

Matching backtracks over the ways in which a pattern can fit. Their number is bounded from above here, and a pattern
that exceeds the bound is refused; the text that is matched is cut.
"""

import math
import re
import warnings
from collections.abc import Iterator

MAX_PATTERN = 200
"""Characters of a pattern."""

MAX_TEXT = 256
"""Characters of a value that are looked at."""

_UNBOUNDED_BITS = math.log2(MAX_TEXT)
_BITS = 25.0
"""What three unbounded repeats cost, the search along the text counting as one, and a `?` beside them."""

_PART = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<open>\((?:\?:)?)"
    r"|(?P<close>\))"
    r"|(?P<bar>\|)"
    r"|(?P<repeat>[*+?]|\{\d*,?\d*\})"
    r"|(?P<other>.)",
    re.DOTALL,
)
_COUNTS = re.compile(r"\{(?P<low>\d*)(?P<comma>,?)(?P<high>\d*)\}")


def pattern_of(text: str) -> re.Pattern[str]:
    """The compiled pattern; case doesn't matter.

    Raises:
        ValueError: It is no regular expression, or one that might run long; the message says which.
    """
    if len(text) > MAX_PATTERN:
        raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters")
    if sum(_costs(text)) + (0 if text.startswith("^") and "|" not in text else _UNBOUNDED_BITS) > _BITS:
        raise ValueError("the pattern may run long: use fewer of * + ? and |")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"no regular expression: {error}") from None


def is_found(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the pattern fits anywhere in the text."""
    return pattern.search(text[:MAX_TEXT]) is not None


def _costs(text: str) -> Iterator[float]:
    """By how many bits each part multiplies the ways to fit.

    Raises:
        ValueError: A part is not allowed at all.
    """
    before, alternatives = "", [1]
    for match in _PART.finditer(text):
        part = match.lastgroup or "other"
        if part == "escape" and match[0][1] in "123456789":
            raise ValueError("back references are not allowed")
        if part == "open":
            alternatives.append(1)
        elif part == "bar":
            alternatives[-1] += 1
        elif part == "close" and len(alternatives) > 1:
            yield math.log2(alternatives.pop())
        elif part == "repeat":
            if before == "open":
                raise ValueError("only the groups (…) and (?:…) are allowed")
            yield _repeat_cost(match[0], is_group=before == "close")
        before = part
    yield from map(math.log2, alternatives)


def _repeat_cost(repeat: str, *, is_group: bool) -> float:
    if repeat == "?":
        return 1.0
    if is_group:
        raise ValueError("a group may be followed by ?, but not be repeated")
    counts = _COUNTS.fullmatch(repeat)
    if counts is None or (counts["comma"] and not counts["high"]):
        return _UNBOUNDED_BITS
    low, high = int(counts["low"] or 0), int(counts["high"] or counts["low"] or 0)
    return min(_UNBOUNDED_BITS, math.log2(max(1, high - low + 1)))
