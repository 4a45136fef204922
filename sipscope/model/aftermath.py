"""What became of the dialogs that a transfer was to make superfluous (RFC 5589 §6, §7)."""

from enum import StrEnum

from sipscope.model.time import Instant
from sipscope.values import dataclass


class TransferParty(StrEnum):
    """The parts that the parties of a transfer play (RFC 5589 §2)."""

    TRANSFEROR = "transferor"
    TRANSFEREE = "transferee"
    TARGET = "target"


class Fate(StrEnum):
    """How an old dialog ended, or why it did not.

    `ORPHANED` is a transferee who lost the transferor and did not get the target.
    """

    RELEASED = "released"
    RELEASED_EARLY = "released before the result"
    ORPHANED = "orphaned"
    TAKEN_BACK = "taken back"
    ON_HOLD = "left on hold"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class OldDialog:
    """One of the two dialogs that were there before the transfer.

    Attributes:
        dialog_id: The dialog.
        partner: Whom it joins to the transferor.
        fate: What became of it.
        at: When that happened; None for a dialog that was simply left open.
        by: Who did it; None where nobody in view did.
        on_hold: Whether the transferor held it to its end, or to that of the capture.
    """

    dialog_id: str
    partner: TransferParty
    fate: Fate
    at: Instant | None = None
    by: TransferParty | None = None
    on_hold: bool = False
