"""The interfaces of a pcapng section: what they are, what a tick of their clock is worth, what they dropped."""

import struct
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.block_options import options_of, text_of
from sipscope.capture.native.ledger import link_type_name
from sipscope.model.packets import CaptureInterface
from sipscope.model.time import SECOND
from sipscope.values import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sipscope.model.packets import IntegerColumn

_IF_TSRESOL = 9
_IF_FILTER = 11
_IF_TSOFFSET = 14
_TEXTS = {2: "name", 3: "description", 12: "operating_system", 15: "hardware"}
"""Options of an interface description that hold a text → what it tells."""

_COUNTS = {4: "received", 5: "dropped_by_interface", 6: "accepted", 7: "dropped_by_system"}
"""Options of interface statistics that hold a count → what it counts."""

_LATEST = np.int64(2**62)
_FINEST_BITS = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface description block.

    Attributes:
        link_type: Its number in the link type registry.
        snap_length: How many bytes of a packet are kept at most; 0 means all.
        ticks_exponent: A second has 10 or 2 to this power ticks.
        is_binary: Whether it is a power of two.
        offset: Nanoseconds to add to each time.
        name: Such as `eth0`.
        description: What its owner calls it.
        capture_filter: The filter that packets had to pass, where it is told as text.
        operating_system: Of the machine that captured.
        hardware: Of the interface.
    """

    link_type: int
    snap_length: int = 0
    ticks_exponent: int = 6
    is_binary: bool = False
    offset: int = 0
    name: str | None = None
    description: str | None = None
    capture_filter: str | None = None
    operating_system: str | None = None
    hardware: str | None = None

    def nanoseconds(self, ticks: "NDArray[np.uint64]") -> "IntegerColumn":
        """Ticks as nanoseconds since 1970, rounded down; what lies beyond the year 2116 is held there."""
        if self.is_binary:
            at = _from_binary(ticks, self.ticks_exponent)
        elif self.ticks_exponent > 9:
            at = ticks // np.uint64(10 ** min(self.ticks_exponent - 9, 19))
        else:
            factor = 10 ** (9 - self.ticks_exponent)
            at = np.minimum(ticks, np.uint64(int(_LATEST) // factor)) * np.uint64(factor)
        times = np.minimum(at, np.uint64(_LATEST)).astype(np.int64)
        return times + self.offset if self.offset else times


def interface_of(body: bytes, order: str) -> Interface:
    """The interface that an interface description block describes; `body` is what lies between its lengths."""
    if len(body) < 8:
        return Interface(link_type=-1)
    link_type, snap_length = struct.unpack_from(order + "HxxI", body)
    exponent, is_binary, offset = 6, False, 0
    texts: dict[str, str] = {}
    for code, value in options_of(body[8:], order):
        if code == _IF_TSRESOL and len(value) >= 1:
            exponent, is_binary = value[0] & 0x7F, bool(value[0] & 0x80)
        elif code == _IF_TSOFFSET and len(value) >= 8:
            seconds = struct.unpack_from(order + "q", value)[0]
            # An offset of more than a century is damage; added, it would leave the range of a time.
            offset = seconds * SECOND if abs(seconds) < (1 << 32) else 0
        elif code == _IF_FILTER and value[:1] == b"\x00":
            # The first byte tells the language: zero is the text of a libpcap filter, one its compiled form.
            texts["capture_filter"] = text_of(value[1:])
        elif code in _TEXTS:
            texts[_TEXTS[code]] = text_of(value)
    return Interface(
        link_type=link_type,
        snap_length=snap_length,
        ticks_exponent=exponent,
        is_binary=is_binary,
        offset=offset,
        **texts,
    )


class Interfaces:
    """The interfaces of one section, how many packets came from each, and the last statistics of each."""

    def __init__(self) -> None:
        self._interfaces: list[Interface] = []
        self._frames: Counter[int] = Counter()
        self._counts: dict[int, dict[str, int]] = {}

    def __len__(self) -> int:
        """How many are described so far."""
        return len(self._interfaces)

    def __getitem__(self, number: int) -> Interface:
        """The interface of that number."""
        return self._interfaces[number]

    def add(self, interface: Interface) -> None:
        """Take the next interface in."""
        self._interfaces.append(interface)

    def count(self, number: int, frames: int) -> None:
        """Count packets of an interface."""
        self._frames[number] += frames

    def statistics(self, body: bytes, order: str) -> None:
        """Take an interface statistics block in; `body` is what lies between its lengths.

        The counters grow from the start of the capture, so the last block of an interface tells all.
        """
        (number,) = struct.unpack_from(order + "I", body)
        counts = self._counts.setdefault(number, {})
        for code, value in options_of(body[12:], order):
            if code in _COUNTS and len(value) >= 8:
                name = _COUNTS[code]
                counts[name] = max(counts.get(name, 0), struct.unpack_from(order + "Q", value)[0])

    def drops(self) -> list[tuple[int, int]]:
        """Number and dropped packets of the interfaces whose statistics tell of any."""
        dropped = [
            (number, counts.get("dropped_by_interface", 0) + counts.get("dropped_by_system", 0))
            for number, counts in sorted(self._counts.items())
        ]
        return [(number, count) for number, count in dropped if count]

    def accounts(self) -> list[CaptureInterface]:
        """What is known of each."""
        return [
            CaptureInterface(
                number=number,
                link_type=link_type_name(interface.link_type),
                name=interface.name,
                description=interface.description,
                capture_filter=interface.capture_filter,
                operating_system=interface.operating_system,
                hardware=interface.hardware,
                snap_length=interface.snap_length,
                ticks_per_second=(2 if interface.is_binary else 10) ** interface.ticks_exponent,
                frames=self._frames[number],
                **self._counts.get(number, {}),
            )
            for number, interface in enumerate(self._interfaces)
        ]


def _from_binary(ticks: "NDArray[np.uint64]", exponent: int) -> "NDArray[np.uint64]":
    """Ticks of which a second has 2 to the power of `exponent`, as nanoseconds."""
    if exponent > _FINEST_BITS:
        # Beyond 34 bits the fraction times 10⁹ leaves 64 bits, and a tick is far below a nanosecond anyway.
        ticks = ticks >> np.uint64(min(exponent - _FINEST_BITS, 63))
        exponent = _FINEST_BITS
    seconds = np.minimum(ticks >> np.uint64(exponent), np.uint64(int(_LATEST) // SECOND))
    fraction = ticks & np.uint64((1 << exponent) - 1)
    at: NDArray[np.uint64] = seconds * np.uint64(SECOND) + (fraction * np.uint64(SECOND) >> np.uint64(exponent))
    return at
