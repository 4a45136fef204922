"""Requests that a registrar sends to contacts that are gone, and those that it sends rightly (RFC 3261 §16.5)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\nother 192.0.2.3\n"
OWN = "<sip:alice@192.0.2.10:5060>"


def register(at: float, seconds: int, user: str = "alice", call: str = "1") -> str:
    listed = f"Contact: {OWN};expires={seconds}" if seconds else "Contact:"
    return (
        f"{at} alice -> reg REGISTER call={call}\n      To: <sip:{user}@example.org>\n      Expires: {seconds}\n"
        f"{at + 0.1} reg -> alice 200\n      {listed}\n"
    )


def send(at: float, status: int | None, *, method: str = "MESSAGE", sender: str = "reg", options: str = "") -> str:
    answer = "" if status is None else f"{at + 0.1} alice -> {sender} {status} {method}\n"
    ack = f"{at + 0.2} {sender} -> alice ACK call=m{at}\n" if method == "INVITE" and status else ""
    return f"{at} {sender} -> alice {method} call=m{at} {options}\n{answer}{ack}"


GONE = register(0, 3600) + register(20, 0)

LEGITIMATE = {
    "contact is live": register(0, 3600) + send(60, 480),
    "contact was registered again": GONE + register(40, 3600) + send(60, 480),
    "contact is live for another user": GONE + register(30, 3600, "carol", "2") + send(60, 480),
    "request crossed the removal": GONE + send(21, 480),
    "request in the time that registrars add": register(0, 30) + send(60, 480),
    "device answers all the same": GONE + send(60, 200),
    "busy is an answer of a device": GONE + send(60, 486, method="INVITE"),
    "sender that isn't the registrar": GONE + send(60, 480, sender="other"),
    "never registered": send(60, 480),
    "inside a dialog": GONE + send(60, 481, options="to-tag=x"),
    "NOTIFY follows its dialog": GONE + send(60, 481, method="NOTIFY"),
    "capture ends before the answer is due": GONE + send(60, None) + "70 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_request_to_a_live_contact_gives_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else "300 end\n"
    assert [item.text for item in judged(PARTIES + script + end, "REG-009")] == []


BROKEN = {
    "removed, and not available": (GONE + send(60, 480), (4, 5, 6)),
    "removed, and gone": (GONE + send(60, 410, method="INVITE"), (4, 5, 6)),
    "removed, and not found": (GONE + send(60, 404, method="SUBSCRIBE"), (4, 5, 6)),
    "removed, and never answered": (GONE + send(60, None), (4, 5)),
    "run out, and never answered": (register(0, 30) + send(120, None, method="OPTIONS"), (2, 3)),
    "three times": (GONE + send(60, 480) + send(70, 480) + send(80, 480), (4, 5, 6, 7, 8, 9, 10)),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_request_to_a_dead_contact_gives_one_finding(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script + "300 end\n", "REG-009")
    assert [(item.severity, item.confidence, item.frames) for item in found] == [
        (Severity.ERROR, Confidence.LIKELY, frames)
    ]


def test_dead_contact_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    (found,) = judged(PARTIES + GONE + send(60, 480) + "300 end\n", "REG-009", lossy_at=40.0)
    assert found.confidence is Confidence.POSSIBLE
