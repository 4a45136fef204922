"""Encapsulations that captures come in: each with the link type of its file and what it puts around an IP packet."""

import struct
from collections.abc import Callable
from typing import TypeAlias

from tests.capture.builders import ethernet, ipv4, ipv6, udp

Wrap: TypeAlias = Callable[[bytes, int], bytes]
"""From an IP packet and its EtherType to a frame."""

MACS = bytes.fromhex("00005e005302 00005e005301")

LINKS: dict[str, tuple[int, Wrap]] = {
    "ethernet": (1, ethernet),
    "vlan": (1, lambda data, kind: ethernet(data, kind, (0x8100,))),
    "qinq": (1, lambda data, kind: ethernet(data, kind, (0x88A8, 0x8100))),
    "old-qinq": (1, lambda data, kind: ethernet(data, kind, (0x9100, 0x8100))),
    "cooked": (113, lambda data, kind: bytes(14) + struct.pack(">H", kind) + data),
    "cooked-vlan": (113, lambda data, kind: bytes(14) + struct.pack(">HHH", 0x8100, 1, kind) + data),
    "cooked-v2": (276, lambda data, kind: struct.pack(">H", kind) + bytes(18) + data),
    "raw-12": (12, lambda data, _kind: data),
    "raw-14": (14, lambda data, _kind: data),
    "raw-101": (101, lambda data, _kind: data),
    "loop": (108, lambda data, kind: struct.pack(">I", 2 if kind == 0x0800 else 24) + data),
    "null-little": (0, lambda data, kind: struct.pack("<I", 2 if kind == 0x0800 else 30) + data),
    "null-big": (0, lambda data, kind: struct.pack(">I", 2 if kind == 0x0800 else 28) + data),
    "pppoe": (
        1,
        lambda data, kind: ethernet(
            struct.pack(">BBHHH", 0x11, 0, 1, len(data) + 2, 0x21 if kind == 0x0800 else 0x57) + data, 0x8864
        ),
    ),
    "ppp": (9, lambda data, kind: b"\xff\x03\x00" + (b"\x21" if kind == 0x0800 else b"\x57") + data),
    "mpls": (1, lambda data, _kind: ethernet(b"\x00\x01\x00\x40\x00\x02\x01\x40" + data, 0x8847)),
    "pseudowire": (
        1,
        lambda data, kind: ethernet(b"\x00\x02\x01\x40" + bytes(4) + MACS + struct.pack(">H", kind) + data, 0x8847),
    ),
    "pseudowire-without-control-word": (
        1,
        lambda data, kind: ethernet(b"\x00\x02\x01\x40" + MACS + struct.pack(">H", kind) + data, 0x8847),
    ),
    "snap": (1, lambda data, kind: ethernet(b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", kind) + data, len(data) + 8)),
    "ip-in-ip": (1, lambda data, kind: ethernet(ipv4(data, protocol=4 if kind == 0x0800 else 41))),
    "in-ipv6": (1, lambda data, kind: ethernet(ipv6(data, protocol=4 if kind == 0x0800 else 41), 0x86DD)),
    "gre": (1, lambda data, kind: ethernet(ipv4(struct.pack(">HHI", 0x2000, kind, 7) + data, protocol=47))),
    "erspan-1": (
        1,
        lambda data, kind: ethernet(ipv4(struct.pack(">HH", 0, 0x88BE) + ethernet(data, kind), protocol=47)),
    ),
    "erspan-2": (
        1,
        lambda data, kind: ethernet(
            ipv4(struct.pack(">HHI", 0x1000, 0x88BE, 1) + b"\x10" + bytes(7) + ethernet(data, kind), protocol=47)
        ),
    ),
    "erspan-3": (
        1,
        lambda data, kind: ethernet(
            ipv4(
                struct.pack(">HHI", 0x1000, 0x22EB, 1)
                + b"\x20"
                + bytes(10)
                + b"\x01"
                + bytes(8)
                + ethernet(data, kind),
                protocol=47,
            )
        ),
    ),
    "gtp": (
        1,
        lambda data, _kind: ethernet(ipv4(udp(struct.pack(">BBHI", 0x30, 255, len(data), 9) + data, 2152, 2152))),
    ),
    "gtp-extension": (
        1,
        lambda data, _kind: ethernet(
            ipv4(udp(struct.pack(">BBHIHBBI", 0x34, 255, len(data) + 8, 9, 0, 0, 0x85, 0x01000000) + data, 2152, 2152))
        ),
    ),
    "vxlan": (1, lambda data, kind: ethernet(ipv4(udp(b"\x08" + bytes(7) + ethernet(data, kind), 999, 4789)))),
    "geneve": (
        1,
        lambda data, kind: ethernet(ipv4(udp(b"\x01\x00\x65\x58" + bytes(8) + ethernet(data, kind), 999, 6081))),
    ),
    "l2tp": (
        1,
        lambda data, kind: ethernet(
            ipv4(
                udp(b"\0\x02" + bytes(4) + b"\xff\x03\0" + (b"\x21" if kind == 0x0800 else b"\x57") + data, 1701, 1701)
            )
        ),
    ),
    "erspan-1-in-ipv6": (
        1,
        lambda data, kind: ethernet(ipv6(struct.pack(">HH", 0, 0x88BE) + ethernet(data, kind), protocol=47), 0x86DD),
    ),
    "gre-with-checksum": (
        1,
        lambda data, kind: ethernet(ipv4(struct.pack(">HHIII", 0xB000, kind, 0, 7, 1) + data, protocol=47)),
    ),
    "ppp-in-gre": (
        1,
        lambda data, kind: ethernet(
            ipv4(
                struct.pack(">HHHHII", 0x3081, 0x880B, len(data) + 4, 7, 1, 1)
                + b"\xff\x03\0"
                + (b"\x21" if kind == 0x0800 else b"\x57")
                + data,
                protocol=47,
            )
        ),
    ),
    "6in4": (1, lambda data, _kind: ethernet(ipv4(data if data[0] >> 4 == 6 else ipv6(data, protocol=4), protocol=41))),
    "gtp-sequence": (
        1,
        lambda data, _kind: ethernet(
            ipv4(udp(struct.pack(">BBHIHBB", 0x32, 255, len(data) + 4, 9, 1, 0, 0) + data, 2152, 2152))
        ),
    ),
    "geneve-options": (
        1,
        lambda data, kind: ethernet(
            ipv4(udp(b"\x02\x00\x65\x58" + bytes(4) + b"\0\0\0\1" + bytes(4) + ethernet(data, kind), 999, 6081))
        ),
    ),
    "vlan-in-vxlan": (
        1,
        lambda data, kind: ethernet(
            ipv4(udp(b"\x08" + bytes(7) + ethernet(data, kind, (0x8100,)), 999, 4789)), 0x0800, (0x8100,)
        ),
    ),
    "gtp-in-gre-in-mpls": (
        1,
        lambda data, _kind: ethernet(
            b"\x00\x02\x01\x40"
            + ipv4(
                struct.pack(">HH", 0, 0x0800)
                + ipv4(udp(struct.pack(">BBHI", 0x30, 255, len(data), 9) + data, 2152, 2152)),
                protocol=47,
            ),
            0x8847,
        ),
    ),
    "erspan-3-without-subheader": (
        1,
        lambda data, kind: ethernet(
            ipv4(
                struct.pack(">HHI", 0x1000, 0x22EB, 1) + b"\x20" + bytes(11) + ethernet(data, kind),
                protocol=47,
            )
        ),
    ),
    "gtp-session-container": (
        1,
        lambda data, _kind: ethernet(
            ipv4(
                udp(
                    # A number and another extension, then the PDU session container of 5G (3GPP TS 38.415).
                    struct.pack(">BBHIHBB", 0x36, 255, len(data) + 12, 9, 1, 0, 0xC0)
                    + b"\x01\x00\x07\x85"
                    + b"\x01\x00\x09\x00"
                    + data,
                    2152,
                    2152,
                )
            )
        ),
    ),
    "pppoe-in-vlan": (
        1,
        lambda data, kind: ethernet(
            struct.pack(">BBHHH", 0x11, 0, 1, len(data) + 2, 0x21 if kind == 0x0800 else 0x57) + data,
            0x8864,
            (0x88A8, 0x8100),
        ),
    ),
    "cooked-v2-vlan": (
        276,
        lambda data, kind: struct.pack(">H", 0x8100) + bytes(18) + struct.pack(">HH", 1, kind) + data,
    ),
    "mpls-in-gre": (
        1,
        lambda data, _kind: ethernet(ipv4(struct.pack(">HH", 0, 0x8847) + b"\x00\x02\x01\x40" + data, protocol=47)),
    ),
    "geneve-ip": (
        1,
        lambda data, kind: ethernet(ipv4(udp(struct.pack(">BBH", 0, 0, kind) + bytes(4) + data, 999, 6081))),
    ),
    "tzsp": (
        1,
        lambda data, kind: ethernet(
            ipv4(udp(b"\x01\x00\x00\x01\x0a\x01\x05\x00\x01" + ethernet(data, kind), 999, 37008))
        ),
    ),
    "l2tp-length-sequence": (
        1,
        lambda data, kind: ethernet(
            ipv4(
                udp(
                    struct.pack(">HHHHHH", 0x4802, len(data) + 16, 1, 1, 0, 0)
                    + b"\xff\x03\0"
                    + (b"\x21" if kind == 0x0800 else b"\x57")
                    + data,
                    1701,
                    1701,
                )
            )
        ),
    ),
}
