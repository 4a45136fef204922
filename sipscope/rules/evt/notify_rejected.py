"""A NOTIFY was rejected.

What it finds
    A NOTIFY answered with 4xx, 5xx or 6xx, save for a challenge (401, 407); one finding for all between the same two
    that were answered alike. A 481 behind the subscriber's own SUBSCRIBE with Expires 0, or to a NOTIFY that says
    terminated, is no fault. Where nobody subscribed, as with NOTIFYs that make phones restart, it is information. One
    that a REFER caused is left to the rules about transfers, and one without any answer to TXN-002.
Why it matters
    Most such answers make the notifier delete the subscription: lamps, message light and presence stand still until the
    subscriber starts anew. A phone that restarted, or whose NAT binding is gone, is the usual cause.
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
        0.3   alice -> bob  481
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
    - Did the subscriber restart? It has to subscribe anew when it comes up.
    - For 489, 405 and 501, the subscriber doesn't know that event; switch it off on the notifier.
    - Does the answer come from the subscriber, or from a proxy that can't reach it (404, 408, 480)?
Sources
    RFC 6665 §4.1.3; RFC 6665 §4.2.2; RFC 6665 §4.4.1
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.subscription import Subscription, SubscriptionState
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.rules.subscriptions import ended_by_subscriber, frame_of

_CHALLENGES = frozenset({401, 407})


@rule(
    "EVT-005",
    name="notify-rejected",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("NOTIFY", "request", "response failure"),
)
def notify_rejected(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A NOTIFY that matches a subscription is answered 200 (RFC 6665 §4.1.3)."""
    if transaction.method != "NOTIFY":
        return
    request, final = transaction.request, transaction.final
    if request is None or final is None or final.status < 400 or final.status in _CHALLENGES:
        return
    event = "" if request.event is None else request.event.value
    if event == "refer" or (final.status == 481 and _is_late(request, trace)):
        return
    solicited = request.to_tag is not None
    told = (
        f"The NOTIFY of {event or 'no event'}" if solicited else f"A NOTIFY of {event or 'no event'} without a dialog"
    )
    hop = trace.index.same_request(transaction)[0].hop
    yield Hit(
        text=(
            f"{told} from {hop.source.address} was answered {final.label} by {hop.destination.address}"
            f"{'' if solicited else '; nobody subscribed to it'}."
        ),
        evidence=(
            Evidence(frame=frame_of(request), note=f"NOTIFY, Event: {request.headers.get('event') or 'missing'}"),
            Evidence(frame=frame_of(final), note=final.label),
        ),
        at=request.at,
        severity=None if solicited else INFO,
        identity=(hop.source.address, hop.destination.address, solicited, event, final.status),
    )


def _is_late(request: Request, trace: Trace) -> bool:
    """Whether the subscription was over for the subscriber, or ends with this NOTIFY."""
    state = request.subscription_state
    if state is not None and state.value.lower() == SubscriptionState.TERMINATED.value:
        return True
    return any(
        ended_by_subscriber(subscription, request.at)
        for subscription in trace.index.subscriptions_of_call_id.get(request.call_id, ())
        if _is_of(request, subscription)
    )


def _is_of(request: Request, subscription: Subscription) -> bool:
    event = request.event
    return event is not None and (event.value, event.parameters.get("id")) == (
        subscription.event,
        subscription.event_id,
    )
