"""User messages in SCTP packets (RFC 9260 §3), one of the transports of SIP (RFC 4168).

SCTP cuts a message larger than the path allows into DATA chunks with successive transmission sequence numbers
(RFC 9260 §6.9); they are joined again here, in a table that can't grow without bounds.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.origin import Origin

LARGEST_TABLE = 1024
"""How many chunks may wait for others of their message; beyond, the oldest gives way."""

REMEMBERED_CHUNKS = 4096
"""How many of the last chunks are known again when they are sent, or captured, a second time."""

COMMON_HEADER_BYTES = 12
_DATA_HEADER_BYTES = 16
_DATA = 0
_BEGINNING, _END = 0x02, 0x01

_Key = tuple[bytes, bytes, int]


class UserMessage(NamedTuple):
    """A message and the frames of its chunks."""

    payload: bytes
    origin: "Origin"


class _Chunk(NamedTuple):
    sequence: int
    flags: int
    payload: bytes
    origin: "Origin"


class Associations:
    """The chunks of messages that aren't whole yet, by addresses, ports and sequence number.

    One frame may hold chunks of several messages. It counts as used as soon as one of them is wanted, and as set
    aside when the last of them has turned out not to be.
    """

    def __init__(self, ledger: "Ledger", is_wanted: "Callable[[bytes], bool]") -> None:
        self._ledger = ledger
        self._is_wanted = is_wanted
        self._waiting: dict[_Key, _Chunk] = {}
        self._undecided: dict[int, int] = {}
        self._known: dict[_Key, bytes] = {}

    def add(self, addresses: bytes, data: bytes, origin: "Origin") -> list[UserMessage]:
        """Take a packet in; the wanted messages that are whole now."""
        wanted: list[UserMessage] = []
        self._undecided[origin.frames[-1]] = len(origin.frames)
        reason = "sctp-other"
        for chunk in _chunks(data, origin):
            if self._is_repeated((addresses, data[:4], chunk.sequence), chunk.payload):
                reason = "sctp-retransmission"
                continue
            message = self._message(addresses, data[:4], chunk)
            if message is None:
                continue
            if self._is_wanted(message.payload):
                wanted.append(message)
                for number in message.origin.frames:
                    self._undecided.pop(number, None)
            else:
                self._decide(message.origin.frames, "sctp-other", but=origin.frames[-1])
        self._decide(origin.frames[-1:], reason)
        while len(self._waiting) > LARGEST_TABLE:
            self._forget(next(iter(self._waiting)))
        return wanted

    def finish(self) -> None:
        """Nothing more comes: what still waits stays incomplete."""
        for key in list(self._waiting):
            self._forget(key)

    def _is_repeated(self, key: _Key, payload: bytes) -> bool:
        """Whether a chunk came before: SCTP sends it again when no acknowledgement comes."""
        if self._known.get(key) == payload:
            return True
        self._known[key] = payload
        if len(self._known) > REMEMBERED_CHUNKS:
            del self._known[next(iter(self._known))]
        return False

    def _message(self, addresses: bytes, ports: bytes, chunk: _Chunk) -> UserMessage | None:
        """The message that a chunk is, or completes."""
        if chunk.flags & (_BEGINNING | _END) == _BEGINNING | _END:
            return UserMessage(chunk.payload, chunk.origin)
        key = (addresses, ports, chunk.sequence)
        if key in self._waiting:
            return None
        self._waiting[key] = chunk
        return self._joined(key)

    def _decide(self, frames: tuple[int, ...], reason: str, *, but: int | None = None) -> None:
        """Count frames that nothing was wanted of, and of which no chunk waits any more."""
        waiting = {chunk.origin.frames[-1] for chunk in self._waiting.values()}
        for number in frames:
            if number != but and number not in waiting:
                self._ledger.set_aside(reason, self._undecided.pop(number, 0))

    def _joined(self, key: _Key) -> UserMessage | None:
        """The message that the chunk at `key` belongs to, if all of its chunks are there."""
        addresses, ports, sequence = key
        while (first := self._waiting.get((addresses, ports, sequence))) and not first.flags & _BEGINNING:
            sequence = (sequence - 1) & 0xFFFFFFFF
        keys: list[_Key] = []
        while chunk := self._waiting.get((addresses, ports, sequence)):
            keys.append((addresses, ports, sequence))
            if chunk.flags & _END:
                break
            sequence = (sequence + 1) & 0xFFFFFFFF
        if not chunk or first is None:
            return None
        chunks = [self._waiting.pop(each) for each in keys]
        frames = sorted({number for each in chunks for number in each.origin.frames})
        origin = max((each.origin for each in chunks), key=lambda each: each.frames[-1])
        return UserMessage(b"".join(each.payload for each in chunks), origin._replace(frames=tuple(frames)))

    def _forget(self, key: _Key) -> None:
        chunk = self._waiting.pop(key)
        self._decide(chunk.origin.frames[-1:], "sctp-incomplete")


def _chunks(data: bytes, origin: "Origin") -> "Iterator[_Chunk]":
    """The DATA chunks of a packet (RFC 9260 §3.3.1), in their order."""
    position = COMMON_HEADER_BYTES
    while position + 4 <= len(data):
        kind, flags = data[position], data[position + 1]
        length = data[position + 2] << 8 | data[position + 3]
        if length < 4:
            return
        if kind == _DATA and length > _DATA_HEADER_BYTES:
            sequence = int.from_bytes(data[position + 4 : position + 8], "big")
            payload = data[position + _DATA_HEADER_BYTES : position + length]
            yield _Chunk(sequence, flags, payload, origin)
        position += length + 3 & ~3
