"""A subscription was refreshed after it had expired.

What it finds
    A SUBSCRIBE that should refresh a subscription is sent behind the newest expiry that the notifier granted or told,
    and answered 481. One that asks for the end is left alone, and so is one behind a NOTIFY that says terminated.
Why it matters
    Between the expiry and the next subscription no state comes: lamps and presence show what was.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 60
        0.1   bob -> alice  200
              Expires: 60
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=60
        0.3   alice -> bob  200
        75.0  alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 60
        75.1  bob -> alice  481
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 60
        0.1   bob -> alice  200
              Expires: 60
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=60
        0.3   alice -> bob  200
        50.0  alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 60
        50.1  bob -> alice  200
              Expires: 60
        50.2  bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=60
        50.3  alice -> bob  200
What to check
    - Does the subscriber count from what it asked for, or from what was granted?
    - Did a NOTIFY shorten the time, and does the subscriber take notice?
    - Was the subscriber without power or network meanwhile?
Sources
    RFC 6665 §4.1.2.2; RFC 6665 §4.2.1.4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.subscription import Subscription, SubscriptionState, Term
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.subscriptions import event_words, frame_of, is_explicit, subscription_identity


@rule("EVT-004", name="subscription-lapsed", severity=WARNING, since="0.1", subject=Subscription)
def subscription_lapsed(subscription: Subscription, _trace: Trace) -> Iterator[Hit]:
    """A subscription is refreshed before it expires (RFC 6665 §4.1.2.2)."""
    if len(subscription.requests) < 2 or not subscription.terms or not is_explicit(subscription):
        return
    for refresh in subscription.requests[1:]:
        term = _lapsed_term(subscription, refresh)
        request, final = refresh.request, refresh.final
        if term is None or request is None or final is None:
            continue
        yield Hit(
            text=(
                f"The subscription to {event_words(subscription)} had expired "
                f"{in_seconds(request.at - term.ends_at):.1f} s before it was refreshed: {final.label}."
            ),
            evidence=(
                Evidence(frame=term.frame, note=f"expires {term.seconds} s from here"),
                Evidence(frame=frame_of(request), note="SUBSCRIBE that should refresh it"),
                Evidence(frame=frame_of(final), note=final.label),
            ),
            at=request.at,
            identity=subscription_identity(subscription),
        )


def _lapsed_term(subscription: Subscription, refresh: Transaction) -> Term | None:
    """The newest statement of its duration, where it ran out before this refresh, which was then refused."""
    request = refresh.request
    if refresh.final_status != 481 or request is None or request.expires == 0:
        return None
    if any(
        item.state == SubscriptionState.TERMINATED.value and item.request.at <= request.at
        for item in subscription.notifications
    ):
        return None
    told = [term for term in subscription.terms if term.at <= request.at]
    return told[-1] if told and told[-1].ends_at < request.at else None
