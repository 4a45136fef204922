"""A message made again of the lines that a log shows of it.

Logs lose line ends, indent, and are edited before they are sent around; what they show is joined with CRLF, and the
Content-Length says how much of it is body. Where the two contradict each other the log is to blame, not the sender.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

_HEADER = re.compile(rb"[A-Za-z0-9.!%*_+`'~-]+[ \t]*:")
_CONSOLE = re.compile(rb"\s+(?:--|==|>|\*\*\*) ")
_CONTENT_LENGTH = re.compile(rb"(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})\s*$", re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"(?:content-type|c)[ \t]*:[ \t]*(\S+)", re.IGNORECASE)
_DESCRIPTION_START = re.compile(rb"v=0\s*$")
_DESCRIPTION_LINE = re.compile(rb"[a-z]=")

LONGEST_BODY = 1 << 20
"""Bytes of a body that are kept; no body in a log is longer unless its end was missed."""


class Taken(Enum):
    """What became of a line that was offered to a message."""

    YES = auto()
    FOREIGN = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A message as bytes.

    Attributes:
        payload: The message.
        truncated: The log shows only a part of it.
        refitted: Its body is longer in the log than its Content-Length says, which was therefore made to fit.
    """

    payload: bytes
    truncated: bool = False
    refitted: bool = False


class MessageLines:
    """The lines of one message, one after another.

    Attributes:
        complete: Nothing that follows can belong to it.
    """

    def __init__(self, start_line: bytes, *, dotted: bool = False) -> None:
        """Begin with the start line as the log shows it; `dotted` when a dot stands for each CR."""
        self.complete = False
        self._indent = start_line[: len(start_line) - len(start_line.lstrip())]
        self._dotted = dotted and start_line.rstrip().endswith(b".")
        self._head = [self._plain(start_line).rstrip()]
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._closed = False
        self._length: int | None = None
        self._type: bytes | None = None

    def take(self, line: bytes) -> Taken:
        """Add the next line; `FOREIGN` when it is none of a message, `ENDED` when it and what follows isn't."""
        text = self._plain(line)
        if self._closed:
            return self._take_body(text)
        if not text.strip():
            self._close()
            return Taken.YES
        if _DESCRIPTION_START.match(text):
            self._close()
            return self._take_body(text)
        if _CONSOLE.match(text) or not (text[:1] in b" \t" or _HEADER.match(text)):
            return Taken.FOREIGN
        self._take_header(text)
        return Taken.YES

    def remade(self) -> Remade:
        """The message as far as it came."""
        if not self._closed and self._length is None:
            return Remade(payload=b"\r\n".join((*self._head, b"")), truncated=True)
        if self._length is None:
            return Remade(payload=self._with_body(b"".join(line + b"\r\n" for line in self._body)))
        if (fitting := self._fitting(self._length)) is not None:
            return Remade(payload=self._with_body(fitting))
        body = b"".join(line + b"\r\n" for line in self._body)
        if len(body) < self._length:
            return Remade(payload=self._with_body(body), truncated=True)
        self._head = [_with_length(line, len(body)) for line in self._head]
        return Remade(payload=self._with_body(body), refitted=True)

    def _plain(self, line: bytes) -> bytes:
        """A line without what the log put around it."""
        text = line.removeprefix(self._indent)
        return text.removesuffix(b".") if self._dotted else text

    def _take_header(self, text: bytes) -> None:
        self._head.append(text)
        if match := _CONTENT_LENGTH.match(text):
            self._length = int(match[1])
        elif match := _CONTENT_TYPE.match(text):
            self._type = match[1].lower()

    def _close(self) -> None:
        """The header fields are over; without a body the message is, too."""
        self._closed = True
        self.complete = self._length == 0 or (self._length is None and self._type is None)

    def _take_body(self, text: bytes) -> Taken:
        if self._is_description and not _DESCRIPTION_LINE.match(text):
            self.complete = True
            return Taken.ENDED
        self._body.append(text)
        self._body_bytes += len(text) + 1
        limit = LONGEST_BODY if self._length is None else min(self._length, LONGEST_BODY)
        self.complete = self._body_bytes >= limit
        return Taken.YES

    @property
    def _is_description(self) -> bool:
        return self._type is None or self._type.startswith(b"application/sdp")

    def _fitting(self, length: int) -> bytes | None:
        """The lines of the body that are as long as declared, with CRLF or with LF; None when none are."""
        for line_end in (b"\r\n", b"\n"):
            for count in range(len(self._body), -1, -1):
                body = b"".join(line + line_end for line in self._body[:count])
                if len(body) == length:
                    return body
                if len(body) - len(line_end) == length:
                    return body[: -len(line_end)]
                if len(body) < length:
                    break
        return None

    def _with_body(self, body: bytes) -> bytes:
        return b"\r\n".join((*self._head, b"", body))


def _with_length(line: bytes, length: int) -> bytes:
    """A Content-Length header field with another value; any other line as it is."""
    match = _CONTENT_LENGTH.match(line)
    return line if match is None else line[: match.start(1)] + str(length).encode()
