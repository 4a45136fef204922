"""What the caller hears before the answer, instant by instant (RFC 3960 §3.2).

Two policies of callers are told apart, because real phones differ. A caller of the first kind follows the packets: no
180, no local ringing; 180 and no packets, ring locally; 180 and packets, play them. A caller of the second kind stops
its local tone as soon as a provisional response carries SDP, whether media comes or not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from sipscope.model.call import Call
from sipscope.model.description import SessionDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.message import Request, Response
from sipscope.model.stream import RtpStream
from sipscope.model.time import MILLISECOND, SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction

DEAD_AIR: Duration = 2 * SECOND
"""Silence that a caller notices."""

SHORTEST_SEGMENT: Duration = 300 * MILLISECOND
"""Segments shorter than this are not heard as such."""

RINGING_PAUSE: Duration = 5500 * MILLISECOND
"""Ringing tones pause for up to 5 s, and a sender that suppresses silence sends nothing meanwhile."""


class Heard(Enum):
    """What a caller hears before the answer."""

    NOTHING = auto()
    LOCAL_TONE = auto()
    EARLY_MEDIA = auto()


class Policy(Enum):
    """How a caller decides to ring locally."""

    FOLLOWS_PACKETS = auto()
    SDP_SUPPRESSES = auto()


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time with one sound."""

    start: Instant
    end: Instant
    heard: Heard

    @property
    def length(self) -> Duration:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyPhase:
    """The time from the first provisional response other than 100 to the final response, as the caller's hop shows it.

    Attributes:
        invite: The last attempt of the caller on the first hop.
        provisionals: Its 101–199 responses, by time.
        start: The first of them.
        end: The final response; the end of the capture where none came.
        final: The final response.
        streams: RTP towards the caller.
        caller_listens: Whether the callee's side knew where to send media before the answer.
    """

    invite: Transaction
    provisionals: tuple[Response, ...]
    start: Instant
    end: Instant
    final: Response | None
    streams: tuple[RtpStream, ...]
    caller_listens: bool

    @property
    def alerting_at(self) -> Instant | None:
        """The first 180."""
        return next((response.at for response in self.provisionals if response.status == 180), None)

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
        if self.final is not None and self.final.is_success:
            return self.final.to_tag
        tags = {item.to_tag for item in self.provisionals}
        return tags.pop() if len(tags) == 1 else None

    @property
    def sounding(self) -> tuple[tuple[Instant, Instant], ...]:
        """When media came, the pauses of a ringing tone included."""
        runs = sorted(
            (run.start, run.end) for stream in self.streams for run in stream.activity if run.start < self.end
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


def early_phase(call: Call, trace: Trace) -> EarlyPhase | None:
    """The early phase of a call; None without a provisional response, or where the capture starts later."""
    invite = _last_attempt(call)
    if invite is None or invite.request is None:
        return None
    provisionals = tuple(item for item in invite.provisionals if item.status > 100)
    end = invite.final.at if invite.final is not None else trace.ended_at
    if not provisionals or end is None:
        return None
    return EarlyPhase(
        invite=invite,
        provisionals=provisionals,
        start=provisionals[0].at,
        end=end,
        final=invite.final,
        streams=streams_to(call.caller_dialogs, trace, Side.CALLER),
        caller_listens=_caller_listens(call, invite.request),
    )


def _caller_listens(call: Call, invite: Request) -> bool:
    """Whether the callee's side knew before the answer where to send media.

    The offer in the INVITE says so. With a delayed offer, the answer does, in a PRACK (RFC 3262 §5) or not before the
    ACK.
    """
    if invite.description is not None:
        return can_receive(invite.description)
    requests = (
        item.request for dialog in call.caller_dialogs for item in dialog.transactions if item.method == "PRACK"
    )
    return any(request is not None and can_receive(request.description) for request in requests)


def can_receive(description: SessionDescription | None) -> bool:
    """Whether a description of the caller lets media come: a port, an address, and a direction that receives."""
    if description is None:
        return False
    return any(
        section.port != 0 and section.direction.receives and not (section.connection and section.connection.is_null)
        for section in description.media
    )


def _last_attempt(call: Call) -> Transaction | None:
    """The newest INVITE of the caller, on the hop nearest to it."""
    if not call.invites:
        return None
    client = call.invites[0].key.client
    own = [item for item in call.invites if item.key.client == client]
    newest = max(item.first.cseq.number if item.first.cseq is not None else 0 for item in own)
    return next(
        (item for item in own if (item.first.cseq.number if item.first.cseq is not None else 0) == newest), None
    )


def streams_to(dialogs: Sequence[Dialog], trace: Trace, receiver: Side) -> tuple[RtpStream, ...]:
    """Streams of dialogs towards one party, on any leg, each SSRC once."""
    found: dict[int, RtpStream] = {}
    for dialog in dialogs:
        for stream in trace.index.streams_of_dialog.get(dialog.id, ()):
            if stream.binding is not None and stream.binding.receiver is receiver:
                found.setdefault(stream.ssrc, stream)
    return tuple(found.values())


def promises_media(description: SessionDescription | None) -> bool:
    """Whether a description of the callee lets it send: a port, an address, and a direction that sends."""
    if description is None:
        return False
    return any(
        section.port != 0 and section.direction.sends and not (section.connection and section.connection.is_null)
        for section in description.media
    )


def awaits_preconditions(phase: EarlyPhase) -> bool:
    """Whether the silence is by design: resources are being reserved (RFC 3312 §5)."""
    return any(
        attribute.name in {"curr", "des"}
        for response in phase.provisionals
        if response.description is not None
        for section in response.description.media
        for attribute in section.attributes
    )


def has_early_session(phase: EarlyPhase) -> bool:
    """Whether early media has a session of its own, so that it comes to other places than those of the call."""
    return any(response.early_description is not None for response in phase.provisionals)


def is_gated(phase: EarlyPhase) -> bool:
    """Whether P-Early-Media keeps media from the caller: only `sendrecv` and `sendonly` let it pass (RFC 5009 §8)."""
    return any(
        direction in {"inactive", "recvonly"} for response in phase.provisionals for direction in response.p_early_media
    )


def timeline(phase: EarlyPhase, policy: Policy) -> tuple[Segment, ...]:
    """What is heard from start to end, short segments swallowed by the one before."""
    breaks = sorted({phase.start, phase.end, *_breaks(phase)})
    segments: list[Segment] = []
    for start, end in pairwise(breaks):
        heard = _heard(phase, policy, start, end)
        if segments and (segments[-1].heard is heard or end - start < SHORTEST_SEGMENT):
            segments[-1] = Segment(segments[-1].start, end, segments[-1].heard)
        else:
            segments.append(Segment(start, end, heard))
    return tuple(segments)


def _breaks(phase: EarlyPhase) -> Iterator[Instant]:
    yield from (item.at for item in phase.provisionals)
    for sound in phase.sounding:
        yield from (at for at in sound if phase.start < at < phase.end)


def _heard(phase: EarlyPhase, policy: Policy, start: Instant, end: Instant) -> Heard:
    middle = (start + end) // 2
    if any(first <= middle <= last for first, last in phase.sounding):
        return Heard.EARLY_MEDIA
    alerting = phase.alerting_at
    if alerting is None or alerting > middle:
        return Heard.NOTHING
    if policy is Policy.SDP_SUPPRESSES and any(item.at <= middle for item in phase.described):
        return Heard.NOTHING
    return Heard.LOCAL_TONE


def longest_silence(segments: Sequence[Segment], since: Instant) -> Segment | None:
    """The longest stretch from an instant on in which nothing is heard."""
    silent = [
        replace(segment, start=max(segment.start, since))
        for segment in segments
        if segment.heard is Heard.NOTHING and segment.end > since
    ]
    return max(silent, key=lambda segment: segment.length, default=None)


def media_visible(call: Call, phase: EarlyPhase, trace: Trace) -> bool:
    """Whether RTP between the two media hosts would be seen here (gate G-MEDIA)."""
    request = phase.invite.request
    offers = () if request is None or request.description is None else request.description.media
    callers = {section.address for section in offers if section.address}
    callees = {
        section.address
        for response in phase.invite.responses
        if response.description is not None
        for section in response.description.media
        if section.address
    }
    if any(trace.vantage.sees_media_between(caller, callee) for caller in callers for callee in callees):
        return True
    return any(trace.index.streams_of_dialog.get(dialog.id) for dialog in call.caller_dialogs)
