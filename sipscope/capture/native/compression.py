"""Compressed files: what each kind begins with, and how its bytes are expanded a piece at a time.

Kinds whose library isn't installed are unknown here: their files pass as they are, for another engine to try.
"""

import zlib
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from sipscope.values import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_MAGIC = 6
"""How many bytes at the front of a file tell its compression."""

_ZSTD_PIECE_BYTES = 4096
"""How much zstd is given at a time: its interface has no limit for what comes out, and a block of four bytes can stand
for 128 KiB."""

_ZSTD_WINDOW_BYTES = 1 << 27
"""The largest window that is kept in memory for zstd, which is what its own program accepts by default."""


class Damaged(Exception):
    """Compressed data makes no sense; `front` is what came out before."""

    def __init__(self, reason: str, front: bytes = b"") -> None:
        super().__init__(reason)
        self.front = front


class Expander(Protocol):
    """Expands one member (gzip), frame (zstd, LZ4) or stream (bzip2, xz) of a file."""

    @property
    def eof(self) -> bool:
        """Whether its end has been met."""
        ...

    @property
    def unused_data(self) -> bytes | None:
        """What was given of the bytes behind its end."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing comes out of it before it is given more."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Take `data` and give what comes out, about `max_length` bytes at most; the rest comes when asked again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """A way to compress files.

    Attributes:
        name: As facts name it.
        magics: The first bytes of a file, and of each of its parts.
        module: What reads it, as Python imports it.
        expander: Makes what expands one part of a file, from that module.
    """

    name: str
    magics: tuple[bytes, ...]
    module: str
    expander: "Callable[[Any], Expander]"

    def new_expander(self) -> "_Guarded":
        """What expands the next part of a file."""
        module = import_module(self.module)
        return _Guarded(self.expander(module), _errors_of(module))


def compression_of(front: bytes) -> Compression | None:
    """How a file is compressed that begins with `front`; None for a plain one, and where the library is missing."""
    for kind in _KINDS:
        if front.startswith(kind.magics):
            return kind if find_spec(kind.module.partition(".")[0]) else None
    return None


def _errors_of(module: Any) -> tuple[type[Exception], ...]:
    """What the libraries raise for bad data."""
    named = (getattr(module, name, None) for name in ("error", "LZMAError", "ZstdError"))
    return (OSError, EOFError, ValueError, RuntimeError, MemoryError, *(kind for kind in named if kind is not None))


class _Guarded:
    """An expander whose library speaks of damage in one way."""

    def __init__(self, expander: Expander, errors: tuple[type[Exception], ...]) -> None:
        self._expander = expander
        self._errors = errors

    @property
    def eof(self) -> bool:
        return self._expander.eof

    @property
    def unused_data(self) -> bytes:
        return self._expander.unused_data or b""

    @property
    def needs_input(self) -> bool:
        return self._expander.needs_input

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """The next bytes.

        Raises:
            Damaged: The compressed data makes no sense.
        """
        try:
            return self._expander.decompress(data, max_length)
        except self._errors as error:
            raise Damaged(str(error)) from None


class _Gzip:
    """A member of a gzip file, expanded by zlib, which wants its unconsumed input handed in again."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inflater.unconsumed_tail

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        data = self._inflater.unconsumed_tail + data
        before = self._inflater.copy()
        try:
            return self._inflater.decompress(data, max_length)
        except zlib.error as error:
            raise Damaged(str(error), _front_of(before, data)) from None


def _front_of(inflater: Any, data: bytes) -> bytes:
    """What damaged data gives before its damage: zlib keeps that to itself unless it gets the bytes one by one."""
    front = bytearray()
    try:
        for place in range(len(data)):
            front += inflater.decompress(data[place : place + 1])
    except zlib.error:
        pass
    return bytes(front)


class _Zstd:
    """A frame of a zstd file, which is given little at a time instead of being asked for little."""

    def __init__(self, module: Any) -> None:
        self._frame = module.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES).decompressobj()
        self._waiting = memoryview(b"")

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data) + bytes(self._waiting)

    @property
    def needs_input(self) -> bool:
        return not self._waiting

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        if data:
            self._waiting = memoryview(bytes(self._waiting) + data)
        piece, self._waiting = self._waiting[:_ZSTD_PIECE_BYTES], self._waiting[_ZSTD_PIECE_BYTES:]
        expanded: bytes = self._frame.decompress(piece) if piece else b""
        return expanded


_SKIPPED = tuple(bytes((first, 0x2A, 0x4D, 0x18)) for first in range(0x50, 0x60))
"""What frames begin with that zstd and LZ4 pass over; `pzstd` writes one at the front of each file."""

_KINDS = (
    Compression(name="gzip", magics=(b"\x1f\x8b",), module="zlib", expander=lambda _: _Gzip()),
    Compression(name="zstd", magics=(b"\x28\xb5\x2f\xfd", *_SKIPPED), module="zstandard", expander=_Zstd),
    Compression(
        name="lz4",
        magics=(b"\x04\x22\x4d\x18", *_SKIPPED),
        module="lz4.frame",
        expander=lambda frame: frame.LZ4FrameDecompressor(),
    ),
    Compression(
        name="xz",
        magics=(b"\xfd7zXZ\0",),
        module="lzma",
        expander=lambda lzma: lzma.LZMADecompressor(memlimit=256 << 20),
    ),
    Compression(name="bzip2", magics=(b"BZh",), module="bz2", expander=lambda bz2: bz2.BZ2Decompressor()),
)
"""Every kind that is known, by the first bytes that its format's description demands."""
