"""Which files are parts of one capture: those that dumpcap and tcpdump write in turn, by their names.

Nothing is opened here.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKED = r"(?:\.(?:gz|zst|lz4|xz|bz2))?"
_DUMPCAP = re.compile(r"(?P<front>.+)_(?P<number>\d{5,}_\d{14}|\d{14}_\d{5,})(?P<ending>\.\w+)?" + _PACKED)
"""`name_00001_20260101120000.pcapng`, or the two numbers the other way round: dumpcap's option `-b`."""

_TCPDUMP = re.compile(r"(?P<front>.+)(?P<ending>\.(?:pcap|pcapng|cap|dmp))(?P<number>\d*)" + _PACKED)
"""`capture.pcap`, `capture.pcap1`, `capture.pcap2` …: tcpdump's option `-C`, with `-W` from 0 on."""


def ring_sets(paths: "Sequence[str]") -> "list[str | tuple[str, ...]]":
    """The paths, with those in one tuple that belong to one set; the order is that of each one's first file."""
    sets: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for path in paths:
        key, number = _place_of(path)
        sets.setdefault(key, {}).setdefault(number, []).append(path)
    found: list[str | tuple[str, ...]] = []
    for members in sets.values():
        files = [path for same in members.values() for path in same]
        # The same number twice is a file and its compressed copy, or one that was named twice.
        is_set = len(files) > 1 and len(files) == len(members)
        found.extend([tuple(files)] if is_set else files)
    return found


def _place_of(path: str) -> tuple[tuple[str, ...], str]:
    """What all files of a set share, and this one's number; a file of none has its own path."""
    match = _DUMPCAP.fullmatch(path)
    if match is not None:
        return ("dumpcap", match["front"], match["ending"] or ""), match["number"]
    match = _TCPDUMP.fullmatch(path)
    return ((path,), "") if match is None else (("tcpdump", match["front"], match["ending"]), match["number"])
