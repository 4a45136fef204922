"""Where payload bytes come from, carried along while layers are peeled."""

from typing import NamedTuple

from sipscope.model.time import Instant


class Origin(NamedTuple):
    """The frames behind a payload.

    Attributes:
        frames: Frame numbers, ascending.
        at: Capture time of the frame that completed it, nanoseconds.
        identification: IPv4 identification of the innermost packet, None for IPv6.
        dscp: Differentiated services code point of the innermost packet.
        is_cut: The payload isn't all there.
    """

    frames: tuple[int, ...]
    at: Instant
    identification: int | None = None
    dscp: int = 0
    is_cut: bool = False
