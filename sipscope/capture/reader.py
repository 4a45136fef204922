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

    def place(self) -> "tuple[str, int | None]":
        """The file that is being read and how many bytes of all files have been, None where that isn't known."""
        ...

    def facts(self) -> "CaptureFacts":
        """What is known of the file; complete once `chunks` is exhausted."""
        ...
