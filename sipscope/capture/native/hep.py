"""Unwraps HEP: what capture agents such as Kamailio, OpenSIPS, FreeSWITCH, Asterisk and heplify send to Homer.

A HEP datagram is a message together with the addresses, the transport and the time that an agent saw it with.
HEP 3 is a list of chunks, each with vendor, type and length; HEP 1 and 2 have a fixed header. There is no RFC: HEP 3
follows "HEP3 network protocol" of the Homer project, HEP 1 and 2 what its agents send.
"""

import ipaddress
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from sipscope.capture.native.content import is_sip
from sipscope.capture.native.hep_reports import is_same_report, rtcp_of
from sipscope.model.network import Endpoint, Hop, Transport
from sipscope.model.packets import AgentRecord, Packet
from sipscope.model.time import SECOND, Instant

MAGIC = b"HEP3"
LARGEST_PAYLOAD = 1 << 20
"""What a compressed payload may expand to, in bytes."""

COPY_WINDOW = SECOND
"""How long after a message on the wire the same message in HEP is its copy: agents collect before they send."""

_SEARCHED = 64
_SIP = 1
_RTCP_JSON = 5
_REASONS = {_RTCP_JSON: "hep-rtcp-json", 34: "hep-rtcp-json", 35: "hep-rtcp-json", 100: "hep-log"}
_FAMILY, _PROTOCOL, _SECONDS, _MICROSECONDS, _KIND = 1, 2, 9, 10, 11
_ADDRESSES = {2: (3, 4), 10: (5, 6)}
_PORTS = (7, 8)
_AGENT, _PAYLOAD, _COMPRESSED, _CORRELATION, _NAME = 12, 15, 16, 17, 19
_VENDORS = {
    1: "FreeSWITCH",
    2: "Kamailio",
    3: "OpenSIPS",
    4: "Asterisk",
    5: "Homer",
    6: "sipXecs",
    7: "Yeti Switch",
    8: "Genesys",
}
"""Who may write chunks with types of their own."""
_CHUNK_HEADER = 6
_ADDRESS_BYTES = {2: 4, 10: 16}
_FIXED_HEADER = 8
_TIME_BYTES = 12
_TRANSPORTS = {6: Transport.TCP, 17: Transport.UDP, 22: Transport.TLS, 132: Transport.SCTP}
"""By IP protocol number; agents write 22, which nothing else uses any more, where TLS was on top of TCP."""


class Encapsulated(NamedTuple):
    """What an agent tells of one message.

    Attributes:
        addresses: Source and destination, 4 or 16 bytes each; empty where the agent tells none.
        ports: Of source and destination.
        transport: What carried it.
        at: When the agent saw it, by its own clock; None where it doesn't say.
        kind: The protocol type in HEP's numbers: 1 is SIP.
        agent: What else the agent tells of itself and of the message.
        payload: The message.
        is_cut: The datagram ends before the payload does.
    """

    addresses: bytes
    ports: tuple[int, int]
    transport: Transport
    at: Instant | None
    kind: int
    agent: AgentRecord
    payload: bytes
    is_cut: bool

    @property
    def is_signalling(self) -> bool:
        """Whether it is SIP whose way is known."""
        return self.kind == _SIP and bool(self.addresses) and is_sip(self.payload)

    @property
    def reason(self) -> str:
        """The name under which it is set aside if it is no SIP."""
        return "hep-keep-alive" if not self.payload else _REASONS.get(self.kind, "hep-other")

    @property
    def report(self) -> bytes | None:
        """The RTCP in it, if it tells of some whose way is known."""
        return rtcp_of(self.payload) if self.kind == _RTCP_JSON and self.addresses else None

    @property
    def hop(self) -> Hop:
        """The way that the agent tells."""
        half = len(self.addresses) // 2
        ends = (str(ipaddress.ip_address(packed)) for packed in (self.addresses[:half], self.addresses[half:]))
        source, destination = (Endpoint(end, port) for end, port in zip(ends, self.ports, strict=True))
        return Hop(source, destination, self.transport)

    @property
    def note(self) -> str:
        """A sentence for the capture facts."""
        agent = "a capture agent" if self.agent.number is None else f"capture agent {self.agent.number}"
        if self.kind == _RTCP_JSON:
            return f"Reports on media came in HEP from {agent}, as RTCP written in JSON."
        return f"SIP came in HEP from {agent}: its addresses, transport and times are what the agent tells."


class Unwrapper:
    """Makes packets of what agents tell, but for what the capture shows on the wire as well.

    Attributes:
        notes: Sentences for the capture facts, each once.
    """

    def __init__(self) -> None:
        self.notes: dict[str, None] = {}
        self._unwrapped: set[int] = set()

    def unwrapped(
        self,
        inside: Encapsulated,
        frames: Sequence[int],
        at: Instant,
        latest: Iterable[Packet],
        *,
        is_cut: bool = False,
    ) -> Packet | str:
        """The packet inside what was captured at `at`, or why there is none.

        Args:
            inside: What the agent tells.
            frames: The frames it came in.
            at: When the last of them was captured.
            latest: Packets so far, newest first, among which it may be already.
            is_cut: The datagram isn't all there.
        """
        payload = inside.payload if inside.is_signalling else inside.report
        if payload is None:
            return inside.reason
        hop = inside.hop
        if self._is_on_the_wire(payload, hop, at, latest):
            return "hep-copy"
        self.notes[inside.note] = None
        self._unwrapped.add(frames[-1])
        return Packet(
            at=at if inside.at is None else inside.at,
            frames=tuple(frames),
            hop=hop,
            payload=payload,
            truncated=is_cut or inside.is_cut,
            agent=inside.agent,
        )

    def _is_on_the_wire(self, payload: bytes, hop: Hop, at: Instant, latest: Iterable[Packet]) -> bool:
        is_report = payload[0] >> 6 == 2
        for packet in islice(latest, _SEARCHED):
            # Only what is from the wire has the clock of this capture.
            if packet.frames[-1] in self._unwrapped or packet.hop != hop:
                continue
            if packet.payload == payload or (is_report and is_same_report(payload, packet.payload)):
                return at - packet.at <= COPY_WINDOW
        return False


def encapsulated(data: bytes) -> Encapsulated | None:
    """What a datagram in HEP 1, 2 or 3 holds; None when it isn't HEP."""
    if data.startswith(MAGIC):
        return _version_3(data)
    return _fixed(data) if data[:1] in {b"\x01", b"\x02"} else None


def _version_3(data: bytes) -> Encapsulated | None:
    if len(data) < len(MAGIC) + 2:
        return None
    end = struct.unpack_from(">H", data, len(MAGIC))[0]
    chunks = _chunks(data[:end])
    family, protocol, kind = (int.from_bytes(chunks.get(name, b""), "big") for name in (_FAMILY, _PROTOCOL, _KIND))
    ends = [chunks.get(name, b"") for name in _ADDRESSES.get(family, ())]
    ports = [int.from_bytes(chunks.get(name, b""), "big") & 0xFFFF for name in _PORTS]
    payload = _expanded(chunks[_COMPRESSED]) if _COMPRESSED in chunks else chunks.get(_PAYLOAD, b"")
    return Encapsulated(
        addresses=b"".join(ends) if {len(end) for end in ends} == {_ADDRESS_BYTES.get(family)} else b"",
        ports=(ports[0], ports[1]),
        transport=_TRANSPORTS.get(protocol, Transport.UDP),
        at=_instant(chunks.get(_SECONDS, b""), chunks.get(_MICROSECONDS, b"")),
        kind=kind,
        agent=_agent(data[:end], chunks),
        payload=payload,
        is_cut=end > len(data),
    )


def _chunks(data: bytes) -> dict[int, bytes]:
    """The generic chunks by type; the types of vendors' own chunks mean something else, so those are passed."""
    chunks: dict[int, bytes] = {}
    for vendor, kind, content in _all_chunks(data):
        if not vendor:
            chunks.setdefault(kind, content)
    return chunks


def _all_chunks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Vendor, type and content of each chunk."""
    offset = len(MAGIC) + 2
    while offset + _CHUNK_HEADER <= len(data):
        vendor, kind, length = struct.unpack_from(">HHH", data, offset)
        if length < _CHUNK_HEADER:
            break
        yield vendor, kind, data[offset + _CHUNK_HEADER : offset + length]
        offset += length


def _agent(data: bytes, chunks: Mapping[int, bytes]) -> AgentRecord:
    vendor = next((vendor for vendor, _, _ in _all_chunks(data) if vendor), None)
    return AgentRecord(
        number=int.from_bytes(chunks[_AGENT], "big") if _AGENT in chunks else None,
        name=_text(chunks.get(_NAME, b"")),
        vendor=None if vendor is None else _VENDORS.get(vendor, f"vendor {vendor}"),
        correlation_id=_text(chunks.get(_CORRELATION, b"")),
    )


def _text(data: bytes) -> str | None:
    return data.decode("utf-8", "replace").strip("\0 \r\n\t") or None


def _expanded(data: bytes) -> bytes:
    """A payload without its compression, gzip or zlib; empty when it is neither."""
    try:
        # 32 added to the window's size lets zlib tell the two formats apart.
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data, LARGEST_PAYLOAD)
    except zlib.error:
        return b""


def _instant(seconds: bytes, microseconds: bytes) -> Instant | None:
    whole = int.from_bytes(seconds[:4], "big")
    return whole * SECOND + int.from_bytes(microseconds[:4], "big") * 1000 if whole else None


def _fixed(data: bytes) -> Encapsulated | None:
    """HEP 1 and 2, which have no magic: header and content have to fit one another.

    Version, length, address family, protocol, ports, addresses; then in version 2 the time, which agents write in
    their own byte order, and the number of the agent.
    """
    if len(data) < _FIXED_HEADER or data[2] not in _ADDRESS_BYTES or data[3] not in _TRANSPORTS:
        return None
    start = _FIXED_HEADER + 2 * _ADDRESS_BYTES[data[2]]
    has_time = data[0] == 2
    # The length leaves the time out with some agents, and includes it with others.
    if data[1] not in ({start, start + _TIME_BYTES - 2, start + _TIME_BYTES} if has_time else {start}):
        return None
    payload = data[start + _TIME_BYTES if has_time else start :]
    if not is_sip(payload):
        return None
    told = struct.unpack_from("<IIH", data, start) if has_time else None
    return Encapsulated(
        addresses=data[_FIXED_HEADER:start],
        ports=(data[4] << 8 | data[5], data[6] << 8 | data[7]),
        transport=_TRANSPORTS[data[3]],
        at=told[0] * SECOND + told[1] * 1000 if told and told[0] else None,
        kind=_SIP,
        agent=AgentRecord(number=told[2] if told else None),
        payload=payload,
        is_cut=False,
    )
