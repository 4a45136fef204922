"""From the bytes between start line and empty line to `Headers` (RFC 3261 §7.3.1).

Lines repeat across the messages of a call, so what is known of a line is kept in a cache, by its bytes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple, cast, overload

from sipscope.model.defects import Defect, Severity, Span
from sipscope.model.header_values import Address, HeaderValues
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

# Longer lines are rare, differ, and would only fill the cache.
_LONGEST_CACHED = 2048


class _Line(NamedTuple):
    """What the bytes of a line say wherever it stands.

    Attributes:
        name: Canonical name.
        single: Whether the field may appear once only; None for a field without typed value.
        typed: The typed value.
        faults: What is wrong with the line.
    """

    name: str
    single: bool | None
    typed: object | None
    faults: tuple[Fault, ...]


class _Fields(Sequence[HeaderField]):
    """The fields of a plain block, made anew from its bytes whenever they are wanted: most are never asked for."""

    __slots__ = ("_end", "_length", "_payload", "_start")

    def __init__(self, payload: bytes, start: int, end: int, length: int) -> None:
        self._payload = payload
        self._start = start
        # Behind the empty line.
        self._end = end
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> HeaderField: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[HeaderField, ...]: ...

    def __getitem__(self, index: int | slice) -> HeaderField | tuple[HeaderField, ...]:
        lines = self._payload[self._start : self._end - 4].split(b"\r\n")
        if isinstance(index, slice):
            return tuple(map(_field, lines[index], _places(lines, self._start)[index]))
        return _field(lines[index], _places(lines, self._start)[index])

    def __iter__(self) -> Iterator[HeaderField]:
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        return self[:] == other[:] if isinstance(other, _Fields) else self[:] == other

    def __hash__(self) -> int:
        return hash(self[:])

    def __repr__(self) -> str:
        return repr(self[:])


class HeaderBlock(NamedTuple):
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
            return _plain_block(payload, start, block, stop + 4)
    return _uneven_block(payload, start, limit)


def _plain_block(payload: bytes, start: int, block: bytes, end: int) -> HeaderBlock:
    """A block whose every line ends in CRLF and none is folded."""
    if not block:
        return HeaderBlock(Headers(), end, True, ())
    line_of = _line if len(block) <= _LONGEST_CACHED else _read_line
    raws = block.split(b"\r\n")
    lines = [line_of(raw) for raw in raws]
    values, defects = _collected(lines, raws, lambda: _places(raws, start))
    fields = _Fields(payload, start, end, len(raws))
    return HeaderBlock(Headers(fields, values, _shared(tuple([line[0] for line in lines]))), end, True, defects)


@lru_cache(maxsize=1024)
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same names for all messages that have these header fields: there are few kinds."""
    return names


def _places(raws: list[bytes], start: int) -> list[int]:
    """Where each line of a plain block begins."""
    places = []
    for raw in raws:
        places.append(start)
        start += len(raw) + 2
    return places


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
    raws = [payload[begin:end] for begin, end in spans]
    values, defects = _collected([_read_line(raw) for raw in raws], raws, lambda: [begin for begin, _ in spans])
    headers = Headers(tuple(_field(raw, begin) for raw, (begin, _) in zip(raws, spans, strict=True)), values)
    if bare:
        bare_line_feed = warning("bare-line-feed", "Lines end in LF without CR.", "RFC 3261 §7")
        defects = (bare_line_feed.placed(Span(start, position)), *defects)
    return HeaderBlock(headers, position, closed=closed, defects=defects)


def _collected(
    lines: list[_Line], raws: list[bytes], places: Callable[[], list[int]]
) -> tuple[HeaderValues, tuple[Defect, ...]]:
    """Typed values and defects; the first line of a single-valued field counts, lists are joined.

    Where the lines begin is asked for only when something is wrong.
    """
    values: dict[str, object] = {}
    unreadable: set[str] = set()
    faulty: list[int] = []
    second: set[int] = set()
    for number, (name, single, typed, faults) in enumerate(lines):
        if faults:
            faulty.append(number)
        if single:
            if name in values or name in unreadable:
                second.add(number)
            elif typed is None:
                unreadable.add(name)
            else:
                values[name] = typed
        elif typed:
            known = values.get(name)
            values[name] = typed if known is None else known + typed  # type: ignore[operator]
    defects: list[Defect] = []
    if faulty or second:
        fields = [_field(raw, start) for raw, start in zip(raws, places(), strict=True)]
        for number in sorted({*faulty, *second}):
            defects += _line_defects(lines[number].faults, raws[number], fields[number])
            if number in second:
                defects.append(_duplicate(fields, fields[number]))
    if "refer-to" in values:
        number = next(number for number, line in enumerate(lines) if line.name == "refer-to")
        _add_embedded_replaces(values, _span(raws[number], places()[number]), defects)
    # Each parser of a header's value makes what `HeaderValues` says.
    return cast("HeaderValues", values), tuple(defects)


def _line_defects(faults: Faults, raw: bytes, field: HeaderField) -> Iterator[Defect]:
    """What is wrong with a line, at its place."""
    for fault in faults:
        yield fault.placed(_fault_span(fault, raw, field.span.start) or field.span, field.name or None)


def _duplicate(fields: list[HeaderField], second: HeaderField) -> Defect:
    same = next(field for field in fields if field.name == second.name).value == second.value
    return Defect(
        code="duplicate-single-header",
        severity=Severity.WARNING if same else Severity.ERROR,
        span=second.span,
        text=f"{second.raw_name} appears twice, with {'the same value' if same else 'different values'}.",
        standard="RFC 3261 §7.3.1",
        header=second.name,
    )


def _add_embedded_replaces(values: dict[str, object], span: Span, defects: list[Defect]) -> None:
    """The Replaces header inside the Refer-To URI, under its own name (RFC 3261 §19.1.5, RFC 3891 §6.1)."""
    address = values["refer-to"]
    for name, text in address.uri.headers if isinstance(address, Address) else ():
        if name.lower() == "replaces":
            reference, faults = dialog_reference_of(text)
            defects += [fault.placed(span, "refer-to") for fault in faults]
            if reference is not None:
                values["refer-to-replaces"] = reference
            return


def _span(raw: bytes, start: int) -> Span:
    """The line at its place, to the end of its value."""
    return Span(start, start + len(raw.rstrip(b" \t\r\n")))


def _field(raw: bytes, start: int) -> HeaderField:
    """The line at its place, folds included in the bytes and not in the value."""
    raw_name, colon, value = _text(raw).partition(":")
    if not colon:
        return HeaderField("", "", raw_name.strip(_BLANKS), _span(raw, start))
    raw_name, name, _, _ = _name(raw_name)
    return HeaderField(name, raw_name, value.strip(_BLANKS), _span(raw, start))


def _text(raw: bytes) -> str:
    """A line without its folds."""
    return (_FOLD.sub(b" ", raw) if b"\n" in raw else raw).decode("utf-8", "surrogateescape")


def _fault_span(fault: Fault, raw: bytes, start: int) -> Span | None:
    """The offending bytes, where they can be found without doubt."""
    if not fault.fragment:
        return None
    fragment = fault.fragment.encode("utf-8", "surrogateescape")
    at = raw.find(fragment)
    if at < 0 or raw.find(fragment, at + 1) >= 0:
        return None
    return Span(start + at, start + at + len(fragment))


def _read_line(raw: bytes) -> _Line:
    """What a line says; long ones aren't kept."""
    return _line.__wrapped__(raw) if len(raw) > _LONGEST_CACHED else _line(raw)


@lru_cache(maxsize=8192)
def _line(raw: bytes) -> _Line:
    text = _text(raw)
    raw_name, colon, value = text.partition(":")
    if not colon:
        fault = error("header-without-colon", f"“{shown(text)}” has no colon.", "RFC 3261 §7.3.1")
        return _Line("", None, None, (fault,))
    raw_name, name, kind, faults = _name(raw_name)
    value = value.strip(_BLANKS)
    if b"\n" in raw:
        faults += (remark("folded-header", f"{shown(raw_name)} goes over several lines.", "RFC 3261 §7.3.1"),)
    if not (value.isascii() and value.isprintable()):
        faults += _text_faults(raw_name, value)
    if kind is None:
        return _Line(name, None, None, faults)
    typed, value_faults = kind.parse(value)
    if value_faults:
        faults = tuple(dict.fromkeys(faults + value_faults))
    return _Line(name, kind.single, typed, faults)


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
