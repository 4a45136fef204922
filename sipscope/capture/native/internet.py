"""IPv4 and IPv6 headers, and what stands between them and the transport."""

import struct
from typing import NamedTuple

TCP = 6
UDP = 17
SCTP = 132
IPV4_INSIDE = 4
IPV6_INSIDE = 41
GRE = 47
ICMP = (1, 58)
_ESP = 50
_AUTHENTICATION = 51
_FRAGMENT = 44
_OPTIONS = (0, 43, 60, 135)
_TRANSPORTS_IN_ESP = (TCP, UDP, IPV4_INSIDE, IPV6_INSIDE, SCTP)
_ESP_HEADER_BYTES = 8
_CHECK_VALUE_BYTES = (12, 16, 0)


class Fragment(NamedTuple):
    """Where a fragment belongs.

    Attributes:
        identification: The number all fragments of a datagram share.
        offset: Where its bytes go, counted in bytes.
        is_last: No fragment has a higher offset.
    """

    identification: int
    offset: int
    is_last: bool


class InternetPacket(NamedTuple):
    """An IP packet without its header.

    Attributes:
        addresses: Source and destination, 4 or 16 bytes each.
        protocol: What the payload is, in IANA's protocol numbers.
        payload: The bytes behind the header and its extensions, without padding of the link layer.
        dscp: Differentiated services code point.
        identification: The IPv4 identification, None for IPv6.
        fragment: Where it belongs if it is a fragment.
        is_cut: The header tells of more bytes than there are.
    """

    addresses: bytes
    protocol: int
    payload: bytes
    dscp: int
    identification: int | None
    fragment: Fragment | None
    is_cut: bool


def ipv4_packet(data: bytes) -> InternetPacket | None:
    """The packet with an IPv4 header (RFC 791 §3.1) at the front of `data`; None if there is none."""
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    header_bytes = (data[0] & 15) * 4
    total = data[2] << 8 | data[3]
    if header_bytes < 20 or len(data) < header_bytes:
        return None
    if not total:
        # Captured before the network card cut it into segments: the length is not filled in yet.
        total = len(data)
    if total < header_bytes:
        return None
    identification, flags = struct.unpack_from(">HH", data, 4)
    fragment = None
    if flags & 0x3FFF:
        fragment = Fragment(identification, (flags & 0x1FFF) * 8, not flags & 0x2000)
    return InternetPacket(
        addresses=data[12:20],
        protocol=data[9],
        payload=data[header_bytes:total],
        dscp=data[1] >> 2,
        identification=identification,
        fragment=fragment,
        is_cut=total > len(data),
    )


def ipv6_packet(data: bytes) -> InternetPacket | None:
    """The packet with an IPv6 header (RFC 8200 §3) at the front of `data`; None if there is none."""
    if len(data) < 40 or data[0] >> 4 != 6:
        return None
    length = data[4] << 8 | data[5] or len(data) - 40
    protocol, payload, fragment = _behind_extensions(data[6], data[40 : 40 + length])
    return InternetPacket(
        addresses=data[8:40],
        protocol=protocol,
        payload=payload,
        dscp=(data[0] & 15) << 2 | data[1] >> 6,
        identification=None,
        fragment=fragment,
        is_cut=40 + length > len(data),
    )


def unsecured(protocol: int, payload: bytes) -> tuple[int, bytes]:
    """Protocol and payload without IPsec that hides nothing: AH (RFC 4302 §2) and ESP with NULL encryption.

    What is encrypted, or only looks so, is returned as it came.
    """
    if protocol == _AUTHENTICATION and len(payload) >= 12:
        return payload[0], payload[(payload[1] + 2) * 4 :]
    if protocol == _ESP:
        return _esp_with_null_encryption(payload) or (protocol, payload)
    return protocol, payload


def _behind_extensions(protocol: int, data: bytes) -> tuple[int, bytes, Fragment | None]:
    """Pass the extension headers of RFC 8200 §4, up to a fragment's, behind which only the first one has more."""
    while len(data) >= 8:
        if protocol == _FRAGMENT:
            word, identification = struct.unpack_from(">HI", data, 2)
            if word & 0xFFF9:
                return data[0], data[8:], Fragment(identification, word & 0xFFF8, not word & 1)
            # An atomic fragment (RFC 6946) is whole.
            size = 8
        elif protocol in _OPTIONS:
            size = (data[1] + 1) * 8
        else:
            break
        protocol, data = data[0], data[size:]
    return protocol, data, None


def behind_extensions(protocol: int, data: bytes) -> tuple[int, bytes]:
    """Protocol and bytes of a reassembled IPv6 packet, whose extension headers may go on in the first fragment."""
    protocol, data, fragment = _behind_extensions(protocol, data)
    return (protocol, data) if fragment is None else (59, b"")


def _esp_with_null_encryption(payload: bytes) -> tuple[int, bytes] | None:
    """ESP (RFC 4303 §2) whose payload is in the clear (RFC 2410).

    Nothing in the header says so, so the trailer has to look right: padding of 1, 2, 3 … (RFC 4303 §2.4), then its
    length, then a protocol that is known, at one of the places that usual integrity check values leave it.
    """
    for check_value in _CHECK_VALUE_BYTES:
        end = len(payload) - check_value
        if end < _ESP_HEADER_BYTES + 10:
            continue
        padding, protocol = payload[end - 2], payload[end - 1]
        start_of_padding = end - 2 - padding
        if protocol not in _TRANSPORTS_IN_ESP or start_of_padding < _ESP_HEADER_BYTES + 8 or padding > 15:
            continue
        inside = payload[_ESP_HEADER_BYTES:start_of_padding]
        if payload[start_of_padding : end - 2] == bytes(range(1, padding + 1)) and _is_plain(protocol, inside):
            return protocol, inside
    return None


def _is_plain(protocol: int, inside: bytes) -> bool:
    """Whether a header's own lengths fit what is there, as they wouldn't in encrypted bytes."""
    if protocol == UDP:
        return int.from_bytes(inside[4:6], "big") == len(inside)
    if protocol == TCP:
        return len(inside) >= 20 and 20 <= (inside[12] >> 4) * 4 <= len(inside) and not inside[12] & 0x0E
    if protocol == IPV4_INSIDE:
        return len(inside) >= 20 and inside[0] >> 4 == 4 and int.from_bytes(inside[2:4], "big") == len(inside)
    if protocol == IPV6_INSIDE:
        return len(inside) >= 40 and inside[0] >> 4 == 6
    return False
