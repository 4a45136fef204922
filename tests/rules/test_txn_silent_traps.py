"""Answers that are due again when a request is repeated (RFC 3261 §17.2.1, §17.2.2)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
END = "40 end\n"


def repeated(request: str, *seconds: float) -> str:
    return "".join(f"{at} {request} again\n" for at in seconds)


OPTIONS = "0.0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n"
RINGING = "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 180\n"
REFUSED = "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 486\n"
ANSWERED = RINGING + "2.0 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"

LEGITIMATE = {
    "answered again": PARTIES + OPTIONS + "0.5 alice -> bob OPTIONS again\n0.6 bob -> alice 200 again\n" + END,
    "answered again behind the last copy": PARTIES
    + OPTIONS
    + repeated("alice -> bob OPTIONS", 0.5, 1.5)
    + "1.6 bob -> alice 200 again\n"
    + END,
    "copies before the answer": PARTIES
    + "0.0 alice -> bob OPTIONS\n"
    + repeated("alice -> bob OPTIONS", 0.5, 1.5)
    + "1.6 bob -> alice 200\n"
    + END,
    "one copy that may have been lost": PARTIES + OPTIONS + repeated("alice -> bob OPTIONS", 0.5) + END,
    "copies behind the time that a server remembers": PARTIES
    + OPTIONS
    + repeated("alice -> bob OPTIONS", 33.0, 35.0)
    + "60 end\n",
    "INVITE repeated behind its 200": PARTIES
    + ANSWERED
    + repeated("alice -> bob INVITE", 2.5, 3.5)
    + "3.6 alice -> bob ACK\n5.0 alice -> bob BYE\n5.1 bob -> alice 200\n"
    + END,
    "INVITE repeated behind its ACK": PARTIES
    + REFUSED
    + "0.2 alice -> bob ACK\n"
    + repeated("alice -> bob INVITE", 0.5, 1.5)
    + END,
    "INVITE that keeps a binding open, with the 180 again": PARTIES
    + RINGING
    + "20.0 alice -> bob INVITE again\n20.1 bob -> alice 180 again\n40.0 alice -> bob INVITE again\n"
    + "40.1 bob -> alice 180 again\n41.0 bob -> alice 486\n41.1 alice -> bob ACK\n80 end\n",
    "capture ends": PARTIES + OPTIONS + repeated("alice -> bob OPTIONS", 0.5, 1.5) + "2.0 end\n",
    "captured twice": PARTIES
    + "0.0 alice -> bob OPTIONS ip-id=5\n0.1 bob -> alice 200\n0.101 alice -> bob OPTIONS again ip-id=5\n"
    + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_answer_that_is_not_due_again_is_not_missed(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "TXN-012")] == []


BROKEN = {
    "final response": (
        PARTIES + OPTIONS + repeated("alice -> bob OPTIONS", 0.5, 1.5, 3.5) + END,
        (1, 2, 3, 4, 5),
        "3 retransmissions",
    ),
    "final response that was repeated once": (
        PARTIES
        + OPTIONS
        + "0.5 alice -> bob OPTIONS again\n0.6 bob -> alice 200 again\n"
        + repeated("alice -> bob OPTIONS", 1.5, 3.5)
        + END,
        (1, 2, 5, 6),
        "2 retransmissions",
    ),
    "refusal of an INVITE": (
        PARTIES + REFUSED + repeated("alice -> bob INVITE", 0.5, 1.5) + "2.0 alice -> bob ACK\n" + END,
        (1, 2, 3, 4),
        "2 retransmissions",
    ),
    "provisional response to an INVITE": (
        PARTIES
        + RINGING
        + repeated("alice -> bob INVITE", 0.5, 1.5, 3.5)
        + "6.0 bob -> alice 486\n6.1 alice -> bob ACK\n"
        + END,
        (1, 2, 3, 4, 5),
        "3 retransmissions",
    ),
}


@pytest.mark.parametrize(("script", "frames", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_server_that_forgot_its_answer_is_told_once(
    judged: Judged, script: str, frames: tuple[int, ...], words: str
) -> None:
    found = [item for item in judged(script, "TXN") if item.rule in {"TXN-009", "TXN-012"}]
    assert [(item.rule, item.severity, item.frames) for item in found] == [("TXN-012", Severity.WARNING, frames)]
    assert words in found[0].text


def test_last_hop_that_is_silent_is_told(judged: Judged) -> None:
    script = (
        PROXIED
        + "0.0 alice -> proxy OPTIONS to=bob\n0.01 proxy -> bob OPTIONS\n0.1 bob -> proxy 200\n"
        + "0.11 proxy -> alice 200\n"
        + "".join(
            f"{at} alice -> proxy OPTIONS again\n{at + 0.01} proxy -> bob OPTIONS again\n" for at in (0.5, 1.5, 3.5)
        )
        + END
    )
    (found,) = judged(script, "TXN-012")
    assert found.text.startswith("192.0.2.20:5060 answered")


def test_loss_of_the_capture_leaves_it_possible(judged: Judged) -> None:
    script = PARTIES + OPTIONS + repeated("alice -> bob OPTIONS", 0.5, 1.5, 3.5) + END
    (found,) = judged(script, "TXN-012", lossy_at=2.0)
    assert found.confidence is Confidence.POSSIBLE
