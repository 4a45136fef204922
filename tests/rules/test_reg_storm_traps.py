"""Devices that register far too often, and those that have a reason to (RFC 3261 §10.2.4, §10.2.7)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\nspare 192.0.2.2\n"


def register(at: float, seconds: int = 3600, port: int = 5060, answered: bool = True, to: str = "reg") -> str:
    contact = f"<sip:alice@192.0.2.10:{port}>"
    asked = f"{at} alice -> {to} REGISTER call=1\n      Expires: {seconds}\n      Contact: {contact}\n"
    return asked + (f"{at + 0.1} {to} -> alice 200\n      Contact: {contact};expires={seconds}\n" if answered else "")


def often(every: float, times: int, seconds: int = 3600) -> str:
    return "".join(register(number * every, seconds) for number in range(times))


LEGITIMATE = {
    "early, but seldom": often(30, 8),
    "early once or twice": often(5, 4),
    "short interval that was granted": often(15, 8, 60),
    "another contact each time": "".join(register(number * 5, port=5060 + number) for number in range(8)),
    "sent again, and answered late": "0 alice -> reg REGISTER\n0.5 alice -> reg REGISTER again\n"
    "1.5 alice -> reg REGISTER again\n3.5 alice -> reg REGISTER again\n7.5 alice -> reg REGISTER again\n"
    "7.6 reg -> alice 200\n",
    "waits behind a time-out": "".join(register(at, answered=False) for at in (0, 62, 154)),
    "at once, but once only": register(0, answered=False) + register(33, answered=False) + register(120),
    "at once, at another registrar": register(0, answered=False)
    + register(33, answered=False, to="spare")
    + register(66, answered=False)
    + register(99, answered=False, to="spare"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_device_that_registers_for_a_reason_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "300 end\n", "REG-007")] == []


BROKEN = {
    "every fifteen seconds": (often(15, 5), (2, 4, 6, 8, 10)),
    "every ten seconds of sixty": (often(10, 6, 60), (2, 4, 6, 8, 10, 12)),
    "at once behind two time-outs": ("".join(register(at, answered=False) for at in (0, 33, 66)), (1, 2, 3)),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_device_that_registers_far_too_often_is_told_once(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script + "300 end\n", "REG-007")
    assert [(item.severity, item.frames) for item in found] == [(Severity.WARNING, frames)]
