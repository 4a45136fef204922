"""A recording lacks one of the streams it should have.

What it finds
    A recording session, told by siprec in Require or by +sip.src in Contact, with a labelled stream that carries no RTP
    for more than 5 s while another one does, or two labelled streams under one SSRC, which are the same voice twice. A
    stream that is paused, refused or inactive, and a recorder of which no media is in view, are let be. It is likely
    where a call of the same host, which ends when the recording does, has media both ways, and merely possible where no
    such call is in view.
Why it matters
    One party isn't recorded, and nobody knows until the recording is asked for.
Example
    Bad:
        sbc      192.0.2.1
        recorder 192.0.2.50
        alice    192.0.2.10
        bob      192.0.2.20
        0.0   alice -> sbc  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   sbc -> alice  200
              m=audio 7000 RTP/AVP 0
        0.2   alice -> sbc  ACK
        0.3-20 alice => sbc PCMU call=1
        0.3-20 sbc => alice PCMU call=1
        0.4   sbc -> recorder INVITE call=r
              Require: siprec
              Contact: <sip:sbc@192.0.2.1>;+sip.src
              m=audio 7100 RTP/AVP 0
              a=label:1
              a=sendonly
              m=audio 7102 RTP/AVP 0
              a=label:2
              a=sendonly
        0.5   recorder -> sbc 200
              m=audio 8100 RTP/AVP 0
              a=recvonly
              m=audio 8102 RTP/AVP 0
              a=recvonly
        0.6   sbc -> recorder ACK call=r
        0.7-20 sbc => recorder PCMU call=r
        20.1  alice -> sbc  BYE call=1
        20.2  sbc -> alice  200
        20.3  sbc -> recorder BYE call=r
        20.4  recorder -> sbc 200
    Good:
        sbc      192.0.2.1
        recorder 192.0.2.50
        alice    192.0.2.10
        bob      192.0.2.20
        0.0   alice -> sbc  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   sbc -> alice  200
              m=audio 7000 RTP/AVP 0
        0.2   alice -> sbc  ACK
        0.3-20 alice => sbc PCMU call=1
        0.3-20 sbc => alice PCMU call=1
        0.4   sbc -> recorder INVITE call=r
              Require: siprec
              Contact: <sip:sbc@192.0.2.1>;+sip.src
              m=audio 7100 RTP/AVP 0
              a=label:1
              a=sendonly
              m=audio 7102 RTP/AVP 0
              a=label:2
              a=sendonly
        0.5   recorder -> sbc 200
              m=audio 8100 RTP/AVP 0
              a=recvonly
              m=audio 8102 RTP/AVP 0
              a=recvonly
        0.6   sbc -> recorder ACK call=r
        0.7-20 sbc => recorder PCMU call=r
        0.7-20 sbc => recorder PCMU call=r index=1 ssrc=77
        20.1  alice -> sbc  BYE call=1
        20.2  sbc -> alice  200
        20.3  sbc -> recorder BYE call=r
        20.4  recorder -> sbc 200
What to check
    - Does the SBC fork the media of both parties to the recorder?
    - Is one party muted or silent, and does its phone send nothing then?
Sources
    RFC 7866 §5.1; RFC 7866 §8.2
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import anchor
from sipscope.rules.media_windows import Window, packets_between, streams_of, windows_of

SILENCE: Duration = 5 * SECOND
"""How long a recorded stream may carry nothing."""

_Recorded = tuple[Window, MediaDescription, tuple[RtpStream, ...]]
"""A position, what the recording client wrote for it, and its streams towards the recorder."""


@rule("SVC-005", name="recorded-stream-missing", severity=ERROR, since="0.1", subject=Dialog, needs=("media",))
def recorded_stream_missing(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The recording client sends every recorded stream to the recorder (RFC 7866 §5.1, §8.2)."""
    created = dialog.creating_transaction
    request = None if created is None else created.request
    if request is None or not trace.streams or not _records(request):
        return
    recorded = [item for item in (_recorded(window, dialog, trace) for window in windows_of(dialog, trace)) if item]
    for item in recorded:
        others = [other for other in recorded if other[0].index != item[0].index and _overlap(item, other) > SILENCE]
        lossy = guards.capture_lossy_near(trace, item[0].start, item[0].end)
        if _is_silent(item) and not lossy and any(not _is_silent(other) for other in others):
            yield _missing(dialog, trace, request, item)
    yield from _twice(dialog, request, recorded)


def _records(request: Request) -> bool:
    return "siprec" in request.require or any("+sip.src" in contact.parameters for contact in request.contacts)


def _recorded(window: Window, dialog: Dialog, trace: Trace) -> _Recorded | None:
    """A labelled position that the client may send on, over a time that is long enough."""
    section, answer = window.caller.media, window.callee.media
    label = next(section.attribute_values("label"), None)
    if label is None or not (section.direction.sends and answer.direction.receives):
        return None
    if window.end - window.start <= SILENCE:
        return None
    return window, section, streams_of(dialog, trace, Side.CALLEE, window.index)


def _overlap(one: _Recorded, other: _Recorded) -> Duration:
    return min(one[0].end, other[0].end) - max(one[0].start, other[0].start)


def _is_silent(item: _Recorded) -> bool:
    window, _, streams = item
    return packets_between(streams, window.start, window.end) == 0


def _label(section: MediaDescription) -> str:
    return next(section.attribute_values("label"), None) or "none"


def _missing(dialog: Dialog, trace: Trace, request: Request, item: _Recorded) -> Hit:
    window, section, _ = item
    talked = _call_is_up(dialog, trace, window)
    return Hit(
        text=(
            f"The recorded stream with label {_label(section)} carries nothing for "
            f"{in_seconds(window.end - window.start):.0f} s, while another one of the recording does."
        ),
        evidence=(Evidence(frame=anchor(request), note=f"recording session: {section.media_line}"),),
        at=window.start,
        confidence=Confidence.LIKELY if talked else Confidence.POSSIBLE,
        guards=() if talked else ("No call with media both ways is in view at the time.",),
        identity=(dialog.key, "missing", window.index, window.start),
    )


def _call_is_up(dialog: Dialog, trace: Trace, window: Window) -> bool:
    """Whether a call of the recording client's host, ended with the recording, has media both ways meanwhile."""
    host = dialog.caller.endpoint.address
    for other in trace.dialogs:
        hosts = {other.caller.endpoint.address, other.callee.endpoint.address}
        if other.id == dialog.id or not other.is_invite or host not in hosts or not _end_together(dialog, other):
            continue
        streams = trace.index.streams_of_dialog.get(other.id, ())
        receivers = {
            stream.binding.receiver
            for stream in streams
            if stream.binding is not None and packets_between((stream,), window.start, window.end)
        }
        if len(receivers) == len(Side):
            return True
    return False


def _end_together(one: Dialog, other: Dialog) -> bool:
    if one.ended_at is None or other.ended_at is None:
        return one.ended_at is other.ended_at
    return abs(one.ended_at - other.ended_at) <= SILENCE


def _twice(dialog: Dialog, request: Request, recorded: Sequence[_Recorded]) -> Iterator[Hit]:
    """Two labels that carry the packets of one source."""
    seen: dict[int, tuple[int, str]] = {}
    for window, section, streams in recorded:
        for stream in streams:
            index, label = seen.setdefault(stream.ssrc, (window.index, _label(section)))
            if index != window.index:
                yield Hit(
                    text=(
                        f"The recorded streams with labels {label} and {_label(section)} are one voice, "
                        f"SSRC {stream.ssrc:#x}."
                    ),
                    evidence=(
                        Evidence(frame=anchor(request), note=f"recording session: {section.media_line}"),
                        Evidence(frame=stream.first_frame, note="the same SSRC"),
                    ),
                    at=stream.first_packet_at,
                    confidence=Confidence.LIKELY,
                    identity=(dialog.key, "twice", stream.ssrc),
                )
