"""Several logs read as one, in the order of time.

Lines are numbered on from log to log. The order inside each log stays, also where its clock runs backwards.
"""

from collections import Counter, deque
from heapq import merge
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sipscope.capture.native.source import MAX_EXPANDED
from sipscope.capture.text.engine import TextReader
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.packets import CaptureFacts, Chunk, Gap, GapKind, Packet
from sipscope.model.time import SECOND, Duration

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from sipscope.model.network import Hop
    from sipscope.model.time import Instant

COPY_WINDOW: Duration = SECOND
"""How far apart the times may be that two servers write for a message between them."""

COPY = "log-copy"
"""The reason to set a message aside that another log tells too."""

_PACKETS_A_CHUNK = 2048


class _Told(NamedTuple):
    """A message at its place in a log.

    Attributes:
        place: Its time, or the latest one so far where the log steps back.
        log: The number of the log.
        packet: The message.
    """

    place: "Instant"
    log: int
    packet: Packet


class Log(NamedTuple):
    """One log of several.

    Attributes:
        name: The file's, without its folder.
        reader: Who read it.
        packets: Its messages, their frames numbered as its lines.
    """

    name: str
    reader: TextReader
    packets: list[Packet]


class LogSet:
    """Reads several logs; satisfies `CaptureReader`."""

    def __init__(self, paths: "Sequence[str]", *, max_expanded: int = MAX_EXPANDED) -> None:
        """Open the logs; one that can't be read is left out, and the facts say so.

        Raises:
            UnreadableInput: None of them can be read.
            UsageError: Standard input is among them.
        """
        if "-" in paths:
            raise UsageError("standard input can't be merged with files: name the files")
        self._readers: list[TextReader] = []
        self._gaps: list[Gap] = []
        self._copies = 0
        for path in paths:
            try:
                self._readers.append(TextReader(path, max_expanded=max_expanded))
            except UnreadableInput as error:
                self._gaps.append(Gap(kind=GapKind.UNREADABLE_BLOCK, text=f"A file is left out: {error}."))
        if not self._readers:
            raise UnreadableInput(f"none of {len(paths)} logs can be read; {self._gaps[0].text}")
        self._lines_before: list[int] = []

    def chunks(self) -> "Iterator[Chunk]":
        """The messages of all logs, some at a time; may be called once."""
        packets = self.merged([log.packets for log in self.logs()])
        while chunk := tuple(islice(packets, _PACKETS_A_CHUNK)):
            yield Chunk(packets=chunk)

    def logs(self) -> "list[Log]":
        """Each log by itself, read to its end; may be called once."""
        return [
            Log(Path(reader.place()[0]).name, reader, [packet for chunk in reader.chunks() for packet in chunk.packets])
            for reader in self._readers
        ]

    def merged(self, contents: "Sequence[Sequence[Packet]]", lines_before: int = 0) -> "Iterator[Packet]":
        """What is in the logs, in the order of time, each message once; lines are numbered on behind `lines_before`."""
        lines = [reader.facts().frames for reader in self._readers]
        self._lines_before = [*accumulate(lines[:-1], initial=lines_before)]
        logs = [
            _placed(number, packets, before)
            for number, (packets, before) in enumerate(zip(contents, self._lines_before, strict=True))
        ]
        seen = _Seen()
        for told in merge(*logs, key=lambda told: told.place):
            if seen.is_copy(told):
                self._copies += len(told.packet.frames)
            else:
                yield told.packet

    def begins(self) -> str:
        """Which log begins on which line; known once they are merged."""
        return ", ".join(
            f"{Path(reader.place()[0]).name} from line {before + 1}"
            for reader, before in zip(self._readers, self._lines_before, strict=False)
        )

    def place(self) -> tuple[str, int]:
        """The last log, and how many bytes of all have been read."""
        places = [reader.place() for reader in self._readers]
        return places[-1][0], sum(bytes_read for _, bytes_read in places)

    def facts(self) -> CaptureFacts:
        """What is known of the logs; complete once `chunks` is exhausted."""
        each = [reader.facts() for reader in self._readers]
        set_aside = sum((Counter(dict(facts.set_aside)) for facts in each), Counter({COPY: self._copies}))
        firsts = [facts.first_packet_at for facts in each if facts.first_packet_at is not None]
        lasts = [facts.last_packet_at for facts in each if facts.last_packet_at is not None]
        others = len(each) - 1
        return CaptureFacts(
            path=f"{each[0].path} and {others} more" if others else each[0].path,
            format=", ".join(dict.fromkeys(facts.format for facts in each)),
            engine="text",
            frames=sum(facts.frames for facts in each),
            first_packet_at=min(firsts, default=None),
            last_packet_at=max(lasts, default=None),
            set_aside={reason: count for reason, count in sorted(set_aside.items()) if count},
            gaps=(*self._gaps, *(gap for facts in each for gap in facts.gaps)),
            clock_step=max(facts.clock_step for facts in each),
            notes=(*self._places(each), *joint_notes(each)),
        )

    def _places(self, each: "Sequence[CaptureFacts]") -> "Iterator[str]":
        if len(each) > 1 and self._lines_before:
            yield f"{len(each)} logs are read as one, their lines numbered on: {self.begins()}."


class _Seen:
    """Messages of the last moments, to know again what a second log tells of them."""

    def __init__(self) -> None:
        self._open: dict[tuple[Hop, bytes], deque[_Told]] = {}

    def is_copy(self, told: _Told) -> bool:
        """Whether another log has told this message; each message is found again once."""
        key = (told.packet.hop, told.packet.payload)
        waiting = self._open.setdefault(key, deque())
        while waiting and told.place - waiting[0].place > COPY_WINDOW:
            waiting.popleft()
        for other in waiting:
            if other.log != told.log:
                waiting.remove(other)
                return True
        waiting.append(told)
        return False


def joint_notes(
    each: "Sequence[CaptureFacts]", *, left_out: "Container[str]" = (), is_named: bool = False
) -> "Iterator[str]":
    """What logs say of themselves: once where all say the same, with the log's name where only some do.

    What is `left_out` nobody says; `is_named` puts the names in front in any case.
    """
    spoken: dict[str, list[str]] = {}
    for facts in each:
        for note in facts.notes:
            if note not in left_out:
                spoken.setdefault(note, []).append(Path(facts.path).name)
    for note, names in spoken.items():
        yield f"{', '.join(names)}: {note}" if is_named or len(names) < len(each) else note


def _placed(log: int, packets: "Sequence[Packet]", before: int) -> "list[_Told]":
    """A log's messages at their places, behind `before` lines."""
    found: list[_Told] = []
    place: Instant | None = None
    for packet in packets:
        place = packet.at if place is None else max(place, packet.at)
        frames = tuple(line + before for line in packet.frames)
        # A log shows no message twice that wasn't sent twice.
        found.append(_Told(place, log, _renumbered(packet, frames)))
    return found


def _renumbered(packet: Packet, frames: tuple[int, ...]) -> Packet:
    return Packet(
        at=packet.at,
        frames=frames,
        hop=packet.hop,
        payload=packet.payload,
        identification=frames[0],
        truncated=packet.truncated,
    )
