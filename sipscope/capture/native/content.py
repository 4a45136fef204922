"""What a payload looks like, judged by its bytes: signalling, media, or a reason to set it aside.

SIP is found by content on any port. The rule, after leading blanks, line ends and NULs:

1. The first line is text, begins like a start line — `SIP/`, or a method of token characters and a blank — and
   holds `SIP/` (RFC 3261 §7.1, §7.2; the version is case-insensitive).
2. Or, so that a damaged start line doesn't hide a message: it begins with a method that is known and a blank, or
   holds `SIP/2.0` within its first 4 KiB and has the line of a Via, Call-ID or CSeq header there.

Text that quotes SIP, such as a syslog line, begins with other characters and stays outside.
"""

import re
from enum import Enum

RTP_BYTES = 12
"""The fixed part of an RTP header (RFC 3550 §5.1); a shorter payload is none."""

RTCP_BYTES = 4
"""The part of an RTCP header that all packet types share (RFC 3550 §6.4.1)."""

NAME_PORTS = (53, 137, 5353)
"""Ports of name services, whose random identifiers look like the first byte of RTP once in four."""

_SEARCHED = 4096
_SHORTEST = 8
_BLANKS = b"\r\n\t \0"

# token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~"), RFC 3261 §25.1
_TOKEN = rb"[A-Za-z0-9\-.!%*_+`'~]"
_START_LINE = re.compile(
    rb"(?:SIP/|" + _TOKEN + rb"+[ \t][^\x00-\x08\n-\x1f]*?SIP/)",
    re.IGNORECASE,
)
# What nearly all messages begin with; the rule finds all of these too.
_USUAL_START = re.compile(rb"SIP/2\.0 |[A-Z]++ [!-~]++ SIP/2\.0")
_METHOD = re.compile(
    rb"(?:INVITE|ACK|BYE|CANCEL|OPTIONS|REGISTER|PRACK|SUBSCRIBE|NOTIFY|PUBLISH|INFO|REFER|MESSAGE|UPDATE)"
    rb" +(?:sips?|tel|urn):",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"\n(?:Via|v|Call-ID|i|CSeq)[ \t]*:", re.IGNORECASE)
_STREAM_START = re.compile(
    rb"(?:\A|(?<=\n))(?:SIP/\d+\.\d+[ ]|" + _TOKEN + rb"{1,32}[ ][^\r\n ]{1,2048}[ ]SIP/\d)",
    re.IGNORECASE,
)
# A line that more bytes could make a start line.
_BEGINNING = re.compile(
    rb"SIP(?:/[\d.]{0,7})?|" + _TOKEN + rb"{1,32}(?:[ ](?:[^\r\n ]{1,2048}(?:[ ](?:S(?:I(?:P/?)?)?)?)?)?)?",
    re.IGNORECASE,
)

_STUN_COOKIE = b"\x21\x12\xa4\x42"
_KEEP_ALIVES = (b"jaK", b"hello", b"HELLO")


class Likeness(Enum):
    """What the first bytes of a datagram's payload look like."""

    SIGNALLING = "signalling"
    MEDIA = "media"
    CONTROL = "control"
    OTHER = "other"


def likeness(payload: bytes, source_port: int, destination_port: int, length: int) -> Likeness:
    """What a datagram looks like; `length` is that of the payload on the wire.

    RFC 7983 §7: a first byte of 128–191 is RTP or RTCP; RFC 5761 §4: with a second byte of 192–223 it is RTCP.
    """
    if not payload:
        return Likeness.OTHER
    if payload[0] & 0xC0 == 0x80 and source_port not in NAME_PORTS and destination_port not in NAME_PORTS:
        if len(payload) >= RTCP_BYTES and 192 <= payload[1] <= 223:
            return Likeness.CONTROL
        if length >= RTP_BYTES and len(payload) >= RTP_BYTES:
            return Likeness.MEDIA
    return Likeness.SIGNALLING if is_sip(payload) else Likeness.OTHER


def is_sip(payload: bytes) -> bool:
    """Whether a payload looks like a SIP message, by the rule of this module."""
    if len(payload) >= _SHORTEST and _START_LINE.match(payload, 0, _SEARCHED):
        return True
    head = payload[:_SEARCHED].lstrip(_BLANKS)
    if len(head) < _SHORTEST:
        return False
    if _START_LINE.match(head) or _METHOD.match(head):
        return True
    if head[0] < 0x20 or b"SIP/2.0" not in head or not _HEADER.search(head):
        return _is_long_request(payload, head)
    return head[:1] not in b'<{["#'


def is_usual_sip(payload: bytes) -> "re.Match[bytes] | None":
    """Something if a payload begins as nearly all SIP messages do; others may be SIP too."""
    return _USUAL_START.match(payload, 0, _SEARCHED)


def sip_start(data: bytes) -> int | None:
    """Where the first SIP start line at the beginning of a line is in stream bytes; None if there is none."""
    match = _STREAM_START.search(data)
    return match.start() if match else None


def sip_starts(data: bytes) -> list[int]:
    """Where SIP start lines are at the beginnings of lines."""
    return [match.start() for match in _STREAM_START.finditer(data)]


def reason_to_set_aside(payload: bytes, source_port: int, destination_port: int) -> str:
    """A coarse name for a datagram that is neither signalling nor media."""
    if not payload:
        return "udp-empty"
    if is_keep_alive(payload):
        return "keep-alive"
    if source_port in NAME_PORTS or destination_port in NAME_PORTS:
        return "dns"
    return _media_companion(payload) or "udp-other"


def is_keep_alive(payload: bytes) -> bool:
    """Whether a payload only keeps a binding open: line ends (RFC 5626 §3.5.1), blanks, NULs, devices' words."""
    return not payload.strip(_BLANKS) or (len(payload) <= 8 and payload.startswith(_KEEP_ALIVES))


def stream_reason(data: bytes) -> str:
    """A coarse name for a TCP stream that carries no SIP."""
    if not data.strip(_BLANKS):
        return "keep-alive"
    if data[:1] in {b"\x14", b"\x15", b"\x16", b"\x17"} and data[1:2] == b"\x03":
        return "tls"
    return "tcp-not-sip"


def ended_reason(data: bytes) -> str:
    """The name for a TCP stream that ended, or was cut, before its bytes told what it carries."""
    reason = stream_reason(data)
    if reason == "tcp-not-sip" and _BEGINNING.fullmatch(data[data.rfind(b"\n") + 1 :]):
        return "tcp-undecided"
    return reason


def _media_companion(payload: bytes) -> str | None:
    """What shares a port with media (RFC 7983 §7, RFC 6189 §5); None for anything else."""
    first = payload[0]
    if first < 4 and payload[4:8] == _STUN_COOKIE:
        return "stun"
    if 20 <= first <= 63 and payload[1:2] == b"\xfe":
        return "dtls"
    if first == 0x10 and payload[4:8] == b"ZRTP":
        return "zrtp"
    return None


def _is_long_request(payload: bytes, head: bytes) -> bool:
    """A start line longer than what is searched, such as a method of 32 KiB."""
    if b"\n" in head or len(payload) <= _SEARCHED or not re.fullmatch(_TOKEN + rb"+(?:[ \t][ -~]*)?", head):
        return False
    return b"SIP/2.0" in payload
