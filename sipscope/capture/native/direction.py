"""One direction of a TCP connection: segments put in order, holes passed, and the judgement whether it is SIP.

Bytes are kept only while they may be SIP: a few segments until the direction is judged, and segments that wait
for one in front of them. What is in order goes up at once.
"""

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.content import ended_reason, is_keep_alive, sip_start, stream_reason
from sipscope.capture.native.hep_stream import is_hep
from sipscope.capture.native.segment import distance
from sipscope.capture.native.websocket import is_small_frame, is_websocket
from sipscope.model.time import MILLISECOND, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipscope.capture.native.origin import Origin
    from sipscope.capture.native.segment import Segment
    from sipscope.model.time import Duration, Instant

JUDGED_SEGMENTS = 8
"""How many segments a direction is judged by before it is given up."""

JUDGED_LEAST = 256
"""How many bytes it is judged by at least: a slow sender, or a person with telnet, sends a start line byte by byte."""

JUDGED_BYTES = 64 << 10
"""How many bytes at most are kept for that judgement: more than the largest SIP message over UDP."""

WAITING_BYTES = 256 << 10
"""How many bytes at most wait behind a hole: about the largest window that SIP connections use."""

WAITING_TIME: "Duration" = SECOND
"""How long they wait: a first retransmission comes well within (RFC 6298 §2.1)."""

ACKNOWLEDGED_WAITING_TIME: "Duration" = 20 * MILLISECOND
"""How long they wait when the receiver has acknowledged what the capture lacks; the frame can only be misplaced."""

_WILD_DISTANCE = 1 << 24


class Verdict(Enum):
    """What a direction carries, as far as is known."""

    OPEN = "open"
    SIP = "sip"
    WEBSOCKET = "websocket"
    HEP = "hep"
    TLS = "tls"
    OTHER = "other"


_READ = frozenset({Verdict.SIP, Verdict.WEBSOCKET, Verdict.HEP, Verdict.TLS})
"""Verdicts of which the bytes go up."""


class Piece(NamedTuple):
    """Stream bytes in order, from one segment.

    Attributes:
        payload: The bytes that are new.
        origin: The frames of the segment.
        behind_gap: Bytes are missing in front of it.
        missing: How many, None where that isn't known.
        completed_by: The last frame that had to come before it could go up.
    """

    payload: bytes
    origin: "Origin"
    behind_gap: bool
    missing: int | None
    completed_by: int


class Direction:
    """Reassembles one direction.

    Attributes:
        verdict: What it carries.
        reason: Why its frames are set aside, once it is known not to be SIP.
        set_aside: Reasons and numbers of frames since the last look; the owner counts and clears them.
    """

    __slots__ = (
        "_behind_gap",
        "_first_sequence",
        "_held",
        "_missing",
        "_next",
        "_waiting",
        "reason",
        "set_aside",
        "verdict",
    )

    def __init__(self) -> None:
        self.verdict = Verdict.OPEN
        self.reason = "tcp-not-sip"
        self.set_aside: list[tuple[str, int]] = []
        self._first_sequence: int | None = None
        self._next: int | None = None
        self._waiting: list[Segment] = []
        self._held: deque[Piece] = deque()
        self._behind_gap = False
        self._missing: int | None = None

    @property
    def is_other(self) -> bool:
        """Whether it is known to carry no SIP."""
        return self.verdict is Verdict.OTHER

    @property
    def is_websocket(self) -> bool:
        """Whether its bytes are frames of WebSocket, behind the handshake or from the middle on."""
        return self.verdict is Verdict.WEBSOCKET

    @property
    def is_hep(self) -> bool:
        """Whether its bytes are what a capture agent tells a collector."""
        return self.verdict is Verdict.HEP

    @property
    def is_tls(self) -> bool:
        """Whether its bytes are records of TLS that tell of the handshake."""
        return self.verdict is Verdict.TLS

    def is_opened_again_by(self, segment: "Segment") -> bool:
        """Whether a SYN starts another connection on the same ports, rather than repeating itself."""
        return segment.is_syn and self._next is not None and segment.sequence != self._first_sequence

    def open(self, segment: "Segment") -> None:
        """Take a SYN in: the first byte follows it."""
        if self._next is None:
            self._first_sequence = segment.sequence
            self._next = (segment.sequence + 1) & 0xFFFFFFFF

    def add(self, segment: "Segment", now: "Instant") -> list[Piece]:
        """Take a segment with payload in; what can go up, in order."""
        if self._next is None:
            self._next = segment.sequence
        ahead = distance(segment.sequence, self._next)
        if ahead > 0:
            self._waiting.append(segment)
            if ahead > _WILD_DISTANCE or sum(len(each.payload) for each in self._waiting) > WAITING_BYTES:
                return self._judged(self._behind_hole())
            return self._judged(self.overdue(now, None))
        pieces = self._in_order(segment, segment.origin)
        return self._judged(pieces + self._no_longer_waiting(segment.origin))

    def overdue(self, now: "Instant", acknowledged: int | None) -> list[Piece]:
        """Pass a hole that has been waited for long enough, or that the receiver knows nothing of."""
        pieces: list[Piece] = []
        while self._waiting and self._next is not None:
            waited = abs(now - self._waiting[0].origin.at)
            is_received = acknowledged is not None and distance(acknowledged, self._next) > 0
            if waited <= (ACKNOWLEDGED_WAITING_TIME if is_received else WAITING_TIME):
                break
            pieces += self._behind_hole()
        return pieces

    def acknowledge(self, now: "Instant", acknowledged: int | None) -> list[Piece]:
        """Learn what the receiver has; what can go up because of it."""
        return self._judged(self.overdue(now, acknowledged)) if self._waiting else []

    def finish(self) -> list[Piece]:
        """Nothing more comes: pass all holes, and judge by what there is."""
        pieces: list[Piece] = []
        while self._waiting:
            pieces += self._behind_hole()
        pieces = self._judged(pieces)
        if self.verdict is Verdict.OPEN:
            self.give_up(ended_reason(b"".join(piece.payload for piece in self._held)))
        return pieces

    def give_up(self, reason: str) -> None:
        """Learn that it carries no SIP but what `reason` says; what is kept of it is set aside."""
        self.verdict, self.reason = Verdict.OTHER, reason
        count = sum(len(piece.origin.frames) for piece in self._held)
        if count:
            self.set_aside.append((reason, count))
        self._held.clear()
        for segment in self._waiting:
            self.set_aside.append((reason, len(segment.origin.frames)))
        self._waiting.clear()

    def _in_order(self, segment: "Segment", completed_by: "Origin") -> list[Piece]:
        """The bytes of a segment that starts at or before the next expected byte."""
        next_sequence = self._next if self._next is not None else segment.sequence
        known = -distance(segment.sequence, next_sequence)
        if known >= len(segment.payload):
            self.set_aside.append(("tcp-retransmission", len(segment.origin.frames)))
            return []
        self._next = (segment.sequence + len(segment.payload)) & 0xFFFFFFFF
        origin = segment.origin._replace(at=max(segment.origin.at, completed_by.at))
        piece = Piece(segment.payload[known:], origin, self._behind_gap, self._missing, completed_by.frames[-1])
        self._behind_gap, self._missing = False, None
        return [piece]

    def _no_longer_waiting(self, completed_by: "Origin") -> list[Piece]:
        """The waiting segments that are in order since another one came."""
        pieces: list[Piece] = []
        while self._waiting and self._next is not None:
            next_sequence = self._next
            first = min(self._waiting, key=lambda each: distance(each.sequence, next_sequence))
            if distance(first.sequence, next_sequence) > 0:
                break
            self._waiting.remove(first)
            pieces += self._in_order(first, completed_by)
        return pieces

    def _behind_hole(self) -> list[Piece]:
        """Go on behind the hole in front of the waiting segments."""
        if self._next is None:
            return []
        next_sequence = self._next
        first = min(self._waiting, key=lambda each: distance(each.sequence, next_sequence))
        ahead = distance(first.sequence, next_sequence)
        self._missing = ahead if 0 < ahead <= _WILD_DISTANCE else None
        self._behind_gap = True
        self._next = first.sequence
        self._waiting.remove(first)
        pieces = self._in_order(first, first.origin)
        return pieces + self._no_longer_waiting(first.origin)

    def _judged(self, pieces: list[Piece]) -> list[Piece]:
        """Hold pieces back until the direction is known to be SIP; drop them where it isn't."""
        if self.verdict in _READ:
            return pieces
        self._held.extend(pieces)
        verdict = self._judge() if self.verdict is Verdict.OPEN and pieces else self.verdict
        self.verdict = verdict
        if verdict in _READ:
            released = list(self._held)
            self._held.clear()
            return released
        if verdict is Verdict.OTHER:
            self.give_up(self.reason)
        return []

    def _judge(self) -> Verdict:
        data = b"".join(piece.payload for piece in self._held)
        # Frames come first: the length in front of a message may look like the end of a line.
        for verdict, is_one in ((Verdict.HEP, is_hep), (Verdict.WEBSOCKET, is_websocket)):
            start = self._segment_start(data, is_one)
            if start is not None:
                self._skip(start)
                return verdict
        start = sip_start(data)
        if start is not None:
            if data[:start].strip(b"\r\n"):
                self._skip(start)
            return Verdict.SIP
        telling = sum(not (is_keep_alive(piece.payload) or is_small_frame(piece.payload)) for piece in self._held)
        if stream_reason(data) == "tls":
            return Verdict.TLS
        if (telling >= JUDGED_SEGMENTS and len(data) >= JUDGED_LEAST) or len(data) > JUDGED_BYTES:
            self.reason = stream_reason(data)
            return Verdict.OTHER
        if not telling and len(self._held) > JUDGED_SEGMENTS:
            # Keep-alives alone tell nothing yet, so the direction stays open while the oldest are let go.
            oldest = self._held.popleft()
            self.set_aside.append(("keep-alive", len(oldest.origin.frames)))
        return Verdict.OPEN

    def _segment_start(self, data: bytes, is_one: "Callable[[bytes], bool]") -> int | None:
        """Where frames of a kind begin in the held bytes, which is where a segment does; None if they don't."""
        start = 0
        for piece in self._held:
            if is_one(data[start:]):
                return start
            start += len(piece.payload)
        return None

    def _skip(self, start: int) -> None:
        """Drop what stands before the first message: the rest of one whose beginning wasn't captured."""
        if not start:
            return
        while start and self._held:
            piece = self._held.popleft()
            if start < len(piece.payload):
                self._held.appendleft(piece._replace(payload=piece.payload[start:], behind_gap=True))
                return
            start -= len(piece.payload)
            self.set_aside.append(("tcp-before-first-message", len(piece.origin.frames)))
        if self._held:
            self._held.appendleft(self._held.popleft()._replace(behind_gap=True))
