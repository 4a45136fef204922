"""The first state that a subscriber gets is only a part of it.

What it finds
    A subscription to dialog whose first NOTIFY behind a SUBSCRIBE, the first or a refresh, carries a dialog-info
    document that calls itself partial. A subscription that began before the capture is judged by its refreshes only,
    and one whose NOTIFYs may be missing not at all.
Why it matters
    The subscriber has nothing to add the part to: lamps show what was, or nothing, until the next whole document.
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
              Content-Type: application/dialog-info+xml
              | <dialog-info version="0" state="partial" entity="sip:bob@192.0.2.20"/>
        0.3   alice -> bob  200
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
              Content-Type: application/dialog-info+xml
              | <dialog-info version="0" state="full" entity="sip:bob@192.0.2.20"/>
        0.3   alice -> bob  200
What to check
    - The notifier sends the state of all dialogs on every SUBSCRIBE, and parts of it behind that.
Sources
    RFC 4235 §3.7; RFC 4235 §4.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.request_times import RequestTimes
from sipscope.model.subscription import DocumentKind, Notification, Subscription
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.subscriptions import (
    accepted_subscribes,
    event_words,
    frame_of,
    is_explicit,
    number_of,
    subscription_identity,
)


@rule("EVT-013", name="first-state-partial", severity=WARNING, since="0.1", subject=Subscription)
def first_state_partial(subscription: Subscription, trace: Trace) -> Iterator[Hit]:
    """The NOTIFY that a SUBSCRIBE triggers contains the state of all dialogs (RFC 4235 §3.7)."""
    if not subscription.notifications or not is_explicit(subscription):
        return
    times = RequestTimes([item.transaction for item in subscription.notifications])
    for subscribe in accepted_subscribes(subscription):
        first = _first_behind(subscription, times, subscribe)
        if first is None or first.document is None or first.document.is_full is not False:
            continue
        if first.document.kind is not DocumentKind.DIALOGS:
            continue
        if guards.capture_lossy_near(trace, subscribe.started_at, first.request.at):
            continue
        yield Hit(
            text=(
                f"The first NOTIFY behind a SUBSCRIBE to {event_words(subscription)} carries a document "
                f"that is partial: version {first.document.version}."
            ),
            evidence=(
                Evidence(frame=frame_of(subscribe.first), note="SUBSCRIBE"),
                Evidence(frame=frame_of(first.request), note='NOTIFY, dialog-info with state="partial"'),
            ),
            at=first.request.at,
            identity=subscription_identity(subscription),
        )
        return


def _first_behind(subscription: Subscription, times: RequestTimes, subscribe: Transaction) -> Notification | None:
    """The NOTIFY that a SUBSCRIBE triggers: the first one behind its answer.

    What is between the two may have been under way before the SUBSCRIBE came, so that nothing is known then; nor is it
    where the number of a NOTIFY was skipped.
    """
    final = subscribe.final
    if final is None:
        return None
    notifications = subscription.notifications
    # The first one that isn't older than the SUBSCRIBE, and behind the last one that is.
    place, behind = times.since(subscribe.started_at), times.before(subscribe.started_at)
    if place == len(notifications) or notifications[place].request.at < final.at:
        return None
    if behind and number_of(notifications[place]) != number_of(notifications[behind - 1]) + 1:
        return None
    return notifications[place]
