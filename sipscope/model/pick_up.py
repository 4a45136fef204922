"""The moment of the answer: how soon media came each way, and what became of the media that was there before."""

from sipscope.model.message import Request, Response
from sipscope.model.stream import PayloadTypeUse, RtpStream
from sipscope.model.time import Duration, Instant
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUse:
    """One payload type of one stream.

    Attributes:
        stream: The stream.
        use: When it carried that payload type.
    """

    stream: RtpStream
    use: PayloadTypeUse

    @property
    def codec(self) -> str:
        """The codec by name where it is the stream's own, else by payload type."""
        if self.stream.codec is not None and self.use.payload_type == self.stream.payload_types[0]:
            return self.stream.codec
        return f"payload type {self.use.payload_type}"

    def ended_before(self, at: Instant) -> Instant:
        """Its last packet, or the instant where it went on."""
        return min(self.use.last_at, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """The answer of a call, as the caller's hop shows it.

    Attributes:
        success: The 2xx.
        ack: Its ACK; None when it wasn't seen.
        delayed: Whether the offer was in the 2xx, so that the callee can't send before the ACK (RFC 3261 §13.2.1).
        to_caller: From the 2xx, with a delayed offer from the ACK, to the first media of the callee; zero for media
            that goes on from before; None when none came.
        to_callee: From the ACK to the first media of the caller.
        before: Media towards the caller that was there last before the 2xx.
        after: The first media towards the caller that went on or began behind it.
    """

    success: Response
    ack: Request | None
    delayed: bool
    to_caller: Duration | None = None
    to_callee: Duration | None = None
    before: MediaUse | None = None
    after: MediaUse | None = None

    @property
    def codec_change(self) -> tuple[str, str] | None:
        """Codec before and after the answer, where they differ."""
        if self.before is None or self.after is None:
            return None
        codecs = (self.before.codec, self.after.codec)
        return None if codecs[0] == codecs[1] else codecs
