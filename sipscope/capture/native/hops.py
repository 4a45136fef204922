"""Hops by number: each pair of endpoints met in a file has one, the same for all that refer to it."""

import ipaddress
from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.keys import KeyTable
from sipscope.model.network import Endpoint, Hop, Transport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sipscope.model.packets import IntegerColumn

    Words = NDArray[np.uint64]


class Hops:
    """The UDP hops of a file, numbered in the order of their appearance."""

    def __init__(self) -> None:
        self.hops: list[Hop] = []
        self._numbers: dict[bytes, int] = {}
        self._short = KeyTable(words=2)
        self._long = KeyTable(words=5)
        self._addresses: dict[bytes, str] = {}
        self._endpoints: dict[tuple[bytes, int], Endpoint] = {}

    def number(self, ends: bytes) -> int:
        """The number of a hop; `ends` are addresses and ports as they lie in the headers, one behind the other."""
        number = self._numbers.get(ends)
        if number is None:
            number = self._numbers[ends] = len(self.hops)
            ports = ends[-4] << 8 | ends[-3], ends[-2] << 8 | ends[-1]
            self.hops.append(self.hop(ends[:-4], *ports, Transport.UDP))
        return number

    def hop(self, addresses: bytes, source_port: int, destination_port: int, transport: Transport) -> Hop:
        """The hop between two endpoints, without giving it a number."""
        half = len(addresses) // 2
        source = self._endpoint(addresses[:half], source_port)
        return Hop(source, self._endpoint(addresses[half:], destination_port), transport)

    def numbers(self, words: "list[Words]") -> "IntegerColumn":
        """The numbers of many hops at once.

        `words` are columns of little-endian 64-bit words as they lie in the packets: the addresses, then the four
        bytes of the ports. Two columns for IPv4, five for IPv6.
        """
        table = self._short if len(words) == 2 else self._long
        found = table.find(words)
        while (unknown := np.flatnonzero(found < 0)).size:
            missing = [column[unknown] for column in words]
            _, firsts = np.unique(table.slots(missing), return_index=True)
            chosen = np.sort(firsts)
            learnt = [column[chosen] for column in missing]
            table.insert(learnt, [self._number_of(key) for key in zip(*(c.tolist() for c in learnt), strict=True)])
            found[unknown] = table.find(missing)
        return found

    def _number_of(self, key: "tuple[int, ...]") -> int:
        addresses = b"".join(word.to_bytes(8, "little") for word in key[:-1])
        return self.number(addresses + key[-1].to_bytes(4, "little"))

    def _endpoint(self, address: bytes, port: int) -> Endpoint:
        """One object for all hops from or to it: many calls make many hops, and each is kept."""
        endpoint = self._endpoints.get((address, port))
        if endpoint is None:
            endpoint = self._endpoints[address, port] = Endpoint(self._address(address), port)
        return endpoint

    def _address(self, packed: bytes) -> str:
        text = self._addresses.get(packed)
        if text is None:
            text = ".".join(map(str, packed)) if len(packed) == 4 else str(ipaddress.ip_address(packed))
            self._addresses[packed] = text
        return text
