"""What clients and servers make of 423 (RFC 3261 §10.2.8, §10.3; RFC 6665 §4.2.1.1; RFC 3903 §5, §6)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"


def ask(at: float, seconds: int | None, method: str = "REGISTER", call: str = "1") -> str:
    expires = "" if seconds is None else f"      Expires: {seconds}\n"
    event = "" if method == "REGISTER" else "      Event: presence\n"
    return f"{at} alice -> reg {method} new call={call}\n{expires}{event}"


def refuse(at: float, least: int | None = 600) -> str:
    return f"{at} reg -> alice 423\n" + ("" if least is None else f"      Min-Expires: {least}\n")


def accept(at: float) -> str:
    return f"{at} reg -> alice 200\n      Expires: 600\n      SIP-ETag: a{round(at)}\n"


LEGITIMATE = {
    "asked for what is due": ask(0, 60) + refuse(0.1) + ask(0.2, 600) + accept(0.3),
    "asked for more": ask(0, 60) + refuse(0.1) + ask(0.2, 3600) + accept(0.3),
    "left to the registrar": ask(0, 60) + refuse(0.1) + ask(0.2, None) + accept(0.3),
    "asked with another Call-ID": ask(0, 60) + refuse(0.1) + ask(60, 600, call="2") + accept(60.1),
    "removed instead": ask(0, 60) + refuse(0.1) + ask(0.2, 0) + accept(0.3),
    "raised twice": ask(0, 60) + refuse(0.1, 120) + ask(0.2, 120) + refuse(0.3, 600) + ask(0.4, 600) + accept(0.5),
    "no Min-Expires to go by": ask(0, 60) + refuse(0.1, None) + ask(0.2, 60) + accept(0.3),
    "capture ends soon": ask(0, 60, "PUBLISH") + refuse(0.1) + "100 end\n",
    "registration given up, which REG-001 tells": ask(0, 60) + refuse(0.1),
    "publication of an hour": ask(0, 3600, "PUBLISH") + refuse(0.1, 7200) + ask(0.2, 7200, "PUBLISH") + accept(0.3),
    "contact tells its own time": "0.0 alice -> reg REGISTER\n      Expires: 60\n"
    "      Contact: <sip:alice@192.0.2.10>;expires=300\n"
    + refuse(0.1)
    + "0.2 alice -> reg REGISTER\n      Expires: 60\n      Contact: <sip:alice@192.0.2.10>;expires=600\n"
    + accept(0.3),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_interval_that_is_corrected_gives_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else "300 end\n"
    assert [item.text for item in judged(PARTIES + script + end, "REG-006")] == []


BROKEN = {
    "same again": (ask(0, 60) + refuse(0.1) + ask(0.2, 60) + refuse(0.3) + ask(0.4, 600) + accept(0.5), (1, 2, 3)),
    "same again, another Call-ID": (ask(0, 60) + refuse(0.1) + ask(60, 60, call="2") + "61 end\n", (1, 2, 3)),
    "one contact of two": (
        ask(0, 60)
        + refuse(0.1)
        + "0.2 alice -> reg REGISTER\n      Contact: <sip:a@192.0.2.10>;expires=600, <sip:b@192.0.2.10>;expires=60\n"
        + accept(0.3),
        (1, 2, 3),
    ),
    "three times": (
        ask(0, 60) + refuse(0.1) + ask(0.2, 60) + refuse(0.3) + ask(0.4, 60) + refuse(0.5) + "1 end\n",
        (1, 2, 3, 4, 5, 6),
    ),
    "given up": (ask(0, 60, "PUBLISH") + refuse(0.1), (1, 2)),
    "subscription, same again": (
        ask(0, 60, "SUBSCRIBE") + refuse(0.1) + ask(0.2, 60, "SUBSCRIBE") + accept(0.3),
        (1, 2, 3),
    ),
    "publication, same again": (
        ask(0, 60, "PUBLISH") + refuse(0.1) + ask(0.2, 60, "PUBLISH") + accept(0.3),
        (1, 2, 3),
    ),
    "refused an hour": (ask(0, 3600) + refuse(0.1, 7200) + ask(0.2, 7200) + accept(0.3), (1, 2)),
    "refused a removal": (ask(0, 0) + refuse(0.1, None) + "1 end\n", (1, 2)),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_423_that_is_not_heeded_or_not_due_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    end = "" if " end\n" in script else "300 end\n"
    found = judged(PARTIES + script + end, "REG-006")
    assert [(item.severity, item.frames) for item in found] == [(Severity.WARNING, frames)]
