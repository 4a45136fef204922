"""Columns of datagrams → RTP streams with their figures.

One tracker reads one capture, chunk by chunk. Its state is one column a figure and one row a stream; nothing here
loops over packets. What each figure is lies in a module of its own; here they are joined.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sipscope.media.candidates import PROBATION_PACKETS, Candidates, WaitingRoom
from sipscope.media.digits import Events
from sipscope.media.growth import Integers, grown, integers
from sipscope.media.jitter import Jitter
from sipscope.media.packetisation import Packetisation
from sipscope.media.payloads import FormatLookup, PayloadUses
from sipscope.media.reports import Reports
from sipscope.media.rows import Batch, Rows, batch_of, joined, rows_of
from sipscope.media.sequence import SequenceNumbers
from sipscope.media.series import Series
from sipscope.media.streams import Measured, streams_of
from sipscope.media.timing import Timing
from sipscope.model.description import RtpFormat
from sipscope.model.network import Hop
from sipscope.model.packets import DatagramColumns, Packet
from sipscope.model.stream import MediaFacts, RtpStream
from sipscope.model.time import Instant
from sipscope.rtp import rtp_columns


class StreamTracker:
    """Follows all RTP streams of a capture."""

    def __init__(self) -> None:
        """Start without streams."""
        self._hops: Sequence[Hop] = ()
        self._format_of: FormatLookup = _nothing_known
        self._candidates = Candidates()
        self._waiting = WaitingRoom()
        self._known = 0
        self._count = 0
        self._hop = integers()
        self._ssrc = integers()
        self._sequence = SequenceNumbers()
        self._timing = Timing()
        self._uses = PayloadUses()
        self._jitter = Jitter()
        self._series = Series()
        self._packetisation = Packetisation()
        self._events = Events()
        self._reports = Reports()
        self._refused: dict[str, int] = {}

    def add(self, datagrams: DatagramColumns, format_of: FormatLookup) -> None:
        """Take the media candidates of one chunk.

        Args:
            datagrams: In capture order.
            format_of: What a payload type means on a hop, by the session descriptions read so far.
        """
        self._hops, self._format_of = datagrams.hops, format_of
        if not len(datagrams.frame):
            return
        columns = rtp_columns(datagrams)
        candidate = np.full(len(columns.valid), -1, dtype=np.int64)
        if columns.valid.all():
            candidate = self._candidates.numbers_of(datagrams.hop, columns.ssrc)
        else:
            valid = columns.valid
            candidate[valid] = self._candidates.numbers_of(datagrams.hop[valid], columns.ssrc[valid])
            self._refuse("no-rtp-header", int((~valid).sum()))
        rows = rows_of(datagrams, columns, candidate)
        counted = candidate >= 0
        if not counted.all():
            self._refuse("rtp-like-too-many-sources", int((columns.valid & ~counted).sum()))
            rows = rows.only(counted)
        if len(rows):
            self._measure(*self._admitted(rows))

    def add_rtcp(self, packet: Packet) -> None:
        """Take one RTCP datagram."""
        self._reports.add(packet)

    def finish(self) -> tuple[tuple[RtpStream, ...], MediaFacts]:
        """The streams by time of their first packet, and what was counted."""
        self._admit_late()
        for number in list(self._uses.unsignalled()):
            self._uses.ask(number, self._hops, self._hop, self._format_of)
        self._series.add_jitter(self._jitter.finish(self._uses))
        waiting = len(self._waiting) + self._waiting.dropped
        self._refuse("rtp-like-too-few-packets", waiting)
        if self._reports.unreadable:
            self._refuse("no-rtcp-header", self._reports.unreadable)
        streams, refused = streams_of(self._measured())
        for reason, packets in refused.items():
            self._refuse(reason, packets)
        facts = MediaFacts(
            rtp_packets=sum(stream.packets for stream in streams),
            rtcp_packets=self._reports.datagrams,
            rtcp_copies=self._reports.copies,
            reports_without_stream=self._reports.without_stream,
            reported=self._reports.reported(captured=self._candidates.sources()),
            unconfirmed=dict(sorted(self._refused.items())),
        )
        return streams, facts

    def _refuse(self, reason: str, packets: int) -> None:
        if packets:
            self._refused[reason] = self._refused.get(reason, 0) + packets

    def _admitted(self, rows: Rows) -> tuple[Rows, Integers]:
        """Packets whose pair is measured as a stream, those that waited in front; the others wait."""
        stream = self._candidates.stream[rows.candidate]
        if (stream >= 0).all():
            return rows, stream
        self._waiting.add(rows.only(stream < 0))
        earlier = self._waiting.leave(self._promoted())
        self._waiting.trim()
        rows = rows.only(stream >= 0)
        if earlier is not None:
            rows = joined((earlier, rows))
        return rows, self._candidates.stream[rows.candidate]

    def _promoted(self) -> Integers:
        """Candidates that become streams: those a session description knows, and those with enough packets."""
        number, first, count = self._waiting.candidates()
        known = [
            packets >= PROBATION_PACKETS or (candidate >= self._known and self._is_signalled(candidate, row))
            for candidate, row, packets in zip(number.tolist(), first.tolist(), count.tolist(), strict=True)
        ]
        self._known = self._candidates.count
        promoted = number[np.array(known, dtype=np.bool_)]
        self._open(promoted)
        return promoted

    def _admit_late(self) -> None:
        """Measure what waited for a session description that came later."""
        number, first, _ = self._waiting.candidates()
        known = [self._is_signalled(*pair) for pair in zip(number.tolist(), first.tolist(), strict=True)]
        promoted = number[np.array(known, dtype=np.bool_)] if known else number
        self._open(promoted)
        rows = self._waiting.leave(promoted)
        if rows is not None:
            self._measure(rows, self._candidates.stream[rows.candidate])

    def _is_signalled(self, candidate: int, row: int) -> bool:
        payload_type, at = self._waiting.row(row)
        return self._format_of(self._hops[int(self._candidates.hop[candidate])], payload_type, at) is not None

    def _open(self, candidates: Integers) -> None:
        """A row in every table for each of the candidates."""
        if not len(candidates):
            return
        numbers = np.arange(self._count, self._count + len(candidates))
        self._count += len(candidates)
        self._hop, self._ssrc = grown(self._hop, self._count), grown(self._ssrc, self._count)
        self._hop[numbers], self._ssrc[numbers] = self._candidates.hop[candidates], self._candidates.ssrc[candidates]
        self._candidates.stream[candidates] = numbers
        for table in self._tables():
            table.grow(self._count)

    def _tables(
        self,
    ) -> Iterator[SequenceNumbers | Timing | PayloadUses | Jitter | Series | Packetisation]:
        yield from (self._sequence, self._timing, self._uses, self._jitter, self._series, self._packetisation)

    def _measure(self, rows: Rows, stream: Integers) -> None:
        if not len(rows):
            return
        batch: Batch = batch_of(rows, stream)
        sequence = self._sequence.add(batch)
        pause = self._timing.add(batch)
        runs = self._uses.add(batch, self._hops, self._hop, self._format_of)
        if (batch.rows.word >= 0).any():
            self._events.add(batch, sequence, np.repeat(runs.use, runs.lengths), self._uses)
        self._packetisation.add(batch, sequence)
        self._series.add(batch, pause, self._timing.first_at)
        self._series.add_jitter(self._jitter.add(batch, sequence, runs, self._uses))

    def _measured(self) -> Measured:
        return Measured(
            count=self._count,
            hops=self._hops,
            hop=self._hop,
            ssrc=self._ssrc,
            sequence=self._sequence,
            timing=self._timing,
            uses=self._uses,
            jitter=self._jitter,
            series=self._series,
            packetisation=self._packetisation,
            events=self._events,
            reports=self._reports,
        )


def _nothing_known(_hop: Hop, _payload_type: int, _at: Instant) -> RtpFormat | None:
    return None
