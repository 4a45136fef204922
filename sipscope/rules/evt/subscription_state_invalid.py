"""A NOTIFY doesn't tell the state of its subscription as it must.

What it finds
    A NOTIFY of a subscription without Subscription-State, or with a value that isn't a token (error); active or pending
    without expires (warning); another state than active, pending and terminated, or terminated with expires
    (information). Told once for a notifier, event package and fault. A NOTIFY that nobody subscribed to is left alone,
    and so are those that a REFER caused.
Why it matters
    The subscriber rejects the NOTIFY, or can't know how long the subscription lasts and loses it without a word.
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
        0.3   alice -> bob  200
What to check
    - The notifier adds Subscription-State with the state and, unless it is terminated, the seconds that remain.
    - Does an element in between remove the header field?
Sources
    RFC 6665 §4.1.3; RFC 6665 §4.2.2; RFC 6665 §8.2.3
"""

import re
from collections.abc import Iterator

from sipscope.model.defects import Severity
from sipscope.model.finding import Evidence
from sipscope.model.subscription import Notification, Subscription
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.subscriptions import event_words, frame_of, is_explicit

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_LASTING = frozenset({"active", "pending"})


@rule("EVT-002", name="subscription-state-invalid", severity=ERROR, since="0.1", subject=Subscription)
def subscription_state_invalid(subscription: Subscription, _trace: Trace) -> Iterator[Hit]:
    """Every NOTIFY has a Subscription-State; while it lasts, with expires (RFC 6665 §4.2.2)."""
    if not is_explicit(subscription) or not subscription.requests:
        return
    faults: dict[tuple[Severity, str], list[Notification]] = {}
    for item in subscription.notifications:
        fault = _fault(item)
        if fault is not None:
            faults.setdefault(fault, []).append(item)
    for (severity, words), items in faults.items():
        notifier = items[0].request.hop.source.address
        yield Hit(
            text=f"{notifier} notifies of {event_words(subscription)} with {words}.",
            evidence=tuple(
                Evidence(
                    frame=frame_of(item.request),
                    note=f"NOTIFY, Subscription-State: {item.request.headers.get('subscription-state') or 'missing'}",
                )
                for item in items
            ),
            at=items[0].request.at,
            severity=severity,
            identity=(notifier, subscription.event, words),
        )


def _fault(item: Notification) -> tuple[Severity, str] | None:
    stated = item.request.headers.get("subscription-state")
    if not stated:
        return ERROR, "no Subscription-State"
    if item.state is None or not _TOKEN.fullmatch(item.state):
        return ERROR, "a Subscription-State that isn't a token"
    value = item.request.subscription_state
    has_expiry = value is not None and "expires" in value.parameters
    if item.state in _LASTING and not has_expiry:
        return WARNING, f"the state {item.state} and no expires"
    if item.state == "terminated" and has_expiry:
        return INFO, "the state terminated and an expires that means nothing"
    if item.state != "terminated" and item.state not in _LASTING:
        return INFO, f"the state {item.state}, which RFC 6665 doesn't know"
    return None
