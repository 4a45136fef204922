"""What is wrong with one description, by itself (RFC 8866, RFC 3264 §5)."""

import ipaddress
from collections.abc import Iterator, Sequence

from sipscope.model.defects import Defect, Severity
from sipscope.model.description import DescriptionLine, MediaDescription, SessionDescription
from sipscope.sdp.values import number_of

SESSION_ORDER = "vosiuepcbtrzka"
MEDIA_ORDER = "micbka"
ONCE = {"v": "RFC 8866 §5.1", "o": "RFC 8866 §5.2", "s": "RFC 8866 §5.3"}


def defects_of(description: SessionDescription, head: Sequence[DescriptionLine]) -> tuple[Defect, ...]:
    """Defects in the order of the checks; a description without any line has one."""
    if not description.lines:
        return (_defect("sdp-required-line-missing", Severity.ERROR, "The description is empty.", "RFC 8866 §5"),)
    return (
        *_required(head),
        *_order(description, head),
        *_origin(description, head),
        *(defect for section in description.media for defect in _section(section)),
    )


def _required(head: Sequence[DescriptionLine]) -> Iterator[Defect]:
    for letter, standard in ONCE.items():
        found = [line for line in head if line.type == letter]
        if not found:
            text = f"The mandatory line {letter}= is missing."
            yield _defect("sdp-required-line-missing", Severity.ERROR, text, standard)
        elif len(found) > 1:
            text = f"The line {letter}= stands {len(found)} times."
            yield _defect("sdp-required-line-missing", Severity.ERROR, text, standard, found[1])
    if not any(line.type == "t" for line in head):
        yield _defect("sdp-required-line-missing", Severity.ERROR, "There is no t= line.", "RFC 8866 §5.9")
    for line in head:
        if line.type == "v" and line.value.strip() != "0":
            text = "The version isn't 0."
            yield _defect("sdp-required-line-missing", Severity.ERROR, text, "RFC 8866 §5.1", line)


def _order(description: SessionDescription, head: Sequence[DescriptionLine]) -> Iterator[Defect]:
    for lines, order in ((head, SESSION_ORDER), *((section.lines, MEDIA_ORDER) for section in description.media)):
        reached = 0
        for line in lines:
            place = order.find(line.type) if line.type else -1
            if place < 0:
                text = f"Line {line.number} isn't a line of this place: a letter, =, and a value are due."
                yield _defect("sdp-line-order-or-form", Severity.WARNING, text, "RFC 8866 §5", line)
            elif place < reached and line.type not in "trz":
                text = f"Line {line.number} ({line.type}=) stands behind a line that must follow it."
                yield _defect("sdp-line-order-or-form", Severity.WARNING, text, "RFC 8866 §5", line)
            reached = max(reached, place)


def _origin(description: SessionDescription, head: Sequence[DescriptionLine]) -> Iterator[Defect]:
    line = next((item for item in head if item.type == "o"), None)
    if line is None:
        return
    origin = description.origin
    if origin is None or " " in origin.username:
        text = "The o= line hasn't six fields" + (": the user name has a blank." if origin is not None else ".")
        yield _defect("origin-line-malformed", Severity.WARNING, text, "RFC 8866 §5.2", line)
        return
    for name, value in (("session id", origin.session_id), ("session version", origin.session_version)):
        number = number_of(value)
        if number is None or number >= 2**63:
            text = f"The {name} of the o= line is no number of 63 bits."
            yield _defect("origin-line-malformed", Severity.WARNING, text, "RFC 8866 §5.2", line)


def _section(section: MediaDescription) -> Iterator[Defect]:
    line = section.lines[0]
    fields = line.value.split()
    port = fields[1].partition("/")[0] if len(fields) > 1 else ""
    number = number_of(port)
    if len(fields) < 4 or number is None or number > 65535:
        text = f"The m= line {section.index + 1} isn't media, port, transport and formats."
        yield _defect("address-or-port-ill-formed", Severity.ERROR, text, "RFC 8866 §5.14", line)
    if section.port == 0:
        return
    if section.connection is None:
        text = f"No c= line applies to m-line {section.index + 1}."
        yield _defect("connection-line-missing", Severity.ERROR, text, "RFC 8866 §5.7", line)
    elif not _address_fits(section):
        text = f"The address of m-line {section.index + 1} doesn't fit its address type."
        yield _defect("address-or-port-ill-formed", Severity.ERROR, text, "RFC 8866 §5.7", line)
    for item in section.rtp_formats:
        if item.encoding is None:
            text = f"Payload type {item.payload_type} of m-line {section.index + 1} has no rtpmap."
            yield _defect("dynamic-pt-without-rtpmap", Severity.ERROR, text, "RFC 8866 §6.6", line)


def _address_fits(section: MediaDescription) -> bool:
    """Whether the literal is of the stated type; a host name is legal under both."""
    connection = section.connection
    if connection is None:
        return True
    try:
        version = ipaddress.ip_address(connection.address).version
    except ValueError:
        return ":" not in connection.address
    return {"IP4": 4, "IP6": 6}.get(connection.address_type.upper(), version) == version


def _defect(code: str, severity: Severity, text: str, standard: str, line: DescriptionLine | None = None) -> Defect:
    return Defect(code=code, severity=severity, span=None if line is None else line.span, text=text, standard=standard)
