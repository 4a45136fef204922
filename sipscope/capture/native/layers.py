"""Peels the layers around an IP packet, one at a time, from the bytes of a single frame.

A step takes the bytes behind a layer's number and returns the number and the bytes of the layer inside, or None
when the layer is cut, unknown or carries something else. Steps know nothing of one another, so a new tunnel is one
function and one line in a table.
"""

import struct
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

IPV4 = 0x0800
IPV6 = 0x86DD
ARP = 0x0806
TRANSPARENT_ETHERNET = 0x6558
PPP = 0x880B
_MPLS = (0x8847, 0x8848)
_PPP_SESSION = 0x8864
_ERSPAN_II = 0x88BE
_ERSPAN_III = 0x22EB
_TZSP_END = 1


class Layer(NamedTuple):
    """The layer inside: its EtherType and its bytes."""

    ethertype: int
    data: bytes


Step: TypeAlias = Callable[[bytes], Layer | None]


def link_layer(link_type: int, data: bytes) -> Layer | None:
    """What a frame of this link type carries; None for a link type or frame that can't be read."""
    step = _LINK_STEPS.get(link_type)
    return step(data) if step else None


def inner_layer(ethertype: int, data: bytes) -> Layer | None:
    """What a layer other than IP carries; None when it's not a layer that is peeled."""
    step = _ETHERTYPE_STEPS.get(ethertype)
    return step(data) if step else None


def datagram_tunnel(port: int, payload: bytes) -> Layer | None:
    """What a UDP datagram to a tunnel's port carries; None when it is no tunnel's."""
    step = _PORT_STEPS.get(port)
    return step(payload) if step else None


def internet_layer(data: bytes) -> Layer | None:
    """An IP packet whose version only its first four bits tell."""
    version = data[0] >> 4 if data else 0
    if version == 4:
        return Layer(IPV4, data)
    return Layer(IPV6, data) if version == 6 else None


def gre(data: bytes) -> Layer | None:
    """Generic routing encapsulation (RFC 2784, RFC 2890), with ERSPAN and PPTP's PPP inside."""
    if len(data) < 4:
        return None
    flags, protocol = struct.unpack_from(">HH", data)
    offset = 4
    # Checksum or routing, key, sequence number and, in version 1, acknowledgement: four bytes each where flagged.
    for flag in (0xC000, 0x2000, 0x1000):
        if flags & flag:
            offset += 4
    if flags & 7 == 1 and flags & 0x80:
        offset += 4
    inside = data[offset:]
    if protocol == _ERSPAN_II:
        # Type I has no header of its own and no sequence number in GRE.
        return Layer(TRANSPARENT_ETHERNET, inside[8:] if flags & 0x1000 else inside)
    if protocol == _ERSPAN_III:
        has_subheader = len(inside) >= 12 and inside[11] & 1
        return Layer(TRANSPARENT_ETHERNET, inside[20 if has_subheader else 12 :])
    return Layer(protocol, inside)


def _ethernet(data: bytes) -> Layer | None:
    if len(data) < 14:
        return None
    ethertype = data[12] << 8 | data[13]
    return Layer(ethertype, data[14:]) if ethertype >= 0x600 else _logical_link(data[14:])


def _logical_link(data: bytes) -> Layer | None:
    """IEEE 802.2 with SNAP, the way IP travels behind a length in place of an EtherType."""
    if len(data) < 8 or data[:3] != b"\xaa\xaa\x03" or data[3:6] != b"\0\0\0":
        return None
    return Layer(data[6] << 8 | data[7], data[8:])


def _cooked(data: bytes) -> Layer | None:
    if len(data) < 16:
        return None
    return Layer(data[14] << 8 | data[15], data[16:])


def _cooked_v2(data: bytes) -> Layer | None:
    if len(data) < 20:
        return None
    return Layer(data[0] << 8 | data[1], data[20:])


def _null(data: bytes) -> Layer | None:
    """An address family in the byte order of the capturing host; its values for IPv6 differ between systems."""
    if len(data) < 4:
        return None
    family = int.from_bytes(data[:4], "little")
    if family > 0xFFFF:
        family = int.from_bytes(data[:4], "big")
    if family == 2:
        return Layer(IPV4, data[4:])
    return Layer(IPV6, data[4:]) if family in NULL_IPV6_FAMILIES else None


def _tag(data: bytes) -> Layer | None:
    """A VLAN tag (IEEE 802.1Q, 802.1ad): control information, then the EtherType of what follows."""
    if len(data) < 4:
        return None
    ethertype = data[2] << 8 | data[3]
    return Layer(ethertype, data[4:]) if ethertype >= 0x600 else _logical_link(data[4:])


def _labels(data: bytes) -> Layer | None:
    """MPLS labels (RFC 3032): what is behind the last one isn't named, so it's told by its first four bits."""
    offset = 0
    while offset + 4 <= len(data) and not data[offset + 2] & 1:
        offset += 4
    inside = data[offset + 4 :]
    return internet_layer(inside) or _pseudowire(inside)


def _pseudowire(data: bytes) -> Layer | None:
    """Ethernet behind labels, mostly with a control word of four bytes that begins with four zero bits (RFC 4448 §4.6).

    A destination address may begin so too; then the place at which there is an EtherType decides.
    """
    starts = (4, 0) if data[:1] < b"\x10" else (0,)
    for start in starts:
        if data[start + 12 : start + 14] in _ETHERTYPES_IN_PSEUDOWIRES:
            return Layer(TRANSPARENT_ETHERNET, data[start:])
    return None


def _ppp_over_ethernet(data: bytes) -> Layer | None:
    """A PPPoE session packet (RFC 2516): version and type, code, session, length, PPP."""
    if len(data) < 8 or data[0] != 0x11 or data[1]:
        return None
    length = data[4] << 8 | data[5]
    return _ppp(data[6 : 6 + length])


def _ppp(data: bytes) -> Layer | None:
    """PPP (RFC 1661 §2): address and control may be left out, the protocol may be compressed to one byte."""
    if data[:2] == b"\xff\x03":
        data = data[2:]
    if not data:
        return None
    size = 1 if data[0] & 1 else 2
    protocol = int.from_bytes(data[:size], "big")
    if protocol == 0x0021:
        return Layer(IPV4, data[size:])
    return Layer(IPV6, data[size:]) if protocol == 0x0057 else None


def _gtp(data: bytes) -> Layer | None:
    """GTP-U (3GPP TS 29.281 §5.1): only a G-PDU carries a user's packet."""
    if len(data) < 8 or data[0] >> 5 != 1 or not data[0] & 0x10 or data[1] != 255:
        return None
    if not data[0] & 7:
        return internet_layer(data[8:])
    offset = 12
    extension = data[11] if data[0] & 4 and len(data) > 11 else 0
    while extension and offset < len(data):
        size = data[offset] * 4
        if not size or offset + size > len(data):
            return None
        extension = data[offset + size - 1]
        offset += size
    return internet_layer(data[offset:])


def _vxlan(data: bytes) -> Layer | None:
    """VXLAN (RFC 7348 §5): the flag says that there is a network identifier; the highest bit is for a group policy."""
    if len(data) < 8 or data[0] & 0x7F != 0x08:
        return None
    return Layer(TRANSPARENT_ETHERNET, data[8:])


def _geneve(data: bytes) -> Layer | None:
    """Geneve (RFC 8926 §3.4): version and the length of the options, flags, the protocol inside."""
    if len(data) < 8 or data[0] >> 6:
        return None
    return Layer(data[2] << 8 | data[3], data[8 + (data[0] & 0x3F) * 4 :])


def _tzsp(data: bytes) -> Layer | None:
    """TZSP, in which routers of MikroTik send what they mirror: version, type, protocol, tagged fields, an end tag."""
    if len(data) < 5 or data[0] != 1 or data[1] or data[2:4] != b"\0\x01":
        return None
    offset = 4
    while offset < len(data) and data[offset] != _TZSP_END:
        # Padding alone has no length behind it.
        offset += 1 if not data[offset] else 2 + int.from_bytes(data[offset + 1 : offset + 2], "big")
    return Layer(TRANSPARENT_ETHERNET, data[offset + 1 :]) if offset < len(data) else None


def _l2tp(data: bytes) -> Layer | None:
    """L2TP version 2 (RFC 2661 §3.1): a data message carries PPP behind fields that its flags announce."""
    if len(data) < 6 or data[1] & 0x0F != 2 or data[0] & 0x80:
        return None
    offset = 6 + (2 if data[0] & 0x40 else 0) + (4 if data[0] & 0x08 else 0)
    if data[0] & 0x02:
        size = int.from_bytes(data[offset : offset + 2], "big")
        offset += 2 + size
    return _ppp(data[offset:])


NULL_IPV6_FAMILIES = (10, 24, 28, 30)
"""AF_INET6 of Linux, of NetBSD and OpenBSD, of FreeBSD, and of macOS."""

VLAN_TAGS = (0x8100, 0x88A8, 0x9100)
"""EtherTypes of VLAN tags: 802.1Q, 802.1ad, and what some switches used for the outer tag before it."""

_LINK_STEPS: Mapping[int, Step] = {
    0: _null,
    1: _ethernet,
    9: _ppp,
    12: internet_layer,
    14: internet_layer,
    50: _ppp,
    51: _ppp_over_ethernet,
    101: internet_layer,
    108: _null,
    113: _cooked,
    228: internet_layer,
    229: internet_layer,
    276: _cooked_v2,
}

_ETHERTYPES_IN_PSEUDOWIRES = frozenset(
    kind.to_bytes(2, "big") for kind in (IPV4, IPV6, ARP, *VLAN_TAGS, *_MPLS, _PPP_SESSION)
)

_ETHERTYPE_STEPS: Mapping[int, Step] = {
    **dict.fromkeys(VLAN_TAGS, _tag),
    **dict.fromkeys(_MPLS, _labels),
    TRANSPARENT_ETHERNET: _ethernet,
    PPP: _ppp,
    _PPP_SESSION: _ppp_over_ethernet,
}

_PORT_STEPS: Mapping[int, Step] = {
    1701: _l2tp,
    2152: _gtp,
    4789: _vxlan,
    6081: _geneve,
    8472: _vxlan,
    37008: _tzsp,
}
"""Registered ports, and 8472, which Linux took for VXLAN before there was one."""

TUNNEL_PORTS = frozenset(_PORT_STEPS)
"""UDP ports whose datagrams may carry packets."""
