"""A whole description: lines grouped into session and sections, inheritance applied, defects noted (RFC 8866 §5)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from sys import intern
from typing import TypeAlias

from sipscope.model.description import (
    Attribute,
    Connection,
    DescriptionLine,
    Direction,
    MediaDescription,
    SessionDescription,
)
from sipscope.sdp.defects import defects_of
from sipscope.sdp.lines import Lines, lines_of
from sipscope.sdp.values import (
    attribute_of,
    connection_of,
    crypto_of,
    direction_of,
    milliseconds_of,
    number_of,
    origin_of,
    rtcp_of,
    rtp_formats_of,
)

_Attributes: TypeAlias = Mapping[str, Sequence[Attribute]]


@lru_cache(maxsize=4096)
def parse_description(body: bytes) -> SessionDescription:
    """Parse a description. What can't be read is None, what breaks the grammar is a defect; nothing raises."""
    lines = lines_of(body)
    starts = [position for position, line in enumerate(lines) if line.type == "m"]
    head = lines[: starts[0]] if starts else lines
    attributes = _attributes(head)
    connection = _connection(head)
    ends = [*starts[1:], len(lines)] if starts else []
    media = tuple(
        _section(index, Lines(body, start, end), connection, attributes)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    origin = next((origin_of(line.value) for line in head if line.type == "o"), None)
    return SessionDescription(
        content=body,
        lines=Lines(body, 0, len(lines)),
        origin=origin,
        session_name=next((line.value for line in head if line.type == "s"), None),
        connection=connection,
        timing=tuple([line.value for line in head if line.type == "t"]),
        attributes=attributes,
        media=media,
        defects=defects_of(body, lines, head, origin, media),
    )


def _attributes(lines: Sequence[DescriptionLine]) -> tuple[Attribute, ...]:
    return tuple([attribute_of(line.value, line.number) for line in lines if line.type == "a"])


def _connection(lines: Sequence[DescriptionLine]) -> Connection | None:
    return next((connection_of(line.value) for line in lines if line.type == "c"), None)


def _section(
    index: int,
    section_lines: Lines,
    session_connection: Connection | None,
    session_attributes: Sequence[Attribute],
) -> MediaDescription:
    """`m=<media> <port>[/<number of ports>] <proto> <fmt> …` and the lines behind it (RFC 8866 §5.14)."""
    lines = section_lines[:]
    kind, port_text, protocol, formats = _media_fields(lines[0].value)
    port, _, count = port_text.partition("/")
    attributes = _attributes(lines)
    own, session = _by_name(attributes), _by_name(session_attributes)
    own_connection = _connection(lines)
    own_direction, session_direction = direction_of(attributes), direction_of(session_attributes)
    rtcp_port, rtcp_address = rtcp_of(own.get("rtcp", ()))
    return MediaDescription(
        index=index,
        kind=intern(kind.lower()),
        port=number_of(port) or 0,
        port_count=number_of(count) or 1,
        protocol=protocol,
        formats=formats,
        connection=own_connection if own_connection is not None else session_connection,
        has_own_connection=own_connection is not None,
        direction=own_direction or session_direction or Direction.SENDRECV,
        direction_stated="media" if own_direction else "session" if session_direction else None,
        rtp_formats=rtp_formats_of(formats, attributes) if "RTP/" in protocol.upper() else (),
        ptime_ms=milliseconds_of(own.get("ptime", ()), "ptime"),
        maxptime_ms=milliseconds_of(own.get("maxptime", ()), "maxptime"),
        rtcp_port=rtcp_port,
        rtcp_address=rtcp_address,
        rtcp_mux="rtcp-mux" in own,
        mid=_first(own, "mid"),
        crypto=crypto_of(own.get("crypto", ())),
        fingerprint=_inherited(own, session, "fingerprint"),
        setup=_inherited(own, session, "setup"),
        ice_candidates=tuple([item.value or "" for item in own.get("candidate", ())]),
        ice_credentials=(_inherited(own, session, "ice-ufrag"), _inherited(own, session, "ice-pwd")),
        attributes=attributes,
        lines=section_lines,
    )


def _media_fields(value: str) -> tuple[str, str, str, tuple[str, ...]]:
    fields = value.split()
    padded = [*fields, "", "", ""]
    return padded[0], padded[1], intern(padded[2]), tuple(map(intern, fields[3:]))


def _by_name(attributes: Sequence[Attribute]) -> dict[str, list[Attribute]]:
    """Attributes of each name, in order."""
    found: dict[str, list[Attribute]] = {}
    for attribute in attributes:
        found.setdefault(attribute.name, []).append(attribute)
    return found


def _first(attributes: _Attributes, name: str) -> str | None:
    found = attributes.get(name)
    return found[0].value if found else None


def _inherited(own: _Attributes, session: _Attributes, name: str) -> str | None:
    """What session level says for every section without its own (RFC 8122 §5, RFC 4145 §4, RFC 8839 §5.4)."""
    value = _first(own, name)
    return value if value is not None else _first(session, name)
