"""Builds frames of WebSocket (RFC 6455 §5.2) byte by byte."""

import zlib


def frame(payload: bytes, *, first: int = 0x81, mask: bytes = b"") -> bytes:
    """A frame; `first` holds the opcode with the bits in front of it."""
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)) if mask else payload
    bit = 0x80 if mask else 0
    if len(payload) < 126:
        length = bytes([bit | len(payload)])
    elif len(payload) < 1 << 16:
        length = bytes([bit | 126]) + len(payload).to_bytes(2, "big")
    else:
        length = bytes([bit | 127]) + len(payload).to_bytes(8, "big")
    return bytes([first]) + length + mask + masked


class Deflater:
    """Compresses messages as RFC 7692 §7.2.1 has it."""

    def __init__(self, *, takes_over: bool = True) -> None:
        self._takes_over = takes_over
        self._deflater = zlib.compressobj(wbits=-15)

    def __call__(self, content: bytes) -> bytes:
        if not self._takes_over:
            self._deflater = zlib.compressobj(wbits=-15)
        return (self._deflater.compress(content) + self._deflater.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
            b"\x00\x00\xff\xff"
        )
