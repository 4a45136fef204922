"""One fault of one notifier is told once, over all its subscriptions."""

from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"


def subscription(at: int, notifier: str, state: str, answer: int) -> str:
    return (
        f"{at}.0 alice -> {notifier} SUBSCRIBE call={at}\n      Event: dialog\n      Expires: 600\n"
        f"{at}.1 {notifier} -> alice 200\n      Expires: 600\n"
        f"{at}.2 {notifier} -> alice NOTIFY call={at}\n      Event: dialog\n      Subscription-State: {state}\n"
        f"{at}.3 alice -> {notifier} {answer}\n"
    )


def test_a_state_without_expires_is_told_once_for_all_subscriptions(judged: Judged) -> None:
    script = "".join(subscription(at, "bob", "active", 200) for at in (0, 5, 10))
    (found,) = judged(PARTIES + script + "20 end\n", "EVT-002")
    assert found.frames == (3, 7, 11)
    assert found.text == "192.0.2.20 notifies of dialog with the state active and no expires."


def test_two_notifiers_with_the_same_fault_are_two_findings(judged: Judged) -> None:
    script = subscription(0, "bob", "active", 200) + subscription(5, "carol", "active", 200)
    assert [item.frames for item in judged(PARTIES + script + "20 end\n", "EVT-002")] == [(3,), (7,)]


def test_the_same_refusal_of_many_notifications_is_told_once(judged: Judged) -> None:
    script = "".join(subscription(at, "bob", "active;expires=600", 481) for at in (0, 5, 10))
    (found,) = judged(PARTIES + script + "20 end\n", "EVT-005")
    assert found.frames == (3, 4, 7, 8, 11, 12)
    assert "from 192.0.2.20 was answered 481 Call/Transaction Does Not Exist by 192.0.2.10" in found.text
