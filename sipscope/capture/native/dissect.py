"""Takes single frames apart: what the columns leave over, one by one, down to the payload."""

from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.content import Likeness, is_sip, is_usual_sip, likeness, reason_to_set_aside
from sipscope.capture.native.fragments import Fragments
from sipscope.capture.native.hep import MAGIC as HEP_MAGIC
from sipscope.capture.native.hep import Unwrapper, encapsulated
from sipscope.capture.native.internet import (
    GRE,
    ICMP,
    IPV4_INSIDE,
    IPV6_INSIDE,
    SCTP,
    TCP,
    UDP,
    behind_extensions,
    ipv4_packet,
    ipv6_packet,
    unsecured,
)
from sipscope.capture.native.layers import (
    ARP,
    IPV4,
    IPV6,
    TUNNEL_PORTS,
    Layer,
    datagram_tunnel,
    gre,
    inner_layer,
    link_layer,
)
from sipscope.capture.native.ledger import LINK_TYPES
from sipscope.capture.native.origin import Origin
from sipscope.capture.native.sctp import Associations
from sipscope.capture.native.segment import segment_of
from sipscope.capture.native.streams import Streams
from sipscope.model.network import Transport
from sipscope.model.packets import HEAD_BYTES, Packet

if TYPE_CHECKING:
    from sipscope.capture.native.fragments import Whole
    from sipscope.capture.native.hep import Encapsulated
    from sipscope.capture.native.hops import Hops
    from sipscope.capture.native.internet import InternetPacket
    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.settled import Settled
    from sipscope.model.network import Hop
    from sipscope.model.time import Instant

DEEPEST = 16
"""How many layers are peeled off a frame: real stacks of tunnels stay far below, crafted ones end here."""


class MediaRow(NamedTuple):
    """A media candidate found the slow way: one row of the columns."""

    frame: int
    at: "Instant"
    hop: int
    length: int
    dscp: int
    identification: int
    head: bytes


class Dissector:
    """Takes frames apart and collects what they carry.

    Attributes:
        packets: What goes up as objects, each with the frame number that is its place in capture order.
        rows: Media candidates.
    """

    def __init__(self, ledger: "Ledger", hops: "Hops", settled: "Settled") -> None:
        self._ledger = ledger
        self._hops = hops
        self._fragments = Fragments(ledger)
        self._unwrapper = Unwrapper()
        self._streams = Streams(ledger, hops, settled, self._unwrapped)
        self._associations = Associations(ledger, is_sip)
        self._signalling_hops: dict[bytes, Hop] = {}
        self.packets: list[tuple[int, Packet]] = []
        self.rows: list[MediaRow] = []

    def frame(self, link_type: int, data: bytes, number: int, at: "Instant") -> None:
        """Take a frame with its link layer."""
        origin = Origin(frames=(number,), at=at)
        layer = link_layer(link_type, data)
        if layer is not None:
            self._layer(layer, origin, 0)
        elif link_type not in LINK_TYPES:
            self._ledger.set_aside("link-type-other")
        else:
            self._ledger.set_aside("link-layer-other")

    def signalling(
        self, ends: bytes, payload: bytes, number: int, at: "Instant", identification: int, *, is_cut: bool
    ) -> bool:
        """Take the payload of a UDP datagram if it is signalling as it nearly always is; say whether it is.

        `ends` are addresses and ports as they lie in the packet; the identification of IPv6 is negative.
        """
        if is_usual_sip(payload) is None:
            return False
        hop = self._signalling_hops.get(ends) or self._signalling_hop(ends)
        if hop is None:
            return False
        packet = Packet(
            at=at,
            frames=(number,),
            hop=hop,
            payload=payload,
            identification=identification if identification >= 0 else None,
            truncated=is_cut,
        )
        self.packets.append((number, packet))
        return True

    def datagram(self, ends: bytes, payload: bytes, origin: Origin, length: int) -> None:
        """Take the payload of a UDP datagram, whose header tells of `length` bytes, between these ends."""
        ports = ends[-4] << 8 | ends[-3], ends[-2] << 8 | ends[-1]
        self._datagram(ends[:-4], ports, payload, origin, length, 0)

    def finish(self) -> None:
        """Nothing more comes: give up waiting for fragments and segments."""
        for whole in self._fragments.remaining():
            self._whole(whole, 0)
        self.packets.extend(self._streams.remaining())
        self._associations.finish()
        for note in self._unwrapper.notes:
            self._ledger.note(note)

    def _signalling_hop(self, ends: bytes) -> "Hop | None":
        """The hop between these ends, for ever; None where a datagram may be a tunnel."""
        ports = ends[-4] << 8 | ends[-3], ends[-2] << 8 | ends[-1]
        if ports[1] in TUNNEL_PORTS or ports[0] in TUNNEL_PORTS:
            return None
        hop = self._hops.hops[self._hops.number(ends)]
        self._signalling_hops[ends] = hop
        return hop

    def _layer(self, layer: Layer, origin: Origin, depth: int) -> None:
        """Peel layers until there is an IP packet."""
        inside: Layer | None = layer
        while inside is not None and depth < DEEPEST:
            depth += 1
            if inside.ethertype == IPV4:
                self._internet(ipv4_packet(inside.data), origin, depth)
                return
            if inside.ethertype == IPV6:
                self._internet(ipv6_packet(inside.data), origin, depth)
                return
            if inside.ethertype == ARP:
                self._ledger.set_aside("arp", len(origin.frames))
                return
            inside = inner_layer(inside.ethertype, inside.data)
        self._ledger.set_aside("link-layer-other", len(origin.frames))

    def _internet(self, packet: "InternetPacket | None", origin: Origin, depth: int) -> None:
        if packet is None:
            self._ledger.set_aside("ip-malformed", len(origin.frames))
            return
        origin = origin._replace(
            identification=packet.identification, dscp=packet.dscp, is_cut=origin.is_cut or packet.is_cut
        )
        if packet.fragment is None:
            self._transport(packet, packet.protocol, packet.payload, origin, depth)
            return
        for expired in self._fragments.expired(origin.at):
            self._whole(expired, depth)
        whole = self._fragments.add(packet, origin)
        if whole is not None:
            self._whole(whole, depth)

    def _whole(self, whole: "Whole", depth: int) -> None:
        """Take a packet that was put together from fragments."""
        protocol, payload = whole.packet.protocol, whole.payload
        if whole.packet.identification is None:
            protocol, payload = behind_extensions(protocol, payload)
        self._transport(whole.packet, protocol, payload, whole.origin, depth)

    def _transport(self, packet: "InternetPacket", protocol: int, payload: bytes, origin: Origin, depth: int) -> None:
        protocol, payload = unsecured(protocol, payload)
        if protocol == UDP:
            self._udp(packet.addresses, payload, origin, depth)
        elif protocol == TCP:
            self._tcp(packet.addresses, payload, origin)
        elif protocol == IPV4_INSIDE:
            self._layer(Layer(IPV4, payload), origin, depth)
        elif protocol == IPV6_INSIDE:
            self._layer(Layer(IPV6, payload), origin, depth)
        elif protocol == GRE and (layer := gre(payload)) is not None:
            self._layer(layer, origin, depth)
        elif protocol == SCTP:
            self._sctp(packet.addresses, payload, origin)
        else:
            self._ledger.set_aside("icmp" if protocol in ICMP else "ip-other-protocol", len(origin.frames))

    def _udp(self, addresses: bytes, data: bytes, origin: Origin, depth: int) -> None:
        if len(data) < 8:
            self._ledger.set_aside("udp-malformed", len(origin.frames))
            return
        source, destination = data[0] << 8 | data[1], data[2] << 8 | data[3]
        length = data[4] << 8 | data[5]
        if length < 8:
            # Zero stands for a jumbogram (RFC 2675 §4) and less than a header for damage: what is there counts.
            length = len(data)
        payload = data[8:length]
        origin = origin._replace(is_cut=origin.is_cut or length > len(data))
        self._datagram(addresses, (source, destination), payload, origin, length - 8, depth)

    def _datagram(
        self, addresses: bytes, ports: tuple[int, int], payload: bytes, origin: Origin, length: int, depth: int
    ) -> None:
        if ports[1] in TUNNEL_PORTS or ports[0] in TUNNEL_PORTS:
            layer = datagram_tunnel(ports[1], payload) or datagram_tunnel(ports[0], payload)
            if layer is not None:
                self._layer(layer, origin, depth)
                return
        # The message inside HEP could make it look like SIP.
        kind = Likeness.OTHER if payload.startswith(HEP_MAGIC) else likeness(payload, *ports, length)
        if kind is Likeness.OTHER:
            self._other(ports, payload, origin)
            return
        number = self._hops.number(addresses + bytes((ports[0] >> 8, ports[0] & 255, ports[1] >> 8, ports[1] & 255)))
        if kind is Likeness.MEDIA:
            self._media(payload, origin, number, length)
            return
        packet = Packet(
            at=origin.at,
            frames=origin.frames,
            hop=self._hops.hops[number],
            payload=payload,
            identification=origin.identification,
            truncated=origin.is_cut,
        )
        self.packets.append((origin.frames[-1], packet))

    def _other(self, ports: tuple[int, int], payload: bytes, origin: Origin) -> None:
        """Take a datagram that is neither signalling nor media, unless HEP has a message in it."""
        inside = encapsulated(payload)
        if inside is None:
            self._ledger.set_aside(reason_to_set_aside(payload, *ports), len(origin.frames))
            return
        packet = self._unwrapped(inside, origin)
        if isinstance(packet, str):
            self._ledger.set_aside(packet, len(origin.frames))
        else:
            self.packets.append((origin.frames[-1], packet))

    def _unwrapped(self, inside: "Encapsulated", origin: Origin) -> Packet | str:
        """What a capture agent told as a packet, or why there is none."""
        latest = (packet for _, packet in reversed(self.packets))
        return self._unwrapper.unwrapped(inside, origin.frames, origin.at, latest, is_cut=origin.is_cut)

    def _media(self, payload: bytes, origin: Origin, hop: int, length: int) -> None:
        self._ledger.set_aside("fragment-of-media", len(origin.frames) - 1)
        self.rows.append(
            MediaRow(
                frame=origin.frames[-1],
                at=origin.at,
                hop=hop,
                length=length,
                dscp=origin.dscp,
                identification=-1 if origin.identification is None else origin.identification,
                head=payload[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0"),
            )
        )

    def _tcp(self, addresses: bytes, data: bytes, origin: Origin) -> None:
        segment = segment_of(data, origin)
        if segment is None:
            self._ledger.set_aside("tcp-malformed", len(origin.frames))
            return
        self.packets.extend(self._streams.add(addresses, segment))

    def _sctp(self, addresses: bytes, data: bytes, origin: Origin) -> None:
        for message in self._associations.add(addresses, data, origin):
            ports = data[0] << 8 | data[1], data[2] << 8 | data[3]
            packet = Packet(
                at=message.origin.at,
                frames=message.origin.frames,
                hop=self._hops.hop(addresses, *ports, Transport.SCTP),
                payload=message.payload,
                identification=message.origin.identification,
                truncated=message.origin.is_cut,
            )
            self.packets.append((origin.frames[-1], packet))
