"""Frames of WebSocket (RFC 6455 §5), the heads of its handshake, and messages compressed with DEFLATE (RFC 7692 §7).

A connection is known by its handshake, an HTTP upgrade. One that was under way before the capture began is known by
a frame at the beginning of a segment that carries SIP.
"""

import re
import zlib
from typing import NamedTuple

from sipscope.capture.native.content import sip_start

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
"""Opcodes (RFC 6455 §5.2)."""

LARGEST_MESSAGE = 1 << 20
"""Bytes of the largest message that is read, as much as is kept of any other stream; more is taken for damage."""

LARGEST_HEAD = 64 << 10
"""Bytes of the largest head of the handshake; browsers send cookies in it."""

_FINAL, _COMPRESSED, _RESERVED, _OPCODE = 0x80, 0x40, 0x30, 0x0F
_MASKED, _LENGTH = 0x80, 0x7F
_OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_LARGEST_CONTROL = 125
_HEADS = (b"GET ", b"HTTP/1.")
_SEARCHED = 4096

# The opening handshake: RFC 6455 §4.1 for the request, §4.2.2 for the response; RFC 7118 §4.1 for "sip".
_HEAD = re.compile(
    rb"(?:GET [^\r\n]+ HTTP/1\.1|HTTP/1\.1 101[^\r\n]*)\r\n(?:[^\r\n]+\r\n)*?Upgrade:[ \t]*websocket",
    re.IGNORECASE,
)
_SUBPROTOCOL = re.compile(rb"\r\nSec-WebSocket-Protocol:[^\r\n]*?(?<![\w.-])sip(?![\w.-])", re.IGNORECASE)

# What a sender takes off the end of a compressed message, RFC 7692 §7.2.1.
_TAIL = b"\x00\x00\xff\xff"
_WINDOW_BYTES = 1 << 15
_RAW_DEFLATE = -15


class FrameHeader(NamedTuple):
    """What stands in front of a frame's payload.

    Attributes:
        opcode: What the frame is.
        is_final: It ends its message.
        is_compressed: Its message is compressed (RFC 7692 §6); told by the first frame of a message.
        mask: The masking key, empty when the payload isn't masked.
        size: Bytes of the header.
        length: Bytes of the payload.
    """

    opcode: int
    is_final: bool
    is_compressed: bool
    mask: bytes
    size: int
    length: int

    @property
    def is_control(self) -> bool:
        """Whether it may stand between the frames of a message (RFC 6455 §5.4)."""
        return self.opcode >= CLOSE

    @property
    def is_plausible(self) -> bool:
        """Whether a sender could have written it."""
        if self.is_control:
            return self.is_final and not self.is_compressed and self.length <= _LARGEST_CONTROL
        return self.length <= LARGEST_MESSAGE


def is_frame_start(first: int) -> bool:
    """Whether a byte can be the first of a frame: no reserved bit but that of compression, and a known opcode."""
    return not first & _RESERVED and first & _OPCODE in _OPCODES


def frame_header(data: bytes | bytearray, position: int) -> FrameHeader | None:
    """The header of the frame at `position`, None when it isn't all there."""
    if len(data) < position + 2:
        return None
    first, second = data[position], data[position + 1]
    length, size = second & _LENGTH, 2
    if length > _LARGEST_CONTROL:
        size = 4 if length == _LARGEST_CONTROL + 1 else 10
        length = int.from_bytes(data[position + 2 : position + size], "big")
    mask_bytes = 4 if second & _MASKED else 0
    if len(data) < position + size + mask_bytes:
        return None
    return FrameHeader(
        opcode=first & _OPCODE,
        is_final=bool(first & _FINAL),
        is_compressed=bool(first & _COMPRESSED),
        mask=bytes(data[position + size : position + size + mask_bytes]),
        size=size + mask_bytes,
        length=length,
    )


def unmasked(payload: bytes, mask: bytes) -> bytes:
    """A payload without its mask (RFC 6455 §5.3)."""
    if not mask or not payload:
        return payload
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def is_head(data: bytes | bytearray) -> bool:
    """Whether bytes begin like a request or response of HTTP, which no frame does."""
    return data.startswith(_HEADS)


def names_sip(head: bytes) -> bool:
    """Whether a head of the handshake offers or takes the subprotocol `sip`."""
    return _SUBPROTOCOL.search(head) is not None


def is_websocket(data: bytes) -> bool:
    """Whether stream bytes begin with the handshake of WebSocket, or with a frame that carries SIP."""
    if is_head(data):
        return _HEAD.match(data, 0, LARGEST_HEAD) is not None
    return bool(data) and is_frame_start(data[0]) and sip_start(_first_payload(data)) == 0


def is_small_frame(data: bytes) -> bool:
    """Whether a segment is one short frame and nothing else, such as a ping: it doesn't tell what the others are."""
    header = frame_header(data, 0) if data and is_frame_start(data[0]) else None
    if header is None or len(data) != header.size + header.length:
        return False
    if header.is_control:
        return header.is_plausible
    return header.is_final and not unmasked(data[header.size :], header.mask).strip(b"\r\n")


def _first_payload(data: bytes) -> bytes:
    """What the frame at the front carries, as far as it is there."""
    header = frame_header(data, 0)
    if header is None or header.opcode not in {TEXT, BINARY} or not header.is_plausible:
        return b""
    payload = unmasked(data[header.size : header.size + min(header.length, _SEARCHED)], header.mask)
    if not header.is_compressed:
        return payload
    try:
        return zlib.decompressobj(_RAW_DEFLATE).decompress(payload, _SEARCHED)
    except zlib.error:
        return b""


class Inflater:
    """Decompresses the messages of one direction.

    It always keeps what came before: a sender that takes its context over refers to it (RFC 7692 §7.2.3.2), and one
    that doesn't never looks back beyond the beginning of a message.
    """

    def __init__(self) -> None:
        """Start without anything before."""
        self.restart()

    def restart(self) -> None:
        """Forget what came before: bytes are missing. A message that refers to it can't be read."""
        self._before = b""
        self._inflater = zlib.decompressobj(_RAW_DEFLATE)

    def inflate(self, payload: bytes) -> bytes | None:
        """The content of a message; None when it is damaged, too large, or refers to what isn't there."""
        content, rest = b"", payload + _TAIL
        while rest:
            try:
                content += self._inflater.decompress(rest, LARGEST_MESSAGE + 1 - len(content))
            except zlib.error:
                self.restart()
                return None
            if len(content) > LARGEST_MESSAGE or not self._inflater.eof:
                break
            # A block may say that it is the last (RFC 7692 §7.2.3.4); what follows still refers to it.
            rest = self._inflater.unused_data
            self._inflater = zlib.decompressobj(_RAW_DEFLATE, zdict=(self._before + content)[-_WINDOW_BYTES:])
        if len(content) > LARGEST_MESSAGE:
            self.restart()
            return None
        self._before = (self._before + content)[-_WINDOW_BYTES:]
        return content
