"""Media of a call stopped in both directions, and neither side ever released it.

What it finds
    A call with two-way audio that nobody holds: both sides stopped sending, and for a minute and more neither media
    nor BYE nor another request that succeeded was seen, although requests of both sides pass this tap. Calls whose
    session timer ran out are left to SST-001, and calls with silence suppression are not judged.
Why it matters
    A ghost call: it is billed, and its line stays busy, until somebody or something notices.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-8 alice => bob  PCMU
        0.2-8 bob => alice  PCMU
        90    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-8 alice => bob  PCMU
        0.2-8 bob => alice  PCMU
        8.1   alice -> bob  BYE
        8.2   bob -> alice  200
        90    end
What to check
    - Look for the BYE at other points of the network: it may have taken another path, or have been lost there.
    - Compare the Route and Request-URI of whoever hung up with Record-Route and Contact.
    - Turn on session timers, so that a call whose BYE is lost ends by itself.
Sources
    RFC 3261 §12.3; RFC 3261 §15; RFC 4028 §10
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.description import Direction
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.dialog_routing import requests_would_show
from sipscope.rules.media_windows import FIRM_SCORE, Window, uses_ice, windows_of

NEAR: Duration = 5 * SECOND
"""What comes so soon behind the last packet tells nothing of a life without media; nor does a shorter pause before."""

FEWEST_PACKETS = 50
"""Each direction must have carried at least so much."""

COMFORT_NOISE = 13
"""Payload type of comfort noise: its sender suppresses silence (RFC 3551 §6)."""


@rule("DLG-011", name="dialog-left-open", severity=WARNING, since="0.1", subject=Dialog, needs=("media",))
def dialog_left_open(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A confirmed dialog ends by BYE (RFC 3261 §12.3, §15)."""
    if not dialog.is_invite or dialog.ended_at is not None or dialog.confirmed_at is None:
        return
    streams = trace.index.streams_of_dialog.get(dialog.id, ())
    if not streams or not dialog.started_in_capture:
        return
    last_at = max(stream.last_packet_at for stream in streams)
    if not guards.capture_continues(trace, last_at, trace.policy.duration("dialog_silence_s")) or not _talked(streams):
        return
    if _said_since(dialog, trace, last_at) or not all(requests_would_show(dialog, side) for side in Side):
        return
    if _two_way(dialog, trace) and not _media_elsewhere(dialog, streams, trace, last_at):
        yield _hit(dialog, trace, streams, last_at)


def _talked(streams: Sequence[RtpStream]) -> bool:
    """Whether both sides sent without pauses, so that silence is no habit of theirs."""
    for receiver in Side:
        own = [item for item in streams if item.binding is not None and item.binding.receiver is receiver]
        if sum(item.packets for item in own) < FEWEST_PACKETS:
            return False
    return not any(_suppresses_silence(item) for item in streams)


def _suppresses_silence(stream: RtpStream) -> bool:
    binding, pause = stream.binding, stream.delta_ms_max
    if binding is None or binding.score < FIRM_SCORE or COMFORT_NOISE in stream.payload_types:
        return True
    return pause is not None and pause * 1_000_000 > NEAR


def _said_since(dialog: Dialog, trace: Trace, last_at: Instant) -> bool:
    """Whether something shows that the call lived on, or was released: a request, a report, or its session timer."""
    timer = dialog.session_timer
    if timer is not None and trace.ended_at is not None and timer.expires_at <= trace.ended_at:
        return True
    if any(item.started_at > last_at + NEAR for item in dialog.transactions):
        return True
    # A BYE with the tags of another dialog is a matter of DLG-003.
    if any(item.byes for item in trace.index.dialogs_of_call_id.get(dialog.key.call_id, ())):
        return True
    streams = trace.index.streams_of_dialog.get(dialog.id, ())
    return any(report.at > last_at + NEAR for item in streams for report in item.rtcp.receiver_reports)


def _two_way(dialog: Dialog, trace: Trace) -> bool:
    """Whether every stream that was agreed last may flow both ways, between addresses that are meant."""
    last = [window for window in windows_of(dialog, trace) if window.end == trace.ended_at]
    return bool(last) and all(_is_two_way(window) and not uses_ice(window) for window in last)


def _is_two_way(window: Window) -> bool:
    return window.caller.direction is Direction.SENDRECV and window.callee.direction is Direction.SENDRECV


def _media_elsewhere(dialog: Dialog, streams: Sequence[RtpStream], trace: Trace, last_at: Instant) -> bool:
    """Whether media runs on that may belong to this call: on another of its legs, or bound to nothing."""
    call = trace.index.calls.get(trace.index.call_of_dialog.get(dialog.id, 0))
    others = set() if call is None else {item.id for item in call.dialogs}
    hosts = {address for item in streams for address in (item.hop.source.address, item.hop.destination.address)}
    for stream in trace.streams:
        if stream.last_packet_at <= last_at:
            continue
        if stream.binding is not None and stream.binding.dialog_id in others:
            return True
        loose = stream.binding is None or stream.binding.score < FIRM_SCORE
        if loose and hosts & {stream.hop.source.address, stream.hop.destination.address}:
            return True
    return False


def _hit(dialog: Dialog, trace: Trace, streams: Sequence[RtpStream], last_at: Instant) -> Hit:
    ended_at = trace.ended_at or last_at
    evidence = []
    creating = dialog.creating_transaction
    success = None if creating is None else next((item for item in creating.responses if item.is_success), None)
    if success is not None:
        evidence.append(Evidence(frame=success.frames[-1], note="the call is answered"))
    for receiver in Side:
        own = [item for item in streams if item.binding is not None and item.binding.receiver is receiver]
        latest = max(own, key=lambda item: item.last_packet_at)
        evidence.append(Evidence(frame=latest.last_frame, note=f"last RTP packet to the {receiver}"))
    lossy = guards.capture_lossy_near(trace, last_at, ended_at)
    return Hit(
        text=(
            f"Media stopped in both directions, and in the {in_seconds(ended_at - last_at):.0f} s that the capture "
            "goes on neither side released the call."
        ),
        evidence=tuple(evidence),
        at=last_at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY,
        guards=("The capture itself lost packets in that time.",) if lossy else (),
        identity=(dialog.key,),
    )
