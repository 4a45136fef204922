"""The notifier grants a duration that it may not grant.

What it finds
    A 200 or 202 to SUBSCRIBE without Expires, or with more seconds than the SUBSCRIBE asked for; a NOTIFY whose expires
    goes more than 5 s beyond what remained of the duration granted last. A SUBSCRIBE without Expires asks for the
    default of its package, so that nothing is more than it.
Why it matters
    The two sides disagree on how long it lasts, and the refresh comes too late.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 3600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=3600
        0.3   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 300
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=300
        0.3   alice -> bob  200
What to check
    - The notifier repeats in Expires what it chose, never more than was asked for.
    - Does the notifier hold a fixed duration for all subscribers?
Sources
    RFC 6665 §3.1.1; RFC 6665 §4.2.1.4; RFC 6665 §4.2.2
"""

from collections.abc import Iterator
from itertools import pairwise

from sipscope.model.finding import Evidence
from sipscope.model.subscription import Subscription, Term
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.subscriptions import (
    accepted_subscribes,
    event_words,
    frame_of,
    is_explicit,
    subscription_identity,
)

_MARGIN: Duration = 5 * SECOND
"""What rounding and the way of the messages may add."""


@rule("EVT-003", name="subscription-duration-wrong", severity=ERROR, since="0.1", subject=Subscription)
def subscription_duration_wrong(subscription: Subscription, _trace: Trace) -> Iterator[Hit]:
    """A 2xx has Expires, no longer than asked for, and a NOTIFY only shortens (RFC 6665 §3.1.1, §4.2.2)."""
    if not is_explicit(subscription):
        return
    yield from _answers(subscription)
    told = {frame_of(item.request) for item in subscription.notifications} if len(subscription.terms) > 1 else ()
    for before, after in pairwise(subscription.terms):
        if after.frame in told and _lengthened(subscription, before, after):
            left = in_seconds(before.ends_at - after.at)
            yield Hit(
                text=(
                    f"A NOTIFY says that the subscription to {event_words(subscription)} lasts {after.seconds} s more, "
                    f"and {left:.0f} s were left."
                ),
                evidence=(
                    Evidence(frame=before.frame, note=f"expires {before.seconds} s from here"),
                    Evidence(frame=after.frame, note=f"NOTIFY: expires={after.seconds}"),
                ),
                at=after.at,
                identity=subscription_identity(subscription, "lengthened"),
            )


def _answers(subscription: Subscription) -> Iterator[Hit]:
    for item in accepted_subscribes(subscription):
        request, final = item.request, item.final
        if request is None or final is None:
            continue
        granted, asked = final.expires, request.expires
        if "expires" not in final.headers:
            words = f"has no Expires, so the duration of the subscription to {event_words(subscription)} is unknown"
        elif granted is not None and asked is not None and granted > asked:
            words = f"grants {granted} s for {event_words(subscription)}, and {asked} s were asked for"
        else:
            continue
        yield Hit(
            text=f"The {final.label} to SUBSCRIBE {words}.",
            evidence=(
                Evidence(frame=frame_of(request), note=f"SUBSCRIBE, Expires: {'missing' if asked is None else asked}"),
                Evidence(
                    frame=frame_of(final), note=f"{final.label}, Expires: {'missing' if granted is None else granted}"
                ),
            ),
            at=final.at,
            identity=subscription_identity(subscription, words),
        )


def _lengthened(subscription: Subscription, before: Term, after: Term) -> bool:
    """Whether a NOTIFY adds to what remained, no SUBSCRIBE being under way that could have."""
    if before.seconds == 0:
        # A NOTIFY may cross the subscriber's own end.
        return False
    if after.ends_at <= before.ends_at + _MARGIN:
        return False
    return not any(
        before.at <= item.started_at <= after.at or (item.final is not None and before.at <= item.final.at <= after.at)
        for item in subscription.requests
        if item.final is None or item.final.frames[-1] != before.frame
    )
