"""SIP messages from one direction of a WebSocket connection (RFC 7118 §4).

Every message of WebSocket holds one message of SIP (RFC 7118 §4.2). It may come in several frames, with pings and
pongs between them, and compressed.
"""

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.content import is_keep_alive, is_sip
from sipscope.capture.native.websocket import (
    CONTINUATION,
    LARGEST_HEAD,
    LARGEST_MESSAGE,
    Inflater,
    frame_header,
    is_frame_start,
    is_head,
    is_websocket,
    names_sip,
    unmasked,
)

if TYPE_CHECKING:
    from sipscope.capture.native.direction import Piece
    from sipscope.capture.native.origin import Origin
    from sipscope.capture.native.websocket import FrameHeader

JUDGED_MESSAGES = 8
"""How many messages without SIP end the interest in a connection that didn't agree on the subprotocol `sip`."""

INCOMPLETE = "websocket-incomplete"
NOT_SIP = "websocket-not-sip"
_HANDSHAKE = "websocket-handshake"
_CONTROL = "websocket-control"
_KEEP_ALIVE = "keep-alive"
_COMPRESSED = "websocket-not-inflatable"


class SipMessage(NamedTuple):
    """A message of SIP and where it comes from.

    Attributes:
        payload: Its bytes.
        origin: The frames its bytes came in, and the time it was complete.
        completed_by: The frame by which it became known, which is its place in capture order.
    """

    payload: bytes
    origin: "Origin"
    completed_by: int


class _Span:
    """The bytes of one segment, until all of them are read."""

    __slots__ = ("end", "is_used", "piece", "reason")

    def __init__(self, piece: "Piece", end: int) -> None:
        self.piece = piece
        self.end = end
        self.is_used = False
        self.reason = INCOMPLETE


class WebSocketMessages:
    """Reads one direction. Positions count the bytes since it began.

    Attributes:
        set_aside: Reasons and numbers of frames since the last look; the owner counts and clears them.
        is_other: Nothing of SIP came, and none was agreed upon.
    """

    def __init__(self) -> None:
        self.set_aside: list[tuple[str, int]] = []
        self.is_other = False
        self._spans: deque[_Span] = deque()
        self._buffer = bytearray()
        self._position = 0
        self._content = bytearray()
        self._content_spans: list[_Span] = []
        self._message_begin: int | None = None
        self._is_compressed = False
        self._is_lost = False
        self._inflater = Inflater()
        self._is_agreed = False
        self._strange = 0

    def add(self, piece: "Piece") -> list[SipMessage]:
        """Take stream bytes in; the messages that are complete because of them."""
        if piece.behind_gap and self._position + len(self._buffer):
            self._lose()
        if self._is_lost and not is_websocket(piece.payload):
            self.set_aside.append((INCOMPLETE, len(piece.origin.frames)))
            return []
        self._is_lost = False
        self._spans.append(_Span(piece, self._position + len(self._buffer) + len(piece.payload)))
        self._buffer += piece.payload
        messages: list[SipMessage] = []
        while self._buffer and (size := self._read(messages)):
            self._consume(size)
        return messages

    def finish(self) -> None:
        """Nothing more comes: what is incomplete is set aside."""
        self._lose()

    def _read(self, messages: list[SipMessage]) -> int:
        """Read what is in front; how many bytes that were, 0 when more have to come."""
        if is_head(self._buffer):
            return self._head()
        header = frame_header(self._buffer, 0)
        if not is_frame_start(self._buffer[0]) or (header is not None and not header.is_plausible):
            self._lose()
            return 0
        if header is None or len(self._buffer) < header.size + header.length:
            return 0
        end = header.size + header.length
        payload = unmasked(bytes(self._buffer[header.size : end]), header.mask)
        if header.is_control:
            _mark(self._between(self._position, self._position + end), _CONTROL)
        else:
            messages.extend(self._data(header, payload, self._position + end))
        return end

    def _head(self) -> int:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > LARGEST_HEAD:
                self._lose()
            return 0
        self._is_agreed |= names_sip(bytes(self._buffer[: end + 2]))
        _mark(self._between(self._position, self._position + end + 4), _HANDSHAKE)
        return end + 4

    def _data(self, header: "FrameHeader", payload: bytes, end: int) -> list[SipMessage]:
        """Take a frame of a message in; the message, if it is complete and SIP."""
        if header.opcode != CONTINUATION:
            self._start(self._position)
            self._is_compressed = header.is_compressed
        elif self._message_begin is None:
            return []
        self._content += payload
        self._content_spans += self._between(self._position, end)
        if len(self._content) > LARGEST_MESSAGE:
            self._start(None)
            self._inflater.restart()
        if self._message_begin is None or not header.is_final:
            return []
        whole, spans = bytes(self._content), self._content_spans
        self._start(None)
        return self._judged(self._inflater.inflate(whole) if self._is_compressed else whole, spans)

    def _start(self, begin: int | None) -> None:
        """Wait for the frames of a message that begins at `begin`, or for none."""
        self._message_begin = begin
        self._content = bytearray()
        self._content_spans = []

    def _judged(self, content: bytes | None, spans: list[_Span]) -> list[SipMessage]:
        if content is None:
            _mark(spans, _COMPRESSED)
        elif is_sip(content):
            # A connection in which SIP was seen is one of SIP.
            self._is_agreed = True
            return [SipMessage(content, _used(spans), self._spans[-1].piece.completed_by)]
        elif is_keep_alive(content):
            _mark(spans, _KEEP_ALIVE)
        else:
            _mark(spans, NOT_SIP)
            self._strange += 1
            self.is_other = self._strange >= JUDGED_MESSAGES and not self._is_agreed
        return []

    def _between(self, begin: int, end: int) -> list[_Span]:
        """The segments that the bytes of a frame came in, which are among the last."""
        found: list[_Span] = []
        for span in reversed(self._spans):
            if span.end <= begin:
                break
            if span.end - len(span.piece.payload) < end:
                found.append(span)
        return found[::-1]

    def _consume(self, size: int) -> None:
        """Let go of bytes, and of the segments that neither they nor a message that goes on are in."""
        del self._buffer[:size]
        self._position += size
        kept = self._position if self._message_begin is None else self._message_begin
        while self._spans and self._spans[0].end <= kept:
            self._retire(self._spans.popleft())

    def _retire(self, span: _Span) -> None:
        if not span.is_used:
            self.set_aside.append((span.reason, len(span.piece.origin.frames)))

    def _lose(self) -> None:
        """Give up what isn't complete; reading goes on where a segment begins with a frame that carries SIP."""
        while self._spans:
            self._retire(self._spans.popleft())
        self._position += len(self._buffer)
        self._buffer.clear()
        self._start(None)
        self._inflater.restart()
        self._is_lost = True


def _used(spans: list[_Span]) -> "Origin":
    """The frames that the bytes of a message came in, which count as used."""
    frames: dict[int, None] = {}
    for span in spans:
        span.is_used = True
        frames.update(dict.fromkeys(span.piece.origin.frames))
    return spans[-1].piece.origin._replace(frames=tuple(sorted(frames)))


def _mark(spans: list[_Span], reason: str) -> None:
    """Say what bytes were, should nothing of their segments be used."""
    for span in spans:
        span.reason = reason
