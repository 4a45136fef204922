"""Random SIP messages between three parties, and captures of them: for claims that hold whatever comes."""

import struct
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.trace_script import Compiler

ADDRESSES = ("192.0.2.10", "192.0.2.20", "192.0.2.30")
METHODS = (
    *("INVITE", "INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO", "REFER", "NOTIFY", "SUBSCRIBE"),
    *("REGISTER", "OPTIONS", "MESSAGE", "PUBLISH", "NEWFANGLED"),
)
STATUSES = (100, 180, 183, 199, 200, 202, 302, 401, 407, 408, 422, 481, 486, 487, 488, 491, 500, 503, 603, 699)
EXTRAS = (
    "",
    "Require: 100rel\r\nRSeq: 1\r\n",
    "Require: 100rel\r\nRSeq: 2\r\n",
    "RAck: 1 1 INVITE\r\n",
    "Refer-To: <sip:c@192.0.2.30>\r\n",
    "Refer-To: <sip:c@192.0.2.30?Replaces=1%40x%3Bto-tag%3Da%3Bfrom-tag%3Db>\r\n",
    "Replaces: 1@x;to-tag=a;from-tag=b\r\n",
    "Join: 2@x;to-tag=a;from-tag=c\r\n",
    "Event: refer\r\nSubscription-State: active;expires=60\r\n",
    "Event: refer\r\nSubscription-State: terminated;reason=noresource\r\n",
    "Event: presence\r\nSubscription-State: pending\r\n",
    "Expires: 0\r\n",
    "Session-Expires: 90;refresher=uac\r\nMin-SE: 90\r\n",
    "Route: <sip:192.0.2.20;lr>\r\nRecord-Route: <sip:192.0.2.20;lr>\r\n",
    "Reason: SIP;cause=200\r\n",
)
BODIES = (
    ("", ""),
    (
        "application/sdp",
        "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
    ),
    (
        "application/sdp",
        "v=0\r\no=- 1 2 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n",
    ),
    ("message/sipfrag", "SIP/2.0 100 Trying\r\n"),
    ("message/sipfrag", "SIP/2.0 486 Busy Here\r\n"),
    ("application/dtmf-relay", "Signal=5\r\nDuration=100\r\n"),
)
PAUSES = (0.01, 0.01, 0.1, 0.5, 4.0, 33.0, 200.0)
"""Seconds between messages: never so short that a copy of one frame comes behind the next frame."""


@dataclass(frozen=True)
class Shape:
    """What decides where a message belongs."""

    source: int
    target: int
    method: str
    status: int | None
    call: int
    from_tag: str
    to_tag: str
    branch: int
    cseq: int
    extra: str
    body: tuple[str, str]
    pause: float

    @property
    def payload(self) -> bytes:
        """The message."""
        start = (
            f"{self.method} sip:b@{ADDRESSES[self.target]} SIP/2.0"
            if self.status is None
            else f"SIP/2.0 {self.status} Any"
        )
        client = self.source if self.status is None else self.target
        kind, body = self.body
        return (
            f"{start}\r\nVia: SIP/2.0/UDP {ADDRESSES[client]}:5060;branch=z9hG4bK{self.branch}\r\n"
            f"From: <sip:a@192.0.2.10>;tag={self.from_tag}\r\n"
            f"To: <sip:b@192.0.2.20>{f';tag={self.to_tag}' if self.to_tag else ''}\r\n"
            f"Call-ID: {self.call}@x\r\nCSeq: {self.cseq} {self.method}\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:p@{ADDRESSES[self.source]}:5060>\r\n{self.extra}"
            f"{f'Content-Type: {kind}' + chr(13) + chr(10) if kind else ''}Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


SHAPES = st.builds(
    lambda ends, *rest: Shape(*ends, *rest),
    st.sampled_from([(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]),
    st.sampled_from(METHODS),
    st.one_of(st.none(), st.sampled_from(STATUSES)),
    st.integers(1, 2),
    st.sampled_from("abc"),
    st.sampled_from(("", "a", "b", "c")),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(EXTRAS),
    st.sampled_from(BODIES),
    st.sampled_from(PAUSES),
)

SEQUENCES = st.lists(SHAPES, min_size=1, max_size=25)


def capture_of_shapes(shapes: list[Shape]) -> bytes:
    """A pcap file with one frame a message."""
    compiler, at = Compiler(""), 0.0
    for shape in shapes:
        at += shape.pause
        compiler._packet(at, ADDRESSES[shape.source], 5060, ADDRESSES[shape.target], 5060, shape.payload)
    return compiler.capture()


def frames_in(capture: bytes) -> list[bytes]:
    """The records of a pcap file of our own making, each with its header."""
    found, at = [], 24
    while at < len(capture):
        (length,) = struct.unpack_from("<I", capture, at + 8)
        found.append(capture[at : at + 16 + length])
        at += 16 + length
    return found


def with_frames(capture: bytes, frames: list[bytes]) -> bytes:
    """The same file with other records."""
    return capture[:24] + b"".join(frames)


def later(frame: bytes, nanoseconds: int) -> bytes:
    """The same frame, captured that much later."""
    seconds, fraction, *lengths = struct.unpack_from("<IIII", frame)
    at = seconds * 10**9 + fraction + nanoseconds
    return struct.pack("<IIII", at // 10**9, at % 10**9, *lengths) + frame[16:]
