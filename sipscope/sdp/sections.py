"""One section out of its lines, with what it inherits from the session (RFC 8866 §5.14)."""

from collections.abc import Mapping, Sequence
from sys import intern
from typing import TypeAlias

from sipscope.model.description import Attribute, Connection, DescriptionLine, Direction, MediaDescription, SectionForm
from sipscope.sdp.values import (
    attribute_of,
    connection_of,
    crypto_of,
    direction_of,
    milliseconds_of,
    number_of,
    rtcp_of,
    rtp_formats_of,
)

_Attributes: TypeAlias = Mapping[str, Sequence[Attribute]]


def attributes_of(lines: Sequence[DescriptionLine]) -> tuple[Attribute, ...]:
    """The attributes among some lines, in order."""
    return tuple([attribute_of(line.value, line.number) for line in lines if line.type == "a"])


def connection_in(lines: Sequence[DescriptionLine]) -> Connection | None:
    """What the first `c=` among some lines says; None where there is none, or it says nothing."""
    return next((connection_of(line.value) for line in lines if line.type == "c"), None)


def section_of(
    index: int,
    section_lines: Sequence[DescriptionLine],
    session_connection: Connection | None,
    session_attributes: Sequence[Attribute],
) -> MediaDescription:
    """`m=<media> <port>[/<number of ports>] <proto> <fmt> …` and the lines behind it (RFC 8866 §5.14)."""
    lines = section_lines[:]
    kind, port_text, protocol, formats = _media_fields(lines[0].value)
    port, _, count = port_text.partition("/")
    attributes = attributes_of(lines)
    own, session = _by_name(attributes), _by_name(session_attributes)
    own_connection = connection_in(lines)
    own_direction, session_direction = direction_of(attributes), direction_of(session_attributes)
    rtcp_port, rtcp_address = rtcp_of(own.get("rtcp", ()))
    section = MediaDescription(
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
    object.__setattr__(section, "form", SectionForm(frozenset(own)))
    return section


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
