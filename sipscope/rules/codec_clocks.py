"""RTP clock rates and channels that belong to a codec's payload format."""

from sipscope.model.description import RtpFormat

CLOCKS = {
    "AMR": 8000,
    "AMR-WB": 16000,
    # The clock of G722 is half its sampling rate (RFC 3551 §4.5.2).
    "G722": 8000,
    "G723": 8000,
    "G729": 8000,
    "GSM": 8000,
    "ILBC": 8000,
    "OPUS": 48000,
    **dict.fromkeys(("AV1", "H261", "H263", "H263-1998", "H263-2000", "H264", "H265", "VP8", "VP9"), 90000),
}
"""Clock by upper-case name, in Hz, of codecs that have one alone."""

STATIC_ONLY = {0: "PCMU", 8: "PCMA"}
"""On dynamic types G.711 may run at other clocks."""


def clock_fault(item: RtpFormat) -> str | None:
    """What the mapping of a codec should be, such as `G722/8000`; None when it is that, or nobody can say."""
    if not item.stated or item.encoding is None:
        return None
    name = item.encoding.upper()
    wanted = 8000 if STATIC_ONLY.get(item.payload_type) == name else CLOCKS.get(name)
    if wanted is None:
        return None
    if name == "OPUS":
        return None if (item.clock_rate_hz, item.channels) == (wanted, 2) else f"{item.encoding}/{wanted}/2"
    return None if item.clock_rate_hz == wanted else f"{item.encoding}/{wanted}"
