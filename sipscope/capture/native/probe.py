"""A look at the front of a file: is it a capture, and does the native engine read it?"""

import shutil
import struct
from typing import TYPE_CHECKING

from sipscope.capture.native.interfaces import interface_of
from sipscope.capture.native.ledger import LINK_TYPES, link_type_name
from sipscope.capture.native.pcap import FILE_HEADER_BYTES, MAGIC, link_type_of
from sipscope.capture.native.pcapng import (
    BYTE_ORDERS,
    DECRYPTION_SECRETS,
    ENHANCED_PACKET,
    INTERFACE_DESCRIPTION,
    PACKET,
    SECTION_HEADER,
    SECTION_MAGIC,
    SIMPLE_PACKET,
)
from sipscope.capture.native.source import Source
from sipscope.errors import UnreadableInput
from sipscope.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROBED_BYTES = 64 << 10

_TLS_KEY_LOG = 0x544C534B
"""The type of secrets that are lines of an NSS key log (draft-ietf-opsawg-pcapng, Decryption Secrets Block)."""

_INSTALL = "“pip install 'sipscope[compression]'”"

_FOREIGN = {
    b"\xa1\xb2\xcd\x34": "a pcap file with Kuznetzov's longer record headers",
    b"\x34\xcd\xb2\xa1": "a pcap file with Kuznetzov's longer record headers",
    b"snoop\0\0\0": "a snoop file",
    b"btsnoop\0": "a btsnoop file",
    b"RTSS": "a Network Monitor 1 file",
    b"GMBU": "a Network Monitor 2 file",
    b"TRSNIFF ": "a DOS Sniffer file",
    b"XCP\0": "a NetXRay file",
    b"\x28\xb5\x2f\xfd": f"a file compressed with zstd, which {_INSTALL} lets sipscope read",
    b"\x04\x22\x4d\x18": f"a file compressed with LZ4, which {_INSTALL} lets sipscope read",
    b"\x0a\x0dnetmon": "a Network Monitor file",
    b"\x7fver": "an OmniPeek file",
    b"ObserverPktBufferVersion=": "an Observer file",
    b"\xaa\xaa\xaa\xaa": "an InfoVista 5View file",
    b"\x01\x10\x4c\x00\x01\x05Trace": "a LANalyzer file",
    b"+---------+---------------+----------+": "a K12 text file",
}
"""The first bytes of files that Wireshark may read and the native engine doesn't → what they are. Compressed files
get here only where the library that expands them is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What the front of a file says.

    Attributes:
        foreign: Why another engine should read it, None if the native one can.
        readable: Whether the native engine could at least try.
    """

    foreign: str | None
    readable: bool


def probe(path: str) -> Probe:
    """Look at the front of the file at `path`; standard input, which can be read only once, passes unseen.

    Raises:
        UnreadableInput: It can't be opened, is empty, or is no capture.
    """
    if path == "-":
        return Probe(foreign=None, readable=True)
    source = Source(path)
    try:
        front = source.read(_PROBED_BYTES)
    finally:
        source.close()
    for magic, name in _FOREIGN.items():
        if front.startswith(magic):
            return Probe(foreign=f"this is {name}", readable=False)
    link_types, has_secrets = _descriptions(path, front)
    strange = [number for number in link_types if number not in LINK_TYPES]
    if not strange:
        return Probe(foreign="the file holds the keys of its TLS connections" if has_secrets else None, readable=True)
    names = ", ".join(link_type_name(number) for number in strange)
    return Probe(foreign=f"the native engine doesn't read its link type: {names}", readable=True)


def not_a_capture(path: str, front: bytes) -> UnreadableInput:
    """The error for a file whose first bytes are those of no capture that is read natively."""
    name = "standard input" if path == "-" else path
    if not front:
        return UnreadableInput(f"{name} is empty once it is decompressed: there is no capture in it")
    text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in front)
    kind = next((f", {foreign}" for magic, foreign in _FOREIGN.items() if front.startswith(magic)), "")
    return UnreadableInput(
        f"{name} is no capture that is read here: it begins with {front.hex(' ')} ({text}){kind}; "
        "pcap and pcapng are read, plain or compressed with gzip, and logs with SIP messages in them; "
        f"{_to_try()}"
    )


def _to_try() -> str:
    """What may help with a file that is a capture all the same: Wireshark knows many more formats."""
    converted = "“editcap -F pcap CAPTURE capture.pcap”, which comes with Wireshark, makes a pcap file of it"
    tried = "" if shutil.which("tshark") is None else "try --engine wireshark, or "
    return f"if it is a capture in another format, {tried}{converted}"


def _descriptions(path: str, front: bytes) -> tuple[list[int], bool]:
    """The link types named before the first packet, without repeats, and whether TLS keys stand there."""
    if front[:4] in MAGIC:
        return ([link_type_of(front)] if len(front) >= FILE_HEADER_BYTES else []), False
    if front[:4] != SECTION_MAGIC:
        raise not_a_capture(path, front[:8])
    order = BYTE_ORDERS.get(front[8:12])
    if order is None:
        return [], False
    found: dict[int, None] = {}
    has_secrets = False
    for kind, body in _blocks(front, order):
        if kind == INTERFACE_DESCRIPTION and len(body) >= 8:
            found.setdefault(interface_of(body, order).link_type)
        elif kind == DECRYPTION_SECRETS and len(body) >= 8:
            has_secrets |= struct.unpack_from(order + "I", body)[0] == _TLS_KEY_LOG
    return list(found), has_secrets


def _blocks(front: bytes, order: str) -> "Iterator[tuple[int, bytes]]":
    """The blocks between the section header and the first packet, as far as they are there."""
    position = (struct.unpack_from(order + "I", front, 4)[0] + 3) & ~3
    while position + 12 <= len(front):
        kind, length = struct.unpack_from(order + "II", front, position)
        if kind in {SECTION_HEADER, PACKET, SIMPLE_PACKET, ENHANCED_PACKET} or length < 12:
            return
        # Keys that run beyond what is looked at are keys all the same.
        yield kind, front[position + 8 : min(position + length, len(front) + 4) - 4]
        position += (length + 3) & ~3
