"""Bytes of one direction of a connection that wait to be read, with the segments they came in.

Readers of messages that segments cut anywhere share this: each segment ends as part of a message or set aside with a
reason, once.
"""

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipscope.capture.native.direction import Piece
    from sipscope.capture.native.origin import Origin


class Span:
    """The bytes of one segment, until all of them are read.

    Attributes:
        piece: The segment's part of the stream.
        end: The position behind its last byte.
        is_used: A message holds bytes of it.
        reason: Why it is set aside if none does.
    """

    __slots__ = ("end", "is_used", "piece", "reason")

    def __init__(self, piece: "Piece", end: int, reason: str) -> None:
        self.piece = piece
        self.end = end
        self.is_used = False
        self.reason = reason


class Unread:
    """What waits. Positions count the bytes since the direction began.

    Attributes:
        buffer: The bytes that wait.
        position: Where they begin.
        set_aside: Reasons and numbers of frames since the last look; the owner counts and clears them.
    """

    def __init__(self, incomplete: str) -> None:
        """Start empty; segments that nothing is said of are set aside as `incomplete`."""
        self.buffer = bytearray()
        self.position = 0
        self.set_aside: list[tuple[str, int]] = []
        self._incomplete = incomplete
        self._spans: deque[Span] = deque()

    @property
    def completed_by(self) -> int:
        """The frame by which the newest bytes became known."""
        return self._spans[-1].piece.completed_by

    def add(self, piece: "Piece") -> None:
        """Take stream bytes in."""
        self._spans.append(Span(piece, self.position + len(self.buffer) + len(piece.payload), self._incomplete))
        self.buffer += piece.payload

    def between(self, begin: int, end: int) -> list[Span]:
        """The segments that the bytes of a stretch came in, which are among the last."""
        found: list[Span] = []
        for span in reversed(self._spans):
            if span.end <= begin:
                break
            if span.end - len(span.piece.payload) < end:
                found.append(span)
        return found[::-1]

    def consume(self, size: int, kept: int | None = None) -> None:
        """Let go of bytes, and of the segments that none from `kept`, or of what still waits, are in."""
        del self.buffer[:size]
        self.position += size
        kept = self.position if kept is None else kept
        while self._spans and self._spans[0].end <= kept:
            self._retire(self._spans.popleft())

    def clear(self) -> None:
        """Let go of everything that waits."""
        while self._spans:
            self._retire(self._spans.popleft())
        self.position += len(self.buffer)
        self.buffer.clear()

    def _retire(self, span: Span) -> None:
        if not span.is_used:
            self.set_aside.append((span.reason, len(span.piece.origin.frames)))


def used(spans: "Sequence[Span]") -> "Origin":
    """The frames that the bytes of a message came in, which count as used."""
    for span in spans:
        span.is_used = True
    return origin_of(spans)


def origin_of(spans: "Sequence[Span]") -> "Origin":
    """The frames that the bytes of a message came in, and the time it was complete."""
    frames = {number for span in spans for number in span.piece.origin.frames}
    return spans[-1].piece.origin._replace(frames=tuple(sorted(frames)))


def mark(spans: "Sequence[Span]", reason: str) -> None:
    """Say what bytes were, should nothing of their segments be used."""
    for span in spans:
        span.reason = reason
