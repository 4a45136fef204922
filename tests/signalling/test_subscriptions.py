"""Subscriptions over their lives, explicit and implicit (RFC 6665, RFC 3515 §2.4.4)."""

from collections.abc import Callable

import pytest

from sipscope.model.dialog import Side
from sipscope.model.subscription import DocumentKind, Subscription, SubscriptionState
from sipscope.model.trace import Trace

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
SUBSCRIBE = """
0.0   alice -> bob  SUBSCRIBE call=1
      Event: dialog
      Expires: 600
"""
ACCEPTED = """
0.1   bob -> alice  200
      Expires: 300
"""
NOTIFY = """
0.2   bob -> alice  NOTIFY call=1
      Event: dialog
      Subscription-State: active;expires=290
0.3   alice -> bob  200
"""


def only(trace: Trace) -> Subscription:
    (subscription,) = trace.subscriptions
    return subscription


def test_subscribe_with_its_notifies_is_one_subscription(trace_of: TraceOf) -> None:
    subscription = only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + NOTIFY))
    assert (subscription.event, subscription.implicit, subscription.state) == (
        "dialog",
        False,
        SubscriptionState.ACTIVE,
    )
    assert subscription.subscriber is Side.CALLER
    assert len(subscription.notifications) == 1


def test_accepted_subscribe_without_notify_is_requested(trace_of: TraceOf) -> None:
    assert only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED)).state is SubscriptionState.REQUESTED


def test_unanswered_subscribe_is_requested(trace_of: TraceOf) -> None:
    subscription = only(trace_of(PARTIES + SUBSCRIBE))
    assert (subscription.state, subscription.dialog_id) == (SubscriptionState.REQUESTED, None)


def test_refused_subscribe_is_refused(trace_of: TraceOf) -> None:
    assert only(trace_of(PARTIES + SUBSCRIBE + "0.1 bob -> alice 489\n")).state is SubscriptionState.REFUSED


def test_challenged_subscribe_and_its_retry_are_one_subscription(trace_of: TraceOf) -> None:
    challenged = SUBSCRIBE + "0.05 bob -> alice 401\n" + SUBSCRIBE.replace("0.0 ", "0.07 ", 1)
    subscriptions = trace_of(PARTIES + challenged + ACCEPTED + NOTIFY).subscriptions
    assert subscriptions[-1].state is SubscriptionState.ACTIVE


def test_notify_before_the_2xx_belongs_to_the_subscription(trace_of: TraceOf) -> None:
    early = """
0.05  bob -> alice  NOTIFY call=1 from-tag=b9 to-tag=alice-1
      Event: dialog
      Subscription-State: active;expires=290
0.07  alice -> bob  200 NOTIFY
0.1   bob -> alice  200 SUBSCRIBE tag=b9
"""
    subscription = only(trace_of(PARTIES + SUBSCRIBE + early))
    assert (subscription.state, len(subscription.requests)) == (SubscriptionState.ACTIVE, 1)


def test_202_is_as_good_as_200(trace_of: TraceOf) -> None:
    accepted = ACCEPTED.replace("200", "202")
    assert only(trace_of(PARTIES + SUBSCRIBE + accepted + NOTIFY)).state is SubscriptionState.ACTIVE


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ("pending;expires=60", SubscriptionState.PENDING, None),
        ("Active;expires=60", SubscriptionState.ACTIVE, None),
        ("terminated;reason=timeout", SubscriptionState.TERMINATED, "timeout"),
        ("terminated", SubscriptionState.TERMINATED, None),
        ("suspended", SubscriptionState.UNKNOWN, None),
    ],
)
def test_state_is_the_one_told_last(trace_of: TraceOf, told: str, state: SubscriptionState, reason: str | None) -> None:
    later = f"5 bob -> alice NOTIFY call=1\n  Event: dialog\n  Subscription-State: {told}\n5.1 alice -> bob 200\n"
    subscription = only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + NOTIFY + later))
    assert (subscription.state, subscription.reason) == (state, reason)


def test_notify_without_state_leaves_the_one_told_before(trace_of: TraceOf) -> None:
    stateless = "5 bob -> alice NOTIFY call=1\n  Event: dialog\n5.1 alice -> bob 200\n"
    subscription = only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + NOTIFY + stateless))
    assert subscription.state is SubscriptionState.ACTIVE
    assert subscription.notifications[-1].state is None


def test_newest_grant_counts(trace_of: TraceOf) -> None:
    refresh = """
200   alice -> bob  SUBSCRIBE call=1
      Event: dialog
      Expires: 600
200.1 bob -> alice  200
      Expires: 180
"""
    trace = trace_of(PARTIES + SUBSCRIBE + ACCEPTED + NOTIFY)
    refreshed = trace_of(PARTIES + SUBSCRIBE + ACCEPTED + NOTIFY + refresh)
    assert (only(trace).expires_s, only(refreshed).expires_s) == (290, 180)


def test_refresh_joins_the_subscription(trace_of: TraceOf) -> None:
    refresh = "200 alice -> bob SUBSCRIBE call=1\n  Event: dialog\n200.1 bob -> alice 200\n"
    assert len(only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + refresh)).requests) == 2


def test_failed_refresh_leaves_an_accepted_subscription(trace_of: TraceOf) -> None:
    refresh = "200 alice -> bob SUBSCRIBE call=1\n  Event: dialog\n200.1 bob -> alice 500\n"
    assert only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + refresh)).state is SubscriptionState.REQUESTED


def test_nothing_granted_is_no_duration(trace_of: TraceOf) -> None:
    assert only(trace_of(PARTIES + SUBSCRIBE)).expires_s is None


@pytest.mark.parametrize("expires", ["soon", "-5", "٣", "9" * 40])
def test_duration_that_is_no_number_is_not_seen(trace_of: TraceOf, expires: str) -> None:
    told = f"0.2 bob -> alice NOTIFY call=1\n  Event: dialog\n  Subscription-State: active;expires={expires}\n"
    assert only(trace_of(PARTIES + SUBSCRIBE + "0.1 bob -> alice 200\n" + told)).notifications[0].expires_s is None


def test_two_ids_of_one_event_are_two_subscriptions(trace_of: TraceOf) -> None:
    two = """
0.0   alice -> bob  SUBSCRIBE call=1
      Event: dialog;id=a
0.1   bob -> alice  200
0.4   alice -> bob  SUBSCRIBE call=1
      Event: dialog;id=b
0.5   bob -> alice  200
0.6   bob -> alice  NOTIFY call=1
      Event: dialog;id=b
      Subscription-State: active;expires=60
0.7   alice -> bob  200
"""
    subscriptions = trace_of(PARTIES + two).subscriptions
    assert [(item.event_id, len(item.notifications)) for item in subscriptions] == [("a", 0), ("b", 1)]


def test_notify_from_before_the_capture_makes_a_subscription_of_its_own(trace_of: TraceOf) -> None:
    alone = """
0.0   bob -> alice  NOTIFY to-tag=a1 call=1
      Event: dialog
      Subscription-State: active;expires=60
0.1   alice -> bob  200
"""
    subscription = only(trace_of(PARTIES + alone))
    assert (subscription.requests, subscription.state) == ((), SubscriptionState.ACTIVE)


# Implicit subscriptions.

CALL = "0 alice -> bob INVITE call=1\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n"
REFER = "2 alice -> bob REFER call=1 cseq=7\n  Refer-To: <sip:carol@192.0.2.30>\n2.1 bob -> alice 202\n"


def test_refer_makes_an_implicit_subscription(trace_of: TraceOf) -> None:
    subscription = only(trace_of(PARTIES + CALL + REFER))
    assert (subscription.event, subscription.event_id, subscription.implicit) == ("refer", "7", True)


@pytest.mark.parametrize("event", ["refer", "refer;id=7"])
def test_notify_with_or_without_id_belongs_to_the_first_refer(trace_of: TraceOf, event: str) -> None:
    notify = f"2.2 bob -> alice NOTIFY call=1 sipfrag=100\n  Event: {event}\n2.3 alice -> bob 200\n"
    assert len(only(trace_of(PARTIES + CALL + REFER + notify)).notifications) == 1


@pytest.mark.parametrize("event", ["refer", "refer;id=7"])
def test_subscribe_that_ends_the_refer_event_joins_the_implicit_subscription(trace_of: TraceOf, event: str) -> None:
    unsubscribe = f"""
2.2   bob -> alice  NOTIFY call=1 sipfrag=100
      Event: {event}
2.3   alice -> bob  200
3.0   alice -> bob  SUBSCRIBE call=1
      Event: {event}
      Expires: 0
3.1   bob -> alice  200
3.2   bob -> alice  NOTIFY call=1 sipfrag=100 state=terminated;reason=timeout
      Event: {event}
3.3   alice -> bob  200
"""
    subscription = only(trace_of(PARTIES + CALL + REFER + unsubscribe))
    assert [item.method for item in subscription.requests] == ["REFER", "SUBSCRIBE"]
    assert (subscription.state, subscription.reason) == (SubscriptionState.TERMINATED, "timeout")


def test_notify_without_id_skips_a_refused_refer(trace_of: TraceOf) -> None:
    refused = "1 alice -> bob REFER call=1 cseq=5\n  Refer-To: <sip:carol@192.0.2.30>\n1.1 bob -> alice 420\n"
    notify = "2.2 bob -> alice NOTIFY call=1 sipfrag=100\n2.3 alice -> bob 200\n"
    subscriptions = trace_of(PARTIES + CALL + refused + REFER + notify).subscriptions
    assert [(item.event_id, len(item.notifications)) for item in subscriptions] == [("5", 0), ("7", 1)]


def test_notify_of_a_refer_from_before_the_capture_is_implicit(trace_of: TraceOf) -> None:
    notify = "0 bob -> alice NOTIFY to-tag=a1 call=1 sipfrag=200\n0.1 alice -> bob 200\n"
    subscription = only(trace_of(PARTIES + notify))
    assert (subscription.implicit, subscription.requests) == (True, ())


def test_subscription_seen_on_two_hops_is_one(trace_of: TraceOf) -> None:
    proxied = """
proxy 192.0.2.1 proxy record-route
0.0   alice -> proxy SUBSCRIBE to=bob
      Event: dialog
0.05  proxy -> bob   SUBSCRIBE
0.1   bob -> proxy   200
0.15  proxy -> alice 200
"""
    assert len(only(trace_of(PARTIES + proxied)).requests) == 1


def test_subscriptions_are_counted_by_time(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + CALL + REFER + SUBSCRIBE.replace("0.0", "5.0").replace("call=1", "call=2"))
    assert [(item.id, item.event) for item in trace.subscriptions] == [("u1", "refer"), ("u2", "dialog")]


def test_terms_are_what_was_granted_and_told_over_time(trace_of: TraceOf) -> None:
    terms = only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + NOTIFY)).terms
    assert [(term.frame, term.seconds, term.requested_s) for term in terms] == [(2, 300, 600), (3, 290, None)]


def test_notification_tells_the_document_it_carries(trace_of: TraceOf) -> None:
    carried = NOTIFY.replace(
        "expires=290\n",
        "expires=290\n      Content-Type: application/dialog-info+xml\n"
        '      | <dialog-info version="0" state="full"/>\n',
    )
    document = only(trace_of(PARTIES + SUBSCRIBE + ACCEPTED + carried)).notifications[0].document
    assert document is not None
    assert (document.kind, document.version, document.is_full) == (DocumentKind.DIALOGS, 0, True)
