"""Bytes → RTP headers as columns, and RTCP packets as values. Pure functions: no files, no state."""

from sipscope.rtp.columns import RtpColumns, rtp_columns
from sipscope.rtp.packets import (
    Goodbye,
    OtherRtcp,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    SourceDescriptionItem,
)
from sipscope.rtp.rtcp import parse_rtcp

__all__ = [
    "Goodbye",
    "OtherRtcp",
    "ReceiverReport",
    "ReportBlock",
    "RtcpPacket",
    "RtpColumns",
    "SenderReport",
    "SourceDescription",
    "SourceDescriptionItem",
    "parse_rtcp",
    "rtp_columns",
]
