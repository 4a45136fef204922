"""Bindings that a device leaves behind when its address changes, and those that are in use (RFC 3261 §10.2.2)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"
OLD, NEW = "<sip:alice@192.0.2.10:1024>", "<sip:alice@192.0.2.10:61002>"
ONE, OTHER = ';+sip.instance="<urn:uuid:1>"', ';+sip.instance="<urn:uuid:2>"'


def register(at: float, asked: str, listed: str, call: str = "1") -> str:
    return (
        f"{at} alice -> reg REGISTER call={call}\n      Contact: {asked}\n"
        f"{at + 0.1} reg -> alice 200\n      Contact: {listed}\n"
    )


FIRST = register(0, OLD, f"{OLD};expires=3600")
BOTH = f"{OLD};expires=3540, {NEW};expires=3600"

LEGITIMATE = {
    "old one removed with it": FIRST + register(60, f"{OLD};expires=0, {NEW}", f"{NEW};expires=3600"),
    "old one removed behind it": FIRST + register(60, NEW, BOTH) + register(61, f"{OLD};expires=0", NEW + ";expires=9"),
    "two devices that refresh": FIRST + register(60, NEW, BOTH, "2") + register(99, OLD, BOTH),
    "two devices, by their Call-IDs": FIRST + register(60, NEW, BOTH, "2"),
    "two devices, by their instances": register(0, OLD + ONE, f"{OLD}{ONE};expires=3600")
    + register(60, NEW + OTHER, f"{OLD}{ONE};expires=3540, {NEW}{OTHER};expires=3600"),
    "two flows of one device": register(0, f"{OLD}{ONE};reg-id=1", f"{OLD}{ONE};reg-id=1;expires=3600")
    + register(60, f"{NEW}{ONE};reg-id=2", f"{OLD}{ONE};reg-id=1;expires=3540, {NEW}{ONE};reg-id=2;expires=3600"),
    "both registered together": register(0, f"{OLD}, {NEW}", BOTH),
    "one user over two transports": FIRST
    + register(
        60,
        "<sip:alice@192.0.2.10:61002;transport=tcp>",
        f"{OLD};expires=3540, <sip:alice@192.0.2.10:61002;transport=tcp>;expires=3600",
    ),
    "registered before the capture": register(60, NEW, BOTH),
    "capture ends soon": FIRST + register(60, NEW, BOTH) + "70 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_contacts_in_use_give_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else "200 end\n"
    assert [item.text for item in judged(PARTIES + script + end, "REG-008")] == []


BROKEN = {
    "another port": FIRST + register(60, NEW, BOTH),
    "another port, listed again": FIRST + register(60, NEW, BOTH) + register(90, NEW, BOTH),
    "another address of one instance": register(0, OLD + ONE, f"{OLD}{ONE};expires=3600")
    + register(
        60,
        "<sip:alice@192.0.2.99>" + ONE,
        f"{OLD}{ONE};expires=3540, <sip:alice@192.0.2.99>{ONE};expires=3600",
        "2",
    ),
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_contact_that_was_left_behind_is_told_once(judged: Judged, script: str) -> None:
    found = judged(PARTIES + script + "200 end\n", "REG-008")
    assert [(item.severity, item.frames[:2]) for item in found] == [(Severity.WARNING, (1, 4))]
