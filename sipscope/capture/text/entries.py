"""Messages out of the lines of a log."""

from collections import Counter
from typing import TYPE_CHECKING

from sipscope.capture.text.formats import START_LINE, Heading, LogFormat
from sipscope.capture.text.lines import without_return
from sipscope.capture.text.message import MessageLines, Taken
from sipscope.capture.text.stamps import Stamp, prefix_of, stamp_of
from sipscope.values import dataclass

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

PATIENCE = 24
"""How many lines may come between a heading and the start line of its message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message of a log.

    Attributes:
        line: The line that the message begins on, counted from 1.
        heading: What the log says of it.
        stamp: When, None where the log tells no time.
        near: The last time with a date that stood in front of it.
        payload: The message.
        truncated: The log shows only a part of it.
        refitted: Its Content-Length was made to fit its body.
    """

    line: int
    heading: Heading
    stamp: Stamp | None
    near: Stamp | None
    payload: bytes
    truncated: bool
    refitted: bool


class Entries:
    """Reads one log.

    Attributes:
        lines: How many lines were read.
        set_aside: How many lines and headings belong to no message, by reason.
        first_day: The first date the log tells, in days since 1970; None while it told none.
    """

    def __init__(self, log_format: LogFormat) -> None:
        self.lines = 0
        self.set_aside: Counter[str] = Counter()
        self.first_day: int | None = None
        self._format = log_format
        self._last: re.Match[bytes] | None = None
        self._last_dated: re.Match[bytes] | None = None
        self._heading: Heading | None = None
        self._waited = 0
        self._open: _Open | None = None

    def read(self, lines: "Iterable[tuple[int, bytes]]") -> "Iterator[Entry]":
        """The messages in the order of their lines."""
        for number, line in lines:
            self.lines = number
            entry = self._next(number, line)
            if entry is not None:
                yield entry
        entry = self._ended()
        if entry is not None:
            yield entry

    def _next(self, number: int, raw: bytes) -> Entry | None:
        """Take a line in; the message that it ends."""
        line = without_return(raw)
        prefix = prefix_of(line)
        rest = line if prefix is None else line[prefix.end() :]
        if prefix is not None:
            self._keep_time(prefix)
        heading = self._format.heading_of(rest)
        if heading is not None:
            entry = self._ended()
            self._heading, self._waited = heading, 0
            return entry
        if self._is_bare(rest):
            entry = self._ended()
            self._begin(number, rest, Heading(), is_prefixed=prefix is not None)
            return entry
        if self._open is not None:
            return self._continued(self._open, raw, 0 if prefix is None else prefix.end())
        self._between(number, rest, is_prefixed=prefix is not None)
        return None

    def _is_bare(self, text: bytes) -> bool:
        """Whether a message begins that nothing announced."""
        if not self._format.may_be_bare or self._heading is not None:
            return False
        # Where messages are announced, a start line inside another message is part of its body.
        return (self._format.heading is None or self._open is None) and self._is_start(text)

    def _keep_time(self, prefix: "re.Match[bytes]") -> None:
        self._last = prefix
        if prefix["year"] is None and prefix["month_name"] is None:
            return
        if self.first_day is None:
            self.first_day = stamp_of(prefix).day
        self._last_dated = prefix

    def _begin(self, number: int, start_line: bytes, heading: Heading, *, is_prefixed: bool) -> None:
        """Open a message with its first line."""
        stamp = heading.stamp
        if stamp is None and self._last is not None:
            stamp = stamp_of(self._last)
        near = stamp_of(self._last_dated) if self._last_dated is not None else None
        self._open = _Open(
            line=number,
            heading=heading,
            stamp=stamp,
            near=near if near is not None and near.day is not None else None,
            is_prefixed=is_prefixed,
            message=MessageLines(start_line, dotted=self._format.dotted),
        )
        self._heading = None

    def _continued(self, opened: "_Open", raw: bytes, prefix: int) -> Entry | None:
        """Give an open message a line, whose text begins behind a prefix."""
        if prefix and not opened.is_prefixed:
            # Only another message of the program's log begins with a time, where the SIP message doesn't.
            self._set_aside(raw)
            return None
        text = raw[prefix:]
        if self._format.end is not None and self._format.end.match(without_return(text)):
            return self._ended()
        if opened.message.take(text) is not Taken.YES:
            self._set_aside(text)
        return self._ended() if opened.message.complete else None

    def _between(self, number: int, text: bytes, *, is_prefixed: bool) -> None:
        """A line outside of messages: where one was announced, perhaps its first."""
        if self._heading is None:
            self._set_aside(text)
            return
        if self._is_start(text):
            self._begin(number, text, self._heading, is_prefixed=is_prefixed)
            return
        detailed = self._format.with_detail(self._heading, text)
        if detailed is None:
            self._set_aside(text)
        else:
            self._heading = detailed
        self._waited += 1
        if self._waited > PATIENCE:
            self._forget_heading()

    def _ended(self) -> Entry | None:
        """Close what is open: the message that was, if one was."""
        if self._heading is not None:
            self._forget_heading()
        opened, self._open = self._open, None
        if opened is None:
            return None
        remade = opened.message.remade()
        return Entry(
            line=opened.line,
            heading=opened.heading,
            stamp=opened.stamp,
            near=opened.near,
            payload=remade.payload,
            truncated=remade.truncated,
            refitted=remade.refitted,
        )

    def _forget_heading(self) -> None:
        self._heading = None
        self.set_aside["heading-without-sip"] += 1

    def _set_aside(self, text: bytes) -> None:
        if text.strip():
            self.set_aside["log-line"] += 1

    def _is_start(self, text: bytes) -> bool:
        plain = text.strip()
        return START_LINE.fullmatch(plain.removesuffix(b".") if self._format.dotted else plain) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """A message whose end didn't come yet, and what is known of it from in front of it."""

    line: int
    heading: Heading
    stamp: Stamp | None
    near: Stamp | None
    is_prefixed: bool
    message: MessageLines
