"""From the bytes between start line and empty line to `Headers` (RFC 3261 §7.3.1).

Lines repeat across the messages of a call, so what is known of a line is kept in a cache, by its bytes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, cast, overload

from sipscope.model.defects import Defect, Severity, Span
from sipscope.model.header_values import Address, HeaderValues
from sipscope.model.message import HeaderField, Headers
from sipscope.model.typed_values import Places, TypedValues
from sipscope.sip.faults import Fault, Faults, warning
from sipscope.sip.header_kinds import HEADER_KINDS
from sipscope.sip.header_line import LINES, Line, Reading, line_field, line_span, reading
from sipscope.sip.memo import Memo
from sipscope.sip.values import dialog_reference_of

MANDATORY_HEADERS = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
"""What "a valid SIP request … MUST, at a minimum, contain" (RFC 3261 §8.1.1). Max-Forwards, the sixth, was unknown to
RFC 2543 and is left to the rules."""

_LINE_OF = LINES.__getitem__
_NAME_OF = cast("Callable[[Line], str]", itemgetter(0))
_TYPED_OF = cast("Callable[[Line], Iterable[object]]", itemgetter(1))


class _Form(NamedTuple):
    """What the names of a message's header fields say of it, whatever the values.

    Attributes:
        names: Canonical names in order, the same object for all messages of this form.
        is_sound: No field comes twice that may come once, and none has a value under another name.
        is_complete: It is sound, and all of `MANDATORY_HEADERS` are there.
        places: Where the typed values of a name stand among those of all lines, with those behind them that are joined.
        joined: For each field of several lines, what takes its lines out of all.
    """

    names: tuple[str, ...]
    is_sound: bool
    is_complete: bool
    places: Places
    joined: tuple[Callable[[Sequence[Line]], Iterable[Line]], ...]


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
            return tuple(map(line_field, lines[index], _places(lines, self._start)[index]))
        return line_field(lines[index], _places(lines, self._start)[index])

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
    if stop > start:
        raws = payload[start:stop].split(b"\r\n")
        lines = list(map(_LINE_OF, raws))
        # One number for the block and its fields, kept as long as the message.
        end = stop + 4
        headers = _sound_headers(lines, payload, start, end, False)
        if headers is not None:
            return HeaderBlock(headers, end, True, ())
        block = payload[start:stop]
        if block.count(b"\n") == len(raws) - 1 and b"\r\n " not in block and b"\r\n\t" not in block:
            return _plain_block(payload, start, raws, lines, end)
    elif stop >= 0:
        return HeaderBlock(Headers(), stop + 4, True, ())
    return _uneven_block(payload, start, limit)


def complete_headers(payload: bytes, start: int) -> tuple[Headers, int] | None:
    """The headers of a message and where its body starts; None if anything is wrong or a mandatory field missing."""
    stop = payload.find(b"\r\n\r\n", start)
    if stop < 0:
        return None
    lines = list(map(_LINE_OF, payload[start:stop].split(b"\r\n")))
    end = stop + 4
    headers = _sound_headers(lines, payload, start, end, True)
    return None if headers is None else (headers, end)


def _sound_headers(lines: list[Line], payload: bytes, start: int, end: int, is_complete: bool) -> Headers | None:
    """The headers of a block with which nothing is wrong, as in nearly every message; None for any other."""
    form = _FORMS[tuple(map(_NAME_OF, lines))]
    if not (form.is_complete if is_complete else form.is_sound):
        return None
    typed: tuple[object, ...] = tuple(map(_TYPED_OF, lines))
    if form.joined:
        typed += tuple([tuple(chain.from_iterable(map(_TYPED_OF, of_field(lines)))) for of_field in form.joined])
    values = TypedValues(form.places, typed)
    fields = _Fields(payload, start, end, len(lines))
    # Each parser of a header's value makes what `HeaderValues` says.
    return Headers(fields, cast("HeaderValues", values), form.names)


def _form(names: tuple[str, ...]) -> _Form:
    places = {name: place for place, name in enumerate(names) if name in HEADER_KINDS}
    repeated = [name for name in dict.fromkeys(names) if name in HEADER_KINDS and names.count(name) > 1]
    # A line without a name isn't sound.
    is_sound = not {"", "refer-to"}.intersection(names) and not any(HEADER_KINDS[name].single for name in repeated)
    return _Form(
        names,
        is_sound,
        is_complete=is_sound and MANDATORY_HEADERS.keys() <= set(names),
        places=Places({**places, **{name: len(names) + number for number, name in enumerate(repeated)}}),
        joined=tuple(itemgetter(*[place for place, each in enumerate(names) if each == name]) for name in repeated),
    )


_FORMS = Memo(_form, generation=1024, longest=100)


def _plain_block(payload: bytes, start: int, raws: list[bytes], lines: list[Line], end: int) -> HeaderBlock:
    """A block whose every line ends in CRLF and none is folded."""
    readings = list(map(reading, lines))
    values, defects = _collected(readings, raws, lambda: _places(raws, start))
    fields = _Fields(payload, start, end, len(raws))
    return HeaderBlock(
        Headers(fields, values, _FORMS[tuple([line.name for line in readings])].names), end, True, defects
    )


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
    values, defects = _collected([reading(LINES[raw]) for raw in raws], raws, lambda: [begin for begin, _ in spans])
    headers = Headers(tuple(line_field(raw, begin) for raw, (begin, _) in zip(raws, spans, strict=True)), values)
    if bare:
        bare_line_feed = warning("bare-line-feed", "Lines end in LF without CR.", "RFC 3261 §7")
        defects = (bare_line_feed.placed(Span(start, position)), *defects)
    return HeaderBlock(headers, position, closed=closed, defects=defects)


def _collected(
    lines: list[Reading], raws: list[bytes], places: Callable[[], list[int]]
) -> tuple[HeaderValues, tuple[Defect, ...]]:
    """Typed values and defects; the first line of a single-valued field counts, lists are joined.

    Where the lines begin is asked for only when something is wrong.
    """
    values: dict[str, object] = {}
    unreadable: set[str] = set()
    faulty: list[int] = []
    second: set[int] = set()
    for number, (name, typed, faults) in enumerate(lines):
        if faults:
            faulty.append(number)
        kind = HEADER_KINDS.get(name)
        if kind is not None and kind.single:
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
        fields = [line_field(raw, start) for raw, start in zip(raws, places(), strict=True)]
        for number in sorted({*faulty, *second}):
            defects += _line_defects(lines[number].faults, raws[number], fields[number])
            if number in second:
                defects.append(_duplicate(fields, fields[number]))
    if "refer-to" in values:
        number = next(number for number, line in enumerate(lines) if line.name == "refer-to")
        _add_embedded_replaces(values, line_span(raws[number], places()[number]), defects)
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


def _fault_span(fault: Fault, raw: bytes, start: int) -> Span | None:
    """The offending bytes, where they can be found without doubt."""
    if not fault.fragment:
        return None
    fragment = fault.fragment.encode("utf-8", "surrogateescape")
    at = raw.find(fragment)
    if at < 0 or raw.find(fragment, at + 1) >= 0:
        return None
    return Span(start + at, start + at + len(fragment))
