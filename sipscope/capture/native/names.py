"""Name resolution blocks of pcapng: what the machine that captured, or a person, called the addresses in the file."""

import ipaddress
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_END = 0
_ADDRESS_BYTES = {1: 4, 2: 16}
"""Kind of a record → bytes of its address; IPv4 and IPv6."""


def names_of(body: bytes, order: str) -> "Iterator[tuple[str, str]]":
    """Address and name of each record of a name resolution block; of several names of an address the first."""
    for kind, value in _records(body, order):
        length = _ADDRESS_BYTES.get(kind)
        if length is None or len(value) <= length:
            continue
        name = value[length:].partition(b"\x00")[0].decode(errors="surrogateescape")
        if name:
            yield str(ipaddress.ip_address(value[:length])), name


def options_behind(body: bytes, order: str) -> bytes:
    """The options of a name resolution block: what follows its end record."""
    return body[4 + sum(4 + (len(value) + 3 & ~3) for _, value in _records(body, order)) :]


def _records(body: bytes, order: str) -> "Iterator[tuple[int, bytes]]":
    position = 0
    while position + 4 <= len(body):
        kind, length = struct.unpack_from(order + "HH", body, position)
        if kind == _END:
            return
        yield kind, body[position + 4 : position + 4 + length]
        position += 4 + (length + 3 & ~3)
