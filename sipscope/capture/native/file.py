"""One capture file: its bytes, the window on them, and the records of whichever format it has."""

from typing import TYPE_CHECKING

from sipscope.capture.native.pcap import MAGIC, PcapRecords
from sipscope.capture.native.pcapng import SECTION_MAGIC, PcapngRecords
from sipscope.capture.native.probe import not_a_capture
from sipscope.capture.native.source import MAX_EXPANDED, Source
from sipscope.capture.native.walk import STRETCH_BYTES
from sipscope.capture.native.window import FIRST_WINDOW_BYTES, WINDOW_BYTES, Window
from sipscope.model.packets import Gap, GapKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipscope.capture.native.ledger import Ledger
    from sipscope.capture.native.records import Records


class CaptureFile:
    """The records of one pcap or pcapng file.

    Attributes:
        path: Where it is; `-` is standard input.
    """

    def __init__(
        self,
        path: str,
        ledger: "Ledger",
        *,
        max_expanded: int = MAX_EXPANDED,
        window_bytes: int = WINDOW_BYTES,
        first_window_bytes: int = FIRST_WINDOW_BYTES,
        stretch: int = STRETCH_BYTES,
    ) -> None:
        """Open the file at `path` and enter what it lacks into `ledger`.

        Raises:
            UnreadableInput: It can't be opened, or it is no capture that is read here.
        """
        self.path = path
        self._ledger = ledger
        self._source = Source(path, max_expanded=max_expanded)
        window = Window(self._source, min(first_window_bytes, window_bytes), largest=window_bytes)
        try:
            self._records = self._opened(window, stretch)
        except BaseException:
            self._source.close()
            raise

    @property
    def name(self) -> str:
        """As messages and facts call it."""
        return self.path

    @property
    def format(self) -> str:
        """Such as `pcap+gzip`."""
        compression = self._source.compression
        return f"{self._records.format}+{compression}" if compression else self._records.format

    def place(self) -> tuple[str, int]:
        """The file, and how many of its bytes have been read."""
        return self.path, self._source.bytes_read

    def batches(self) -> "Iterator[Records]":
        """The records in their order; each batch holds until the next one is asked for."""
        try:
            yield from self._records.batches()
        finally:
            self._source.close()
        if self._source.damage is not None:
            text = f"The file can't be read to its end: {self._source.damage}."
            self._ledger.gap(Gap(kind=GapKind.TRUNCATED_FILE, text=text))

    def close(self) -> None:
        """Give the file back."""
        self._source.close()

    def _opened(self, window: Window, stretch: int) -> PcapRecords | PcapngRecords:
        window.refill()
        magic = bytes(window.buffer[:4])
        if magic in MAGIC:
            return PcapRecords(window, self._ledger, stretch=stretch)
        if magic == SECTION_MAGIC:
            return PcapngRecords(window, self._ledger, stretch=stretch)
        raise not_a_capture(self.path, bytes(window.buffer[: min(window.end, 8)]))
