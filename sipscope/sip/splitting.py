"""The grammar that most header fields share: tokens, quoted strings, lists and parameters (RFC 3261 §7.3.1, §25.1).

Everything here runs in time linear in its input, whatever the quotes and brackets in it.
"""

import re
from functools import lru_cache

from sipscope.model.header_values import Parameters
from sipscope.sip.faults import Fault, Faults, error, shown, warning

# A token is made of alphanumerics and - . ! % * _ + ` ' ~ (RFC 3261 §25.1).
NAME_CHARACTERS = r"A-Za-z0-9\-.!%*_+`'~"
_TOKEN = re.compile(rf"[{NAME_CHARACTERS}]++")

# quoted-string = SWS DQUOTE *(qdtext / quoted-pair) DQUOTE. Possessive, so that a missing end costs one pass.
_QUOTED_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)

_MARKS = {separator: re.compile(rf'["<>\\{separator}]') for separator in ",;"}


def is_token(text: str) -> bool:
    """Whether the text is a token."""
    return (text.isascii() and text.isalnum()) or _TOKEN.fullmatch(text) is not None


def quoted_string_end(text: str, start: int) -> int | None:
    """Where the quoted string that opens at `start` ends, behind its quote; None when it doesn't."""
    match = _QUOTED_STRING.match(text, start)
    return None if match is None else match.end()


def unquoted(text: str) -> str:
    """The content of a quoted string, its quoted pairs resolved; any other text as it is."""
    if not text.startswith('"'):
        return text
    end = quoted_string_end(text, 0)
    inner = text[1:] if end is None else text[1 : end - 1]
    return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """Pieces between separators that stand neither in a quoted string nor in angle brackets.

    A quote or bracket that never closes swallows the separators behind it; the piece's own parser reports it.
    """
    if '"' not in text and "<" not in text:
        return text.split(separator)
    pieces: list[str] = []
    begin = 0
    escaped = -1
    closing = ""
    for match in _MARKS[separator].finditer(text):
        at = match.start()
        mark = text[at]
        if at == escaped:
            continue
        if mark == "\\":
            escaped = at + 1 if closing == '"' else -1
        elif closing:
            closing = "" if mark == closing else closing
        elif mark in '"<':
            closing = '"' if mark == '"' else ">"
        elif mark == separator:
            pieces.append(text[begin:at])
            begin = at + 1
    pieces.append(text[begin:])
    return pieces


def list_items(text: str) -> tuple[list[str], Faults]:
    """Items of a comma-separated list, without surrounding blanks and empty ones."""
    if not text.strip():
        return [], ()
    pieces = [piece.strip() for piece in split_outside_quotes(text, ",")]
    items = [piece for piece in pieces if piece]
    return items, () if len(items) == len(pieces) else (_stray_separator(","),)


@lru_cache(maxsize=4096)
def parameters_of(text: str, separator: str = ";") -> tuple[Parameters, Faults]:
    """Parameters from the text behind the first separator: `a=1;b;c="x"`.

    Names keep their spelling; a parameter without `=` has the value None (RFC 3261 §7.3.1).
    """
    items: list[tuple[str, str | None]] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for piece in split_outside_quotes(text, separator):
        raw_name, equals, raw_value = piece.partition("=")
        name, value = raw_name.strip(), raw_value.strip()
        lowered = name.lower()
        if not (name.isalnum() and name.isascii()) or lowered in seen or (equals and (not value or value[0] == '"')):
            if not name and not equals:
                faults.append(_stray_separator(separator))
                continue
            faults += _parameter_faults(name, value if equals else None, repeated=lowered in seen)
            value = unquoted(value)
        seen.add(lowered)
        items.append((name, value if equals else None))
    return Parameters(tuple(items)), tuple(faults)


def _parameter_faults(name: str, value: str | None, *, repeated: bool) -> list[Fault]:
    faults: list[Fault] = []
    if not is_token(name):
        faults.append(
            warning("malformed-parameter", f"The parameter name “{shown(name)}” is no token.", "RFC 3261 §25.1", name)
        )
    elif value == "":
        faults.append(
            warning(
                "malformed-parameter",
                f"The parameter “{shown(name)}” has an equals sign and no value.",
                "RFC 3261 §25.1",
            )
        )
    if repeated:
        # "any given parameter-name MUST NOT appear more than once"
        faults.append(error("duplicate-parameter", f"The parameter “{shown(name)}” appears twice.", "RFC 3261 §7.3.1"))
    if value is not None and value.startswith('"') and quoted_string_end(value, 0) != len(value):
        faults.append(unterminated_quote(value))
    return faults


def unterminated_quote(text: str) -> Fault:
    """A quoted string that doesn't end where its value ends."""
    return error("unterminated-quoted-string", f"The quoted string {shown(text)} does not end.", "RFC 3261 §25.1", text)


def _stray_separator(separator: str) -> Fault:
    name = "comma" if separator == "," else "semicolon"
    return error("stray-separator", f"A {name} stands without a value.", "RFC 3261 §25.1", separator * 2)
