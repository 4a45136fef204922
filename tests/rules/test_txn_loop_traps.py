"""What the rule about loops must say and must not say."""

import pytest

from sipscope.model.defects import Confidence
from tests.rules.conftest import Judged

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\np1 192.0.2.1 proxy\np2 192.0.2.2 proxy\nbob 192.0.2.20\n"
SENT = "0.00 alice -> p1 OPTIONS to=bob call=1\n0.01 p1 -> p2 OPTIONS\n0.02 p2 -> p1 OPTIONS{changed}\n"
ONCE = PARTIES + SENT.format(changed="")
ANSWERED = "0.1 bob -> p1 200\n0.11 p1 -> p2 200\n0.12 p2 -> p1 200\n0.13 p1 -> alice 200\n"
TO_BOB = "0.03 p1 -> bob OPTIONS\n"
DIRECT = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob OPTIONS\n"

LEGITIMATE = {
    "spiral with another Request-URI": PARTIES
    + SENT.format(changed=" uri=sip:200@192.0.2.20")
    + TO_BOB.replace("OPTIONS", "OPTIONS uri=sip:300@192.0.2.20")
    + ANSWERED,
    "one return, and it gets through": ONCE + TO_BOB + ANSWERED,
    "Max-Forwards that traces the path": DIRECT + "      Max-Forwards: 1\n0.1 bob -> alice 483\n",
    "482 to one of two branches": "alice 192.0.2.10\nbob 192.0.2.20\n"
    "0.0 alice -> bob OPTIONS call=1 cseq=1\n0.1 alice -> bob OPTIONS call=1 cseq=1\n"
    "0.2 bob -> alice 482\n0.3 bob -> alice 200\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "TXN-024")] == []


BROKEN = {
    "second pass": (ONCE + "0.03 p1 -> p2 OPTIONS\n", Confidence.CERTAIN, (1, 2, 3, 4)),
    "one return and a 482": (ONCE + "0.1 p1 -> p2 482\n", Confidence.CERTAIN, (1, 2, 3, 4)),
    "483 from out of view": (DIRECT + "0.1 bob -> alice 483\n", LIKELY, (1, 2)),
    "482 from out of view": (DIRECT + "0.1 bob -> alice 482\n", POSSIBLE, (1, 2)),
}


@pytest.mark.parametrize(("script", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_circle_is_one_finding(judged: Judged, script: str, confidence: Confidence, frames: tuple[int, ...]) -> None:
    found = judged(script)
    assert [(item.rule, item.confidence, item.frames) for item in found] == [("TXN-024", confidence, frames)]
