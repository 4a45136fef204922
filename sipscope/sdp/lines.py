"""The lines of a description, lossless: number, letter, value, place (RFC 8866 §5)."""

import re

from sipscope.model.defects import Span
from sipscope.model.description import DescriptionLine

# CRLF is the rule and a bare LF is to be tolerated (RFC 8866 §5); a bare CR is read too, because nothing else is lost.
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|$)")
_FORM = re.compile(r"(?P<type>[A-Za-z])=(?P<value>.*)", re.DOTALL)


def lines_of(body: bytes) -> tuple[DescriptionLine, ...]:
    """Every line that isn't empty; NUL bytes that pad the end are no line."""
    lines = []
    number = 0
    for found in _LINE.finditer(body.rstrip(b"\x00")):
        if not found.group():
            continue
        number += 1
        content = found.group().rstrip(b"\r\n")
        if content.strip():
            lines.append(_line(number, found.start(), content))
    return tuple(lines)


def _line(number: int, start: int, content: bytes) -> DescriptionLine:
    text = content.decode("utf-8", "surrogateescape")
    form = _FORM.fullmatch(text)
    span = Span(start, start + len(content))
    if form is None:
        return DescriptionLine(number, "", text, span)
    return DescriptionLine(number, form["type"], form["value"].rstrip(), span)
