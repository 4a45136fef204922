"""What could be seen from where the capture was taken."""

from collections.abc import Iterable, Sequence

from sipscope.model.message import Request, Response
from sipscope.model.packets import LOSSES, CaptureFacts, Gap
from sipscope.model.stream import RtpStream
from sipscope.model.time import Instant
from sipscope.model.vantage import Vantage


def vantage_of(
    facts: CaptureFacts,
    messages: Sequence[Request | Response],
    streams: Iterable[RtpStream],
    gaps: Iterable[Gap],
    *,
    media_expected: bool = False,
) -> Vantage:
    """Directions in view, the span of the capture, and where it lost packets itself."""
    signalling: dict[tuple[str, str], Instant] = {}
    for message in messages:
        hop = message.hop
        signalling[hop.source.address, hop.destination.address] = message.at
    media: dict[tuple[str, str], int] = {}
    for stream in streams:
        pair = (stream.hop.source.address, stream.hop.destination.address)
        media[pair] = media.get(pair, 0) + stream.packets
    lossy_at = [gap.at for gap in gaps if gap.kind in LOSSES and gap.at is not None]
    return Vantage(
        signalling_pairs=signalling,
        media_pairs=media,
        first_at=facts.first_packet_at,
        last_at=facts.last_packet_at,
        lossy_at=tuple(sorted((*lossy_at, *facts.more_losses_at))),
        # Whatever the user expects, no log shows media.
        media_expected=media_expected and facts.engine != "text",
    )
