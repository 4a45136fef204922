"""The lines of a description, lossless: number, letter, value, place (RFC 8866 §5)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import overload

from sipscope.model.defects import Span
from sipscope.model.description import DescriptionLine, TextLines

_FORM = re.compile(r"(?P<type>[A-Za-z])=(?P<value>.*)", re.DOTALL)

# Longer lines are rare, differ, and would only fill the cache.
_LONGEST_CACHED = 256


class Lines(TextLines):
    """Some lines of a description, made anew from its bytes whenever they are wanted: most are never asked for."""

    __slots__ = ("_body", "_start", "_stop")

    def __init__(self, body: bytes, start: int, stop: int) -> None:
        """The lines at places `start` to `stop` among all of `body`."""
        self._body = body
        self._start = start
        self._stop = stop

    def __len__(self) -> int:
        """How many lines there are."""
        return self._stop - self._start

    @overload
    def __getitem__(self, index: int) -> DescriptionLine: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[DescriptionLine, ...]: ...

    def __getitem__(self, index: int | slice) -> DescriptionLine | tuple[DescriptionLine, ...]:
        """One line, or several."""
        if isinstance(index, int) and 0 <= index < len(self):
            return next(_lines(self._body, self._start + index))
        return lines_of(self._body)[self._start : self._stop][index]

    def __iter__(self) -> Iterator[DescriptionLine]:
        """The lines in order, each made when it is its turn: who looks for one seldom wants all."""
        return islice(_lines(self._body, self._start), len(self))

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as texts; most of them came before, in other descriptions."""
        contents = self._body.rstrip(b"\x00").splitlines()
        return tuple([_text(content) for content in contents if content.strip()][self._start : self._stop])

    def __eq__(self, other: object) -> bool:
        """Lines are equal to the same lines, however they are kept."""
        return self[:] == other[:] if isinstance(other, Lines) else self[:] == other

    def __hash__(self) -> int:
        """The hash of the lines as a tuple."""
        return hash(self[:])

    def __repr__(self) -> str:
        """The lines as a tuple."""
        return repr(self[:])


@lru_cache(maxsize=64)
def lines_of(body: bytes, first: int = 1) -> tuple[DescriptionLine, ...]:
    """Every line that isn't empty; NUL bytes that pad the end are no line.

    CRLF is the rule and a bare LF is to be tolerated (RFC 8866 §5); a bare CR is read too, because nothing else is
    lost.

    Args:
        body: The bytes.
        first: Number of the first line, where the bytes aren't the beginning of a description.
    """
    return tuple(_lines(body, 0, first))


def _lines(body: bytes, skipped: int, first: int = 1) -> Iterator[DescriptionLine]:
    """The lines behind some that are skipped."""
    start = 0
    for number, whole in enumerate(body.rstrip(b"\x00").splitlines(keepends=True), start=first):
        content = whole.rstrip(b"\r\n")
        if content.strip():
            if skipped:
                skipped -= 1
            else:
                letter, value = _form(content) if len(content) <= _LONGEST_CACHED else _form.__wrapped__(content)
                yield DescriptionLine(number, letter, value, Span(start, start + len(content)))
        start += len(whole)


def _text(content: bytes) -> str:
    return _cached_text(content) if len(content) <= _LONGEST_CACHED else _cached_text.__wrapped__(content)


@lru_cache(maxsize=4096)
def _cached_text(content: bytes) -> str:
    """A line as its object would tell it."""
    letter, value = _form.__wrapped__(content)
    return f"{letter}={value}" if letter else value


@lru_cache(maxsize=4096)
def _form(content: bytes) -> tuple[str, str]:
    """Letter and value of a line; no letter and the whole line when it has another form."""
    text = content.decode("utf-8", "surrogateescape")
    form = _FORM.fullmatch(text)
    return ("", text) if form is None else (form["type"], form["value"].rstrip())
