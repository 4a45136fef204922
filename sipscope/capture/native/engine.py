"""The native engine: a capture file in, chunks of packets and columns out."""

from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from sipscope.capture.native.columns import media_columns, plain_datagrams, with_rows
from sipscope.capture.native.dissect import Dissector, MediaRow
from sipscope.capture.native.file import CaptureFile
from sipscope.capture.native.hops import Hops
from sipscope.capture.native.ledger import Ledger
from sipscope.capture.native.locate import network_layers
from sipscope.capture.native.merging import CaptureSet
from sipscope.capture.native.origin import Origin
from sipscope.capture.native.settled import Settled, plain_segments
from sipscope.capture.native.source import MAX_EXPANDED
from sipscope.capture.native.walk import STRETCH_BYTES
from sipscope.capture.native.window import WINDOW_BYTES
from sipscope.model.packets import Chunk, DatagramColumns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipscope.capture.native.columns import Datagrams
    from sipscope.capture.native.records import Records
    from sipscope.capture.native.settled import Segments
    from sipscope.model.packets import CaptureFacts, IntegerColumn
    from sipscope.model.time import Instant

_PART = 4096
"""How many frames are taken apart before those behind them are looked at with what was learnt."""


class NativeReader:
    """Reads one pcap or pcapng file, or several as one; satisfies `CaptureReader`."""

    def __init__(
        self,
        path: "str | Sequence[str]",
        *,
        notes: tuple[str, ...] = (),
        max_expanded: int = MAX_EXPANDED,
        window_bytes: int = WINDOW_BYTES,
        stretch: int = STRETCH_BYTES,
    ) -> None:
        """Open the capture at `path`, `-` for standard input; those at several paths are merged by time.

        At most `max_expanded` bytes are made of a compressed file. `window_bytes` is how much is read at a time,
        `stretch` how far apart record starts are guessed; neither changes what is found.

        Raises:
            UnreadableInput: It can't be opened, or it is no capture that is read here.
        """
        self._ledger = Ledger()
        for note in notes:
            self._ledger.note(note)
        self._hops = Hops()
        self._settled = Settled(self._ledger)
        self._dissector = Dissector(self._ledger, self._hops, self._settled)
        self._input: CaptureFile | CaptureSet
        if isinstance(path, str):
            self._input = CaptureFile(
                path, self._ledger, max_expanded=max_expanded, window_bytes=window_bytes, stretch=stretch
            )
        else:
            self._input = CaptureSet(
                path, self._ledger, max_expanded=max_expanded, window_bytes=window_bytes, stretch=stretch
            )

    def chunks(self) -> "Iterator[Chunk]":
        """The content of the file, window by window; may be called once."""
        pending: DatagramColumns | None = None
        try:
            started = False
            for records in self._input.batches():
                # One batch is held back, so that what the end of the file sets free still finds its place in it.
                if started:
                    yield self._chunk(pending)
                started = True
                pending = self._columns(records)
        finally:
            self._input.close()
        self._dissector.finish()
        if self._dissector.rows:
            pending = self._merged(pending)
        last = self._chunk(pending)
        if last.packets or last.datagrams is not None:
            yield last

    def place(self) -> tuple[str, int]:
        """The file that is being read, and how many bytes of all files have been."""
        return self._input.place()

    def facts(self) -> "CaptureFacts":
        """What is known of the file; complete once `chunks` is exhausted."""
        return self._ledger.facts(path=self._input.name, file_format=self._input.format)

    def _columns(self, records: "Records") -> DatagramColumns | None:
        """Take a batch in: its media as columns, the rest through the dissector."""
        self._ledger.records(records)
        ethertype, offset = network_layers(records)
        datagrams = plain_datagrams(records, ethertype, offset, self._hops)
        if datagrams is not None:
            # What is known to be UDP needn't be looked at as TCP.
            ethertype[datagrams.row] = 0
        segments = plain_segments(records, ethertype, offset)
        self._dissect(records, datagrams, segments)
        if datagrams is not None and 2 * np.count_nonzero(datagrams.is_media) > len(records):
            records.window.widen()
        rows, self._dissector.rows = self._dissector.rows, []
        if datagrams is None:
            return with_rows({}, self._hops, rows)
        return media_columns(records, datagrams, self._hops, rows)

    def _dissect(self, records: "Records", datagrams: "Datagrams | None", segments: "list[Segments]") -> None:
        """Take apart, in their order, the frames that aren't media in columns."""
        # For each record: −2 is not a plain datagram, −1 is media, anything else is its place among the datagrams.
        place = np.full(len(records), -2, dtype=np.int64)
        if datagrams is not None:
            place[datagrams.row] = np.where(datagrams.is_media, -1, np.arange(len(datagrams.row)))
        rows = np.flatnonzero(place != -1)
        buffer, first = records.window.buffer, records.first_number
        for begin in range(0, len(rows), _PART):
            part = self._settled.without(rows[begin : begin + _PART], segments)
            is_datagram = place[part] >= 0
            frames = zip(part.tolist(), is_datagram.tolist(), self._frame_columns(records, part), strict=True)
            plain = self._datagram_columns(datagrams, place[part[is_datagram]])
            for row, is_plain, frame in frames:
                if is_plain:
                    self._datagram(buffer, first + row, frame[0], next(plain))
                else:
                    self._frame(buffer, first + row, frame)

    def _frame_columns(self, records: "Records", part: "IntegerColumn") -> "Iterator[tuple[int, ...]]":
        """Time, place, length and link type of records, one tuple for each."""
        columns = (records.at, records.start, records.captured, records.link)
        return zip(*(column[part].tolist() for column in columns), strict=True)

    def _datagram_columns(self, datagrams: "Datagrams | None", places: "IntegerColumn") -> "Iterator[tuple[int, ...]]":
        """Payload, lengths, identification and code point of plain datagrams, one tuple for each."""
        if datagrams is None:
            return iter(())
        columns = (
            datagrams.payload,
            datagrams.length,
            datagrams.available,
            datagrams.identification,
            datagrams.dscp,
        )
        return zip(*(column[places].tolist() for column in columns), strict=True)

    def _frame(self, buffer: bytearray, number: int, frame: tuple[int, ...]) -> None:
        """Hand a frame over that is no plain datagram."""
        at, start, captured, link = frame
        self._dissector.frame(link, bytes(buffer[start : start + captured]), number, at)

    def _datagram(self, buffer: bytearray, number: int, at: "Instant", datagram: tuple[int, ...]) -> None:
        """Hand a plain datagram over that isn't media."""
        start, length, available, identification, dscp = datagram
        payload = bytes(buffer[start : start + available])
        # Addresses and ports stand before the length and the checksum of UDP. IPv6 has no identification.
        ends = bytes(buffer[start - (16 if identification >= 0 else 40) : start - 4])
        if not self._dissector.signalling(ends, payload, number, at, identification, is_cut=available < length):
            origin = Origin((number,), at, identification if identification >= 0 else None, dscp, available < length)
            self._dissector.datagram(ends, payload, origin, length)

    def _chunk(self, datagrams: DatagramColumns | None) -> Chunk:
        """Everything collected since the chunk before."""
        packets, self._dissector.packets = self._dissector.packets, []
        # Segments that waited go up late; what was captured after them but is known already has to wait its turn.
        packets.sort(key=itemgetter(0))
        return Chunk(packets=tuple(map(itemgetter(1), packets)), datagrams=datagrams)

    def _merged(self, datagrams: DatagramColumns | None) -> DatagramColumns | None:
        """The last columns with the rows that the end of the file set free."""
        columns = {}
        if datagrams is not None:
            columns = {name: getattr(datagrams, name) for name in (*MediaRow._fields,)}
        return with_rows(columns, self._hops, self._dissector.rows)
