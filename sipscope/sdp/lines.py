"""The lines of a description, lossless: number, letter, value, place (RFC 8866 §5)."""

import re
from functools import lru_cache

from sipscope.model.defects import Span
from sipscope.model.description import DescriptionLine

_FORM = re.compile(r"(?P<type>[A-Za-z])=(?P<value>.*)", re.DOTALL)

# Longer lines are rare, differ, and would only fill the cache.
_LONGEST_CACHED = 256


def lines_of(body: bytes) -> tuple[DescriptionLine, ...]:
    """Every line that isn't empty; NUL bytes that pad the end are no line.

    CRLF is the rule and a bare LF is to be tolerated (RFC 8866 §5); a bare CR is read too, because nothing else is
    lost.
    """
    lines = []
    start = 0
    for number, whole in enumerate(body.rstrip(b"\x00").splitlines(keepends=True), start=1):
        content = whole.rstrip(b"\r\n")
        if content.strip():
            letter, value = _form(content) if len(content) <= _LONGEST_CACHED else _form.__wrapped__(content)
            lines.append(DescriptionLine(number, letter, value, Span(start, start + len(content))))
        start += len(whole)
    return tuple(lines)


@lru_cache(maxsize=4096)
def _form(content: bytes) -> tuple[str, str]:
    """Letter and value of a line; no letter and the whole line when it has another form."""
    text = content.decode("utf-8", "surrogateescape")
    form = _FORM.fullmatch(text)
    return ("", text) if form is None else (form["type"], form["value"].rstrip())
