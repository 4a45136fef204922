"""Bytes of a datagram → RTCP packets (RFC 3550 §6.1): a compound packet is read one packet after another.

What doesn't hold together becomes a defect and nothing is made of it: SRTCP encrypts everything behind the first
eight bytes (RFC 3711 §3.4), and a wrong report is worse than none.
"""

from sipscope.model.defects import Defect, Severity, Span
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

SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
GOODBYE = 203

_BLOCK_BYTES = 24


def parse_rtcp(payload: bytes) -> tuple[tuple[RtcpPacket, ...], tuple[Defect, ...]]:
    """Read the RTCP packets of one datagram.

    Args:
        payload: UDP payload; several compound packets may stand one behind the other.

    Returns:
        The packets that could be read whole, and what is wrong with the rest. Never raises.
    """
    packets: list[RtcpPacket] = []
    defects: list[Defect] = []
    start = 0
    while start < len(payload):
        fault = _header_fault(payload, start)
        if fault is not None:
            defects.append(_defect(*fault, start, len(payload)))
            break
        end = start + 4 * (int.from_bytes(payload[start + 2 : start + 4]) + 1)
        packet = _packet(payload[start:end])
        if packet is None:
            text = f"An RTCP packet of type {payload[start + 1]} is too short for what its header announces."
            defects.append(_defect("rtcp-content-length", text, start, end))
        else:
            packets.append(packet)
        start = end
    return tuple(packets), tuple(defects)


def _header_fault(payload: bytes, start: int) -> tuple[str, str] | None:
    """Why no RTCP packet starts here, as code and sentence; None when one does."""
    if len(payload) - start < 4:
        return "rtcp-truncated", "The datagram ends inside an RTCP header."
    if payload[start] >> 6 != 2 or not 192 <= payload[start + 1] <= 223:
        if start:
            return "rtcp-trailing-bytes", "Bytes behind the last RTCP packet are no RTCP: encrypted, or padding."
        return "rtcp-header", "The datagram does not start with an RTCP header of version 2."
    if start + 4 * (int.from_bytes(payload[start + 2 : start + 4]) + 1) > len(payload):
        return "rtcp-length", "The length field of an RTCP packet reaches beyond the datagram."
    return None


def _defect(code: str, text: str, start: int, end: int) -> Defect:
    return Defect(code=code, severity=Severity.WARNING, span=Span(start, end), text=text, standard="RFC 3550 §A.2")


def _packet(data: bytes) -> RtcpPacket | None:
    """One packet; None when its content contradicts its header."""
    kind, count = data[1], data[0] & 0x1F
    content = _without_padding(data)
    if content is None:
        return None
    if kind == SENDER_REPORT:
        return _sender_report(content, count)
    if kind == RECEIVER_REPORT:
        return _receiver_report(content, count)
    if kind == SOURCE_DESCRIPTION:
        return _source_description(content, count)
    if kind == GOODBYE:
        return _goodbye(content, count)
    ssrc = int.from_bytes(content[:4]) if len(content) >= 4 else None
    return OtherRtcp(packet_type=kind, count=count, ssrc=ssrc, content=content)


def _without_padding(data: bytes) -> bytes | None:
    """What follows the header, padding taken off; None when the padding count is impossible (RFC 3550 §6.4.1)."""
    if not data[0] & 0x20:
        return data[4:]
    padding = data[-1]
    if padding == 0 or padding % 4 or padding > len(data) - 4:
        return None
    return data[4 : len(data) - padding]


def _sender_report(content: bytes, count: int) -> SenderReport | None:
    if len(content) < 24 + _BLOCK_BYTES * count:
        return None
    return SenderReport(
        ssrc=int.from_bytes(content[0:4]),
        ntp_time=int.from_bytes(content[4:12]),
        rtp_timestamp=int.from_bytes(content[12:16]),
        packet_count=int.from_bytes(content[16:20]),
        octet_count=int.from_bytes(content[20:24]),
        blocks=_blocks(content[24:], count),
    )


def _receiver_report(content: bytes, count: int) -> ReceiverReport | None:
    if len(content) < 4 + _BLOCK_BYTES * count:
        return None
    return ReceiverReport(ssrc=int.from_bytes(content[0:4]), blocks=_blocks(content[4:], count))


def _blocks(content: bytes, count: int) -> tuple[ReportBlock, ...]:
    return tuple(
        _block(content[start : start + _BLOCK_BYTES]) for start in range(0, count * _BLOCK_BYTES, _BLOCK_BYTES)
    )


def _block(data: bytes) -> ReportBlock:
    return ReportBlock(
        ssrc=int.from_bytes(data[0:4]),
        fraction_lost=data[4] / 256,
        cumulative_lost=int.from_bytes(data[5:8], signed=True),
        highest_sequence=int.from_bytes(data[8:12]),
        jitter_rtp_units=int.from_bytes(data[12:16]),
        last_sender_report=int.from_bytes(data[16:20]),
        delay_since_last_sender_report=int.from_bytes(data[20:24]),
    )


def _source_description(content: bytes, count: int) -> SourceDescription | None:
    """Chunks: an SSRC, items of type, length and text, a null, filled to four bytes (RFC 3550 §6.5)."""
    items: list[SourceDescriptionItem] = []
    position = 0
    for _ in range(count):
        if position + 4 > len(content):
            return None
        ssrc = int.from_bytes(content[position : position + 4])
        end = _chunk_items(content, position + 4, ssrc, items)
        if end is None:
            return None
        position = end
    return SourceDescription(items=tuple(items))


def _chunk_items(content: bytes, position: int, ssrc: int, items: list[SourceDescriptionItem]) -> int | None:
    """Add a chunk's items; where the next chunk starts, or None when an item reaches beyond the packet."""
    while position < len(content) and content[position]:
        if position + 2 > len(content):
            return None
        end = position + 2 + content[position + 1]
        if end > len(content):
            return None
        text = content[position + 2 : end].decode("utf-8", "replace")
        items.append(SourceDescriptionItem(ssrc=ssrc, kind=content[position], text=text))
        position = end
    return (position // 4 + 1) * 4


def _goodbye(content: bytes, count: int) -> Goodbye | None:
    if len(content) < 4 * count:
        return None
    sources = tuple(int.from_bytes(content[start : start + 4]) for start in range(0, 4 * count, 4))
    rest = content[4 * count :]
    reason = rest[1 : 1 + rest[0]].decode("utf-8", "replace") if rest and rest[0] else None
    return Goodbye(sources=sources, reason=reason)
