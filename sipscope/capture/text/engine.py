"""The engine for logs: a text file in, chunks of packets out."""

from itertools import chain, count, islice
from typing import TYPE_CHECKING

from sipscope.capture.native.source import MAX_EXPANDED, Source
from sipscope.capture.text.ends import Ends
from sipscope.capture.text.entries import Entries
from sipscope.capture.text.lines import numbered_lines
from sipscope.capture.text.notes import notes_on
from sipscope.capture.text.recognition import EXAMINED_LINES, recognised
from sipscope.capture.text.stamps import Clock
from sipscope.capture.text.unfolding import unfolded
from sipscope.errors import UnreadableInput
from sipscope.model.packets import CaptureFacts, Chunk, Gap, GapKind, Packet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.text.entries import Entry
    from sipscope.capture.text.formats import LogFormat
    from sipscope.model.network import Hop
    from sipscope.model.time import Instant

_PACKETS_A_CHUNK = 2048


class TextReader:
    """Reads one log of a SIP server or tool; satisfies `CaptureReader`.

    Frame numbers are the numbers of the lines that messages begin on.
    """

    def __init__(self, path: str, log_format: "LogFormat | None" = None, *, max_expanded: int = MAX_EXPANDED) -> None:
        """Open the log at `path`, `-` for standard input; without a format, it is recognised.

        At most `max_expanded` bytes are made of a compressed log.

        Raises:
            UnreadableInput: It can't be opened, or no SIP message is found in it.
        """
        self._path = path
        self._source = Source(path, max_expanded=max_expanded)
        self._lines: Iterator[tuple[int, bytes]] = unfolded(numbered_lines(self._source))
        if log_format is None:
            front = list(islice(self._lines, EXAMINED_LINES))
            self._lines = chain(front, self._lines)
            log_format = recognised(line for _, line in front)
        if log_format is None:
            self._source.close()
            raise UnreadableInput(f"{self._source.name} holds no SIP message in a form that logs are known to have")
        self._format = log_format
        self._entries = Entries(log_format)
        self._times: list[Instant] = []
        self._notes: tuple[str, ...] = ()
        self._clock: Clock | None = None

    def chunks(self) -> "Iterator[Chunk]":
        """The messages of the log, some at a time; may be called once.

        All lines are read first: the own address of a server often stands only in a later message.
        """
        try:
            entries = list(self._entries.read(self._lines))
        finally:
            self._source.close()
        ends, clock = Ends(entries), Clock(self._entries.first_day)
        self._times = [clock.instant(entry.stamp, entry.near) for entry in entries]
        self._clock = clock
        packets = map(_packet, count(1), entries, self._times, ends.hops())
        while chunk := tuple(islice(packets, _PACKETS_A_CHUNK)):
            yield Chunk(packets=chunk)
        self._notes = notes_on(clock, ends, refitted=sum(entry.refitted for entry in entries), messages=len(entries))

    @property
    def clock(self) -> Clock | None:
        """What the log's times are like; None before it was read."""
        return self._clock

    def place(self) -> tuple[str, int]:
        """The log, and how many of its bytes have been read."""
        return self._path, self._source.bytes_read

    def facts(self) -> CaptureFacts:
        """What is known of the log; complete once `chunks` is exhausted."""
        compression = self._source.compression
        damage = self._source.damage
        gaps = (
            () if damage is None else (Gap(kind=GapKind.TRUNCATED_FILE, text=f"The log can't be read on: {damage}."),)
        )
        return CaptureFacts(
            path=self._path,
            format=f"{self._format.name}+{compression}" if compression else self._format.name,
            engine="text",
            frames=self._entries.lines,
            first_packet_at=min(self._times, default=None),
            last_packet_at=max(self._times, default=None),
            set_aside=dict(sorted(self._entries.set_aside.items())),
            gaps=gaps,
            notes=self._notes,
            clock_step=0 if self._clock is None else self._clock.step,
        )


def _packet(number: int, entry: "Entry", at: "Instant", hop: "Hop") -> Packet:
    return Packet(
        at=at,
        frames=(entry.line,),
        hop=hop,
        payload=entry.payload,
        # A log shows no message twice that wasn't sent twice, however coarse its clock is.
        identification=number,
        truncated=entry.truncated,
    )
