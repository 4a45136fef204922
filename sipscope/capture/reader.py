"""What every capture engine offers."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.model.packets import CaptureFacts, Chunk


class CaptureReader(Protocol):
    """One capture, read once, in order."""

    def chunks(self) -> "Iterator[Chunk]":
        """The content of the file, stretch by stretch; may be called once."""
        ...

    def facts(self) -> "CaptureFacts":
        """What is known of the file; complete once `chunks` is exhausted."""
        ...
