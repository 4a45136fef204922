"""What a file tells besides its packets: interfaces, names, comments, losses, steps of its clock, TLS without keys.

tshark doesn't hand these on, or not whole; so the native engine looks at the file for them. Of formats that only
Wireshark reads, nothing of the kind is known.
"""

from typing import TYPE_CHECKING

from sipscope.capture.native.engine import NativeReader
from sipscope.errors import UnreadableInput
from sipscope.model.packets import CaptureFacts, GapKind

if TYPE_CHECKING:
    from collections.abc import Container

    from sipscope.model.network import Endpoint
    from sipscope.model.packets import EncryptedFlow, Gap

_TOLD = frozenset({GapKind.DROPPED_BY_CAPTURE, GapKind.CLOCK_STEP})


def description_of(path: str) -> CaptureFacts | None:
    """Facts on the file at `path`, of which only that counts which is no packet; None for other formats."""
    try:
        reader = NativeReader(path)
    except UnreadableInput:
        return None
    for _ in reader.chunks():
        pass
    return reader.facts()


def losses_in(description: CaptureFacts | None) -> "tuple[Gap, ...]":
    """What the file says that it lost, and where its clock steps."""
    return () if description is None else tuple(gap for gap in description.gaps if gap.kind in _TOLD)


def without_keys(
    description: CaptureFacts | None, decrypted: "Container[tuple[Endpoint, Endpoint]]"
) -> "tuple[EncryptedFlow, ...]":
    """The TLS connections of which nothing was decrypted; `decrypted` are the ends of the others, either one first."""
    return (
        ()
        if description is None
        else tuple(
            flow
            for flow in description.encrypted_flows
            if (flow.client, flow.server) not in decrypted and (flow.server, flow.client) not in decrypted
        )
    )
