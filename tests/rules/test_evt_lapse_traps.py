"""Publications that ran out, and those that were kept, taken back or whose device was off (RFC 3903 §4.2, §4.3)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"


def publish(at: float, call: int, tag: str = "", given: str = "", *, expires: int = 120, status: int = 200) -> str:
    match = f"      SIP-If-Match: {tag}\n" if tag else ""
    body = "" if tag else "      Content-Type: application/pidf+xml\n      | <presence/>\n"
    answer = f"      SIP-ETag: {given}\n      Expires: {expires}\n" if status == 200 else ""
    return (
        f"{at} alice -> bob PUBLISH new call={call}\n      Event: presence\n      Expires: {expires}\n{match}{body}"
        f"{at + 0.1} bob -> alice {status}\n{answer}"
    )


def alive(at: float, party: str = "alice") -> str:
    return f"{at} {party} -> bob OPTIONS call=9\n{at + 0.1} bob -> {party} 200\n"


FIRST = publish(0, 1, given="a1")

LEGITIMATE = {
    "refreshed in time": FIRST + publish(100, 2, "a1", "a2") + publish(200, 3, "a2", "a3"),
    "refreshed at the last moment": FIRST + publish(121, 2, "a1", status=412),
    "refreshed late, and taken": FIRST + publish(150, 2, "a1", "a2"),
    "taken back": FIRST + publish(60, 2, "a1", "a2", expires=0) + alive(118) + publish(300, 3, given="b1"),
    "device was off": FIRST + publish(300, 2, given="b1"),
    "another device is alive": FIRST + alive(118, "carol") + publish(300, 2, given="b1"),
    "412 within the time": FIRST + publish(60, 2, "a1", status=412) + publish(61, 3, given="b1"),
    "old tag of before": FIRST + publish(150, 2, "zz", status=412),
    "published afresh within the time": FIRST + alive(60) + publish(90, 2, given="b1"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_publication_that_is_kept_or_ended_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "400 end\n", "EVT-016")] == []


BROKEN = {
    "refused refresh": (FIRST + publish(150, 2, "a1", status=412), (2, 3, 4)),
    "refused refresh, then afresh": (
        FIRST + publish(150, 2, "a1", status=412) + alive(151) + publish(152, 3, given="b1"),
        (2, 3, 4),
    ),
    "afresh by a client that was alive": (FIRST + alive(118) + publish(300, 2, given="b1"), (2, 5, 6)),
    "second term": (FIRST + publish(100, 2, "a1", "a2") + publish(250, 3, "a2", status=412), (4, 5, 6)),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_publication_that_ran_out_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script + "400 end\n", "EVT-016")
    assert [(item.severity, item.frames) for item in found] == [(Severity.WARNING, frames)]
