"""A NOTIFY is sent in a subscription that is over.

What it finds
    A NOTIFY more than a second behind the end of its subscription: behind a NOTIFY that said terminated and was
    accepted, or behind one answered with a status that ends it (404, 405, 410, 416, 480 to 485, 489, 501, 604); as a
    warning behind one that was never answered. A SUBSCRIBE accepted in between starts it anew. Several subscriptions of
    one dialog are told apart by Event and id.
Why it matters
    Notifiers that don't forget send to dead phones without end, and overload what is left behind an outage.
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
              Subscription-State: terminated;reason=deactivated
        0.3   alice -> bob  200
        9.0   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=590
        9.1   alice -> bob  200
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
        9.0   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: terminated;reason=deactivated
        9.1   alice -> bob  200
What to check
    - The notifier removes a subscription when it says terminated, and when a NOTIFY is refused for good.
    - Do several nodes of the notifier share their subscriptions?
Sources
    RFC 6665 §4.2.2; RFC 6665 §4.4.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.subscription import Notification, Subscription, SubscriptionState
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import TransactionState
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.subscriptions import delivered, event_words, frame_of, is_explicit, subscription_identity

_ENDING = frozenset({404, 405, 410, 416, *range(480, 486), 489, 501, 604})
"""Answers to a NOTIFY that end its subscription (RFC 6665 §4.2.2)."""
_CROSSING: Duration = SECOND
"""How long a NOTIFY may be under way when the end comes."""


@rule("EVT-007", name="notify-after-end", severity=ERROR, since="0.1", subject=Subscription)
def notify_after_end(subscription: Subscription, _trace: Trace) -> Iterator[Hit]:
    """A subscription that ended is removed (RFC 6665 §4.2.2, §4.4.1)."""
    if len(subscription.notifications) < 2 or not is_explicit(subscription):
        return
    for place, ending in enumerate(subscription.notifications):
        end = _end(ending)
        if end is None:
            continue
        ended_at, how = end
        late = [
            item
            for item in subscription.notifications[place + 1 :]
            if item.request.at > ended_at + _CROSSING and not _renewed(subscription, ending, item)
        ]
        if late:
            yield _hit(subscription, ending, late, how)
            return


def _hit(subscription: Subscription, ending: Notification, late: list[Notification], how: str) -> Hit:
    after = in_seconds(late[0].request.at - ending.request.at)
    often = "a NOTIFY followed" if len(late) == 1 else f"{len(late)} NOTIFYs followed, the first"
    return Hit(
        text=f"The subscription to {event_words(subscription)} was over, for {how}; {often} {after:.1f} s later.",
        evidence=(
            Evidence(frame=frame_of(ending.request), note=f"NOTIFY, {how}"),
            *(Evidence(frame=frame_of(item.request), note="NOTIFY behind the end") for item in late),
        ),
        at=late[0].request.at,
        severity=WARNING if ending.transaction.final is None else None,
        identity=subscription_identity(subscription),
    )


def _end(item: Notification) -> tuple[Instant, str] | None:
    """When and why a NOTIFY ended its subscription; None when it didn't."""
    final = item.transaction.final
    if final is None:
        timed_out = item.transaction.state is TransactionState.TIMED_OUT
        return (item.transaction.all_messages[-1].at, "a NOTIFY was never answered") if timed_out else None
    if item.state == SubscriptionState.TERMINATED.value and delivered(item):
        return final.at, "a NOTIFY said terminated"
    if final.status in _ENDING:
        return final.at, f"a NOTIFY was answered {final.label}"
    return None


def _renewed(subscription: Subscription, ending: Notification, late: Notification) -> bool:
    """Whether a SUBSCRIBE between the two started it anew."""
    return any(
        ending.request.at <= item.started_at <= late.request.at and (item.final is None or item.final.is_success)
        for item in subscription.requests
    )
