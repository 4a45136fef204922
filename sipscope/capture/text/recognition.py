"""Which log a file is, by what its first lines look like."""

import re
import sys
from itertools import islice
from typing import TYPE_CHECKING

from sipscope.capture.native.compression import compression_of
from sipscope.capture.native.source import Source, is_binary
from sipscope.capture.text.formats import BARE, HEADED, START_LINE, LogFormat
from sipscope.capture.text.lines import numbered_lines, without_return
from sipscope.capture.text.stamps import prefix_of
from sipscope.capture.text.unfolding import unfolded

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMINED_LINES = 200_000
"""How far a log may go on before its first SIP message."""

_EXAMINED_BYTES = 64 << 20
_FRONT_BYTES = 32
_NEAR = 24
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""What no text begins with; an escape may colour it."""


def log_format_at(path: str) -> LogFormat | None:
    """The format of the log at `path`; None when it is none, or none that is known.

    Raises:
        UnreadableInput: It can't be opened, or holds nothing.
    """
    if is_binary(path):
        return None
    source = Source(path)
    try:
        return recognised(line for _, line in islice(unfolded(numbered_lines(source, _EXAMINED_BYTES)), EXAMINED_LINES))
    finally:
        source.close()


def is_text_waiting() -> bool:
    """Whether standard input begins with text, of which nothing is taken."""
    peek = getattr(sys.stdin.buffer, "peek", None)
    front = b"" if peek is None else bytes(peek(_FRONT_BYTES))[:_FRONT_BYTES]
    return bool(front) and _CONTROL.search(front) is None and compression_of(front) is None


def recognised(lines: "Iterable[bytes]") -> LogFormat | None:
    """The first format that announces a message, and shows one soon after."""
    candidates: dict[str, tuple[LogFormat, int]] = {}
    is_bare = False
    for number, raw in enumerate(lines):
        line = without_return(raw)
        prefix = prefix_of(line)
        text = line if prefix is None else line[prefix.end() :]
        if START_LINE.fullmatch(text.strip().removesuffix(b".")):
            near = [found for found, place in candidates.values() if number - place <= _NEAR]
            if near:
                return near[-1]
            is_bare = True
            continue
        for log_format in HEADED:
            if log_format.heading_of(text) is not None:
                candidates.pop(log_format.name, None)
                candidates[log_format.name] = log_format, number
    return BARE if is_bare else None
