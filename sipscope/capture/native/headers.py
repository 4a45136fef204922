"""The fixed headers of IPv4 and IPv6 as numpy fields, shared by all that gather them in columns.

Addresses and ports keep the bytes they have in the packet, so that they serve as keys.
"""

from typing import Any

IPV4_FIELDS: list[tuple[Any, ...]] = [
    ("version", "u1"),
    ("service", "u1"),
    ("length", ">u2"),
    ("identification", ">u2"),
    ("fragment", ">u2"),
    ("hops_left", "u1"),
    ("protocol", "u1"),
    ("checksum", ">u2"),
    ("addresses", "<u8", (1,)),
]
"""20 bytes, RFC 791 §3.1: a header without options."""

IPV6_FIELDS: list[tuple[Any, ...]] = [
    ("first", ">u2"),
    ("flow", ">u2"),
    ("length", ">u2"),
    ("protocol", "u1"),
    ("hops_left", "u1"),
    ("addresses", "<u8", (4,)),
]
"""40 bytes, RFC 8200 §3."""
