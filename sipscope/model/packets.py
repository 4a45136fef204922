"""What the capture layer hands up: packets, columns of media datagrams, gaps, and facts about the file.

Signalling is objects, one `Packet` for every datagram or run of stream bytes. Media is columns, one
`DatagramColumns` for each chunk of the file: a frozen object for each RTP packet would cost more than all the
rest of the work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from sipscope.model.network import Endpoint, Hop
from sipscope.model.time import Duration, Instant
from sipscope.values import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    IntegerColumn: TypeAlias = NDArray[np.int64]
    ByteMatrix: TypeAlias = NDArray[np.uint8]

HEAD_BYTES = 32
"""How many payload bytes a row of `DatagramColumns` keeps: an RTP header with room for a small extension and the
four bytes of a telephone-event (RFC 4733 §2.3)."""


class GapKind(StrEnum):
    """Why bytes that were sent are not in the capture, or can't be read from it."""

    TRUNCATED_FILE = "truncated-file"
    SNAP_LENGTH = "snap-length"
    FRAGMENT_MISSING = "fragment-missing"
    STREAM_BYTES_MISSING = "stream-bytes-missing"
    DROPPED_BY_CAPTURE = "dropped-by-capture"
    CLOCK_STEP = "clock-step"
    UNREADABLE_BLOCK = "unreadable-block"
    READING_STOPPED = "reading-stopped"


LOSSES = frozenset({GapKind.DROPPED_BY_CAPTURE, GapKind.FRAGMENT_MISSING, GapKind.STREAM_BYTES_MISSING})
"""Gaps that mean the capture itself lost packets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something the capture lacks, said once.

    Attributes:
        kind: Why.
        frames: Frame numbers next to it, counted from 1.
        text: One sentence for a person.
        at: When, if it has a time.
        hop: On which path, if it concerns one.
    """

    kind: GapKind
    frames: tuple[int, ...] = ()
    text: str = ""
    at: Instant | None = None
    hop: Hop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRecord:
    """What a capture agent tells of a message besides its bytes, its way and its time.

    Attributes:
        number: Of the agent, as its owner set it.
        name: Of the agent, or of the machine it runs on.
        vendor: Whose agent it is, by the vendor of the chunks that only its own agents write; `vendor 77` for one that
            is not known.
        correlation_id: What the agent says belongs together: a Call-ID, or what it calls the session by.
    """

    number: int | None = None
    name: str | None = None
    vendor: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """Payload of one UDP datagram, or bytes of one direction of a stream in their order.

    Attributes:
        at: Capture time of the frame that completed it.
        frames: Frame numbers it was made of, counted from 1; several after IP reassembly.
        hop: Source, destination, transport.
        payload: The bytes.
        framed: True when the payload is a whole application message or datagram; False when it is the next run of
            stream bytes, which may hold half a message or several.
        gap_before: For stream bytes: bytes are missing between this run and the one before.
        identification: The IPv4 identification field, None for IPv6 and where unknown. It tells a frame captured
            twice (equal) from a retransmission (new), RFC 6864. Readers of logs number their messages here.
        truncated: The frame was cut by the snap length, so the payload is incomplete.
        agent: What a capture agent tells of it; None for what was captured itself.
    """

    at: Instant
    frames: tuple[int, ...]
    hop: Hop
    payload: bytes
    framed: bool = True
    gap_before: bool = False
    identification: int | None = None
    truncated: bool = False
    agent: AgentRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatagramColumns:
    """UDP datagrams whose first two payload bits are `10`, as columns of equal length n in capture order.

    By RFC 7983 §7 the first byte 128–191 means RTP or RTCP. Nothing is confirmed here: a stream is confirmed as a
    stream, not packet by packet.

    Attributes:
        frame: Frame numbers, counted from 1; int64, shape (n,).
        at: Capture times in nanoseconds; int64, shape (n,).
        hop: Index into `hops`; int64, shape (n,).
        hops: The hops met so far in this file; grows from chunk to chunk, indices stay.
        length: UDP payload length in bytes as the UDP header says; int64, shape (n,).
        dscp: Differentiated services code point, 0–63; int64, shape (n,).
        identification: IPv4 identification, −1 for IPv6; int64, shape (n,).
        head: The first `HEAD_BYTES` bytes of the payload, zero-filled behind its end; uint8, shape (n, HEAD_BYTES).
    """

    frame: "IntegerColumn"
    at: "IntegerColumn"
    hop: "IntegerColumn"
    hops: Sequence[Hop]
    length: "IntegerColumn"
    dscp: "IntegerColumn"
    identification: "IntegerColumn"
    head: "ByteMatrix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What one stretch of the file held, in capture order within each part.

    Attributes:
        packets: Datagrams and stream bytes that may be signalling, and RTCP (first byte 128–191, second byte
            192–223, RFC 5761 §4), which is rare and wanted whole.
        datagrams: The media candidates other than those, as columns; None when there are none.
    """

    packets: tuple[Packet, ...] = ()
    datagrams: DatagramColumns | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureInterface:
    """One interface that packets were captured on, as the file describes it.

    Attributes:
        number: Its number within its section of the file, counted from 0.
        link_type: Name of its link type.
        name: Such as `eth0`.
        description: What its owner calls it.
        capture_filter: The filter that packets had to pass to be captured; None where the file names none.
        operating_system: Of the machine that captured.
        hardware: Of the interface.
        snap_length: How many bytes of a packet were kept at most; 0 means all.
        ticks_per_second: How fine its clock counts.
        frames: How many packets of the file came from it.
        received: How many packets it had received by the last statistics in the file, whether or not they passed the
            filter; None where there are none.
        accepted: How many of them passed the filter.
        dropped_by_interface: How many it dropped for want of room.
        dropped_by_system: How many the operating system dropped behind it.
    """

    number: int
    link_type: str
    name: str | None = None
    description: str | None = None
    capture_filter: str | None = None
    operating_system: str | None = None
    hardware: str | None = None
    snap_length: int = 0
    ticks_per_second: int = 1_000_000
    frames: int = 0
    received: int | None = None
    accepted: int | None = None
    dropped_by_interface: int | None = None
    dropped_by_system: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a person or a program wrote into the file.

    Attributes:
        text: The comment.
        subject: What it is about: `section`, `interface`, `packet` or `names`.
        frame: Frame number of the packet it is about; None where it is about no packet.
    """

    text: str
    subject: str
    frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsAlert:
    """An alert that was sent in the clear, before encryption began (RFC 8446 §6).

    Attributes:
        frame: Frame number.
        sender: Who sent it.
        is_fatal: It ends the connection; otherwise it is a warning.
        description: Its name, such as `unknown_ca`, or its number.
    """

    frame: int
    sender: Endpoint
    is_fatal: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedFlow:
    """One TLS connection over TCP, as far as it tells of itself without keys.

    Attributes:
        client: Who opened it; where no hello was captured, the end with the higher port.
        server: The other end.
        frame: First frame with bytes of it.
        at: When that was captured.
        version: Such as `TLS 1.3`, as the server chose; None while no ServerHello is seen.
        cipher_suite: As the server chose, by its name in the IANA registry or its number.
        server_name: The host that the client asked for (RFC 6066 §3).
        offered_protocols: Application protocols that the client offered (ALPN, RFC 7301).
        chosen_protocol: The one that the server chose; encrypted from TLS 1.3 on.
        certificate_names: Names in the server's certificate; encrypted from TLS 1.3 on.
        alerts: Alerts in the clear.
        handshake_completed: Whether both sides finished the handshake; None where the capture doesn't show it.
        client_bytes: Payload bytes of the client's segments; behind the handshake, repeated ones count again.
        server_bytes: The same of the server's.
    """

    client: Endpoint
    server: Endpoint
    frame: int
    at: Instant
    version: str | None = None
    cipher_suite: str | None = None
    server_name: str | None = None
    offered_protocols: tuple[str, ...] = ()
    chosen_protocol: str | None = None
    certificate_names: tuple[str, ...] = ()
    alerts: tuple[TlsAlert, ...] = ()
    handshake_completed: bool | None = None
    client_bytes: int = 0
    server_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureFacts:
    """What the capture layer knows of a file once it has read it.

    Attributes:
        path: As the user named it; `-` for standard input.
        format: `pcap`, `pcapng` or the kind of log, with the compression behind a plus sign: `pcap+gzip`.
        engine: `native`, `wireshark`, or `text` for logs, whose frames are their lines; `native+text` for both.
        link_types: Names of the link types met, in order of appearance, such as `ethernet`.
        frames: How many packet records the file holds.
        first_packet_at: Smallest capture time, None for a file without packets.
        last_packet_at: Largest capture time.
        set_aside: How many frames carried nothing for us, by reason; nothing vanishes uncounted.
        gaps: What the file lacks, in order of appearance.
        more_losses_at: When the capture lost packets beyond what `gaps` tells one by one, at most once a second.
        notes: Sentences about how the file was read, such as why the engine was changed.
        interfaces: The interfaces that the file describes; empty for logs and for formats that only Wireshark reads.
        cut_frames: How many packets the snap length cut.
        written_by: Hardware, operating system and program that the file's sections name, each once.
        names: Names of addresses, or of an address with a port: those that the file gives, and before them those of
            the user.
        comments: Comments in the file, in order of appearance.
        encrypted_flows: TLS connections that weren't decrypted, in order of appearance; at most 200 are told, those of
            SIP first. Empty for formats that only Wireshark reads.
        clock_step: By how much two times must differ to be told apart, in a log whose clock is too coarse to judge by
            what lies between; 0 for all others.
    """

    path: str
    format: str
    engine: str
    link_types: tuple[str, ...] = ()
    frames: int = 0
    first_packet_at: Instant | None = None
    last_packet_at: Instant | None = None
    set_aside: Mapping[str, int] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    more_losses_at: tuple[Instant, ...] = ()
    notes: tuple[str, ...] = ()
    interfaces: tuple[CaptureInterface, ...] = ()
    cut_frames: int = 0
    written_by: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[Comment, ...] = ()
    encrypted_flows: tuple[EncryptedFlow, ...] = ()
    clock_step: Duration = 0
