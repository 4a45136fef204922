"""RTCP from the JSON that capture agents send to Homer (HEP's protocol type 5).

heplify, captagent, rtpengine and others write the fields of a sender or receiver report, and the items of a source
description, under names of their own. Here they become the bytes they were read from, so that whatever reads RTCP
reads them as well. A report that lacks a field isn't completed by guessing.
"""

import struct
from collections.abc import Mapping, Sequence

_SENDER_REPORT, _RECEIVER_REPORT, _SOURCE_DESCRIPTION = 200, 201, 202
_SENDER = ("ntp_timestamp_sec", "ntp_timestamp_usec", "rtp_timestamp", "packets", "octets")
_BLOCK = ("source_ssrc", "fraction_lost", "packets_lost", "highest_seq_no", "ia_jitter", "lsr", "dlsr")
_MOST_BLOCKS = 31
"""What the five bits of the report count can tell (RFC 3550 §6.4.1)."""
_LONGEST_ITEM = 255
_LOST = 1 << 24
_WORD = 1 << 32


def rtcp_of(payload: bytes) -> bytes | None:
    """The RTCP that a report in JSON was made from (RFC 3550 §6.4, §6.5); None when it doesn't tell enough."""
    import json

    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, Mapping):
        return None
    return _report(told) + _description(told) or None


def is_same_report(one: bytes, other: bytes) -> bool:
    """Whether two compound packets begin with the same report, whatever clock an agent turned its NTP time to."""
    if one[1:2] != other[1:2]:
        return False
    if one[1] == _SENDER_REPORT:
        return len(one) >= 28 and one[4:8] == other[4:8] and one[16:28] == other[16:28]
    return len(one) >= 8 and one[4:32] == other[4:32]


def _report(told: Mapping[str, object]) -> bytes:
    source = _number(told, "ssrc")
    blocks = _blocks(told.get("report_blocks"))
    if source is None or blocks is None:
        return b""
    sender = _numbers(told.get("sender_information"), _SENDER)
    if _number(told, "type") == _SENDER_REPORT and sender is not None:
        return _packet(_SENDER_REPORT, len(blocks), struct.pack(">6I", source, *sender) + b"".join(blocks))
    if not blocks:
        return b""
    return _packet(_RECEIVER_REPORT, len(blocks), struct.pack(">I", source) + b"".join(blocks))


def _blocks(told: object) -> list[bytes] | None:
    """Report blocks; None when one of them isn't whole."""
    if told is None:
        return []
    if not isinstance(told, Sequence) or len(told) > _MOST_BLOCKS:
        return None
    found = []
    for each in told:
        numbers = _numbers(each, _BLOCK)
        if numbers is None or numbers[1] > 0xFF:
            return None
        source, fraction, lost, *rest = numbers
        found.append(struct.pack(">6I", source, fraction << 24 | lost % _LOST, *rest))
    return found


def _description(told: Mapping[str, object]) -> bytes:
    """The items of a source, mostly its CNAME."""
    source, items = _number(told, "sdes_ssrc"), told.get("sdes_information")
    if not source or not isinstance(items, Sequence):
        return b""
    chunk = struct.pack(">I", source)
    for item in items:
        kind, text = (_number(item, "type"), item.get("text")) if isinstance(item, Mapping) else (None, None)
        if kind is None or not 0 < kind <= 0xFF or not isinstance(text, str):
            continue
        written = text.encode("utf-8", "replace")[:_LONGEST_ITEM]
        chunk += bytes([kind, len(written)]) + written
    if len(chunk) == 4:
        return b""
    return _packet(_SOURCE_DESCRIPTION, 1, chunk + bytes(4 - len(chunk) % 4))


def _packet(kind: int, count: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(content) // 4) + content


def _numbers(told: object, names: Sequence[str]) -> list[int] | None:
    if not isinstance(told, Mapping):
        return None
    found = [_number(told, name) for name in names]
    return None if None in found else [number for number in found if number is not None]


def _number(told: Mapping[str, object], name: str) -> int | None:
    """A field as an unsigned word; some agents write numbers as text. Only losses may be negative."""
    value = told.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    lowest, end = (-(_LOST >> 1), _LOST) if name == "packets_lost" else (0, _WORD)
    return value if lowest <= value < end else None
