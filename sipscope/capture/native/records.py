"""Packet records of a capture file as columns, whatever format they came from."""

from typing import TYPE_CHECKING

from sipscope.values import dataclass

if TYPE_CHECKING:
    from sipscope.capture.native.window import Window
    from sipscope.model.packets import IntegerColumn

LARGEST_RECORD = 16 << 20
"""A record that claims more bytes is damage: no link type has packets of that size, and Wireshark refuses more
than 256 KiB for nearly all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Successive packet records. The offsets hold until the window is refilled.

    Attributes:
        window: Where the bytes are.
        first_number: Frame number of the first record; the others follow without a break.
        start: Offset of each packet's first byte in the window's buffer.
        captured: How many of its bytes are there.
        original: How many bytes the packet had on the wire, as the record says.
        at: Capture times in nanoseconds.
        link: Link types; −1 where the file names none.
    """

    window: "Window"
    first_number: int
    start: "IntegerColumn"
    captured: "IntegerColumn"
    original: "IntegerColumn"
    at: "IntegerColumn"
    link: "IntegerColumn"

    def __len__(self) -> int:
        """How many records there are."""
        return len(self.start)
