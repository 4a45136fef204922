"""What DLG-013 says of parties that go on with a lost call, and that it stays silent about those that end it."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

CALL = (
    "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
    "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
)


def request(at: float, method: str, status: int, *, sender: str = "alice") -> str:
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} {method}\n{at + 0.1:.1f} {peer} -> {sender} {status} {method}\n"


LEGITIMATE = {
    "ended by BYE": CALL + request(30, "UPDATE", 481) + request(31, "BYE", 481),
    "sent nothing more": CALL + request(30, "UPDATE", 481) + "90 end\n",
    "another status": CALL + request(30, "UPDATE", 500) + request(60, "UPDATE", 500),
    "INFO fails": CALL + request(30, "INFO", 481) + request(60, "INFO", 481),
    "call turned out to live": CALL + request(30, "UPDATE", 408) + request(60, "UPDATE", 200),
    "the other side goes on": CALL + request(30, "UPDATE", 408) + request(60, "UPDATE", 500, sender="bob"),
    "next request was under way": CALL + request(30, "UPDATE", 408) + request(30.5, "UPDATE", 408),
    "later request without an answer in view": CALL + request(30, "UPDATE", 408) + "60 alice -> bob UPDATE\n60.1 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "DLG-013")] == []


BROKEN = {
    "refreshes on behind a 481": (CALL + request(30, "UPDATE", 481) + request(60, "UPDATE", 481), (4, 5, 6)),
    "refreshes on behind a 408": (CALL + request(30, "UPDATE", 408) + request(60, "UPDATE", 408), (4, 5, 6)),
    "goes on with another method": (CALL + request(30, "UPDATE", 481) + request(60, "INFO", 481), (4, 5, 6)),
    "the callee goes on": (
        CALL + request(30, "UPDATE", 481, sender="bob") + request(60, "UPDATE", 481, sender="bob"),
        (4, 5, 6),
    ),
    "released long after": (
        CALL + request(30, "UPDATE", 481) + request(60, "UPDATE", 481) + request(90, "BYE", 481),
        (4, 5, 6),
    ),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(script, "DLG-013")
    assert [(item.severity, item.frames) for item in found] == [(Severity.WARNING, frames)]
