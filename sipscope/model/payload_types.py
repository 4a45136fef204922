"""The static RTP payload types of RFC 3551 §6: numbers that mean a codec without any description saying so."""

from collections.abc import Mapping
from types import MappingProxyType

STATIC_PAYLOAD_TYPES: Mapping[int, tuple[str, int, int]] = MappingProxyType(
    {
        0: ("PCMU", 8000, 1),
        3: ("GSM", 8000, 1),
        4: ("G723", 8000, 1),
        5: ("DVI4", 8000, 1),
        6: ("DVI4", 16000, 1),
        7: ("LPC", 8000, 1),
        8: ("PCMA", 8000, 1),
        # The RTP clock of G722 is 8000 although it samples at 16 000: an error of RFC 1890 that was kept (§4.5.2).
        9: ("G722", 8000, 1),
        10: ("L16", 44100, 2),
        11: ("L16", 44100, 1),
        12: ("QCELP", 8000, 1),
        13: ("CN", 8000, 1),
        14: ("MPA", 90000, 1),
        15: ("G728", 8000, 1),
        16: ("DVI4", 11025, 1),
        17: ("DVI4", 22050, 1),
        18: ("G729", 8000, 1),
        25: ("CelB", 90000, 1),
        26: ("JPEG", 90000, 1),
        28: ("nv", 90000, 1),
        31: ("H261", 90000, 1),
        32: ("MPV", 90000, 1),
        33: ("MP2T", 90000, 1),
        34: ("H263", 90000, 1),
    }
)
"""Encoding name, RTP clock rate in Hz and channels by payload type (RFC 3551 §6, tables 4 and 5)."""
