"""Wireshark's engine: every file format, link type and cipher it knows, at its own speed.

tshark dissects, pyshark reads what it says, and this package keeps the signalling and the media of it.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sipscope.capture.native.source import Source
from sipscope.capture.wireshark.collectors import ports_of_agents
from sipscope.capture.wireshark.description import description_of, losses_in, without_keys
from sipscope.capture.wireshark.dissection import Dissection
from sipscope.capture.wireshark.layers import Layers
from sipscope.capture.wireshark.merging import merge_captures
from sipscope.capture.wireshark.tshark import TsharkProcess, require_tshark, unreadable
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.packets import CaptureFacts, Chunk, Gap, GapKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipscope.model.time import Instant

_FRAMES_A_CHUNK = 2048
_FORMATS = {
    b"\x0a\x0d\x0d\x0a": "pcapng",
    b"\xa1\xb2\xc3\xd4": "pcap",
    b"\xd4\xc3\xb2\xa1": "pcap",
    b"\xa1\xb2\x3c\x4d": "pcap",
    b"\x4d\x3c\xb2\xa1": "pcap",
}
_LINK_TYPES = {
    "eth": "ethernet",
    "sll": "linux-cooked",
    "raw": "raw-ip",
    "ip": "raw-ip",
    "ipv6": "raw-ip",
    "null": "null",
    "loop": "loop",
}
"""The outermost protocol → the link type as the native engine names it."""

_COOKED_VERSION_2 = "210"


class WiresharkReader:
    """Reads whatever tshark reads; satisfies `CaptureReader`."""

    def __init__(self, path: "str | Sequence[str]", *, keylog: str | None = None, reason: str | None = None) -> None:
        """Get ready to read the capture at `path`, `-` for standard input; those at several paths are merged by time.

        `keylog` is the path of a TLS key log; `reason` says why this engine was taken when it wasn't asked for.

        Raises:
            EngineUnavailable: tshark isn't installed.
            UnreadableInput: The capture or the key log can't be opened, or there is nothing in it.
            UsageError: Standard input is among several paths.
        """
        require_tshark()
        self._paths = (path,) if isinstance(path, str) else tuple(path)
        if len(self._paths) > 1 and "-" in self._paths:
            raise UsageError("standard input can't be merged with files: name the files, or merge them with mergecap")
        if keylog is not None and not Path(keylog).is_file():
            raise UnreadableInput(f"the key log {keylog} is not there: give the file that SSLKEYLOGFILE named")
        others = len(self._paths) - 1
        self._path = f"{self._paths[0]} and {others} more" if others else self._paths[0]
        self._keylog = keylog
        self._notes: tuple[str, ...] = () if reason is None else (f"Read with Wireshark's engine: {reason}.",)
        if others:
            self._notes += (f"{others + 1} files are read as one capture, merged by mergecap.",)
        self._format = "unknown" if self._path == "-" else ", ".join(dict.fromkeys(map(_format_of, self._paths)))
        self._dissection = Dissection()
        self._link_types: dict[str, None] = {}
        self._frames = 0
        self._first: Instant | None = None
        self._last: Instant | None = None
        self._cut: list[int] = []
        self._complaint: str | None = None
        self._description: CaptureFacts | None = None

    def chunks(self) -> "Iterator[Chunk]":
        """The content of the file, some frames at a time; may be called once.

        Raises:
            UnreadableInput: tshark reads nothing of it.
        """
        if len(self._paths) > 1:
            with tempfile.TemporaryDirectory(prefix="sipscope-") as folder:
                whole = str(Path(folder, "merged.pcapng"))
                merge_captures(self._paths, whole)
                yield from self._read(whole)
            return
        if self._path != "-":
            yield from self._read(self._path)
            return
        # tshark's reassembly needs one pass only, but pyshark opens files and nothing else.
        with tempfile.NamedTemporaryFile(prefix="sipscope-", suffix=".capture") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
            copy.flush()
            self._format = _format_of(copy.name)
            yield from self._read(copy.name)

    def place(self) -> tuple[str, None]:
        """The file; tshark doesn't tell how far it has come."""
        return self._path, None

    def facts(self) -> CaptureFacts:
        """What is known of the file; complete once `chunks` is exhausted."""
        told = self._description or CaptureFacts(path=self._path, format=self._format, engine="wireshark")
        return CaptureFacts(
            path=self._path,
            format=self._format,
            engine="wireshark",
            link_types=tuple(self._link_types),
            frames=self._frames,
            first_packet_at=self._first,
            last_packet_at=self._last,
            set_aside=self._dissection.set_aside(),
            gaps=(*losses_in(self._description), *self._gaps()),
            more_losses_at=told.more_losses_at,
            notes=(*self._notes, *self._dissection.notes, *self._on_description()),
            interfaces=told.interfaces,
            written_by=told.written_by,
            names=told.names,
            comments=told.comments,
            encrypted_flows=without_keys(self._description, self._dissection.decrypted),
        )

    def _read(self, path: str) -> "Iterator[Chunk]":
        self._description = description_of(path)
        tshark = TsharkProcess(path, keylog=self._keylog, no_sip=self._ports_of_agents(path))
        try:
            for packet in tshark.packets():
                layers = Layers(packet)
                self._account(layers)
                self._dissection.add(layers)
                if self._frames % _FRAMES_A_CHUNK == 0:
                    yield self._chunk()
        finally:
            tshark.end()
        self._complaint = tshark.complaint
        if self._complaint is not None and not self._frames:
            raise unreadable(self._path, self._complaint)
        self._dissection.finish()
        yield self._chunk()

    def _ports_of_agents(self, path: str) -> tuple[int, ...]:
        """Ports of HEP over TLS, for which a file is read once more unless it is known that there is no TLS in it."""
        if self._keylog is None or (self._description is not None and not self._description.encrypted_flows):
            return ()
        return ports_of_agents(path, self._keylog)

    def _on_description(self) -> "Iterator[str]":
        if self._frames and self._description is None:
            yield "Interfaces, names and comments of this file's format are not told by Wireshark's dissectors."

    def _chunk(self) -> Chunk:
        packets, self._dissection.packets = self._dissection.packets, []
        return Chunk(packets=tuple(packets), datagrams=self._dissection.columns())

    def _account(self, layers: Layers) -> None:
        self._frames += 1
        self._first = layers.at if self._first is None else min(self._first, layers.at)
        self._last = layers.at if self._last is None else max(self._last, layers.at)
        outermost = layers.names[0]
        if layers.frame_field("encap_type") == _COOKED_VERSION_2:
            self._link_types.setdefault("linux-cooked-v2")
        else:
            self._link_types.setdefault(_LINK_TYPES.get(outermost, outermost))
        if (layers.frame_field("cap_len") or "") != (layers.frame_field("len") or ""):
            self._cut.append(layers.number)

    def _gaps(self) -> tuple[Gap, ...]:
        gaps: list[Gap] = []
        if self._cut:
            text = f"The snap length cut {len(self._cut)} frames."
            gaps.append(Gap(kind=GapKind.SNAP_LENGTH, frames=tuple(self._cut[:8]), text=text))
        if self._complaint is not None:
            gaps.append(Gap(kind=GapKind.TRUNCATED_FILE, text=f"tshark says: {self._complaint}."))
        return tuple(gaps)


def _format_of(path: str) -> str:
    """The file format by its first bytes, with the compression behind a plus sign."""
    source = Source(path)
    try:
        found = _FORMATS.get(source.read(4), "other")
    finally:
        source.close()
    return f"{found}+{source.compression}" if source.compression else found
