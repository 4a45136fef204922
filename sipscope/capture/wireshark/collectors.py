"""Which TLS connections carry HEP: nothing tells them from those of SIP but what is decrypted."""

import subprocess
from typing import TYPE_CHECKING

from sipscope.capture.native.content import sip_start
from sipscope.capture.native.hep_stream import is_hep
from sipscope.capture.wireshark.tshark import require_tshark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FIELDS = ("tcp.stream", "tcp.srcport", "tcp.dstport", "data.data")
_TOLD_BYTES = 1024
"""How much of a record is looked at: more than a start line has."""
_LARGEST_TABLE = 4096
"""How many connections are told apart: each is named on a command line, and agents have one that lasts."""


def ports_of_agents(path: str, keylog: str) -> tuple[int, ...]:
    """Ports at both ends of TLS connections that carry HEP; those that SIP uses too are left to SIP.

    Args:
        path: The capture.
        keylog: The key log.

    Raises:
        EngineUnavailable: tshark isn't installed.
    """
    # As data everything comes out as it went in, the first record of a frame at least.
    command = [require_tshark(), "-n", "-r", path, "-o", f"tls.keylog_file:{keylog}", "-d", "tls.port==1-65535,data"]
    fields = [part for field in _FIELDS for part in ("-e", field)]
    with subprocess.Popen(  # noqa: S603
        [*command, "-Y", "tls && data", "-T", "fields", "-E", "occurrence=f", *fields],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        return _ports(_records(process.stdout or ()))


def _records(lines: "Iterable[str]") -> "Iterator[tuple[tuple[str, int, int], bytes]]":
    """The beginning of what each frame carries, with its connection and its ports."""
    for line in lines:
        stream, source, destination, data = line.rstrip("\n").split("\t")
        if source.isdecimal() and destination.isdecimal():
            yield (stream, int(source), int(destination)), bytes.fromhex(data[: 2 * _TOLD_BYTES])


def _ports(records: "Iterable[tuple[tuple[str, int, int], bytes]]") -> tuple[int, ...]:
    agents: set[tuple[str, int, int]] = set()
    talks_sip: set[int] = set()
    for direction, data in records:
        if is_hep(data):
            if len(agents) < _LARGEST_TABLE:
                agents.add(direction)
        elif direction not in agents and sip_start(data) is not None:
            talks_sip.update(direction[1:])
    return tuple(sorted({port for direction in agents for port in direction[1:]} - talks_sip))
