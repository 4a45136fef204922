"""What the caller hears before the answer, instant by instant (RFC 3960 §3.2).

Two policies of callers are told apart, because real phones differ. A caller of the first kind follows the packets: no
180, no local ringing; 180 and no packets, ring locally; 180 and packets, play them. A caller of the second kind stops
its local tone as soon as a provisional response carries SDP, whether media comes or not.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from sipscope.model.description import SessionDescription
from sipscope.model.message import Message, Response
from sipscope.model.network import Endpoint
from sipscope.model.stream import RtpStream
from sipscope.model.time import MILLISECOND, Duration, Instant
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass, replace

SHORTEST_SEGMENT: Duration = 300 * MILLISECOND
"""Segments shorter than this are not heard as such."""

RINGING_PAUSE: Duration = 5500 * MILLISECOND
"""Ringing tones pause for up to 5 s, and a sender that suppresses silence sends nothing meanwhile."""

KEEPS_BACK = frozenset({"recvonly", "inactive"})
"""Values of P-Early-Media, seen from the callee's side, that let no media through to the caller (RFC 5009 §8)."""


class Heard(StrEnum):
    """What a caller hears before the answer. `BARRED_MEDIA`: media comes, though P-Early-Media keeps it back."""

    NOTHING = "silence"
    LOCAL_TONE = "local ring-back"
    EARLY_MEDIA = "media"
    BARRED_MEDIA = "barred media"


class Policy(StrEnum):
    """How a caller decides to ring locally."""

    FOLLOWS_PACKETS = "follows packets"
    SDP_SUPPRESSES = "stops ringing at SDP"


class EarlyMediaModel(StrEnum):
    """How early media is negotiated (RFC 3960 §3, §4): in the session itself, or in a session of its own."""

    GATEWAY = "gateway"
    APPLICATION_SERVER = "application-server"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with one sound.

    Attributes:
        start: When it begins.
        end: When it ends.
        heard: The sound.
    """

    start: Instant
    end: Instant
    heard: Heard

    @property
    def length(self) -> Duration:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A P-Early-Media header field of the callee's side (RFC 5009 §8).

    Attributes:
        message: The message that carried it.
        to_tag: The early dialog it is for.
        directions: Its directions, one a media line, seen from the callee's side; the last one stands for the rest.
    """

    message: Message
    to_tag: str | None
    directions: tuple[str, ...]

    @property
    def keeps_back(self) -> bool:
        """Whether it lets no media through to the caller."""
        return bool(self.directions) and all(direction in KEEPS_BACK for direction in self.directions)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyPhase:
    """The time from the first provisional response other than 100 to the final response, as the caller's hop shows it.

    Attributes:
        invite: The last attempt of the caller on the first hop.
        provisionals: Its 101–199 responses, by time.
        start: The first of them, or the first media towards the caller where that came before.
        end: The final response; the end of the capture where none came.
        final: The final response.
        streams: RTP towards the caller, early sessions included.
        tag_of_stream: To tag of the early dialog that a stream is bound to, by the stream's id.
        media_seen: Whether any media of the call was captured; where none was, silence may be the tap's.
        caller_listens: Whether the callee's side knew where to send media before the answer.
        gates: P-Early-Media of the callee's side, by time.
        early_sessions: Messages that negotiate a session of its own for early media (RFC 3959 §4), by time.
    """

    invite: Transaction
    provisionals: tuple[Response, ...]
    start: Instant
    end: Instant
    final: Response | None
    streams: tuple[RtpStream, ...]
    tag_of_stream: tuple[tuple[str, str], ...] = ()
    media_seen: bool
    caller_listens: bool
    gates: tuple[Gate, ...] = ()
    early_sessions: tuple[Message, ...] = ()

    @property
    def alerting_at(self) -> Instant | None:
        """The first 180."""
        return next((response.at for response in self.provisionals if response.status == 180), None)

    @property
    def model(self) -> EarlyMediaModel | None:
        """How early media was negotiated; None where none was, and none came."""
        if self.early_sessions:
            return EarlyMediaModel.APPLICATION_SERVER
        described = any(item.description is not None for item in self.provisionals)
        return EarlyMediaModel.GATEWAY if described or self.sounding else None

    @property
    def winner(self) -> str | None:
        """To tag of the early dialog that was answered; None when none was."""
        return self.final.to_tag if self.final is not None and self.final.is_success else None

    @property
    def tags(self) -> tuple[str, ...]:
        """To tags of its early dialogs, by time; the answered one last where only the answer shows it."""
        found = [item.to_tag for item in self.provisionals]
        return tuple(dict.fromkeys(tag for tag in (*found, self.winner) if tag))

    @property
    def described(self) -> tuple[Response, ...]:
        """Provisional responses with SDP that promises media, of the dialog that was answered or the only one."""
        if not self.caller_listens:
            return ()
        tag = self._deciding_tag
        return tuple(item for item in self.provisionals if item.to_tag == tag and promises_media(item.description))

    @property
    def _deciding_tag(self) -> str | None:
        """To tag of the 2xx; without one, the tag that all provisional responses share."""
        if self.winner is not None:
            return self.winner
        tags = {item.to_tag for item in self.provisionals}
        return tags.pop() if len(tags) == 1 else None

    @property
    def sounding(self) -> tuple[tuple[Instant, Instant], ...]:
        """When media came, the pauses of a ringing tone included."""
        runs = sorted(
            (run.start, run.end)
            for stream in self.streams
            if stream.media_kind in {None, "audio"}
            for run in stream.activity
            if run.start < self.end
        )
        found: list[tuple[Instant, Instant]] = []
        pauses = False
        for start, end in runs:
            if found and start - found[-1][1] <= RINGING_PAUSE:
                pauses = pauses or start - found[-1][1] >= SHORTEST_SEGMENT
                found[-1] = (found[-1][0], max(found[-1][1], end))
            else:
                found.append((start, end))
        if found and pauses:
            # The answer may come in a pause.
            found[-1] = (found[-1][0], found[-1][1] + RINGING_PAUSE)
        return tuple(found)

    def sources_between(self, start: Instant, end: Instant) -> tuple[Endpoint, ...]:
        """Where the media of an interval came from, in order of appearance."""
        heard = sorted(self.streams, key=lambda item: (item.first_packet_at, item.first_frame))
        return tuple(dict.fromkeys(item.hop.source for item in heard if item.is_active(start, end - 1)))

    def gate_at(self, at: Instant) -> Gate | None:
        """The last P-Early-Media that came before an instant; one without a direction changes nothing."""
        return next((gate for gate in reversed(self.gates) if gate.message.at <= at and gate.directions), None)

    def of(self, tag: str) -> "EarlyPhase":
        """The same phase with what belongs to one early dialog; itself where everything does."""
        own = {stream_id for stream_id, owner in self.tag_of_stream if owner == tag}
        provisionals = tuple(item for item in self.provisionals if item.to_tag == tag)
        streams = tuple(item for item in self.streams if item.id in own)
        gates = tuple(item for item in self.gates if item.to_tag == tag)
        sessions = tuple(item for item in self.early_sessions if item.to_tag == tag)
        found = len(provisionals) + len(streams) + len(gates) + len(sessions)
        if found == len(self.provisionals) + len(self.streams) + len(self.gates) + len(self.early_sessions):
            return self
        return replace(self, provisionals=provisionals, streams=streams, gates=gates, early_sessions=sessions)

    def timeline(self, policy: Policy = Policy.FOLLOWS_PACKETS) -> tuple[Segment, ...]:
        """What is heard from start to end, short segments swallowed by the one before, the first by the next."""
        sounds = self.sounding
        local = self._local_tone(policy)
        breaks = sorted({self.start, self.end, *self._breaks(sounds)})
        segments: list[Segment] = []
        for start, end in pairwise(breaks):
            heard = self._heard((start + end) // 2, sounds, local)
            if segments and (segments[-1].heard is heard or end - start < SHORTEST_SEGMENT):
                segments[-1] = Segment(segments[-1].start, end, segments[-1].heard)
            else:
                segments.append(Segment(start, end, heard))
        if len(segments) > 1 and segments[0].length < SHORTEST_SEGMENT:
            segments[:2] = [replace(segments[1], start=segments[0].start)]
        return tuple(segments)

    def _local_tone(self, policy: Policy) -> tuple[Instant, Instant | None] | None:
        """From when on the caller's device rings by itself, and until when; None where it never does."""
        alerting = self.alerting_at
        if alerting is None:
            return None
        described = self.described if policy is Policy.SDP_SUPPRESSES else ()
        return alerting, min((item.at for item in described), default=None)

    def _breaks(self, sounds: Sequence[tuple[Instant, Instant]]) -> Iterator[Instant]:
        yield from (item.at for item in self.provisionals)
        yield from (gate.message.at for gate in self.gates if self.start < gate.message.at < self.end)
        for sound in sounds:
            yield from (at for at in sound if self.start < at < self.end)

    def _heard(
        self,
        at: Instant,
        sounds: Sequence[tuple[Instant, Instant]],
        local: tuple[Instant, Instant | None] | None,
    ) -> Heard:
        if sounds and any(first <= at <= last for first, last in sounds):
            gate = self.gate_at(at)
            return Heard.BARRED_MEDIA if gate is not None and gate.keeps_back else Heard.EARLY_MEDIA
        if local is None or local[0] > at or (local[1] is not None and local[1] <= at):
            return Heard.NOTHING
        return Heard.LOCAL_TONE


def promises_media(description: SessionDescription | None) -> bool:
    """Whether a description of the callee lets it send: a port, an address, and a direction that sends."""
    if description is None:
        return False
    return any(
        section.port != 0 and section.direction.sends and not (section.connection and section.connection.is_null)
        for section in description.media
    )


def can_receive(description: SessionDescription | None) -> bool:
    """Whether a description of the caller lets media come: a port, an address, and a direction that receives."""
    if description is None:
        return False
    return any(
        section.port != 0 and section.direction.receives and not (section.connection and section.connection.is_null)
        for section in description.media
    )


def longest_silence(segments: Sequence[Segment], since: Instant) -> Segment | None:
    """The longest stretch from an instant on in which nothing is heard."""
    silent = [
        replace(segment, start=max(segment.start, since))
        for segment in segments
        if segment.heard is Heard.NOTHING and segment.end > since
    ]
    return max(silent, key=lambda segment: segment.length, default=None)
