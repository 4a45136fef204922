"""What one header line says, wherever it stands (RFC 3261 §7.3.1).

Lines repeat across the messages of a call, so what is known of a line is kept by its bytes.
"""

import re
from typing import NamedTuple

from sipscope.model.defects import Span
from sipscope.model.message import HeaderField
from sipscope.sip.faults import Fault, Faults, error, remark, shown, warning
from sipscope.sip.header_kinds import HEADER_KINDS, HeaderKind
from sipscope.sip.header_names import canonical_name
from sipscope.sip.memo import Memo
from sipscope.sip.splitting import is_token

# The look-behind keeps a long run of blanks from being tried at each of its bytes.
_FOLD = re.compile(rb"(?<![ \t])[ \t]*+\r?\n[ \t]++")
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPED_CHARACTER = re.compile(r"\\.", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = " \t\r\n"


class Reading(NamedTuple):
    """All that is known of a line.

    Attributes:
        name: Canonical name.
        typed: The typed value.
        faults: What is wrong with the line.
    """

    name: str
    typed: object | None
    faults: Faults


Line = tuple[str, object]
"""What the bytes of a line say wherever it stands.

Of a sound line, canonical name and typed value, None for a field without typed values: pairs as they become the values
of a message. Of any other, the empty name and its `Reading`: something is wrong with it, it is folded, or it has no
value though its field has typed ones."""


def reading(line: Line) -> Reading:
    """All that is known of a line, sound or not."""
    name, typed = line
    return typed if isinstance(typed, Reading) else Reading(name, typed, ())


def line_span(raw: bytes, start: int) -> Span:
    """The line at its place, to the end of its value."""
    return Span(start, start + len(raw.rstrip(b" \t\r\n")))


def line_field(raw: bytes, start: int) -> HeaderField:
    """The line at its place, folds included in the bytes and not in the value."""
    raw_name, colon, value = _text(raw).partition(":")
    if not colon:
        return HeaderField("", "", raw_name.strip(_BLANKS), line_span(raw, start))
    raw_name, name, _, _ = _NAMES[raw_name]
    return HeaderField(name, raw_name, value.strip(_BLANKS), line_span(raw, start))


def _text(raw: bytes) -> str:
    """A line without its folds."""
    return (_FOLD.sub(b" ", raw) if b"\n" in raw else raw).decode("utf-8", "surrogateescape")


def _line(raw: bytes) -> Line:
    text = _text(raw) if b"\n" in raw else raw.decode("utf-8", "surrogateescape")
    raw_name, colon, value = text.partition(":")
    if not colon:
        fault = error("header-without-colon", f"“{shown(text)}” has no colon.", "RFC 3261 §7.3.1")
        return "", Reading("", None, (fault,))
    raw_name, name, kind, faults = _NAMES[raw_name]
    value = value.strip(_BLANKS)
    if b"\n" in raw:
        faults += (remark("folded-header", f"{shown(raw_name)} goes over several lines.", "RFC 3261 §7.3.1"),)
    if not (value.isascii() and value.isprintable()):
        faults += _text_faults(raw_name, value)
    if kind is None:
        return ("", Reading(name, None, faults)) if faults else (name, None)
    typed, value_faults = kind.parse(value)
    if value_faults:
        faults = tuple(dict.fromkeys(faults + value_faults))
    is_sound = not faults and (typed is not None if kind.single else typed)
    return (name, typed) if is_sound else ("", Reading(name, typed, faults))


LINES = Memo(_line, generation=4096)
"""What each line says, by its bytes without the line end."""


def _name(text: str) -> tuple[str, str, HeaderKind | None, Faults]:
    """Name as it came, canonical name, kind, faults, from what stands before the colon."""
    raw_name = text.strip(_BLANKS)
    faults: Faults = ()
    if not is_token(raw_name):
        faults += (
            error("malformed-header-name", f"The name “{shown(raw_name)}” is no token.", "RFC 3261 §25.1", raw_name),
        )
    if text[:1] in {" ", "\t"}:
        faults += (error("indented-header-line", "The first header line is indented.", "RFC 3261 §7.3.1"),)
    name = canonical_name(raw_name)
    return raw_name, name, HEADER_KINDS.get(name), faults


_NAMES = Memo(_name, generation=1024)


def _text_faults(raw_name: str, value: str) -> Faults:
    faults: list[Fault] = []
    # A quoted pair may hold a control character (RFC 3261 §25.1, quoted-pair).
    plain = _ESCAPED_CHARACTER.sub("", value) if '"' in value else value
    if _CONTROL_CHARACTER.search(plain) is not None:
        faults.append(warning("control-character", f"{shown(raw_name)} holds control characters.", "RFC 3261 §25.1"))
    if _SURROGATE.search(value) is not None:
        faults.append(warning("not-utf-8", f"{shown(raw_name)} holds bytes that are no UTF-8.", "RFC 3261 §7.3.1"))
    return tuple(faults)
