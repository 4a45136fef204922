"""Where a message ends in a stream (RFC 3261 §7.5, §18.3; RFC 5626 §3.5.1)."""

import re
from enum import Enum, auto

from sipscope.sip.start_line import is_start_line
from sipscope.values import dataclass

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_CONTENT_LENGTH = re.compile(
    rb"^(?:content-length|l)[ \t]*:(?:[ \t]|\r?\n[ \t])*(?P<value>[^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
# A start line may follow a body that has no line end, so a known method counts anywhere, others at a line's begin.
_PLAUSIBLE_START = re.compile(
    rb"SIP/\d\.\d [1-6]\d\d[ \r\n]"
    rb"|(?:(?<=\n)[A-Za-z0-9.!%*_+`'~-]{1,64}"
    rb"|INVITE|ACK|BYE|CANCEL|OPTIONS|REGISTER|PRACK|UPDATE|INFO|SUBSCRIBE|NOTIFY|REFER|PUBLISH|MESSAGE)"
    rb" [A-Za-z][A-Za-z0-9+.-]{0,31}:[^\s]{1,1024} SIP/\d\.\d\r?\n"
)

_CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0a-\x0c\x0e-\x1f\x7f]")

LONGEST_START_LINE = 65536
LONGEST_HEADERS = 1 << 20
LONGEST_BODY = 1 << 24


class Framing(Enum):
    """What is known about the bytes at a place in a stream."""

    COMPLETE = auto()
    NEED_MORE = auto()
    NOT_SIP = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class FramedLength:
    """The verdict of `message_length`.

    Attributes:
        framing: Which of the three cases.
        skip: How many bytes at the place asked for belong to no message: CRLF keep-alives, or, for `NOT_SIP`, all
            before the next plausible start line; at least one in that case.
        length: How many bytes the message behind them takes; None unless it is complete.
    """

    framing: Framing
    skip: int = 0
    length: int | None = None


def message_length(buffer: bytes | bytearray, start: int) -> FramedLength:
    """How far the message at `start` reaches.

    A missing or unreadable Content-Length counts as 0: the body that may follow is then no SIP, and the reader resumes
    at the next start line.
    """
    begin = _behind_keep_alives(buffer, start)
    newline = buffer.find(b"\n", begin)
    if newline < 0:
        return _unfinished_line(buffer, start, begin)
    if not is_start_line(bytes(buffer[begin:newline]).rstrip(b"\r")):
        return FramedLength(framing=Framing.NOT_SIP, skip=_next_start(buffer, begin + 1) - start)
    empty_line = _EMPTY_LINE.search(buffer, newline)
    if empty_line is None:
        if len(buffer) - begin > LONGEST_HEADERS:
            return FramedLength(framing=Framing.NOT_SIP, skip=_next_start(buffer, begin + 1) - start)
        return FramedLength(framing=Framing.NEED_MORE, skip=begin - start)
    end = empty_line.end() + _declared_length(bytes(buffer[newline + 1 : empty_line.end()]))
    if end > len(buffer):
        return FramedLength(framing=Framing.NEED_MORE, skip=begin - start)
    return FramedLength(framing=Framing.COMPLETE, skip=begin - start, length=end - begin)


def _behind_keep_alives(buffer: bytes | bytearray, start: int) -> int:
    """A receiver ignores any CRLF before the start line (RFC 3261 §7.5)."""
    while start < len(buffer) and buffer[start] in b"\r\n":
        start += 1
    return start


def _unfinished_line(buffer: bytes | bytearray, start: int, begin: int) -> FramedLength:
    if _may_begin_a_line(buffer, begin):
        return FramedLength(framing=Framing.NEED_MORE, skip=begin - start)
    return FramedLength(framing=Framing.NOT_SIP, skip=len(buffer) - start)


def _may_begin_a_line(buffer: bytes | bytearray, begin: int) -> bool:
    """Whether the rest of the buffer may be the first bytes of a start line."""
    return len(buffer) - begin <= LONGEST_START_LINE and _CONTROL_CHARACTER.search(buffer, begin) is None


def _next_start(buffer: bytes | bytearray, start: int) -> int:
    """Where the next plausible start line is; else the last line, which may become one, or the end."""
    match = _PLAUSIBLE_START.search(buffer, start)
    if match is not None:
        return match.start()
    last_line = max(start, buffer.rfind(b"\n", start) + 1)
    return last_line if _may_begin_a_line(buffer, last_line) else len(buffer)


def _declared_length(headers: bytes) -> int:
    match = _CONTENT_LENGTH.search(headers)
    digits = b"" if match is None else match["value"].strip()
    if not digits.isdigit() or len(digits) > 9:
        return 0
    length = int(digits)
    return length if length <= LONGEST_BODY else 0
