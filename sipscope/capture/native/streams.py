"""The TCP connections of a capture, and the packets of those that carry SIP."""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sipscope.capture.native.direction import Direction, Piece
from sipscope.capture.native.encrypted import EncryptedFlows
from sipscope.capture.native.hep_stream import HepStream
from sipscope.capture.native.websocket_messages import NOT_SIP, WebSocketMessages
from sipscope.model.network import Hop, Transport
from sipscope.model.packets import Gap, GapKind, Packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sipscope.capture.native.hep import Encapsulated
    from sipscope.capture.native.hops import Hops
    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.origin import Origin
    from sipscope.capture.native.segment import Segment
    from sipscope.capture.native.settled import Settled
    from sipscope.capture.native.tls_side import TlsSide

LARGEST_TABLE = 65536
"""How many directions are remembered; beyond, the one that was silent longest gives way."""

TLS = "tls"
"""The reason to set encrypted segments aside."""

_Key = tuple[bytes, int, int]
Unwrap: TypeAlias = "Callable[[Encapsulated, Origin], Packet | str]"
"""What makes a packet of what an agent tells, or says why not."""


class StreamPacket(NamedTuple):
    """Stream bytes and the frame by which they became known, which is their place in capture order."""

    completed_by: int
    packet: Packet


class Streams:
    """Reassembles every direction that may carry SIP; counts the frames of the others.

    Bytes of a stream go up as they are; what WebSocket frames, or HEP tells, goes up as messages.
    """

    def __init__(self, ledger: "Ledger", hops: "Hops", settled: "Settled", unwrap: "Unwrap") -> None:
        self._unwrap = unwrap
        self._ledger = ledger
        self._settled = settled
        self._hops = hops
        self._table: dict[_Key, Direction] = {}
        self._websockets: dict[_Key, WebSocketMessages] = {}
        self._agents: dict[_Key, HepStream] = {}
        self._encrypted = EncryptedFlows(hops)
        self._sides: dict[_Key, TlsSide] = {}

    def add(self, addresses: bytes, segment: "Segment") -> "Iterator[StreamPacket]":
        """Take a segment in; the packets that can go up because of it."""
        half = len(addresses) // 2
        key = (addresses, segment.source_port, segment.destination_port)
        back = (addresses[half:] + addresses[:half], segment.destination_port, segment.source_port)
        yield from self._answered(back, segment)
        if segment.is_end:
            self._closed(key, back)
        direction = self._table.pop(key, None)
        if direction is not None and direction.is_opened_again_by(segment):
            yield from self._finished(key, direction)
            direction = None
        if direction is None and not segment.is_syn and not segment.payload:
            self._ledger.set_aside("tcp-no-payload", len(segment.origin.frames))
            return
        direction = direction or Direction()
        self._table[key] = direction
        if segment.is_syn:
            self._settled.reopen(key)
            direction.open(segment)
        if segment.payload and not segment.is_syn:
            yield from self._payload(key, direction, segment)
        else:
            self._ledger.set_aside("tcp-no-payload", len(segment.origin.frames))
        if len(self._table) > LARGEST_TABLE:
            oldest = next(iter(self._table))
            yield from self._finished(oldest, self._table.pop(oldest))

    def remaining(self) -> "Iterator[StreamPacket]":
        """Give up waiting, at the end of the file."""
        for key, direction in self._table.items():
            yield from self._finished(key, direction)
        self._table.clear()
        self._ledger.encrypted(self._encrypted.flows(), self._encrypted.untold)

    def _finished(self, key: _Key, direction: Direction) -> "Iterator[StreamPacket]":
        """What a direction still gives when nothing more comes."""
        yield from self._packets(key, direction, direction.finish())
        for reader in (self._websockets.pop(key, None), self._agents.pop(key, None)):
            if reader is not None:
                reader.finish()
                self._count(reader.set_aside)
        side = self._sides.pop(key, None)
        if side is not None:
            side.payload_bytes += self._settled.taken_bytes(key)

    def _answered(self, back: _Key, segment: "Segment") -> "Iterator[StreamPacket]":
        """What the other direction can give since its receiver told what it has."""
        other = self._table.get(back)
        if other is not None:
            yield from self._packets(back, other, other.acknowledge(segment.origin.at, segment.acknowledged))

    def _payload(self, key: _Key, direction: Direction, segment: "Segment") -> "Iterator[StreamPacket]":
        if direction.is_other:
            self._ledger.set_aside(direction.reason, len(segment.origin.frames))
            self._settled.settle(key, direction.reason)
            if key in self._sides:
                self._sides[key].payload_bytes += len(segment.payload)
            return
        yield from self._packets(key, direction, direction.add(segment, segment.origin.at))
        if direction.is_other:
            self._settled.settle(key, direction.reason)

    def _packets(self, key: _Key, direction: Direction, pieces: list[Piece]) -> "Iterator[StreamPacket]":
        self._count(direction.set_aside)
        if direction.is_tls:
            self._record(key, direction, pieces)
            return
        if direction.is_hep:
            yield from self._told(self._agents.setdefault(key, HepStream(self._unwrap)), pieces)
            return
        if not pieces:
            return
        hop = self._hops.hop(*key, Transport.WS if direction.is_websocket else Transport.TCP)
        for piece in pieces:
            if piece.missing:
                self._tell_missing(piece, hop)
            if direction.is_websocket:
                yield from self._messages(self._websockets.setdefault(key, WebSocketMessages()), piece, hop)
            else:
                yield StreamPacket(piece.completed_by, _packet(piece.payload, piece.origin, hop, piece))
        websocket = self._websockets.get(key)
        if websocket is not None and websocket.is_other:
            websocket.finish()
            self._count(websocket.set_aside)
            del self._websockets[key]
            direction.give_up(NOT_SIP)

    def _told(self, agent: HepStream, pieces: list[Piece]) -> "Iterator[StreamPacket]":
        """The packets that pieces of HEP complete."""
        for piece in pieces:
            if piece.missing:
                self._tell_missing(piece, None)
            for told in agent.add(piece):
                yield StreamPacket(told.completed_by, told.packet)
            self._count(agent.set_aside)

    def _closed(self, *keys: _Key) -> None:
        """Tell the sides of a connection that it is closed."""
        for side in (self._sides.get(key) for key in keys):
            if side is not None:
                side.close()

    def _record(self, key: _Key, direction: Direction, pieces: list[Piece]) -> None:
        """Take in what TLS tells of itself, up to where encryption begins."""
        for piece in pieces:
            self._ledger.set_aside(TLS, len(piece.origin.frames))
            side = self._sides.get(key) or self._encrypted.side(key, piece.origin.frames[0], piece.origin.at)
            if side is None:
                direction.give_up(TLS)
                continue
            self._sides[key] = side
            side.add(piece)
            if side.is_done:
                direction.give_up(TLS)
        self._count(direction.set_aside)

    def _messages(self, websocket: WebSocketMessages, piece: Piece, hop: Hop) -> "Iterator[StreamPacket]":
        """The messages that a piece of WebSocket completes."""
        for message in websocket.add(piece):
            yield StreamPacket(message.completed_by, _packet(message.payload, message.origin, hop))
        self._count(websocket.set_aside)

    def _count(self, set_aside: list[tuple[str, int]]) -> None:
        for reason, count in set_aside:
            self._ledger.set_aside(reason, count)
        set_aside.clear()

    def _tell_missing(self, piece: Piece, hop: Hop | None) -> None:
        text = f"{piece.missing} bytes of a TCP stream are missing before frame {piece.origin.frames[0]}."
        self._ledger.gap(
            Gap(
                kind=GapKind.STREAM_BYTES_MISSING,
                frames=piece.origin.frames[:1],
                text=text,
                at=piece.origin.at,
                hop=hop,
            )
        )


def _packet(payload: bytes, origin: "Origin", hop: Hop, piece: Piece | None = None) -> Packet:
    """A run of bytes of a stream, told by its `piece`; a whole message without one."""
    return Packet(
        at=origin.at,
        frames=origin.frames,
        hop=hop,
        payload=payload,
        framed=piece is None,
        gap_before=piece is not None and piece.behind_gap,
        identification=origin.identification,
        truncated=piece is not None and origin.is_cut,
    )
