"""SIP messages from one direction of a WebSocket connection (RFC 7118 §4).

Every message of WebSocket holds one message of SIP (RFC 7118 §4.2). It may come in several frames, with pings and
pongs between them, and compressed.
"""

from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.content import is_keep_alive, is_sip
from sipscope.capture.native.unread import Span, Unread, mark, used
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


class WebSocketMessages:
    """Reads one direction. Positions count the bytes since it began.

    Attributes:
        is_other: Nothing of SIP came, and none was agreed upon.
    """

    def __init__(self) -> None:
        self.is_other = False
        self._unread = Unread(INCOMPLETE)
        self._content = bytearray()
        self._content_spans: list[Span] = []
        self._message_begin: int | None = None
        self._is_compressed = False
        self._is_lost = False
        self._inflater = Inflater()
        self._is_agreed = False
        self._strange = 0

    @property
    def set_aside(self) -> list[tuple[str, int]]:
        """Reasons and numbers of frames since the last look; the owner counts and clears them."""
        return self._unread.set_aside

    def add(self, piece: "Piece") -> list[SipMessage]:
        """Take stream bytes in; the messages that are complete because of them."""
        if piece.behind_gap and self._unread.position + len(self._unread.buffer):
            self._lose()
        if self._is_lost and not is_websocket(piece.payload):
            self.set_aside.append((INCOMPLETE, len(piece.origin.frames)))
            return []
        self._is_lost = False
        self._unread.add(piece)
        messages: list[SipMessage] = []
        while self._unread.buffer and (size := self._read(messages)):
            self._unread.consume(size, self._message_begin)
        return messages

    def finish(self) -> None:
        """Nothing more comes: what is incomplete is set aside."""
        self._lose()

    def _read(self, messages: list[SipMessage]) -> int:
        """Read what is in front; how many bytes that were, 0 when more have to come."""
        if is_head(self._unread.buffer):
            return self._head()
        buffer, position = self._unread.buffer, self._unread.position
        header = frame_header(buffer, 0)
        if not is_frame_start(buffer[0]) or (header is not None and not header.is_plausible):
            self._lose()
            return 0
        if header is None or len(buffer) < header.size + header.length:
            return 0
        end = header.size + header.length
        payload = unmasked(bytes(buffer[header.size : end]), header.mask)
        if header.is_control:
            mark(self._unread.between(position, position + end), _CONTROL)
        else:
            messages.extend(self._data(header, payload, position + end))
        return end

    def _head(self) -> int:
        buffer, position = self._unread.buffer, self._unread.position
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > LARGEST_HEAD:
                self._lose()
            return 0
        self._is_agreed |= names_sip(bytes(buffer[: end + 2]))
        mark(self._unread.between(position, position + end + 4), _HANDSHAKE)
        return end + 4

    def _data(self, header: "FrameHeader", payload: bytes, end: int) -> list[SipMessage]:
        """Take a frame of a message in; the message, if it is complete and SIP."""
        if header.opcode != CONTINUATION:
            self._start(self._unread.position)
            self._is_compressed = header.is_compressed
        elif self._message_begin is None:
            return []
        self._content += payload
        self._content_spans += self._unread.between(self._unread.position, end)
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

    def _judged(self, content: bytes | None, spans: list[Span]) -> list[SipMessage]:
        if content is None:
            mark(spans, _COMPRESSED)
        elif is_sip(content):
            # A connection in which SIP was seen is one of SIP.
            self._is_agreed = True
            return [SipMessage(content, used(spans), self._unread.completed_by)]
        elif is_keep_alive(content):
            mark(spans, _KEEP_ALIVE)
        else:
            mark(spans, NOT_SIP)
            self._strange += 1
            self.is_other = self._strange >= JUDGED_MESSAGES and not self._is_agreed
        return []

    def _lose(self) -> None:
        """Give up what isn't complete; reading goes on where a segment begins with a frame that carries SIP."""
        self._unread.clear()
        self._start(None)
        self._inflater.restart()
        self._is_lost = True
