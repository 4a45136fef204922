"""Where the bytes of a capture come from: a file or standard input, plain or compressed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from sipscope.capture.native.compression import LONGEST_MAGIC, Damaged, compression_of
from sipscope.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_EXPANDED = 20 << 30
"""How many bytes a compressed file may expand to unless the user says otherwise: a crafted one could go on for days."""

_RAW_BYTES = 64 << 10
_FRONT_BYTES = 32


class _Readable(Protocol):
    """What a raw file and the buffer of standard input have in common."""

    def read(self, size: int = -1, /) -> bytes: ...

    def readinto(self, target: memoryview, /) -> int | None: ...

    def close(self) -> None: ...


class Source:
    """A capture's bytes in their order, decompressed.

    Attributes:
        compression: `gzip`, `zstd`, `lz4`, `xz` or `bzip2`, or None for a plain file.
        bytes_read: How many bytes of the file have been taken, before they were decompressed.
        damage: Why the bytes end before their container says so, None while there is no reason to think so.
    """

    def __init__(self, path: str, *, max_expanded: int = MAX_EXPANDED) -> None:
        """Open `path`, or standard input for `-`; at most `max_expanded` bytes are made of a compressed file.

        Raises:
            UnreadableInput: It can't be opened, or holds nothing.
        """
        self.path = path
        self.damage: str | None = None
        self._file = _opened(path)
        self._front = _filled(self._file.read, LONGEST_MAGIC)
        if not self._front:
            self.close()
            raise UnreadableInput(f"{_named(path)} is empty: there is no capture in it")
        self._compression = compression_of(self._front)
        self.compression = self._compression.name if self._compression else None
        self.bytes_read = len(self._front)
        self._expander = self._compression.new_expander() if self._compression else None
        self._behind = b""
        self._expanded = memoryview(b"")
        self._limit = self._allowance = max_expanded

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
            got = self._handed_out(target[done:]) if self._compression else self._plain(target[done:])
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
            count = self._file.readinto(target) or 0
        except OSError as error:
            self.damage = f"reading stopped: {error.strerror or error}"
            return 0
        self.bytes_read += count
        return count

    def _handed_out(self, target: memoryview) -> int:
        """Give what was expanded; where that is used up, expand more."""
        if not self._expanded:
            self._expanded = memoryview(self._allowed(self._next_piece(len(target))))
        count = min(len(self._expanded), len(target))
        target[:count] = self._expanded[:count]
        self._expanded = self._expanded[count:]
        return count

    def _next_piece(self, size: int) -> bytes:
        """Expanded bytes, about `size` at most; none at the end."""
        while self._expander is not None and self.damage is None:
            if self._expander.eof:
                self._next_part()
                continue
            data = self._raw_bytes() if self._expander.needs_input else b""
            is_over = self._expander.needs_input and not data
            try:
                piece = self._expander.decompress(data, size)
            except Damaged as error:
                self._end(f"the {self.compression} data is damaged ({error})")
                return error.front
            if piece:
                return piece
            if is_over:
                self._end(f"the {self.compression} data ends in the middle")
        return b""

    def _allowed(self, piece: bytes) -> bytes:
        """As much of what was expanded as the limit leaves."""
        if len(piece) > self._allowance:
            self._end(f"it expands to more than {self._limit} bytes, the limit set by --max-expanded")
            piece = piece[: self._allowance]
        self._allowance -= len(piece)
        return piece

    def _next_part(self) -> None:
        """Go on behind the end of a gzip member (RFC 1952 §2.2) or a frame: to the next one, or to the end."""
        if self._compression is None or self._expander is None:
            return
        rest = self._expander.unused_data
        while len(rest) < LONGEST_MAGIC and (more := self._raw_bytes()):
            rest += more
        # Zeros behind the last member are padding of tapes and block devices, and mean nothing.
        self._expander = self._compression.new_expander() if rest.startswith(self._compression.magics) else None
        self._behind = rest

    def _end(self, damage: str) -> None:
        """Nothing more can be read; the first reason stays."""
        self.damage = self.damage or damage
        self._expander = None

    def _raw_bytes(self) -> bytes:
        if self._front or self._behind:
            data = self._front or self._behind
            self._front = self._behind = b""
            return data
        try:
            data = self._file.read(_RAW_BYTES)
        except OSError as error:
            self.damage = f"reading stopped: {error.strerror or error}"
            return b""
        self.bytes_read += len(data)
        return data


def is_binary(path: str) -> bool:
    """Whether a file begins with zeros in its first numbers, as every capture does and no log.

    Raises:
        UnreadableInput: It can't be opened, or holds nothing.
    """
    source = Source(path)
    try:
        return b"\0" in source.read(_FRONT_BYTES)
    finally:
        source.close()


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
