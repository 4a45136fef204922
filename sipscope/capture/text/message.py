"""A message made again of the lines that a log shows of it.

Logs lose line ends, indent, and are edited before they are sent around; what they show is joined with CRLF, and the
Content-Length says how much of it is body. Where the two contradict each other the log is to blame, not the sender.
"""

import re
from enum import Enum, auto

from sipscope.capture.text.lines import without_return
from sipscope.values import dataclass

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
        """Begin with the start line; `dotted` when a dot may stand for each CR."""
        self.complete = False
        self._indent = start_line[: len(start_line) - len(start_line.lstrip())]
        self._dotted = dotted and start_line.rstrip().endswith(b".")
        self._head = [without_return(self._plain(start_line)).rstrip()]
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._closed = False
        self._is_description = False
        self._is_spaced = False
        self._blanks = 0
        self._length: int | None = None
        self._type: bytes | None = None

    def take(self, line: bytes) -> Taken:
        """Add the next line, with its CR where it has one.

        `FOREIGN` says that the line is none of a message, `ENDED` that neither it nor what follows belongs to this one.
        """
        raw = self._plain(line)
        if self._is_spacing(raw):
            return Taken.YES
        if self._closed:
            return self._take_body(raw)
        text = without_return(raw)
        if not text.strip():
            self._close()
            return Taken.YES
        if _DESCRIPTION_START.match(text):
            self._close()
            return self._take_body(raw)
        if _CONSOLE.match(text) or not (text[:1] in b" \t" or _HEADER.match(text)):
            return Taken.FOREIGN
        self._take_header(text)
        return Taken.YES

    def remade(self) -> Remade:
        """The message as far as it came."""
        if not self._closed and self._length is None:
            return Remade(payload=b"\r\n".join((*self._head, b"")), truncated=True)
        body = b"".join(without_return(line) + b"\r\n" for line in self._body)
        if self._length is None:
            return Remade(payload=self._with_body(body))
        if (fitting := self._fitting(self._length)) is not None:
            return Remade(payload=self._with_body(fitting))
        if len(body) < self._length:
            return Remade(payload=self._with_body(body), truncated=True)
        self._head = [_with_length(line, len(body)) for line in self._head]
        return Remade(payload=self._with_body(body), refitted=True)

    def _plain(self, line: bytes) -> bytes:
        """A line without what the log put in front of it, and with the CR that it wrote as something else."""
        text = line.removeprefix(self._indent)
        if self._dotted:
            text = without_return(text)
            return text[:-1] + b"\r" if text.endswith(b".") else text
        return text[:-4] + b"\r" if text.endswith(b"#015") else text

    def _is_spacing(self, raw: bytes) -> bool:
        """Whether a line is one of those that mail programs and web pages put behind every line of a log."""
        if raw.strip():
            self._blanks = 0
            return False
        self._blanks += 1
        # Behind a start line comes a header field, and nothing else.
        self._is_spaced = self._is_spaced or (len(self._head) == 1 and not self._closed)
        return self._is_spaced and self._blanks % 2 == 1

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

    def _take_body(self, raw: bytes) -> Taken:
        has_form = _DESCRIPTION_LINE.match(raw) is not None
        if not has_form and self._is_over(raw):
            self.complete = True
            return Taken.ENDED
        if not self._body:
            self._is_description = has_form and self._may_be_description
        self._body.append(raw)
        self._body_bytes += len(without_return(raw)) + 1
        # Session descriptions end where their form does, which holds in edited logs, too.
        length = LONGEST_BODY if self._length is None or self._is_description else self._length
        self.complete = self._body_bytes >= min(length, LONGEST_BODY)
        return Taken.YES

    def _is_over(self, raw: bytes) -> bool:
        """Whether a line that has not the form of a session description's lines can't belong to the body."""
        if self._body:
            return self._is_description
        return self._may_be_description and (self._length is None or not raw.strip())

    @property
    def _may_be_description(self) -> bool:
        return self._type is None or self._type.startswith(b"application/sdp")

    def _fitting(self, length: int) -> bytes | None:
        """The lines of the body that are as long as declared: as the log has them, with CRLF, or with LF."""
        plain = [without_return(line) for line in self._body]
        for lines in (self._body, [line + b"\r" for line in plain], plain):
            body = b"".join(line + b"\n" for line in lines)
            # What has the form of a session description belongs to it, whatever its length is said to be.
            if not (self._is_description and len(body) - length > len(b"\r\n")):
                found = _first_bytes(body, length)
                if found is not None:
                    return found
        return None

    def _with_body(self, body: bytes) -> bytes:
        return b"\r\n".join((*self._head, b"", body))


def _first_bytes(body: bytes, length: int) -> bytes | None:
    """The lines that take `length` bytes, the last perhaps without its line end; None where a line would be cut."""
    found, rest = body[:length], body[length : length + 2]
    if len(found) < length:
        return None
    if found.endswith(b"\r") and rest.startswith(b"\n"):
        # One byte less than with CRLF: the last line ends with LF.
        return found[:-1] + b"\n"
    is_between_lines = not found or found.endswith(b"\n") or rest.startswith(b"\n") or rest == b"\r\n"
    return found if is_between_lines else None


def _with_length(line: bytes, length: int) -> bytes:
    """A Content-Length header field with another value; any other line as it is."""
    match = _CONTENT_LENGTH.match(line)
    return line if match is None else line[: match.start(1)] + str(length).encode()
