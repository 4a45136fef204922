"""What a file tells of itself besides its packets: interfaces, names, comments, losses, steps of its clock.

tshark doesn't hand these on, or not whole; so the native engine's reader looks at the file for them, without taking any
packet apart. Of formats that only Wireshark reads, nothing of the kind is known.
"""

from typing import TYPE_CHECKING

from sipscope.capture.native.file import CaptureFile
from sipscope.capture.native.ledger import Ledger
from sipscope.errors import UnreadableInput
from sipscope.model.packets import CaptureFacts, GapKind

if TYPE_CHECKING:
    from sipscope.model.packets import Gap

_TOLD = frozenset({GapKind.DROPPED_BY_CAPTURE, GapKind.CLOCK_STEP})


def description_of(path: str) -> CaptureFacts | None:
    """Facts on the file at `path`, of which interfaces, names, comments and authors count; None for other formats."""
    ledger = Ledger()
    try:
        file = CaptureFile(path, ledger)
    except UnreadableInput:
        return None
    for records in file.batches():
        ledger.records(records)
    return ledger.facts(path=path, file_format=file.format)


def losses_in(description: CaptureFacts | None) -> "tuple[Gap, ...]":
    """What the file says that it lost, and where its clock steps."""
    return () if description is None else tuple(gap for gap in description.gaps if gap.kind in _TOLD)
