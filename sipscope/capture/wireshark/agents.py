"""Connections between capture agents and their collector, whose content Wireshark's dissectors don't know.

What they take for SIP in there is the inside of HEP, with the addresses of the collector; so the segments are read here
the way the native engine does. Of TLS they are asked for what was decrypted as it is.
"""

from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.direction import Direction, Piece
from sipscope.capture.native.hep_stream import HepStream, is_hep
from sipscope.capture.native.origin import Origin
from sipscope.capture.native.segment import segment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sipscope.capture.native.hep import Encapsulated
    from sipscope.capture.wireshark.layers import Layers
    from sipscope.model.network import Hop
    from sipscope.model.packets import Packet


class _Connection(NamedTuple):
    direction: Direction
    stream: HepStream


class AgentConnections:
    """Every direction that was seen to begin with HEP.

    Attributes:
        set_aside: Reasons and numbers of frames since the last look; the owner counts and clears them.
    """

    def __init__(self, unwrap: "Callable[[Encapsulated, Origin], Packet | str]") -> None:
        self.set_aside: list[tuple[str, int]] = []
        self._unwrap = unwrap
        self._connections: dict[Hop, _Connection] = {}
        self._decrypted: dict[Hop, HepStream] = {}

    def add(self, layers: "Layers", hop: "Hop") -> "list[Packet] | None":
        """The packets that a frame completes; None when it is no part of such a connection."""
        payload = layers.field_bytes("tcp", "payload")
        if payload is None or not (hop in self._connections or is_hep(payload)):
            return None
        segment = segment_of(layers.layer_bytes("tcp")[-1] + payload, Origin(frames=(layers.number,), at=layers.at))
        if segment is None:
            return None
        connection = self._connections.setdefault(hop, _Connection(Direction(), HepStream(self._unwrap)))
        return self._packets(connection, connection.direction.add(segment, layers.at))

    def takes(self, records: "Sequence[bytes]", hop: "Hop") -> bool:
        """Whether records of TLS are part of such a connection."""
        return bool(records) and (hop in self._decrypted or is_hep(records[0]))

    def add_decrypted(self, records: "Sequence[bytes]", hop: "Hop", origin: Origin) -> "list[Packet]":
        """The packets that records of TLS complete."""
        stream = self._decrypted.setdefault(hop, HepStream(self._unwrap))
        pieces = [Piece(record, origin, False, None, origin.frames[-1]) for record in records]
        told = [found.packet for piece in pieces for found in stream.add(piece)]
        self._clear(stream)
        return told

    def finish(self) -> "list[Packet]":
        """Nothing more comes: what still waits."""
        found: list[Packet] = []
        for connection in self._connections.values():
            found += self._packets(connection, connection.direction.finish())
            connection.stream.finish()
            self._count(connection)
        for stream in self._decrypted.values():
            stream.finish()
            self._clear(stream)
        return found

    def _packets(self, connection: _Connection, pieces: "list[Piece]") -> "list[Packet]":
        told = [found.packet for piece in pieces for found in connection.stream.add(piece)]
        self._count(connection)
        return told

    def _count(self, connection: _Connection) -> None:
        for reader in connection:
            self._clear(reader)

    def _clear(self, reader: Direction | HepStream) -> None:
        self.set_aside += reader.set_aside
        reader.set_aside.clear()
