"""Where the bytes of a capture come from: a file or standard input, plain or gzip."""

import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from sipscope.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable

GZIP_MAGIC = b"\x1f\x8b"
_RAW_BYTES = 64 << 10


class _Inflater(Protocol):
    """What is used of zlib's decompressor, whose class has no public name."""

    def decompress(self, data: bytes, /) -> bytes: ...


class _Readable(Protocol):
    """What a raw file and the buffer of standard input have in common."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readinto(self, target: memoryview, /) -> int | None: ...

    def close(self) -> None: ...


class Source:
    """A capture's bytes in their order, decompressed.

    Attributes:
        compression: `gzip`, or None for a plain file.
        damage: Why the bytes end before their container says so, None while there is no reason to think so.
    """

    def __init__(self, path: str) -> None:
        """Open `path`, or standard input for `-`.

        Raises:
            UnreadableInput: It can't be opened, or holds nothing.
        """
        self.path = path
        self.damage: str | None = None
        self._file = _opened(path)
        self._front = _filled(self._file.read, 2)
        if not self._front:
            self.close()
            raise UnreadableInput(f"{_named(path)} is empty: there is no capture in it")
        self.compression = "gzip" if self._front == GZIP_MAGIC else None
        self._inflater = zlib.decompressobj(wbits=31) if self.compression else None
        self._raw = b""
        self._salvaged = b""

    @property
    def name(self) -> str:
        """The file as messages name it."""
        return _named(self.path)

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end."""
        target = bytearray(size)
        return bytes(target[: self.readinto(memoryview(target))])

    def readinto(self, target: memoryview) -> int:
        """Fill `target` with the next bytes; how many there were, fewer than its size only at the end."""
        done = 0
        while done < len(target):
            got = self._inflated(target[done:]) if self._inflater else self._plain(target[done:])
            if not got:
                break
            done += got
        return done

    def close(self) -> None:
        """Give the file back; standard input stays open."""
        if self.path != "-":
            self._file.close()

    def _plain(self, target: memoryview) -> int:
        if self._front:
            count = min(len(self._front), len(target))
            target[:count] = self._front[:count]
            self._front = self._front[count:]
            return count
        try:
            return self._file.readinto(target) or 0
        except OSError as error:
            self.damage = f"reading stopped: {error.strerror or error}"
            return 0

    def _inflated(self, target: memoryview) -> int:
        if self._salvaged:
            return self._handed_out(target)
        while self._inflater is not None and self.damage is None:
            if self._inflater.eof:
                self._next_member()
                continue
            data = self._raw or self._raw_bytes()
            before = self._inflater.copy()
            try:
                piece = self._inflater.decompress(data, len(target))
            except zlib.error as error:
                self.damage = f"the gzip data is damaged ({error})"
                self._salvaged = _front_of(before, data)
                return self._handed_out(target)
            self._raw = self._inflater.unconsumed_tail
            if piece:
                target[: len(piece)] = piece
                return len(piece)
            if not data:
                self._end("the gzip data ends in the middle")
        return 0

    def _handed_out(self, target: memoryview) -> int:
        """Give what was saved from in front of damage."""
        count = min(len(self._salvaged), len(target))
        target[:count] = self._salvaged[:count]
        self._salvaged = self._salvaged[count:]
        return count

    def _next_member(self) -> None:
        """Go on behind the end of a gzip member: to the next one (RFC 1952 §2.2), or to the end."""
        rest = self._inflater.unused_data if self._inflater else b""
        rest = rest or self._raw_bytes()
        if len(rest) == 1:
            rest += self._raw_bytes()
        if rest[:2] != GZIP_MAGIC:
            # Zeros behind the last member are padding of tapes and block devices, and mean nothing.
            self._inflater = None
            return
        self._raw = rest
        self._inflater = zlib.decompressobj(wbits=31)

    def _end(self, damage: str) -> None:
        """Nothing more can be read; the first reason stays."""
        self.damage = self.damage or damage
        self._inflater = None

    def _raw_bytes(self) -> bytes:
        if self._front:
            front, self._front = self._front, b""
            return front
        try:
            return self._file.read(_RAW_BYTES)
        except OSError as error:
            self.damage = f"reading stopped: {error.strerror or error}"
            return b""


def _front_of(inflater: "_Inflater", data: bytes) -> bytes:
    """What damaged data gives before its damage: zlib keeps that to itself unless it gets the bytes one by one."""
    front = bytearray()
    try:
        for place in range(len(data)):
            front += inflater.decompress(data[place : place + 1])
    except zlib.error:
        pass
    return bytes(front)


def _opened(path: str) -> _Readable:
    if path == "-":
        return cast("_Readable", sys.stdin.buffer)
    try:
        return Path(path).open("rb", buffering=0)
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise UnreadableInput(f"{path} is a directory: name the captures in it") from None
    except PermissionError:
        raise UnreadableInput(f"{path}: reading it is not permitted") from None
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path} can't be opened: {error}") from None


def _filled(read: "Callable[[int], bytes]", size: int) -> bytes:
    """The first `size` bytes of a file that may give fewer at a time, as a pipe does."""
    data = b""
    while len(data) < size:
        piece = read(size - len(data))
        if not piece:
            break
        data += piece
    return data


def _named(path: str) -> str:
    return "standard input" if path == "-" else path
