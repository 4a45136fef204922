"""Path and Service-Route that are followed, and that are lost (RFC 5626 §3.4, §7; RFC 6140 §7.4)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nedge 192.0.2.5\nreg 192.0.2.1\n"
EDGE, OTHER = "<sip:192.0.2.5;lr>", "<sip:192.0.2.6;lr>"
CONTACT = "      Contact: <sip:alice@192.0.2.10>;expires=3600\n"


def register(path: str = EDGE, told: str = EDGE, supported: str = "path", serving: str = "") -> str:
    lines = f"      Supported: {supported}\n" if supported else ""
    lines += f"      Path: {path}\n" if path else ""
    answer = (f"      Path: {told}\n" if told else "") + (f"      Service-Route: {serving}\n" if serving else "")
    sender = "edge" if path else "alice"
    contact = "      Contact: <sip:alice@192.0.2.10>\n"
    user = "      From: <sip:alice@192.0.2.1>;tag=r\n      To: <sip:alice@192.0.2.1>\n"
    return f"0.0 {sender} -> reg REGISTER\n{lines}{contact}{user}0.1 reg -> {sender} 200\n{answer}{CONTACT}"


def towards(target: str, route: str = "") -> str:
    lines = f"      Route: {route}\n" if route else ""
    return f"5.0 reg -> {target} MESSAGE call=2 uri=sip:alice@192.0.2.10\n{lines}5.1 {target} -> reg 200\n"


def outwards(route: str = "", status: int = 200, method: str = "MESSAGE") -> str:
    lines = f"      Route: {route}\n" if route else ""
    user = "      From: <sip:alice@192.0.2.1>;tag=m\n"
    return f"5.0 alice -> reg {method} call=3\n{lines}{user}5.1 reg -> alice {status}\n"


LEGITIMATE = {
    "told back": register(),
    "device that doesn't know it": register(told="", supported=""),
    "request by way of the edge": register() + towards("edge", EDGE),
    "request to the edge, route taken off": register() + towards("edge"),
    "no Path, straight": register(path="", told="") + towards("alice"),
    "Path by name": register("<sip:edge.example.org;lr>", "<sip:edge.example.org;lr>") + towards("alice"),
    "another contact": register() + "5.0 reg -> alice MESSAGE call=2 uri=sip:bob@192.0.2.10\n5.1 alice -> reg 200\n",
    "Service-Route followed": register("", "", serving=OTHER) + outwards(OTHER),
    "Service-Route behind an outbound proxy": register("", "", serving=OTHER) + outwards(f"{EDGE}, {OTHER}"),
    "two values in order": register("", "", serving=f"{EDGE}, {OTHER}") + outwards(f"{EDGE}, {OTHER}"),
    "request of another user": register("", "", serving=OTHER)
    + "5.0 alice -> reg MESSAGE call=3\n      From: <sip:carol@192.0.2.1>;tag=m\n5.1 reg -> alice 403\n",
    "refresh": register("", "", serving=OTHER) + outwards(method="REGISTER"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_ways_that_are_kept_give_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "40 end\n", "REG-010")] == []


BROKEN = {
    "Path not told": (register(told=""), Severity.WARNING, (1, 2)),
    "another Path told": (register(told=OTHER), Severity.WARNING, (1, 2)),
    "past the edge": (register() + towards("alice"), Severity.WARNING, (1, 3)),
    "past the edge by another": (register() + towards("alice", OTHER), Severity.WARNING, (1, 3)),
    "Service-Route left out": (register("", "", serving=OTHER) + outwards(), Severity.INFO, (2, 3)),
    "Service-Route in another order": (
        register("", "", serving=f"{EDGE}, {OTHER}") + outwards(f"{OTHER}, {EDGE}"),
        Severity.INFO,
        (2, 3),
    ),
    "Service-Route left out, and refused": (
        register("", "", serving=OTHER) + outwards(status=403),
        Severity.WARNING,
        (2, 3, 4),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_way_that_is_lost_is_told(judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script + "40 end\n", "REG-010")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]
