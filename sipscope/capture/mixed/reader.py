"""The reader of captures and logs together.

Captures are read twice: first to find what the logs tell as well, then for good. Their frames keep their numbers, and
the lines of the logs are numbered on behind them.
"""

from collections import Counter, deque
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sipscope.capture.mixed.alignment import Aligned, aligned
from sipscope.capture.mixed.sightings import Sightings
from sipscope.capture.text.merging import COPY, joint_notes
from sipscope.capture.text.notes import BY_ITSELF
from sipscope.model.packets import CaptureFacts, Chunk, Packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sipscope.capture.reader import CaptureReader
    from sipscope.capture.text.merging import Log, LogSet
    from sipscope.model.time import Instant


class MixedSet:
    """Reads captures and logs as one; satisfies `CaptureReader`."""

    def __init__(self, captures: "Callable[[], CaptureReader]", logs: "LogSet") -> None:
        """Open both; `captures` gives a new reader whenever it is called.

        Raises:
            UnreadableInput: No capture can be read.
        """
        self._open = captures
        self._captures = captures()
        self._logs = logs
        self._read: list[Log] = []
        self._aligned: list[Aligned] = []
        self._times: list[Instant] = []

    def chunks(self) -> "Iterator[Chunk]":
        """The content of all files in the order of time; may be called once.

        Chunks without content come first, so that reading can be stopped.

        Raises:
            UsageError: Nothing tells when the messages of a log were.
        """
        self._read = self._logs.logs()
        sightings = Sightings(packet.payload for log in self._read for packet in log.packets)
        for chunk in self._captures.chunks():
            for packet in chunk.packets:
                sightings.add(packet)
            yield Chunk()
        facts = self._captures.facts()
        self._aligned = [aligned(log, sightings.of, facts.first_packet_at) for log in self._read]
        told = deque(self._logs.merged([each.packets for each in self._aligned], facts.frames))
        self._times = [packet.at for packet in told]
        self._captures = self._open()
        for chunk in self._captures.chunks():
            packets = map(sightings.completed, chunk.packets)
            yield Chunk(packets=tuple(_woven(packets, told, _end_of(chunk))), datagrams=chunk.datagrams)
        yield Chunk(packets=tuple(told))

    def place(self) -> "tuple[str, int | None]":
        """The capture that is being read, and how many bytes of all captures have been."""
        return self._captures.place()

    def facts(self) -> CaptureFacts:
        """What is known of all files; complete once `chunks` is exhausted."""
        captures, logs = self._captures.facts(), self._logs.facts()
        times = [at for at in (captures.first_packet_at, captures.last_packet_at, *self._times) if at is not None]
        set_aside = Counter(dict(captures.set_aside)) + Counter(dict(logs.set_aside))
        set_aside[COPY] += sum(each.copies for each in self._aligned)
        return replace(
            captures,
            path=f"{captures.path} with {Path(logs.path).name}",
            format=f"{captures.format}, {logs.format}",
            engine=f"{captures.engine}+text",
            frames=captures.frames + logs.frames,
            first_packet_at=min(times, default=None),
            last_packet_at=max(times, default=None),
            set_aside={reason: count for reason, count in sorted(set_aside.items()) if count},
            gaps=(*captures.gaps, *logs.gaps),
            notes=(*captures.notes, *self._notes(captures.frames)),
            clock_step=max((facts.clock_step for facts in self._adding()), default=0),
        )

    def _adding(self) -> "Iterator[CaptureFacts]":
        """Facts on the logs that tell anything the captures don't."""
        for log, each in zip(self._read, self._aligned, strict=False):
            if each.packets:
                yield log.reader.facts()

    def _notes(self, frames: int) -> "Iterator[str]":
        if not self._aligned:
            return
        yield f"Lines of logs are numbered on behind frame {frames}: {self._logs.begins()}."
        yield from (each.note for each in self._aligned)
        yield from joint_notes(list(self._adding()), left_out=BY_ITSELF, is_named=True)


def _end_of(chunk: Chunk) -> "Instant | None":
    """The latest time in a chunk."""
    times = [packet.at for packet in chunk.packets]
    if chunk.datagrams is not None and len(chunk.datagrams.at):
        times.append(int(chunk.datagrams.at.max()))
    return max(times, default=None)


def _woven(packets: "Iterable[Packet]", told: "deque[Packet]", end: "Instant | None") -> "Iterator[Packet]":
    """Packets with what logs tell of the time up to `end`, each at its place."""
    for packet in packets:
        while told and told[0].at < packet.at:
            yield told.popleft()
        yield packet
    while told and end is not None and told[0].at <= end:
        yield told.popleft()
