"""How subscriptions end without a NOTIFY, and events that a server doesn't know (RFC 6665 §4.1.2.3, §4.2.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"


def subscribe(at: float, expires: int, call: int = 1, status: int = 200, event: str = "dialog") -> str:
    new = " new" if at == 0 or call > 1 else ""
    return (
        f"{at} alice -> bob SUBSCRIBE call={call}{new}\n      Event: {event}\n      Expires: {expires}\n"
        f"{at + 0.1} bob -> alice {status}\n" + (f"      Expires: {expires}\n" if status == 200 else "")
    )


def notify(at: float, state: str, call: int = 1) -> str:
    return (
        f"{at} bob -> alice NOTIFY call={call}\n      Event: dialog\n      Subscription-State: {state}\n"
        f"{at + 0.1} alice -> bob 200\n"
    )


def alive(at: float) -> str:
    return f"{at} bob -> alice OPTIONS call=9 new\n{at + 0.1} alice -> bob 200\n"


OPENED = subscribe(0, 60) + notify(0.2, "active;expires=60")
OVER = "terminated;reason=timeout"

LEGITIMATE = {
    "told": OPENED + subscribe(30, 0) + notify(30.2, OVER),
    "told before the answer": OPENED + "30 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 0\n"
    "30.1 bob -> alice NOTIFY call=1\n      Event: dialog\n      Subscription-State: terminated;reason=timeout\n"
    "30.2 alice -> bob 200 NOTIFY\n30.3 bob -> alice 200 SUBSCRIBE\n      Expires: 0\n",
    "poll that is answered": subscribe(0, 0) + notify(0.2, OVER),
    "refused end": OPENED + subscribe(30, 0, status=481),
    "ended by the notifier before": OPENED + notify(20, "terminated;reason=noresource") + subscribe(30, 0, status=481),
    "capture ends soon": OPENED + subscribe(30, 0) + "50 end\n",
    "ran out, told": OPENED + notify(60.5, OVER) + alive(70),
    "ran out, subscriber gone": OPENED,
    "ran out, subscribed anew": OPENED + subscribe(61, 60, 2) + notify(61.2, "active;expires=60", 2) + alive(70),
    "refreshed": OPENED + subscribe(50, 600) + notify(50.2, "active;expires=600") + alive(70),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_end_that_is_told_gives_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else "200 end\n"
    assert [item.text for item in judged(PARTIES + script + end, "EVT-009")] == []


BROKEN = {
    "end without a word": (OPENED + subscribe(30, 0), Severity.WARNING, (5, 6)),
    "state told, but not the end": (
        OPENED + subscribe(30, 0) + notify(30.2, "active;expires=60"),
        Severity.WARNING,
        (5, 6),
    ),
    "poll without a word": (subscribe(0, 0), Severity.WARNING, (1, 2)),
    "ran out without a word": (OPENED + alive(100), Severity.INFO, (3,)),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_end_that_is_not_told_is_one_finding(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(PARTIES + script + "200 end\n", "EVT")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("EVT-009", severity, frames)]


def unknown(at: float, call: int, allowed: str = "", event: str = "x-feature", to: str = "bob") -> str:
    line = f"      Allow-Events: {allowed}\n" if allowed else ""
    return (
        f"{at} alice -> bob SUBSCRIBE call={call} new\n      Event: {event}\n      Expires: 600\n"
        f"      To: <sip:{to}@192.0.2.20>\n{at + 0.1} bob -> alice 489\n{line}"
    )


KNOWN_LIMITS = {
    "once": unknown(0, 1),
    "once, and what is known instead": unknown(0, 1, "presence, dialog"),
    "two events": unknown(0, 1) + unknown(9, 2, event="y-feature"),
    "two resources": unknown(0, 1) + unknown(9, 2, to="carol"),
    "asked by Expires 0": subscribe(0, 0, 1, 489, "x-feature") + subscribe(60, 0, 2, 489, "x-feature"),
}


@pytest.mark.parametrize("script", KNOWN_LIMITS.values(), ids=KNOWN_LIMITS.keys())
def test_event_that_is_refused_once_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "90 end\n", "EVT-011")] == []


UNSUPPORTED = {
    "twice": (unknown(0, 1) + unknown(60, 2), (1, 2, 3, 4)),
    "listed in the 489": (unknown(0, 1, "dialog, X-Feature"), (1, 2)),
    "listed before": (
        "0 alice -> bob OPTIONS call=9\n0.1 bob -> alice 200\n      Allow-Events: x-feature\n" + unknown(5, 1),
        (2, 3, 4),
    ),
}


@pytest.mark.parametrize(("script", "frames"), UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_event_that_is_asked_for_again_or_listed_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script + "90 end\n", "EVT-011")
    assert [(item.severity, tuple(sorted(item.frames))) for item in found] == [(Severity.WARNING, frames)]
