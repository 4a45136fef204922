"""Subscriptions and publications are told as their stories go: states, time granted, operations, and no error."""

from pathlib import Path

import pytest

from sipscope.model.defects import Severity
from sipscope.pipeline import analyze
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\npa 192.0.2.1\n"


def subscribe(at: float, asked: int, granted: int) -> str:
    return (
        f"{at} alice -> pa SUBSCRIBE call=1\n      Event: presence\n      Expires: {asked}\n"
        f"{at + 0.1} pa -> alice 200\n      Expires: {granted}\n"
    )


def notify(at: float, state: str) -> str:
    return (
        f"{at} pa -> alice NOTIFY call=1\n      Event: presence\n      Subscription-State: {state}\n"
        f"{at + 0.1} alice -> pa 200\n"
    )


SUBSCRIPTIONS = {
    "shortened, pending, active, terminated by the notifier": (
        subscribe(0, 7200, 3600)
        + notify(0.2, "pending;expires=3600")
        + notify(5, "active;expires=3595")
        + notify(60, "terminated;reason=noresource"),
        (["pending", "active", "terminated"], "terminated", "noresource"),
    ),
    "ended by the subscriber": (
        subscribe(0, 600, 600)
        + notify(0.2, "active;expires=600")
        + subscribe(30, 0, 0)
        + notify(30.2, "terminated;reason=timeout"),
        (["active", "terminated"], "terminated", "timeout"),
    ),
}


@pytest.mark.parametrize(("script", "expected"), SUBSCRIPTIONS.values(), ids=SUBSCRIPTIONS.keys())
def test_subscription_tells_its_states_and_its_end(
    tmp_path: Path, script: str, expected: tuple[list[str], str, str]
) -> None:
    path = tmp_path / "flow.pcap"
    path.write_bytes(capture_of(PARTIES + script))
    trace = analyze(str(path))
    (subscription,) = trace.subscriptions
    told = [item.state for item in subscription.notifications]
    assert (told, subscription.state.value, subscription.reason) == expected
    assert [item.rule for item in trace.findings if item.severity is Severity.ERROR] == []
