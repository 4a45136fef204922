"""Where a capture shows the messages that a log tells."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.content import sip_starts
from sipscope.model.network import Hop
from sipscope.model.time import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipscope.model.packets import Packet

LONGEST_LINE = 4096
"""How much of a stream is kept that may be the beginning of a start line."""


class Sighting(NamedTuple):
    """A message of a log on its way in the capture."""

    at: Instant
    hop: Hop


class Sightings:
    """Looks for messages among the packets of a capture.

    Attributes:
        of: Where each message was seen, by its bytes, in the order of the capture.
    """

    def __init__(self, payloads: "Iterable[bytes]") -> None:
        """Look for messages with these bytes."""
        self.of: dict[bytes, list[Sighting]] = {payload: [] for payload in payloads}
        self._by_start_line: dict[bytes, list[bytes]] = {}
        for payload in self.of:
            self._by_start_line.setdefault(payload.partition(b"\r\n")[0], []).append(payload)
        self._tails: dict[Hop, bytes] = {}

    def add(self, packet: "Packet") -> None:
        """Look at a packet; those of one stream in their order."""
        if packet.framed:
            whole = self.completed(packet)
            self._saw(whole.payload, whole)
            return
        before = b"" if packet.gap_before else self._tails.pop(packet.hop, b"")
        rest = self._searched(before + packet.payload, packet)
        if rest:
            self._tails[packet.hop] = rest

    def completed(self, packet: "Packet") -> "Packet":
        """A packet that the snap length cut with the bytes that one message of the logs has; any other as it is."""
        if not (packet.truncated and packet.framed):
            return packet
        possible = self._by_start_line.get(packet.payload.partition(b"\r\n")[0], [])
        whole = [payload for payload in possible if payload.startswith(packet.payload)]
        return replace(packet, payload=whole[0], truncated=False) if len(whole) == 1 else packet

    def _saw(self, payload: bytes, packet: "Packet") -> None:
        seen = self.of.get(payload)
        if seen is not None:
            seen.append(Sighting(packet.at, packet.hop))

    def _searched(self, data: bytes, packet: "Packet") -> bytes:
        """Find what stream bytes hold; the rest, with which a message may begin whose end is still to come."""
        read = 0
        for start in sip_starts(data):
            if start < read:
                continue
            line_end = data.find(b"\r\n", start)
            possible = self._by_start_line.get(data[start:line_end], []) if line_end >= 0 else []
            whole = next((payload for payload in possible if data.startswith(payload, start)), None)
            if whole is not None:
                self._saw(whole, packet)
                read = start + len(whole)
            elif any(payload.startswith(data[start:]) for payload in possible):
                return data[start:]
        last_line = max(data.rfind(b"\n") + 1, read)
        return data[last_line:][-LONGEST_LINE:]
