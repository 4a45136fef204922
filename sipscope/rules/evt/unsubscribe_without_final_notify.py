"""A subscription was ended, or polled once, and the notifier never said that it is over.

What it finds
    A SUBSCRIBE with Expires 0 that was answered 200 or 202, and no NOTIFY with `terminated` for it within 64·T1 (32 s),
    while the capture goes on longer than that. As information, a subscription that ran out without a word, where its
    subscriber still sends or takes other requests of the notifier afterwards. A subscription that was refused, replaced
    by a new one, or ended by the notifier before is let be. It is merely possible where nothing of the notifier's
    NOTIFYs was seen before.
Why it matters
    The subscriber keeps the dialog, and a poll never brings what it was sent for.
Example
    Bad:
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
        60.0  alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 0
        60.1  bob -> alice  200
              Expires: 0
        100   end
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
        60.0  alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 0
        60.1  bob -> alice  200
              Expires: 0
        60.2  bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: terminated;reason=timeout
        60.3  alice -> bob  200
        100   end
What to check
    - The notifier answers Expires 0 with a NOTIFY `terminated;reason=timeout`, with or without the state.
    - Can it still reach the Contact of the subscriber?
Sources
    RFC 6665 §4.1.2.3; RFC 6665 §4.2.1.4; RFC 6665 §4.4.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.subscription import Subscription, SubscriptionState, Term
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.subscriptions import accepted_subscribes, event_words, frame_of, is_explicit, subscription_identity
from sipscope.rules.unanswered import DEADLINE


@rule("EVT-009", name="unsubscribe-without-final-notify", severity=WARNING, since="0.1", subject=Subscription)
def unsubscribe_without_final_notify(subscription: Subscription, trace: Trace) -> Iterator[Hit]:
    """The end of a subscription is told by a NOTIFY (RFC 6665 §4.1.2.3, §4.2.1.4)."""
    if not is_explicit(subscription) or any(
        item.state == SubscriptionState.TERMINATED.value for item in subscription.notifications
    ):
        return
    for transaction in accepted_subscribes(subscription):
        request = transaction.request
        if request is not None and request.expires == 0:
            if guards.capture_continues(trace, request.at, DEADLINE) and not _told_elsewhere(request, trace):
                yield _ended_hit(subscription, request, trace)
            return
    if subscription.notifications and subscription.terms and subscription.requests:
        yield from _ran_out(subscription, subscription.terms[-1], trace)


def _told_elsewhere(request: Request, trace: Trace) -> bool:
    """Whether a NOTIFY of the same Call-ID says terminated: of another branch of a fork, or without the right event."""
    return any(
        item.state == SubscriptionState.TERMINATED.value and item.request.at >= request.at
        for other in trace.index.subscriptions_of_call_id.get(request.call_id, ())
        for item in other.notifications
    )


def _ended_hit(subscription: Subscription, request: Request, trace: Trace) -> Hit:
    doubts = []
    if not subscription.notifications:
        doubts.append("The NOTIFY may take a way that this tap doesn't see.")
    if guards.capture_lossy_near(trace, request.at, request.at + DEADLINE):
        doubts.append("The capture itself lost packets at that time.")
    final = next(item.final for item in subscription.requests if item.request is request)
    answer = () if final is None else (Evidence(frame=frame_of(final), note=final.label),)
    return Hit(
        text=(
            f"The SUBSCRIBE that ends {event_words(subscription)} (Expires 0) was accepted, and no NOTIFY with "
            "terminated came within 32 s."
        ),
        evidence=(Evidence(frame=frame_of(request), note="SUBSCRIBE, Expires 0"), *answer),
        at=request.at,
        confidence=Confidence.POSSIBLE if doubts else Confidence.LIKELY,
        guards=tuple(doubts),
        identity=subscription_identity(subscription),
    )


def _ran_out(subscription: Subscription, term: Term, trace: Trace) -> Iterator[Hit]:
    """A subscription that expired without a word (RFC 6665 §4.2.1.4)."""
    last = max(item.request.at for item in subscription.notifications)
    refreshed = any(item.started_at > term.at for item in subscription.requests)
    ends = term.ends_at
    if refreshed or last > ends or not guards.capture_continues(trace, ends, DEADLINE):
        return
    key = subscription.notifications[-1].transaction.key
    nodes = (key.client, key.server)
    if guards.capture_lossy_near(trace, ends, ends + DEADLINE) or not _still_in_touch(subscription, nodes, trace):
        return
    yield Hit(
        text=(
            f"The subscription to {event_words(subscription)} ran out {term.seconds} s after it was granted, and its "
            "notifier sent no NOTIFY with terminated, although the subscriber was still there."
        ),
        evidence=(Evidence(frame=term.frame, note=f"expires {term.seconds} s from here"),),
        at=ends,
        severity=INFO,
        confidence=Confidence.LIKELY,
        identity=subscription_identity(subscription),
    )


def _still_in_touch(subscription: Subscription, nodes: tuple[str, str], trace: Trace) -> bool:
    """Whether the subscriber answers the notifier behind the end, and didn't subscribe to the same anew."""
    ends = subscription.terms[-1].ends_at
    replaced = any(
        other.started_at > subscription.started_at
        and other.event == subscription.event
        and {other.first.key.client, other.first.key.server} == set(nodes)
        for other in trace.subscriptions
        if other is not subscription
    )
    return not replaced and any(
        item.started_at > ends and (item.key.client, item.key.server) == nodes and item.final is not None
        for item in trace.transactions
    )
