"""A SUBSCRIBE was accepted, and no NOTIFY came.

What it finds
    A SUBSCRIBE answered 200 or 202, first or refreshing, and no NOTIFY with its Call-ID and its From tag in To within
    64·T1 (32 s), while the capture goes on longer than that. A NOTIFY before the answer, from another branch of a fork,
    or of another event counts. It is merely possible where a NOTIFY may pass by this tap. A SUBSCRIBE with Expires 0 is
    left to EVT-009.
Why it matters
    The subscriber gives the subscription up although the 200 looked well: no lamps, no message light, no presence.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=600
        0.3   alice -> bob  200
        40    end
What to check
    - Can the notifier reach the Contact of the SUBSCRIBE, or is that a private address behind NAT?
    - The notifier sends the state at once, even if there is none yet.
    - Does the NOTIFY leave the notifier and get lost on a proxy or a firewall?
Sources
    RFC 6665 §4.2.1.2; RFC 6665 §4.2.2; RFC 6665 §4.1.2.4; RFC 6665 §4.4.1
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.subscription import Subscription
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.subscriptions import (
    accepted_subscribes,
    event_words,
    frame_of,
    is_explicit,
    subscription_identity,
)
from sipscope.rules.unanswered import DEADLINE


@rule("EVT-001", name="no-notify-after-subscribe", severity=ERROR, since="0.1", subject=Subscription)
def no_notify_after_subscribe(subscription: Subscription, trace: Trace) -> Iterator[Hit]:
    """Timer N fires at the subscriber: 64·T1 without a NOTIFY (RFC 6665 §4.1.2.4)."""
    if not is_explicit(subscription):
        return
    accepted = accepted_subscribes(subscription)
    call_ids = {item.request.call_id for item in accepted if item.request is not None}
    told = {call_id: _times_of_notifies(trace, call_id) for call_id in call_ids}
    silent = [item for item in accepted if _is_left_without(item, told, trace)]
    if not silent or silent[0].request is None:
        return
    request = silent[0].request
    doubts = _doubts(subscription, silent[0], request, trace)
    often = "" if len(silent) == 1 else f", {len(silent)} times"
    contact = request.headers.get("contact") or "missing"
    yield Hit(
        text=(
            f"The SUBSCRIBE to {event_words(subscription)} was accepted, and no NOTIFY came within 32 s{often}; "
            f"it was due at the Contact {contact}."
        ),
        evidence=tuple(
            Evidence(frame=frame_of(message), note=getattr(message, "label", "SUBSCRIBE"))
            for item in silent
            for message in (item.first, item.final)
            if message is not None
        ),
        at=request.at,
        confidence=Confidence.POSSIBLE if doubts else Confidence.LIKELY,
        guards=doubts,
        identity=subscription_identity(subscription),
    )


def _times_of_notifies(trace: Trace, call_id: str | None) -> dict[str | None, list[Instant]]:
    """When NOTIFYs of a Call-ID were sent, in order, by the tag that they are for."""
    found: dict[str | None, list[Instant]] = {}
    for subscription in trace.index.subscriptions_of_call_id.get(call_id, ()):
        for item in subscription.notifications:
            found.setdefault(item.request.to_tag, []).append(item.transaction.started_at)
    for times in found.values():
        times.sort()
    return found


def _is_left_without(
    transaction: Transaction, told: Mapping[str | None, Mapping[str | None, Sequence[Instant]]], trace: Trace
) -> bool:
    request = transaction.request
    if request is None or request.expires == 0 or not guards.capture_continues(trace, request.at, DEADLINE):
        return False
    times = told[request.call_id].get(request.from_tag, ())
    place = bisect_left(times, request.at)
    return place == len(times) or times[place] > request.at + DEADLINE


def _doubts(subscription: Subscription, transaction: Transaction, request: Request, trace: Trace) -> tuple[str, ...]:
    doubts = []
    final = transaction.final
    contact = final.contacts[0].uri.host if final is not None and final.contacts else None
    if not subscription.notifications and contact != request.hop.destination.address:
        doubts.append("The notifier is behind another element, so its NOTIFY may take a way that this tap doesn't see.")
    if guards.capture_lossy_near(trace, request.at, request.at + DEADLINE):
        doubts.append("The capture itself lost packets at that time.")
    return tuple(doubts)
