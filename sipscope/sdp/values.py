"""The values of lines and attributes, typed. `None` is what can't be read; the line itself is kept."""

from collections.abc import Sequence
from functools import lru_cache
from sys import intern

from sipscope.model.description import Attribute, Connection, Crypto, Direction, Origin, RtpFormat
from sipscope.model.payload_types import STATIC_PAYLOAD_TYPES

_DIRECTIONS = {direction.value: direction for direction in Direction}

LONGEST_NUMBER = 20
"""Digits beyond which a number is none; 64 bits take twenty."""


def number_of(text: str) -> int | None:
    """A decimal number; None for anything else, such as digits of other scripts or absurd lengths."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else None


def origin_of(value: str) -> Origin | None:
    """`o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>` (RFC 8866 §5.2).

    A user name with blanks makes more than six fields: the last five are taken, the rest is the name.
    """
    fields = value.split()
    if len(fields) < 6:
        return None
    return Origin(" ".join(fields[:-5]), *map(intern, fields[-5:]))


def connection_of(value: str) -> Connection | None:
    """`c=<nettype> <addrtype> <connection-address>`; TTL and count behind a slash are left out (RFC 8866 §5.7)."""
    fields = value.split()
    if len(fields) < 3:
        return None
    address = fields[2].partition("/")[0].strip("[]")
    return Connection(intern(fields[0]), intern(fields[1]), intern(address.lower()))


@lru_cache(maxsize=4096)
def attribute_of(value: str, line_number: int) -> Attribute:
    """`a=<name>` or `a=<name>:<value>`; names are compared in lower case (RFC 8866 §5.13)."""
    name, colon, content = value.partition(":")
    return Attribute(name.strip().lower(), content.strip() if colon else None, line_number)


def direction_of(attributes: Sequence[Attribute]) -> Direction | None:
    """The first direction attribute; some devices write `SendRecv`."""
    for attribute in attributes:
        if attribute.value is None and attribute.name in _DIRECTIONS:
            return _DIRECTIONS[attribute.name]
    return None


def milliseconds_of(attributes: Sequence[Attribute], name: str) -> float | None:
    """A packet time; fractions are allowed (RFC 8866 §6.4)."""
    for attribute in attributes:
        if attribute.name == name and attribute.value:
            whole, _, fraction = attribute.value.strip().partition(".")
            if number_of(whole) is not None and (not fraction or number_of(fraction) is not None):
                return float(f"{whole}.{fraction or 0}")
    return None


def crypto_of(attributes: Sequence[Attribute]) -> tuple[Crypto, ...]:
    """`a=crypto:<tag> <suite> <key-params> [<session-params>]` (RFC 4568 §4)."""
    found = []
    for attribute in attributes:
        fields = (attribute.value or "").split(None, 3)
        if attribute.name == "crypto" and len(fields) >= 3:
            found.append(Crypto(fields[0], fields[1], fields[2], fields[3] if len(fields) > 3 else ""))
    return tuple(found)


def rtcp_of(attributes: Sequence[Attribute]) -> tuple[int | None, str | None]:
    """`a=rtcp:<port> [<nettype> <addrtype> <address>]` (RFC 3605 §2.1)."""
    for attribute in attributes:
        fields = (attribute.value or "").split()
        if attribute.name == "rtcp" and fields:
            return number_of(fields[0]), fields[3].lower() if len(fields) > 3 else None
    return None, None


def rtp_formats_of(formats: Sequence[str], attributes: Sequence[Attribute]) -> tuple[RtpFormat, ...]:
    """One entry a listed payload type: by rtpmap, else by the static table of RFC 3551 §6, else unmapped."""
    maps = [item.value for item in attributes if item.name == "rtpmap" and item.value is not None]
    parameters = [item.value for item in attributes if item.name == "fmtp" and item.value is not None]
    return _rtp_formats(tuple(formats), tuple(maps), tuple(parameters))


@lru_cache(maxsize=1024)
def _rtp_formats(
    formats: tuple[str, ...], map_values: tuple[str, ...], parameter_values: tuple[str, ...]
) -> tuple[RtpFormat, ...]:
    """The same lists come from every device of a kind, so they are kept."""
    maps, parameters = _by_payload_type(map_values), _by_payload_type(parameter_values)
    numbers = [number for number in map(number_of, formats) if number is not None and number <= 127]
    return tuple(_format(number, maps.get(number), parameters.get(number)) for number in numbers)


def _by_payload_type(values: Sequence[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for value in values:
        number_text, _, rest = value.partition(" ")
        number = number_of(number_text)
        if number is not None:
            found.setdefault(number, rest.strip())
    return found


def _format(payload_type: int, mapping: str | None, parameters: str | None) -> RtpFormat:
    if mapping:
        encoding, _, rest = mapping.partition("/")
        clock, _, channels = rest.partition("/")
        return RtpFormat(
            payload_type=payload_type,
            encoding=encoding.strip(),
            clock_rate_hz=number_of(clock.strip()) or None,
            channels=number_of(channels.strip()) or 1,
            parameters=parameters,
        )
    static = STATIC_PAYLOAD_TYPES.get(payload_type)
    if static is None:
        return RtpFormat(payload_type=payload_type, parameters=parameters, stated=False)
    return RtpFormat(
        payload_type=payload_type,
        encoding=static[0],
        clock_rate_hz=static[1],
        channels=static[2],
        parameters=parameters,
        stated=False,
    )
