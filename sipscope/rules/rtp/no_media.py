"""A call is up, media is agreed, and not one RTP packet of it is seen.

What it finds
    A confirmed dialog that lasts 5 s or more with an accepted audio section in which at least one side may send,
    and no RTP packet that belongs to it in either direction. It speaks only where media between these hosts is
    known to be visible: another call or direction shows RTP between them, or `--media-expected` says so. Media that
    a B2BUA lets pass by itself, and that belongs to another of its legs, is media.
Why it matters
    A dead call. Typical causes are a firewall, an SBC that doesn't anchor media, a wrong address, or a codec
    mismatch.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE call=one
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        0.2-8 alice => bob  PCMU
        0.2-8 bob => alice  PCMU
        8.0   alice -> bob  BYE
        8.1   bob -> alice  200
        10.0  alice -> bob  INVITE call=two
              m=audio 4002 RTP/AVP 0
        10.1  bob -> alice  200
              m=audio 5002 RTP/AVP 0
        10.2  alice -> bob  ACK
        20.0  alice -> bob  BYE
        20.1  bob -> alice  200
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
        8.0   alice -> bob  BYE
        8.1   bob -> alice  200
What to check
    - Is the port range of RTP open between the two announced addresses, in both directions?
    - Are the announced addresses reachable from the other side: no private address towards the public?
    - Do findings on codecs, keys or directions of this call explain why neither side sends?
Sources
    RFC 3264 §6.1; RFC 3264 §7; RFC 3550 §5.1
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.description import Direction
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.network import Endpoint
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.media_windows import Window, host_pairs, uses_ice, windows_of


@rule("RTP-001", name="no-media", severity=ERROR, since="0.1", subject=Dialog)
def no_media(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Both sides should send once an exchange accepted a stream with a direction that allows it (RFC 3264 §7)."""
    if not dialog.is_invite or trace.index.streams_of_dialog.get(dialog.id):
        return
    if not trace.vantage.media_pairs and not trace.vantage.media_expected:
        return  # Where media is seen between no hosts at all, it isn't visible between these.
    patience = trace.policy.duration("no_media_s")
    windows = [
        window
        for window in windows_of(dialog, trace)
        if window.end - window.start >= patience
        and window.caller.media.kind == "audio"
        and window.caller.direction is not Direction.INACTIVE
    ]
    if not windows or any(uses_ice(window) or not _visible(window, trace) for window in windows):
        return
    if _runs_elsewhere(windows, trace):
        return
    yield _hit(dialog, trace, windows[0])


def _visible(window: Window, trace: Trace) -> bool:
    return guards.media_visible(trace, *host_pairs(window))


def _runs_elsewhere(windows: list[Window], trace: Trace) -> bool:
    """Whether media of the hosts runs meanwhile, bound to nothing or to another leg of a B2BUA that lets it pass by."""
    hosts = {host for window in windows for host in host_pairs(window)}
    announced = {
        Endpoint(media.address or "", media.port)
        for window in windows
        for media in (window.caller.media, window.callee.media)
    }
    near = [
        stream
        for endpoint in announced
        for stream in (*trace.index.streams_from.get(endpoint, ()), *trace.index.streams_to.get(endpoint, ()))
    ]
    near += [
        stream
        for stream in trace.index.unbound_streams
        if stream.hop.source.address in hosts or stream.hop.destination.address in hosts
    ]
    return any(stream.is_active(window.start, window.end) for stream in near for window in windows)


def _hit(dialog: Dialog, trace: Trace, window: Window) -> Hit:
    exchange = trace.index.exchanges[window.caller.exchange_id]
    doubtful = guards.capture_lossy_near(trace, window.start, window.end)
    lasted = in_seconds(window.end - window.start)
    caller, callee = window.caller.media, window.callee.media
    evidence = [
        Evidence(
            frame=exchange.offer_message.frames[-1], note=f"offer: {exchange.offer.media[window.index].media_line}"
        )
    ]
    if exchange.answer_message is not None and exchange.answer is not None:
        note = f"answer: {exchange.answer.media[window.index].media_line}"
        evidence.append(Evidence(frame=exchange.answer_message.frames[-1], note=note))
    return Hit(
        text=(
            f"The call was up for {lasted:.1f} s with audio agreed between {caller.address}:{caller.port} and "
            f"{callee.address}:{callee.port}, and not one RTP packet was seen either way, though RTP between these "
            "hosts is visible here at other times."
        ),
        evidence=tuple(evidence),
        at=window.start,
        confidence=Confidence.POSSIBLE if doubtful else Confidence.LIKELY,
        guards=("The capture itself lost packets at that time.",) if doubtful else (),
        identity=(dialog.key,),
    )
