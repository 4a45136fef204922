"""Takes apart the lines of logs that don't show a message line by line.

ngrep writes a payload in one go unless `-W byline` is given, with a dot for every character that can't be printed, and
breaks it where the terminal ends. Scripts of Kamailio and OpenSIPS often write the start line behind their own words.
"""

import re
from typing import TYPE_CHECKING

from sipscope.capture.text.formats import NGREP, SCRIPT_FRONT, START_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NGREP_STARTS = frozenset(b"UT#")
_INDENT = b"  "
_ON_ONE_LINE = re.compile(
    rb"(?P<heading>#*[UT] .{1,120}? -> \S+:\d+(?: \[\w+\])?(?: #\d+)?) +(?P<payload>\S+ .*SIP/2\.0.*)"
)
_HEADER_ENDS = re.compile(rb"\.\.(?=[A-Za-z][A-Za-z0-9-]{0,63}[ \t]*:)")
_DESCRIPTION_ENDS = re.compile(rb"\.\.(?=[a-z]=)")
_BEHIND_WORDS = re.compile(rb"(?P<words>.{0,400}?)(?P<start>" + START_LINE.pattern + rb")$")
_MOST_LINES = 4096


def unfolded(lines: "Iterable[tuple[int, bytes]]") -> "Iterator[tuple[int, bytes]]":
    """Numbered lines, with every line of a message on one of its own."""
    is_announced = False
    held: list[tuple[int, bytes]] = []
    for number, line in lines:
        if (is_announced or held) and line.startswith(_INDENT) and len(held) < _MOST_LINES:
            held.append((number, line))
            is_announced = False
            continue
        if held:
            yield from _released(held)
            held = []
        is_announced = False
        if line[:1] and line[0] in _NGREP_STARTS:
            is_announced = NGREP.heading_of(line) is not None
            match = None if is_announced else _ON_ONE_LINE.match(line)
            if match is not None:
                yield number, match["heading"]
                yield from ((number, part) for part in _parts(match["payload"]))
                continue
        elif b"SIP/2.0" in line and (front := SCRIPT_FRONT.search(line)) is not None:
            yield from ((number, part) for part in _behind_words(line, front.end()))
            continue
        yield number, line
    yield from _released(held)


def _released(held: "list[tuple[int, bytes]]") -> "Iterator[tuple[int, bytes]]":
    """Indented lines behind a heading: a payload in one go where it looks like one, else as they are."""
    if not held or b"SIP/2.0" not in b"".join(line[len(_INDENT) :] for _, line in held[:64]):
        yield from held
        return
    whole = b"".join(line[len(_INDENT) :].rstrip(b"\r") for _, line in held)
    number = held[0][0]
    yield from ((number, part) for part in _parts(whole))


def _parts(payload: bytes) -> "Iterator[bytes]":
    """The lines of a payload, each with the dot that stands for its CR."""
    head, empty, body = payload.partition(b"....")
    yield from (line + b"." for line in _HEADER_ENDS.split(head))
    if empty:
        yield b"."
        if body:
            yield from (line + b"." for line in _DESCRIPTION_ENDS.split(body.removesuffix(b"..")))
    yield b""


def _behind_words(line: bytes, end: int) -> "Iterator[bytes]":
    """A script's words, and on a line of its own the start line behind them."""
    bare = line.rstrip(b"\r").removesuffix(b"#015")
    match = _BEHIND_WORDS.match(bare, end)
    if match is None:
        yield line
        return
    yield bare[: match.start("start")]
    yield match["start"]
