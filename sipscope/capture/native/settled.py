"""TCP segments of directions that are known to carry no SIP: counted as columns, without being taken apart.

Captures are full of other TCP traffic. A direction is judged by its first segments, one by one; behind the
judgement, its frames only have to be counted. What they acknowledge is not looked at: where the other direction
carries SIP all the same, a hole in it is waited for a little longer.
"""

from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.headers import IPV4_FIELDS, IPV6_FIELDS
from sipscope.capture.native.internet import TCP
from sipscope.capture.native.keys import KeyTable
from sipscope.capture.native.layers import IPV4, IPV6
from sipscope.values import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.records import Records
    from sipscope.model.packets import IntegerColumn

    Words = NDArray[np.uint64]

LARGEST_TABLE = 1 << 17
"""How many directions are remembered; then it starts from nothing, and they are judged again."""

_TCP_FIELDS = [("ports", "<u4"), ("sequence", ">u4"), ("acknowledged", ">u4"), ("size", "u1"), ("flags", "u1")]
_IPV4_TCP = np.dtype([*IPV4_FIELDS, *_TCP_FIELDS])
_IPV6_TCP = np.dtype([*IPV6_FIELDS, *_TCP_FIELDS])
_SYN = 0x02
_NO_PAYLOAD = "tcp-no-payload"
_HALF_ADDRESS, _HALF_PORTS, _PORTS = np.uint64(32), np.uint64(16), np.uint64(0xFFFFFFFF)

_Key = tuple[bytes, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Plain TCP segments of a batch and of one version of IP.

    Attributes:
        row: Which record each is in; ascending.
        payload_bytes: How many bytes it carries.
        is_syn: Whether it opens a direction.
        words: The key of its direction, as columns.
        back: The key of the other direction.
    """

    row: "IntegerColumn"
    payload_bytes: "IntegerColumn"
    is_syn: "NDArray[np.bool_]"
    words: "list[Words]"
    back: "list[Words]"


class Settled:
    """The directions that carry no SIP, and why."""

    def __init__(self, ledger: "Ledger") -> None:
        self._ledger = ledger
        self._reasons: list[str] = []
        self._pending: dict[_Key, str] = {}
        self._clear()

    def settle(self, key: _Key, reason: str) -> None:
        """Remember that a direction — addresses and ports — carries no SIP."""
        self._pending[key] = reason

    def reopen(self, key: _Key) -> None:
        """Forget a direction: its ports are used again."""
        self._pending.pop(key, None)
        number = self._numbers.get(key)
        if number is not None:
            self._codes[number] = -1

    def taken_bytes(self, key: _Key) -> int:
        """How many bytes a direction carried since it was settled or last asked for."""
        number = self._numbers.get(key)
        if number is None:
            return 0
        found = int(self._bytes[number])
        self._bytes[number] = 0
        return found

    def without(self, rows: "IntegerColumn", batches: "list[Segments]") -> "IntegerColumn":
        """The rows without those that are settled, which are counted."""
        self._learn()
        keep = np.ones(len(rows), dtype=np.bool_)
        for segments in batches if self._numbers and len(rows) else []:
            begin, end = np.searchsorted(segments.row, (rows[0], rows[-1] + 1)).tolist()
            if begin < end:
                settled = begin + self._count_settled(segments, slice(begin, end))
                keep[np.searchsorted(rows, segments.row[settled])] = False
        return rows[keep]

    def _count_settled(self, segments: Segments, part: slice) -> "IntegerColumn":
        """Which segments of the part are settled."""
        table = self._tables[len(segments.words)]
        numbers = table.find([column[part] for column in segments.words])
        back = table.find([column[part] for column in segments.back])
        is_syn, payload_bytes = segments.is_syn[part], segments.payload_bytes[part]
        has_payload = payload_bytes > 0
        # Behind a SYN, a direction has to be judged again, which happens one by one.
        opened = np.unique(numbers[is_syn])
        codes = self._codes_of(numbers, opened)
        settled = (codes >= 0) | (~has_payload & (self._codes_of(back, opened) >= 0))
        settled &= ~is_syn
        counted = settled & has_payload
        with_payload = codes[counted]
        self._count_bytes(numbers[counted], payload_bytes[counted])
        self._ledger.set_aside(_NO_PAYLOAD, int((settled & ~has_payload).sum()))
        for code, count in enumerate(np.bincount(with_payload, minlength=0).tolist()):
            self._ledger.set_aside(self._reasons[code], count)
        return np.flatnonzero(settled)

    def _count_bytes(self, numbers: "IntegerColumn", payload_bytes: "IntegerColumn") -> None:
        """Add what segments carry to their directions."""
        np.add.at(self._bytes, numbers, payload_bytes)

    def _codes_of(self, numbers: "IntegerColumn", opened: "IntegerColumn") -> "IntegerColumn":
        """The place of each direction's reason among the reasons, −1 for what isn't settled."""
        codes = np.where(numbers >= 0, self._codes[numbers], -1)
        if opened.size:
            codes[np.isin(numbers, opened)] = -1
        return codes

    def _learn(self) -> None:
        """Take in what was settled since the last time."""
        if len(self._numbers) + len(self._pending) > LARGEST_TABLE:
            self._clear()
        fresh: dict[int, list[tuple[list[int], int]]] = {}
        for key, reason in self._pending.items():
            if reason not in self._reasons:
                self._reasons.append(reason)
            number = self._numbers.setdefault(key, len(self._numbers))
            if number == len(self._numbers) - 1:
                words = _words_of(key)
                fresh.setdefault(len(words), []).append((words, number))
            self._codes[number] = self._reasons.index(reason)
        self._pending.clear()
        for count, entries in fresh.items():
            columns = [np.array([words[n] for words, _ in entries], dtype=np.uint64) for n in range(count)]
            self._tables[count].insert(columns, [number for _, number in entries])

    def _clear(self) -> None:
        self._numbers: dict[_Key, int] = {}
        self._bytes = np.zeros(LARGEST_TABLE + 1, dtype=np.int64)
        self._codes = np.full(LARGEST_TABLE + 1, -1, dtype=np.int64)
        self._tables = {2: KeyTable(words=2), 5: KeyTable(words=5)}


def plain_segments(records: "Records", ethertype: "IntegerColumn", offset: "IntegerColumn") -> list[Segments]:
    """The TCP segments of a batch behind plain IP headers, one entry for each version of IP that has any."""
    found = [
        _of_version(records, ethertype == IPV4, offset, _IPV4_TCP, 20),
        _of_version(records, ethertype == IPV6, offset, _IPV6_TCP, 40),
    ]
    return [segments for segments in found if segments is not None]


def _of_version(
    records: "Records", matching: "NDArray[np.bool_]", offset: "IntegerColumn", layout: "np.dtype[np.void]", size: int
) -> Segments | None:
    """The plain segments behind IP headers of `size` bytes."""
    row = np.flatnonzero(matching)
    if not row.size:
        return None
    offset = offset[row]
    headers = records.window.gather(layout, offset)
    room = records.start[row] + records.captured[row] - offset
    if size == 20:
        plain = (headers["version"] == 0x45) & ((headers["fragment"] & 0x3FFF) == 0)
        total = headers["length"].astype(np.int64)
    else:
        plain = (headers["first"] >> 12) == 6
        total = headers["length"].astype(np.int64) + 40
    header_bytes = size + (headers["size"] >> 4).astype(np.int64) * 4
    end = np.minimum(total, room)
    plain &= (headers["protocol"] == TCP) & (header_bytes >= size + 20) & (header_bytes <= end)
    if not plain.any():
        return None
    addresses = [column[plain] for column in headers["addresses"].T]
    ports = headers["ports"][plain].astype(np.uint64)
    return Segments(
        row=row[plain],
        payload_bytes=(end - header_bytes)[plain],
        is_syn=(headers["flags"] & _SYN != 0)[plain],
        words=[*addresses, ports],
        back=[*_swapped(addresses), (ports >> _HALF_PORTS | ports << _HALF_PORTS) & _PORTS],
    )


def _swapped(addresses: "list[Words]") -> "list[Words]":
    """Destination and source in place of source and destination."""
    if len(addresses) == 1:
        return [addresses[0] >> _HALF_ADDRESS | addresses[0] << _HALF_ADDRESS]
    return addresses[2:] + addresses[:2]


def _words_of(key: _Key) -> list[int]:
    """A direction's key as the columns have it."""
    addresses, source_port, destination_port = key
    ports = source_port.to_bytes(2, "big") + destination_port.to_bytes(2, "big")
    words = [int.from_bytes(addresses[n : n + 8], "little") for n in range(0, len(addresses), 8)]
    return [*words, int.from_bytes(ports, "little")]
