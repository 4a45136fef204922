"""What a capture could show from where it was taken: the facts that guards ask for."""

from collections.abc import Mapping
from dataclasses import field

from sipscope.model.time import Instant
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """Directions and times in view.

    Attributes:
        signalling_pairs: Ordered pairs of addresses between which SIP was seen, with the time of the last message.
        media_pairs: Ordered pairs of addresses between which RTP or RTCP was seen, with the packet count.
        last_at: Time of the last packet of any kind; None for an empty capture.
        first_at: Time of the first packet.
        lossy_at: Instants near which the capture itself lost packets: drop counters, stream holes, missing fragments.
        media_expected: The user says that media is visible here.
    """

    signalling_pairs: Mapping[tuple[str, str], Instant] = field(default_factory=dict)
    media_pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    first_at: Instant | None = None
    last_at: Instant | None = None
    lossy_at: tuple[Instant, ...] = ()
    media_expected: bool = False

    def sees_media_between(self, one: str, other: str) -> bool:
        """Whether RTP or RTCP was seen between two addresses in any direction (gate G-MEDIA)."""
        return self.media_expected or (one, other) in self.media_pairs or (other, one) in self.media_pairs

    def sees_media_from_to(self, source: str, destination: str) -> bool:
        """Whether RTP or RTCP was seen in that direction (strict G-MEDIA)."""
        return self.media_expected or (source, destination) in self.media_pairs

    @property
    def one_sided(self) -> tuple[tuple[str, str], ...]:
        """Pairs of addresses, source first, between which SIP was seen in that direction alone."""
        return tuple(pair for pair in self.signalling_pairs if pair[::-1] not in self.signalling_pairs)

    def sees_signalling(self, source: str, destination: str) -> bool:
        """Whether SIP was seen in that direction."""
        return (source, destination) in self.signalling_pairs
