"""Descriptions that say again what others said: the parts that repeat are parsed once.

What one product writes differs from call to call in origin, addresses and ports; all the rest comes again and again.
So a description is cut into session and sections, and the values that vary are cut out of each. What remains is its
form: it is parsed, and judged, with values that stand for any; those of the description at hand are judged by
themselves. Where they are well, all that is wrong is wrong in the form, because no check looks at a value and the rest
together, but for whether a port is 0 and whether there is a `c=` at all; both belong to the form. Where a value is odd,
or the lines aren't plainly cut, nothing is said here, and the description is to be parsed in full.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import lru_cache, partial
from typing import TypeAlias

from sipscope.model.defects import Defect
from sipscope.model.description import (
    Attribute,
    Connection,
    DescriptionLine,
    MediaDescription,
    Origin,
    SectionForm,
    SessionDescription,
)
from sipscope.sdp.defects import connection_faults, fits, head_defects, line_end_defects, origin_faults, section_defects
from sipscope.sdp.lines import Lines, lines_of
from sipscope.sdp.sections import attributes_of, section_of
from sipscope.sdp.values import connection_of, origin_of
from sipscope.values import dataclass

_END = b"\r\n"

_START = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"
_CONNECTION = b"\r\nc=IN IP4 192.0.2.1"
_SOME_PORT, _NO_PORT = b" 9 ", b" 0 "
"""Values that stand for any where a form is judged."""

_ANY_CONNECTION = Connection("IN", "IP4", "192.0.2.1")

_MOST_FORMS = 512
"""How many forms are kept; a network has a few dozen."""

# Longer sections list keys, candidates or sources that no other has, and would only fill the cache.
_LONGEST = 2048


_Defects: TypeAlias = tuple[tuple[Defect, int | None], ...]
"""Defects, each with the place of its line among those of its part of the description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The form of a session level, without the values of `o=` and `c=`.

    Attributes:
        size: How many lines it has.
        session_name: Value of `s=`.
        timing: Values of the `t=` lines.
        attributes: Its attributes.
        inherited: The lines of its attributes: what sections may inherit.
        order: What is wrong with its lines and their order.
        rest: What else is wrong.
    """

    size: int
    session_name: str | None
    timing: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    inherited: bytes
    order: _Defects
    rest: _Defects


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """The form of a section, without its port and the value of its first `c=`.

    Attributes:
        size: How many lines it has.
        make: Makes a section of this form from its port, connection and lines.
        shared: What all sections of this form share.
        order: What is wrong with the order of its lines.
        rest: What else is wrong.
    """

    size: int
    make: Callable[..., MediaDescription]
    shared: SectionForm | None
    order: _Defects
    rest: _Defects


def described_by_forms(body: bytes) -> SessionDescription | None:
    """The description, where its forms are known or can be; None where only a full parse can tell."""
    text = _with_usual_ends(body)
    if text is None:
        return None
    head_text, *texts = text.rstrip(b"\x00").rstrip(_END).split(b"\r\nm=")
    session = _session(head_text)
    if session is None:
        return None
    head, origin, connection = session
    found = _media(body, texts, head, connection)
    if found is None:
        return None
    forms, media = found
    lines = Lines(body, 0, head.size + sum([form.size for form in forms]))
    return SessionDescription(
        content=body,
        lines=lines,
        origin=origin,
        session_name=head.session_name,
        connection=connection,
        timing=head.timing,
        attributes=head.attributes,
        media=tuple(media),
        defects=_defects(() if text is body else line_end_defects(body), lines, head, forms, media),
    )


def _with_usual_ends(body: bytes) -> bytes | None:
    """The bytes, where CRLF ends every line; the same with CRLF, where a bare LF does; None for other ends."""
    ends = body.count(_END)
    if ends == body.count(b"\n") == body.count(b"\r"):
        return body
    return body.replace(b"\n", _END) if b"\r" not in body else None


def _session(text: bytes) -> tuple[_Head, Origin, Connection | None] | None:
    """Form and values of the session level; None where a value is odd."""
    before, value, behind = _without_connection(text)
    version, _, rest = before.partition(b"\r\no=")
    origin_text, _, before = rest.partition(_END)
    if version != b"v=0" or len(text) > _LONGEST:
        return None
    head, origin = _head(before, value is not None, behind), _origin(origin_text)
    connection = None if value is None else _connection(value)
    if head is None or origin is None or (value is not None and connection is None):
        return None
    return head, origin, connection


def _media(
    body: bytes, texts: Sequence[bytes], head: _Head, connection: Connection | None
) -> tuple[list[_Section], list[MediaDescription]] | None:
    """The sections with their forms; None where a value is odd."""
    forms: list[_Section] = []
    media: list[MediaDescription] = []
    start = head.size
    for index, text in enumerate(texts):
        found = _section(body, text, index, start, connection, head.inherited)
        if found is None:
            return None
        form, section = found
        forms.append(form)
        media.append(section)
        start += form.size
    return forms, media


def _defects(
    of_ends: tuple[Defect, ...], lines: Lines, head: _Head, forms: list[_Section], media: list[MediaDescription]
) -> tuple[Defect, ...]:
    """What is wrong, in the order in which a full parse tells it."""
    order, rest = _at(head.order, lines), _at(head.rest, lines)
    for form, section in zip(forms, media, strict=True):
        if form.order or form.rest:
            order += _at(form.order, section.lines)
            rest += _at(form.rest, section.lines)
    return (*order, *of_ends, *rest)


def _at(defects: _Defects, lines: Sequence[DescriptionLine]) -> tuple[Defect, ...]:
    """Defects of a form at the lines of a description of that form."""
    return tuple([item if place is None else replace(item, span=lines[place].span) for item, place in defects])


def _placed(defects: tuple[Defect, ...], lines: Sequence[DescriptionLine]) -> _Defects:
    """Defects with the places of their lines."""
    if not defects:
        return ()
    places = {line.span: place for place, line in enumerate(lines)}
    return tuple([(item, None if item.span is None else places[item.span]) for item in defects])


def _without_connection(text: bytes) -> tuple[bytes, bytes | None, bytes]:
    """What stands in front of the first `c=` line, its value, and what stands behind; all in front if there is none."""
    before, found, more = text.partition(b"\r\nc=")
    if not found:
        return before, None, b""
    value, end, behind = more.partition(_END)
    return before, value, end + behind


def _origin(text: bytes) -> Origin | None:
    """The origin, where nothing is wrong with it."""
    value = text.decode("utf-8", "surrogateescape")
    origin = None if value[:1].isspace() else origin_of(value)
    return None if origin is None or origin_faults(origin) else origin


@lru_cache(maxsize=4096)
def _connection(text: bytes) -> Connection | None:
    """The connection, where nothing is wrong with it."""
    value = text.decode("utf-8", "surrogateescape")
    connection = None if value[:1].isspace() or connection_faults(value) else connection_of(value)
    return connection if connection is not None and fits(connection) else None


@lru_cache(maxsize=_MOST_FORMS)
def _head(before: bytes, has_connection: bool, behind: bytes) -> _Head | None:
    """The form of a session level; None where it has empty lines.

    Args:
        before: What stands between the `o=` and the first `c=` line, or behind `o=` where there is no `c=`.
        has_connection: Whether there is a `c=` line.
        behind: What stands behind it.
    """
    text = _START + before + (_CONNECTION if has_connection else b"") + behind
    lines = lines_of(text + _END)
    if len(lines) != text.count(_END) + 1:
        return None
    order, rest = head_defects(lines, lines)
    return _Head(
        size=len(lines),
        session_name=next((line.value for line in lines if line.type == "s"), None),
        timing=tuple([line.value for line in lines if line.type == "t"]),
        attributes=attributes_of(lines),
        inherited=_END.join([line for line in text.split(_END) if line.startswith(b"a=")]),
        order=_placed(order, lines),
        rest=_placed(rest, lines),
    )


def _section(
    body: bytes, text: bytes, index: int, start: int, session_connection: Connection | None, inherited: bytes
) -> tuple[_Section, MediaDescription] | None:
    """A section whose text follows `m=`, with its form; None where a value is odd.

    Args:
        body: The whole description.
        text: The section without its `m=`.
        index: Its position among the sections.
        start: How many lines stand in front of it.
        session_connection: The `c=` of the session.
        inherited: The lines of the session's attributes.
    """
    before, value, behind = _without_connection(text)
    kind, _, before = before.partition(b" ")
    port, _, before = before.partition(b" ")
    connection = session_connection if value is None else _connection(value)
    # What is more than letters and digits could hold a blank that isn't ASCII, and the port would stand elsewhere.
    if not (kind.isalnum() and port.isdigit() and len(port) <= 5 and len(text) <= _LONGEST):
        return None
    if int(port) > 65535 or (value is not None and connection is None):
        return None
    stem = kind + (_SOME_PORT if int(port) else _NO_PORT) + before
    form = _section_form(stem, value is not None, behind, index, start, connection is not None, inherited)
    if form is None:
        return None
    return form, _like(form, int(port), connection, Lines(body, start, start + form.size))


@lru_cache(maxsize=_MOST_FORMS)
def _section_form(
    stem: bytes,
    has_own_connection: bool,
    behind: bytes,
    index: int,
    start: int,
    is_connected: bool,
    inherited: bytes,
) -> _Section | None:
    """The form of a section; None where it has empty lines.

    Args:
        stem: What stands between `m=` and its first `c=` line, or to its end where there is no `c=`.
        has_own_connection: Whether there is a `c=` line.
        behind: What stands behind it.
        index: Its position among the sections.
        start: How many lines stand in front of it.
        is_connected: Whether a `c=` applies, its own or that of the session.
        inherited: The lines of the session's attributes.
    """
    text = b"m=" + stem + (_CONNECTION if has_own_connection else b"") + behind
    # Only behind the last line of all are NUL bytes no part of the line; those have been taken away.
    lines = lines_of(text + _END, start + 1)
    attributes = attributes_of(lines_of(inherited + _END))
    section = section_of(index, lines, _ANY_CONNECTION if is_connected else None, attributes)
    if len(lines) != text.count(_END) + 1:
        return None
    order, rest = section_defects(section, ())
    return _Section(
        size=len(lines),
        make=_maker(section),
        shared=section.form,
        order=_placed(order, lines),
        rest=_placed(rest, lines),
    )


def _like(
    form: _Section, port: int, connection: Connection | None, lines: Sequence[DescriptionLine]
) -> MediaDescription:
    """A section of a form."""
    section = form.make(port=port, connection=connection, lines=lines)
    object.__setattr__(section, "form", form.shared)
    return section


def _maker(model: MediaDescription) -> Callable[..., MediaDescription]:
    """What makes sections like the model from port, connection and lines."""
    names = [item.name for item in fields(model) if item.init and item.name not in {"port", "connection", "lines"}]
    return partial(MediaDescription, **{name: getattr(model, name) for name in names})
