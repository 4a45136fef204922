"""From frames as Wireshark dissects them to packets and columns.

Datagrams are judged by their bytes with the rule the native engine has, so a port or a guess of a dissector decides
nothing. What streams, TLS and WebSocket carry is what the SIP dissector found in them.
"""

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sipscope.capture.native.content import Likeness, likeness, reason_to_set_aside
from sipscope.capture.native.hep import MAGIC as HEP_MAGIC
from sipscope.capture.native.hep import Unwrapper, encapsulated
from sipscope.capture.native.origin import Origin
from sipscope.capture.wireshark.agents import AgentConnections
from sipscope.model.network import Endpoint, Hop, Transport
from sipscope.model.packets import HEAD_BYTES, DatagramColumns, Packet

if TYPE_CHECKING:
    from sipscope.capture.native.hep import Encapsulated
    from sipscope.capture.wireshark.layers import Layers

_TRANSPORTS = ("udp", "tcp", "sctp")
_SEGMENTS = (
    ("tcp.segments", "tcp.segment"),
    ("ip", "ip.fragment"),
    ("ipv6", "ipv6.fragment"),
    ("sctp", "sctp.fragment"),
    ("websocket.fragments", "websocket.fragment"),
)
"""Layers that tell of reassembly, with the field that names a frame it was made of."""

_OF_CERTIFICATES = ("x509", "pkcs", "pkix", "pkinit", "ocsp", "cms", "ber", "tls", "logotypecertextn", "ns_cert_exts")
"""What dissectors call the parts of certificates."""


class _Row(NamedTuple):
    """One media datagram, in the order of the columns."""

    frame: int
    at: int
    hop: int
    length: int
    dscp: int
    identification: int
    head: bytes


class Dissection:
    """Takes frames in and keeps what they carry until it is fetched.

    Attributes:
        packets: Signalling and control packets so far.
        hops: The hops of media so far.
        decrypted: Source and destination of what TLS was seen to carry.
    """

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.hops: list[Hop] = []
        self.decrypted: set[tuple[Endpoint, Endpoint]] = set()
        self._unwrapper = Unwrapper()
        self._agents = AgentConnections(self._unwrapped)
        self._numbers: dict[Hop, int] = {}
        self._rows: list[_Row] = []
        self._set_aside: Counter[str] = Counter()
        # A frame that carries nothing by itself may be told later as part of a message.
        self._waiting: dict[int, str] = {}

    def add(self, layers: "Layers") -> None:
        """Take a frame in."""
        if "icmp" in layers or "icmpv6" in layers:
            # What an ICMP error quotes was sent before, and is told there.
            self._set_aside["icmp"] += 1
            return
        self._note_decrypted(layers)
        if self._told_by_agent(layers):
            return
        messages = layers.layer_bytes("sip") if "sip" in layers else []
        transport = layers.innermost(*_TRANSPORTS, before="sip" if messages else None)
        payload = layers.field_bytes("udp", "payload") if transport == "udp" else None
        if payload is not None and "dtls" not in layers:
            self._datagram(layers, payload)
        elif messages and transport is not None:
            self._messages(layers, transport, messages)
        else:
            self._waiting[layers.number] = _reason(layers)

    def finish(self) -> None:
        """Nothing more comes: take what waited for segments."""
        self._take(self._agents.finish())

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the capture facts, each once."""
        return tuple(self._unwrapper.notes)

    def set_aside(self) -> dict[str, int]:
        """How many frames carried nothing for us, by reason."""
        return dict(sorted((self._set_aside + Counter(self._waiting.values())).items()))

    def columns(self) -> DatagramColumns | None:
        """The media datagrams since the last time."""
        rows, self._rows = self._rows, []
        if not rows:
            return None
        numbers = np.array([row[:-1] for row in rows], dtype=np.int64)
        head = np.frombuffer(b"".join(row.head for row in rows), dtype=np.uint8).reshape(-1, HEAD_BYTES)
        frame, at, hop, length, dscp, identification = (np.ascontiguousarray(column) for column in numbers.T)
        return DatagramColumns(
            frame=frame,
            at=at,
            hop=hop,
            hops=self.hops,
            length=length,
            dscp=dscp,
            identification=identification,
            head=head,
        )

    def _datagram(self, layers: "Layers", payload: bytes) -> None:
        source, destination = layers.number_of("udp", "srcport") or 0, layers.number_of("udp", "dstport") or 0
        # A length of 0 is a datagram beyond 64 KiB (RFC 2675 §4); what lies behind the length isn't payload (RFC 768).
        told = (layers.number_of("udp", "length") or 0) - 8
        length = told if told >= 0 else len(payload)
        payload = payload[:length]
        # The message inside HEP could make it look like SIP.
        is_hep = payload.startswith(HEP_MAGIC)
        alike = Likeness.OTHER if is_hep else likeness(payload, source, destination, length)
        hop = _hop(layers, "udp", Transport.UDP)
        if alike is Likeness.OTHER or hop is None:
            self._other(layers, payload, (source, destination), is_cut=len(payload) < length)
        elif alike is Likeness.MEDIA:
            self._media(layers, hop, payload, length)
        else:
            frames = self._frames(layers)
            self.packets.append(
                Packet(
                    at=layers.at,
                    frames=frames,
                    hop=hop,
                    payload=payload,
                    identification=layers.number_of("ip", "id") if _network(layers) == "ip" else None,
                    truncated=len(payload) < length,
                )
            )

    def _other(self, layers: "Layers", payload: bytes, ports: tuple[int, int], *, is_cut: bool) -> None:
        """Take a datagram that is neither signalling nor media, unless HEP has a message in it."""
        inside = encapsulated(payload)
        if inside is None:
            self._set_aside[reason_to_set_aside(payload, *ports)] += 1
            return
        frames = self._frames(layers)
        packet = self._unwrapped(inside, Origin(frames=frames, at=layers.at, is_cut=is_cut))
        if isinstance(packet, str):
            self._set_aside[packet] += len(frames)
        else:
            self.packets.append(packet)

    def _unwrapped(self, inside: "Encapsulated", origin: Origin) -> Packet | str:
        """What a capture agent told as a packet, or why there is none."""
        latest = reversed(self.packets)
        return self._unwrapper.unwrapped(inside, origin.frames, origin.at, latest, is_cut=origin.is_cut)

    def _note_decrypted(self, layers: "Layers") -> None:
        """Remember a connection whose TLS has keys: something other than its own certificates lies in it."""
        if "tls" not in layers:
            return
        inside = layers.names[layers.names.index("tls") + 1 :]
        hop = _hop(layers, "tcp", Transport.TLS)
        if hop is not None and any(not name.startswith(_OF_CERTIFICATES) for name in inside):
            self.decrypted.add((hop.source, hop.destination))

    def _told_by_agent(self, layers: "Layers") -> bool:
        """Take a segment between an agent and its collector; False if it isn't one."""
        hop = _hop(layers, "tcp", Transport.TCP) if "tcp" in layers else None
        if hop is None:
            return False
        told = self._told_inside(layers, hop) if "tls" in layers else self._agents.add(layers, hop)
        self._take(told or [])
        return told is not None

    def _told_inside(self, layers: "Layers", hop: Hop) -> list[Packet] | None:
        """The packets of a frame with HEP inside TLS; None if there is none."""
        records = layers.layer_bytes("data") if "data" in layers.names[layers.names.index("tls") :] else []
        if not self._agents.takes(records, hop):
            return None
        return self._agents.add_decrypted(records, hop, Origin(frames=self._frames(layers), at=layers.at))

    def _take(self, packets: list[Packet]) -> None:
        """Take what agents told over TCP."""
        self.packets.extend(packets)
        for reason, count in self._agents.set_aside:
            self._set_aside[reason] += count
        self._agents.set_aside.clear()

    def _media(self, layers: "Layers", hop: Hop, payload: bytes, length: int) -> None:
        number = self._numbers.setdefault(hop, len(self.hops))
        if number == len(self.hops):
            self.hops.append(hop)
        network = _network(layers)
        service = layers.number_of("ip", "dsfield") if network == "ip" else layers.number_of("ipv6", "tclass")
        identification = layers.number_of("ip", "id") if network == "ip" else None
        self._frames(layers)
        self._rows.append(
            _Row(
                frame=layers.number,
                at=layers.at,
                hop=number,
                length=length,
                dscp=(service or 0) >> 2,
                identification=-1 if identification is None else identification,
                head=payload[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"),
            )
        )

    def _messages(self, layers: "Layers", transport: str, messages: list[bytes]) -> None:
        hop = _hop(layers, transport, _sip_transport(layers, transport))
        whole = [message for message in messages if message.strip()]
        if hop is None or not whole:
            self._waiting[layers.number] = "keep-alive"
            return
        frames = self._frames(layers)
        self.packets.extend(Packet(at=layers.at, frames=frames, hop=hop, payload=message) for message in whole)

    def _frames(self, layers: "Layers") -> tuple[int, ...]:
        """The frames that a payload was put together from; they count as used."""
        parts = {int(text) for layer, field in _SEGMENTS for text in layers.within(layer, field) if text.isdigit()}
        for number in parts:
            self._waiting.pop(number, None)
        return tuple(sorted({*parts, layers.number}))


def _network(layers: "Layers") -> str | None:
    return layers.innermost("ip", "ipv6", before="sip" if "sip" in layers else None)


def _hop(layers: "Layers", transport: str, carried: Transport) -> Hop | None:
    network = _network(layers)
    if network is None:
        return None
    source, destination = layers.field(network, "src"), layers.field(network, "dst")
    ports = layers.number_of(transport, "srcport"), layers.number_of(transport, "dstport")
    if source is None or destination is None or ports[0] is None or ports[1] is None:
        return None
    return Hop(Endpoint(source, ports[0]), Endpoint(destination, ports[1]), carried)


def _sip_transport(layers: "Layers", transport: str) -> Transport:
    """What carried a message, in the words of the Via header (RFC 3261 §20.42, RFC 7118 §5.2)."""
    encrypted = "tls" in layers
    if "websocket" in layers:
        return Transport.WSS if encrypted else Transport.WS
    if encrypted:
        return Transport.TLS
    return {"udp": Transport.UDP, "tcp": Transport.TCP, "sctp": Transport.SCTP}[transport]


def _reason(layers: "Layers") -> str:
    """The innermost protocol of a frame that carries nothing for us."""
    names = [name for name in layers.names if name not in {"data", "_ws.malformed", "ethertype", ""}]
    return names[-1] if names else "unknown"
