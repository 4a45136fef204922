"""RTCP packets as values (RFC 3550 §6). How they are read from bytes is in `sipscope.rtp.rtcp`."""

from typing import TypeAlias

from sipscope.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBlock:
    """What a receiver says about one source (RFC 3550 §6.4.1).

    Attributes:
        ssrc: The source it is about.
        fraction_lost: 0–1, in steps of 1/256, since the report before.
        cumulative_lost: Packets lost since the beginning; negative where duplicates outnumber losses.
        highest_sequence: Extended highest sequence number received.
        jitter_rtp_units: Interarrival jitter in timestamp units.
        last_sender_report: Middle 32 bits of the NTP time of the last sender report; 0 when none was received.
        delay_since_last_sender_report: In units of 1/65536 s; 0 when none was received.
    """

    ssrc: int
    fraction_lost: float
    cumulative_lost: int
    highest_sequence: int
    jitter_rtp_units: int
    last_sender_report: int
    delay_since_last_sender_report: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReport:
    """SR: what a source has sent, and what it has received (RFC 3550 §6.4.1).

    Attributes:
        ssrc: The sender.
        ntp_time: 64-bit NTP timestamp; 0 when the sender has no notion of time.
        rtp_timestamp: The same instant in RTP timestamp units.
        packet_count: RTP packets sent since the beginning.
        octet_count: Payload octets sent since the beginning.
        blocks: Report blocks.
    """

    ssrc: int
    ntp_time: int
    rtp_timestamp: int
    packet_count: int
    octet_count: int
    blocks: tuple[ReportBlock, ...] = ()

    @property
    def middle_ntp_time(self) -> int:
        """The 32 bits that a receiver returns as LSR."""
        return (self.ntp_time >> 16) & 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverReport:
    """RR: what a participant that sends nothing has received (RFC 3550 §6.4.2).

    Attributes:
        ssrc: Who reports.
        blocks: Report blocks.
    """

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDescriptionItem:
    """One item of a source description chunk (RFC 3550 §6.5).

    Attributes:
        ssrc: The source described.
        kind: Item type; 1 is CNAME.
        text: Its value; bytes that are no UTF-8 are replaced.
    """

    ssrc: int
    kind: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDescription:
    """SDES: names of sources (RFC 3550 §6.5).

    Attributes:
        items: All items of all chunks, in order.
    """

    items: tuple[SourceDescriptionItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodbye:
    """BYE: sources that leave (RFC 3550 §6.6).

    Attributes:
        sources: Their SSRCs.
        reason: Why; None when it is not said.
    """

    sources: tuple[int, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRtcp:
    """APP, feedback, extended reports and types of no standard, kept as they came.

    Attributes:
        packet_type: 192–223.
        count: The five bits behind the padding bit: subtype, format or count.
        ssrc: First word behind the header; None when there is none.
        content: What follows the header.
    """

    packet_type: int
    count: int
    ssrc: int | None
    content: bytes


RtcpPacket: TypeAlias = SenderReport | ReceiverReport | SourceDescription | Goodbye | OtherRtcp
