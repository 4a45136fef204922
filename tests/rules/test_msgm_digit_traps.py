"""Digits by INFO: once, and in a body that the peer takes (RFC 6086 §3)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

EVENT = "10.05-10.2 alice => bob event event=5 pt=101 ssrc=0x77 call=1\n"
BACK = "10.05-10.2 bob => alice event event=5 pt=101 ssrc=0x78 call=1\n"


def call(body: str, answer: str = "200", *, more: str = "", type_: str = "application/dtmf-relay") -> str:
    """A call with one INFO of the caller at second 10."""
    lines = "".join(f"      | {line}\n" for line in body.split(";") if line)
    return (
        "alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0 101\n"
        "      a=rtpmap:101 telephone-event/8000\n0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0 101\n"
        "      a=rtpmap:101 telephone-event/8000\n0.2 alice -> bob ACK\n"
        f"10 alice -> bob INFO\n      Content-Type: {type_}\n{lines}10.01 bob -> alice {answer}\n{more}"
        "20 alice -> bob BYE\n20.1 bob -> alice 200\n"
    )


DIGIT = "Signal=5;Duration=160"
LEGITIMATE = {
    "taken": call(DIGIT),
    "another digit as an event": call("Signal=6", more=EVENT),
    "the same digit by the other party": call(DIGIT, more=BACK),
    "the same digit later": call(DIGIT, more=EVENT.replace("10.", "12.")),
    "hook flash": call("Signal=!"),
    "digit alone": call("5", type_="application/dtmf"),
    "refused for another reason": call(DIGIT, "500"),
    "another body": call("<xml/>", "415", type_="application/media_control+xml"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_digit_that_goes_one_way_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "MSGM-004")] == []


BROKEN = {
    "as an event too": (call(DIGIT, more=EVENT), Severity.WARNING, "sent as RTP events as well"),
    "alone in the body, and as an event": (
        call("5", type_="application/dtmf", more=EVENT),
        Severity.WARNING,
        "sent as RTP events as well",
    ),
    "refused": (call(DIGIT, "415"), Severity.WARNING, "not taken, but answered 415"),
    "no digit": (call("Signal="), Severity.INFO, "no digit is in the body"),
}


@pytest.mark.parametrize(("script", "severity", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_digit_that_arrives_twice_or_not_at_all_is_told(
    judged: Judged, script: str, severity: Severity, words: str
) -> None:
    (found,) = judged(script, "MSGM-004")
    assert (found.severity, found.frames[0]) == (severity, 4)
    assert words in found.text
