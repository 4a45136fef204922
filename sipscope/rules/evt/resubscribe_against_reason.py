"""A subscriber comes back although the notifier told it not to, or not yet.

What it finds
    A subscription that ends with probation or giveup and a retry-after, and a new one of the same subscriber to the
    same state before that time is over. And a subscriber that comes back within a minute twice or more
    behind rejected, noresource or invariant: once may be a user who tries again. Where the subscriber asked for the end
    itself, or where timeout or no reason is told, nothing is said.
Why it matters
    Subscribers that don't read the reason come in storms, and the notifier works for nothing.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1 new
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: terminated;reason=probation;retry-after=30
        0.3   alice -> bob  200
        2.0   alice -> bob  SUBSCRIBE call=2 new
              Event: dialog
              Expires: 600
        2.1   bob -> alice  200
              Expires: 600
        2.2   bob -> alice  NOTIFY call=2
              Event: dialog
              Subscription-State: active;expires=600
        2.3   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1 new
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: terminated;reason=deactivated
        0.3   alice -> bob  200
        0.5   alice -> bob  SUBSCRIBE call=2 new
              Event: dialog
              Expires: 600
        0.6   bob -> alice  200
              Expires: 600
        0.7   bob -> alice  NOTIFY call=2
              Event: dialog
              Subscription-State: active;expires=600
        0.8   alice -> bob  200
What to check
    - The subscriber does what the reason says: stay away on rejected, noresource and invariant, wait on probation.
    - Is the subscription configured for a user or a feature that is gone?
Sources
    RFC 6665 §4.1.3
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sipscope.model.finding import Evidence
from sipscope.model.subscription import Notification, Subscription, SubscriptionState
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.subscriptions import delivered, ended_by_subscriber, event_words, frame_of, is_explicit

_AWAY = frozenset({"rejected", "noresource", "invariant"})
_LATER = frozenset({"probation", "giveup"})
_SOON: Duration = 60 * SECOND
_MARGIN: Duration = SECOND
_TIMES = 2
"""How often it comes back at least, before a habit and not a user is behind it."""

_Key = tuple[str | None, ...]
_Return = tuple[Notification, Subscription]


@rule("EVT-008", name="resubscribe-against-reason", severity=WARNING, since="0.1", subject=Trace)
def resubscribe_against_reason(trace: Trace, _same: Trace) -> Iterator[Hit]:
    """The reason of the end says whether and when to subscribe again (RFC 6665 §4.1.3)."""
    histories: dict[_Key, list[Subscription]] = {}
    for subscription in trace.subscriptions:
        key = _key(subscription)
        if key is not None:
            histories.setdefault(key, []).append(subscription)
    for key, history in histories.items():
        returns = [(end, after) for before, after in pairwise(history) if (end := _end(before, after)) is not None]
        for end, after in returns:
            yield from _too_early(key, end, after)
        away = [(end, after) for end, after in returns if _stays_away(end, after)]
        if len(away) >= _TIMES:
            yield _repeated(key, away)


def _key(subscription: Subscription) -> _Key | None:
    """Subscriber with its own device, what it watches, and the event."""
    request = subscription.requests[0].request if subscription.requests else None
    if request is None or request.from_ is None or request.to is None or not request.vias:
        return None
    if not is_explicit(subscription) or request.to_tag is not None:
        return None
    return (
        request.from_.uri.address_of_record,
        request.vias[-1].sent_by,
        request.to.uri.address_of_record,
        subscription.event,
        subscription.event_id,
    )


def _end(before: Subscription, after: Subscription) -> Notification | None:
    """The NOTIFY that ended a subscription before the next one began, and that its subscriber took."""
    told = [item for item in before.notifications if item.state == SubscriptionState.TERMINATED.value]
    if not told or not delivered(told[0]) or ended_by_subscriber(before, told[0].request.at):
        return None
    return told[0] if told[0].request.at < after.started_at else None


def _too_early(key: _Key, end: Notification, after: Subscription) -> Iterator[Hit]:
    state = end.request.subscription_state
    text = None if state is None else state.parameters.get("retry-after")
    if end.reason not in _LATER or text is None or not (text.isascii() and text.isdigit() and len(text) < 10):
        return
    waited = after.started_at - end.request.at
    if waited + _MARGIN < int(text) * SECOND:
        yield Hit(
            text=(
                f"A subscription to {event_words(after)} ended with {end.reason} and was to be tried again after "
                f"{text} s; the subscriber came back after {in_seconds(waited):.1f} s."
            ),
            evidence=_evidence([(end, after)]),
            at=after.started_at,
            identity=(*key, end.reason),
        )


def _stays_away(end: Notification, after: Subscription) -> bool:
    return end.reason in _AWAY and after.started_at - end.request.at <= _SOON


def _repeated(key: _Key, away: Sequence[_Return]) -> Hit:
    reasons = ", ".join(sorted({end.reason or "" for end, _ in away}))
    return Hit(
        text=(
            f"{len(away)} times the subscription to {event_words(away[0][1])} was ended with {reasons}, and its "
            f"subscriber came back within a minute."
        ),
        evidence=_evidence(away),
        at=away[0][1].started_at,
        identity=(*key, "away"),
    )


def _evidence(returns: Sequence[_Return]) -> tuple[Evidence, ...]:
    return tuple(
        evidence
        for end, after in returns
        for evidence in (
            Evidence(
                frame=frame_of(end.request),
                note=f"NOTIFY, Subscription-State: {end.request.headers.get('subscription-state')}",
            ),
            Evidence(frame=frame_of(after.first.first), note="the next SUBSCRIBE"),
        )
    )
