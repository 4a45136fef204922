"""What a passive observer can know: the gates and guards that rules ask before they speak.

Each guard answers one question about the vantage, the beginning, the end or the completeness of a capture. A rule
about something missing needs three proofs: it was due, its direction was observable, the capture lasted long enough.
"""

from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.header_values import Uri
from sipscope.model.message import Message
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction

DEFAULT_PORT = 5060
"""Port of a SIP URI without one, except for SIPS (RFC 3261 §19.1.2)."""

LOSS_WINDOW: Duration = 2 * SECOND
"""How near a capture loss must be to cast doubt (gate G-NOLOSS)."""


def capture_continues(trace: Trace, since: Instant, duration: Duration) -> bool:
    """Whether the capture goes on at least so long behind an instant (gate G-TAIL, guard G-END)."""
    return trace.ended_at is not None and trace.ended_at >= since + duration


def capture_lossy_near(trace: Trace, start: Instant, end: Instant | None = None) -> bool:
    """Whether the capture itself lost packets within two seconds of an interval (gate G-NOLOSS fails)."""
    last = start if end is None else end
    return any(start - LOSS_WINDOW <= at <= last + LOSS_WINDOW for at in trace.vantage.lossy_at)


def answers_visible(trace: Trace, request: Message) -> bool:
    """Whether packets from the request's destination back to its source were seen at all (guard G-ONE)."""
    return trace.vantage.sees_signalling(request.hop.destination.address, request.hop.source.address)


def both_directions_seen(leg: Leg) -> bool:
    """Whether a leg shows messages of both parties (gate G-BOTH)."""
    return leg.both_directions


def in_dialog_path_visible(leg: Leg, sender: Side, before: Instant | None = None) -> bool:
    """Whether in-dialog requests of a party pass this tap.

    An in-dialog request follows the route set and may bypass a proxy that did not Record-Route (RFC 3261 §12.2.1.1).
    It is proved by another in-dialog request of that party on this leg, or by a leg that no proxy can be bypassed
    on: its two endpoints are the remote targets themselves.
    """
    for transaction in leg.transactions:
        request = transaction.request
        if request is None or request.to_tag is None or leg.side_of(request) is not sender:
            continue
        if before is None or request.at <= before:
            return True
    return False


def next_hop_is_on_leg(dialog: Dialog, leg: Leg, sender: Side) -> bool:
    """Whether the next hop of a party's in-dialog requests is the other end of this leg.

    The next hop is the topmost Route of the party's route set, else the remote target (RFC 3261 §12.2.1.1). The
    party's route set is what Record-Route showed when the dialog was made.
    """
    created = next((item for item in leg.transactions if item.method == dialog.created_by), None)
    if created is None:
        return False
    peer, node = (leg.callee, leg.callee_node) if sender is Side.CALLER else (leg.caller, leg.caller_node)
    hop = _next_hop(dialog, created, sender)
    if hop is None or hop.host != peer.address.lower():
        return False
    # Where one address hosts several elements, only the port tells which of them is meant.
    return node == peer.address or (hop.port or DEFAULT_PORT) == peer.port


def _next_hop(dialog: Dialog, created: Transaction, sender: Side) -> Uri | None:
    """The first Route of a party, or its remote target."""
    if sender is Side.CALLER:
        for response in created.responses:
            if response.to_tag == dialog.key.callee_tag and 101 <= response.status < 300:
                if response.record_routes:
                    return response.record_routes[-1].uri
                if response.contacts:
                    return response.contacts[0].uri
        return None
    request = created.request
    if request is None:
        return None
    if request.record_routes:
        return request.record_routes[0].uri
    return request.contacts[0].uri if request.contacts else None


def media_visible(trace: Trace, one: str, other: str) -> bool:
    """Whether media between two hosts is observable here (gate G-MEDIA)."""
    return trace.vantage.sees_media_between(one, other)


def streams_towards(trace: Trace, dialog_id: str, receiver: Side) -> tuple[RtpStream, ...]:
    """Streams of a dialog that are sent to one party."""
    return tuple(
        stream
        for stream in trace.index.streams_of_dialog.get(dialog_id, ())
        if stream.binding is not None and stream.binding.receiver is receiver
    )
