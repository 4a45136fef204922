"""From the bytes between start line and empty line to `Headers` (RFC 3261 §7.3.1).

Lines repeat across the messages of a call, often at the same offset, so what is known of a line is kept in two caches:
by its bytes, and by its bytes and place.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sipscope.model.defects import Defect, Severity, Span
from sipscope.model.header_values import Address
from sipscope.model.message import HeaderField, Headers
from sipscope.sip.faults import Fault, Faults, error, remark, shown, warning
from sipscope.sip.header_kinds import HEADER_KINDS, HeaderKind
from sipscope.sip.header_names import canonical_name
from sipscope.sip.splitting import is_token
from sipscope.sip.values import dialog_reference_of

# The look-behind keeps a long run of blanks from being tried at each of its bytes.
_FOLD = re.compile(rb"(?<![ \t])[ \t]*+\r?\n[ \t]++")
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPED_CHARACTER = re.compile(r"\\.", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = " \t\r\n"

# Longer lines are rare, differ, and would only fill the caches.
_LONGEST_CACHED = 2048


class PlacedLine(NamedTuple):
    """A header line at its place in a payload.

    Attributes:
        field: The line itself.
        name: Its canonical name once more, where the loop over all lines finds it fastest.
        single: Whether the field may appear once only; None for a field without typed value.
        value: The typed value.
        defects: What is wrong with the line.
    """

    field: HeaderField
    name: str
    single: bool | None
    value: object | None
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The header part of a message, of a body part or of a fragment.

    Attributes:
        headers: Its fields.
        end: Where the body starts: behind the empty line, or the end of the bytes when there is none.
        closed: Whether the empty line is there.
        defects: What is wrong with the lines, in their order.
    """

    headers: Headers
    end: int
    closed: bool
    defects: tuple[Defect, ...]


def header_block(payload: bytes, start: int, limit: int | None = None) -> HeaderBlock:
    """Read header lines from `start`, where the first one begins, to the empty line or the limit."""
    limit = len(payload) if limit is None else limit
    stop = start - 2 if payload.startswith(b"\r\n", start) else payload.find(b"\r\n\r\n", start, limit)
    if stop >= 0:
        block = payload[start:stop] if stop > start else b""
        if block.count(b"\n") == block.count(b"\r\n") and b"\r\n " not in block and b"\r\n\t" not in block:
            return _plain_block(block, start, stop + 4)
    return _uneven_block(payload, start, limit)


def _plain_block(block: bytes, start: int, end: int) -> HeaderBlock:
    """A block whose every line ends in CRLF and none is folded."""
    placed: list[PlacedLine] = []
    if block:
        line_at = _placed_line if len(block) <= _LONGEST_CACHED else placed_line
        offset = start
        for raw in block.split(b"\r\n"):
            placed.append(line_at(raw, offset))
            offset += len(raw) + 2
    headers, defects = _collected(placed)
    return HeaderBlock(headers, end, True, defects)


def _uneven_block(payload: bytes, start: int, limit: int) -> HeaderBlock:
    """A block with folds, with bare line feeds, or without its empty line."""
    spans: list[tuple[int, int]] = []
    position, bare, closed = start, False, False
    while position < limit:
        newline = payload.find(b"\n", position, limit)
        next_line = limit if newline < 0 else newline + 1
        end = limit if newline < 0 else newline
        if newline > position and payload[newline - 1] == 0x0D:
            end -= 1
        elif newline >= 0:
            bare = True
        if end == position:
            position, closed = next_line, True
            break
        if spans and payload[position] in b" \t":
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((position, end))
        position = next_line
    headers, defects = _collected([placed_line(payload[begin:end], begin) for begin, end in spans])
    if bare:
        bare_line_feed = warning("bare-line-feed", "Lines end in LF without CR.", "RFC 3261 §7")
        defects = (bare_line_feed.placed(Span(start, position)), *defects)
    return HeaderBlock(headers, position, closed=closed, defects=defects)


def _collected(placed: list[PlacedLine]) -> tuple[Headers, tuple[Defect, ...]]:
    """Headers of all lines; the first line of a single-valued field counts, lists are joined."""
    values: dict[str, object] = {}
    unreadable: set[str] = set()
    defects: list[Defect] = []
    for line, name, single, value, line_defects in placed:
        if line_defects:
            defects += line_defects
        if single:
            if name in values or name in unreadable:
                defects.append(_duplicate(placed, line))
            elif value is None:
                unreadable.add(name)
            else:
                values[name] = value
        elif value:
            known = values.get(name)
            values[name] = value if known is None else known + value  # type: ignore[operator]
    if "refer-to" in values:
        _add_embedded_replaces(values, _first(placed, "refer-to"), defects)
    return Headers(tuple([line[0] for line in placed]), values), tuple(defects)


def _first(placed: list[PlacedLine], name: str) -> HeaderField:
    return next(line.field for line in placed if line.name == name)


def _duplicate(placed: list[PlacedLine], second: HeaderField) -> Defect:
    same = _first(placed, second.name).value == second.value
    return Defect(
        code="duplicate-single-header",
        severity=Severity.WARNING if same else Severity.ERROR,
        span=second.span,
        text=f"{second.raw_name} appears twice, with {'the same value' if same else 'different values'}.",
        standard="RFC 3261 §7.3.1",
        header=second.name,
    )


def _add_embedded_replaces(values: dict[str, object], line: HeaderField, defects: list[Defect]) -> None:
    """The Replaces header inside the Refer-To URI, under its own name (RFC 3261 §19.1.5, RFC 3891 §6.1)."""
    address = values["refer-to"]
    for name, text in address.uri.headers if isinstance(address, Address) else ():
        if name.lower() == "replaces":
            reference, faults = dialog_reference_of(text)
            defects += [fault.placed(line.span, "refer-to") for fault in faults]
            if reference is not None:
                values["refer-to-replaces"] = reference
            return


class _Line(NamedTuple):
    """What the bytes of a line say wherever it stands; `length` ends with the value."""

    name: str
    raw_name: str
    value: str
    length: int
    single: bool | None
    typed: object | None
    faults: tuple[Fault, ...]


def placed_line(raw: bytes, start: int) -> PlacedLine:
    """The header line that these bytes, folds included, make at this offset."""
    if len(raw) > _LONGEST_CACHED:
        return _at_place(_line.__wrapped__(raw), raw, start)
    return _placed_line(raw, start)


@lru_cache(maxsize=8192)
def _placed_line(raw: bytes, start: int) -> PlacedLine:
    return _at_place(_line(raw), raw, start)


def _at_place(line: _Line, raw: bytes, start: int) -> PlacedLine:
    name, raw_name, value, length, single, typed, faults = line
    span = Span(start, start + length)
    field = HeaderField(name, raw_name, value, span)
    if not faults:
        return PlacedLine(field, name, single, typed, ())
    defects = tuple(fault.placed(_fault_span(fault, raw, start) or span, name or None) for fault in faults)
    return PlacedLine(field, name, single, typed, defects)


def _fault_span(fault: Fault, raw: bytes, start: int) -> Span | None:
    """The offending bytes, where they can be found without doubt."""
    if not fault.fragment:
        return None
    fragment = fault.fragment.encode("utf-8", "surrogateescape")
    at = raw.find(fragment)
    if at < 0 or raw.find(fragment, at + 1) >= 0:
        return None
    return Span(start + at, start + at + len(fragment))


@lru_cache(maxsize=8192)
def _line(raw: bytes) -> _Line:
    folded = b"\n" in raw
    text = (_FOLD.sub(b" ", raw) if folded else raw).decode("utf-8", "surrogateescape")
    raw_name, colon, value = text.partition(":")
    length = len(raw.rstrip(b" \t\r\n"))
    if not colon:
        fault = error("header-without-colon", f"“{shown(text)}” has no colon.", "RFC 3261 §7.3.1")
        return _Line("", "", text.strip(_BLANKS), length, None, None, (fault,))
    raw_name, name, kind, faults = _name(raw_name)
    value = value.strip(_BLANKS)
    if folded:
        faults += (remark("folded-header", f"{shown(raw_name)} goes over several lines.", "RFC 3261 §7.3.1"),)
    if not (value.isascii() and value.isprintable()):
        faults += _text_faults(raw_name, value)
    if kind is None:
        return _Line(name, raw_name, value, length, None, None, faults)
    typed, value_faults = kind.parse(value)
    if value_faults:
        faults = tuple(dict.fromkeys(faults + value_faults))
    return _Line(name, raw_name, value, length, kind.single, typed, faults)


@lru_cache(maxsize=1024)
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


def _text_faults(raw_name: str, value: str) -> Faults:
    faults: list[Fault] = []
    # A quoted pair may hold a control character (RFC 3261 §25.1, quoted-pair).
    plain = _ESCAPED_CHARACTER.sub("", value) if '"' in value else value
    if _CONTROL_CHARACTER.search(plain) is not None:
        faults.append(warning("control-character", f"{shown(raw_name)} holds control characters.", "RFC 3261 §25.1"))
    if _SURROGATE.search(value) is not None:
        faults.append(warning("not-utf-8", f"{shown(raw_name)} holds bytes that are no UTF-8.", "RFC 3261 §7.3.1"))
    return tuple(faults)
