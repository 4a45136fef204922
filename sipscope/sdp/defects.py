"""What is wrong with one description, by itself (RFC 8866, RFC 3264 §5)."""

import re
from collections.abc import Iterator, Sequence

from sipscope.model.defects import Defect, Severity, Span
from sipscope.model.description import Connection, DescriptionLine, MediaDescription, Origin
from sipscope.model.network_scope import literal_of
from sipscope.sdp.values import number_of

SESSION_ORDER = "vosiuepcbtka"
MEDIA_ORDER = "micbka"
TIMING = "trz"
"""Repeat and zone lines stand among the `t=` lines; which of them come first is nobody's trouble."""

FREE_TEXT = "si"
"""Lines whose text may begin with a blank (RFC 8866 §5.3, §5.4)."""

ONCE = {"v": "RFC 8866 §5.1", "o": "RFC 8866 §5.2", "s": "RFC 8866 §5.3"}

RESERVED_TYPES = frozenset({1, 2, 19, *range(72, 77)})
"""Payload types that nobody may assign; some were codecs once (RFC 3551 §6)."""

_LINE_END = re.compile(rb"\r\n|\n|\r")

_IN_ORDER = {
    order: re.compile("".join(f"[{TIMING}]*+" if letter == "t" else f"{letter}*+" for letter in order))
    for order in (SESSION_ORDER, MEDIA_ORDER)
}
"""The letters of lines that stand where they belong."""


def defects_of(
    content: bytes,
    lines: Sequence[DescriptionLine],
    head: Sequence[DescriptionLine],
    origin: Origin | None,
    media: Sequence[MediaDescription],
) -> tuple[Defect, ...]:
    """Defects in the order of the checks; a description without any line has one.

    Args:
        content: The description as bytes.
        lines: All its lines.
        head: Those of the session level.
        origin: What its `o=` line says.
        media: Its sections.
    """
    if not lines:
        return (_defect("sdp-required-line-missing", Severity.ERROR, "The description is empty.", "RFC 8866 §5"),)
    by_section = [section_defects(section, head) for section in media]
    in_head, behind_head = head_defects(head, lines)
    return (
        *in_head,
        *(defect for order, _ in by_section for defect in order),
        *line_end_defects(content),
        *_empty_line(content, lines),
        *_origin(origin, head),
        *behind_head,
        *(defect for _, rest in by_section for defect in rest),
    )


def head_defects(
    head: Sequence[DescriptionLine], lines: Sequence[DescriptionLine]
) -> tuple[tuple[Defect, ...], tuple[Defect, ...]]:
    """Those of the session level but for its origin: of its lines and their order, and of its connections."""
    letters = _letters(head)
    in_lines = (*_required(head, letters), *_start(lines), *_order(head, letters, SESSION_ORDER))
    return in_lines, tuple(_session_connection(head))


def section_defects(
    section: MediaDescription, head: Sequence[DescriptionLine]
) -> tuple[tuple[Defect, ...], tuple[Defect, ...]]:
    """Those of the order of a section's lines, and all others."""
    lines = section.lines[:]
    return tuple(_order(lines, _letters(lines), MEDIA_ORDER)), tuple(_section(section, lines, head))


def line_end_defects(content: bytes) -> tuple[Defect, ...]:
    """CRLF ends a line; a bare LF is to be tolerated, anything else and any mixture is a fault (RFC 8866 §5)."""
    code, standard = "sdp-line-order-or-form", "RFC 8866 §5"
    even = content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
    ends = set() if even else set(_LINE_END.findall(content))
    if ends == {b"\n"}:
        return (_defect(code, Severity.INFO, "The lines end with a bare LF.", standard),)
    if ends - {b"\r\n"}:
        text = "The lines end with a bare CR, or not all alike."
        return (Defect(code=code, severity=Severity.WARNING, span=_odd_line(content), text=text, standard=standard),)
    return ()


def fits(connection: Connection) -> bool:
    """Whether the address of a `c=` is of its type."""
    return _fits(connection.address_type, connection.address)


def _letters(lines: Sequence[DescriptionLine]) -> str:
    return "".join([line.type or "?" for line in lines])


def _required(head: Sequence[DescriptionLine], letters: str) -> Iterator[Defect]:
    for letter, standard in ONCE.items():
        count = letters.count(letter)
        if not count:
            text = f"The mandatory line {letter}= is missing."
            yield _defect("sdp-required-line-missing", Severity.ERROR, text, standard)
        elif count > 1:
            second = [line for line in head if line.type == letter][1]
            text = f"The line {letter}= stands {count} times."
            yield _defect("sdp-required-line-missing", Severity.ERROR, text, standard, second)
    if "t" not in letters:
        yield _defect("sdp-required-line-missing", Severity.ERROR, "There is no t= line.", "RFC 8866 §5.9")
    for line in head:
        if line.type == "v" and line.value.strip() != "0":
            text = "The version isn't 0."
            yield _defect("sdp-required-line-missing", Severity.ERROR, text, "RFC 8866 §5.1", line)


def _start(lines: Sequence[DescriptionLine]) -> Iterator[Defect]:
    if lines[0].type != "v" and any(line.type == "v" for line in lines):
        text = "The description doesn't start with v=0."
        yield _defect("sdp-required-line-missing", Severity.ERROR, text, "RFC 8866 §5.1", lines[0])


def _order(lines: Sequence[DescriptionLine], letters: str, order: str) -> Iterator[Defect]:
    if _IN_ORDER[order].fullmatch(letters) and not any(line.value[:1].isspace() for line in lines):
        return
    reached = 0
    for line in lines:
        place = order.find("t" if line.type and line.type in TIMING else line.type) if line.type else -1
        fault = _fault(line, place, reached)
        if fault:
            yield _defect("sdp-line-order-or-form", Severity.WARNING, fault, "RFC 8866 §5", line)
        reached = max(reached, place)


def _fault(line: DescriptionLine, place: int, reached: int) -> str:
    if not line.type:
        return f"Line {line.number} isn't a letter, =, and a value."
    if place < 0:
        return f"Line {line.number} ({line.type}=) has no place here."
    if place < reached:
        return f"Line {line.number} ({line.type}=) stands behind a line that must follow it."
    if line.value[:1].isspace() and line.type not in FREE_TEXT:
        return f"Line {line.number} ({line.type}=) has a blank behind the equals sign."
    return ""


def _odd_line(content: bytes) -> Span | None:
    """The first line that ends otherwise than with CRLF."""
    start = 0
    for end in _LINE_END.finditer(content):
        if end[0] != b"\r\n":
            return Span(start, end.start())
        start = end.end()
    return None


def _empty_line(whole: bytes, lines: Sequence[DescriptionLine]) -> Iterator[Defect]:
    """The first empty line; those behind the last line that says something are no fault."""
    content = whole.rstrip(b"\x00 \t\r\n")
    if lines[-1].number == len(lines) and not content.endswith((b"\v", b"\f")):
        return  # No line was left out in front of the last, and that one isn't empty.
    start = 0
    for end in _LINE_END.finditer(content):
        if not content[start : end.start()].strip():
            text = "An empty line stands inside the description."
            yield Defect(
                code="sdp-line-order-or-form",
                severity=Severity.WARNING,
                span=Span(start, end.start()),
                text=text,
                standard="RFC 8866 §5",
            )
            return
        start = end.end()


def _origin(origin: Origin | None, head: Sequence[DescriptionLine]) -> Iterator[Defect]:
    line = next((item for item in head if item.type == "o"), None)
    if line is None:
        return
    for text in ("The o= line hasn't six fields.",) if origin is None else origin_faults(origin):
        yield _defect("origin-line-malformed", Severity.WARNING, text, "RFC 8866 §5.2", line)


def origin_faults(origin: Origin) -> list[str]:
    """What is wrong with an `o=` line that has its fields (RFC 8866 §5.2)."""
    if " " in origin.username:
        return ["The o= line hasn't six fields: the user name has a blank."]
    faults = []
    for name, value in (("session id", origin.session_id), ("session version", origin.session_version)):
        if not _has_63_bits(value):
            faults.append(f"The {name} of the o= line is no number of 63 bits.")
    if not _fits(origin.address_type, origin.address):
        faults.append("The address of the o= line doesn't fit its address type.")
    return faults


def _has_63_bits(text: str) -> bool:
    """Whether a text is a number below 2 to the 63rd, which has nineteen digits."""
    if len(text) < 19:
        return text.isascii() and text.isdigit()
    number = number_of(text)
    return number is not None and number < 2**63


def _session_connection(head: Sequence[DescriptionLine]) -> Iterator[Defect]:
    lines = [line for line in head if line.type == "c"]
    if len(lines) > 1:
        text = f"The session has {len(lines)} c= lines."
        yield _defect("address-or-port-ill-formed", Severity.ERROR, text, "RFC 8866 §5.7", lines[1])
    for line in lines:
        yield from _connection_form(line)


def _connection_form(line: DescriptionLine) -> Iterator[Defect]:
    for text in connection_faults(line.value):
        yield _defect("address-or-port-ill-formed", Severity.ERROR, text, "RFC 8866 §5.7", line)


def connection_faults(value: str) -> list[str]:
    """A slash gives scope and count of multicast groups, and IPv4 groups need the scope (RFC 8866 §5.7)."""
    fields = value.split()
    if len(fields) < 3:
        return ["The c= line hasn't network type, address type and address."]
    literal, slash, _ = fields[2].partition("/")
    address = literal_of(literal)
    if address is None:
        return []
    faults = []
    if slash and not address.is_multicast:
        faults.append("The unicast address of the c= line has a slash behind it.")
    if address.version == 4 and address.is_multicast and not slash:
        faults.append("The IPv4 multicast address of the c= line has no TTL.")
    return faults


def _section(
    section: MediaDescription, lines: Sequence[DescriptionLine], head: Sequence[DescriptionLine]
) -> Iterator[Defect]:
    line = lines[0]
    fields = line.value.split()
    port = fields[1].partition("/")[0] if len(fields) > 1 else ""
    number = number_of(port)
    if len(fields) < 4 or number is None or number > 65535:
        text = f"The m= line {section.index + 1} isn't media, port, transport and formats."
        yield _defect("address-or-port-ill-formed", Severity.ERROR, text, "RFC 8866 §5.14", line)
    if section.port == 0:
        return
    connections = [item for item in lines if item.type == "c"]
    for item in connections:
        yield from _connection_form(item)
    if section.connection is None and not any(item.type == "c" for item in (*connections, *head)):
        text = f"No c= line applies to m-line {section.index + 1}."
        yield _defect("connection-line-missing", Severity.ERROR, text, "RFC 8866 §5.7", line)
    elif section.connection is not None and not fits(section.connection):
        text = f"The address of m-line {section.index + 1} doesn't fit its address type."
        yield _defect("address-or-port-ill-formed", Severity.ERROR, text, "RFC 8866 §5.7", line)
    for rtp_format in section.rtp_formats:
        if rtp_format.encoding is None and rtp_format.payload_type not in RESERVED_TYPES:
            text = f"Payload type {rtp_format.payload_type} of m-line {section.index + 1} has no rtpmap."
            yield _defect("dynamic-pt-without-rtpmap", Severity.ERROR, text, "RFC 8866 §6.6", line)


def _fits(address_type: str, address: str) -> bool:
    """Whether the literal is of the stated type; a host name is legal under both."""
    literal = literal_of(address)
    if literal is None:
        return ":" not in address
    return _VERSIONS.get(address_type.upper(), literal.version) == literal.version


_VERSIONS = {"IP4": 4, "IP6": 6}


def _defect(code: str, severity: Severity, text: str, standard: str, line: DescriptionLine | None = None) -> Defect:
    return Defect(code=code, severity=severity, span=None if line is None else line.span, text=text, standard=standard)
