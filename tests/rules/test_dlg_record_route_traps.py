"""Record-Route values that can be used as a route, and those that can't (RFC 3261 §16.6 item 4)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged


def invite(route: str, *, near: str = "203.0.113.10", far: str = "203.0.113.20") -> str:
    return (
        f"alice {near}\nbob {far}\n0 alice -> bob INVITE\n      Record-Route: {route}\n      m=audio 4000 RTP/AVP 0\n"
        "0.1 bob -> alice 486\n0.2 alice -> bob ACK\n40 end\n"
    )


INSIDE = {"near": "10.0.0.10", "far": "10.0.0.20"}
LEGITIMATE = {
    "loose": invite("<sip:203.0.113.5;lr>"),
    "lr with a value": invite("<sip:203.0.113.5;lr=on>"),
    "a name": invite("<sip:proxy.example.com;lr>"),
    "private inside a private network": invite("<sip:10.0.0.5;lr>", **INSIDE),
    "private below the public one": invite("<sip:203.0.113.10;lr>, <sip:10.0.0.5;lr>"),
    "from a private network": invite("<sip:10.0.0.5;lr>", near="10.0.0.10"),
    "private address that the receiver reaches": "proxy 10.0.0.5\n"
    + invite("<sip:10.0.0.5;lr>").replace("40 end", "5 bob -> proxy OPTIONS call=2\n5.1 proxy -> bob 200\n40 end"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_route_that_can_be_used_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "DLG-007")] == []


BROKEN = {
    "no lr": (invite("<sip:203.0.113.5>"), Confidence.CERTAIN, "has no lr parameter"),
    "no lr below": (invite("<sip:203.0.113.5;lr>, <sip:203.0.113.6>"), Confidence.CERTAIN, "sip:203.0.113.6 of"),
    "private between public hosts": (invite("<sip:10.0.0.5;lr>"), Confidence.LIKELY, "is a private address"),
}


@pytest.mark.parametrize(("script", "confidence", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_route_that_leads_nowhere_is_told(judged: Judged, script: str, confidence: Confidence, words: str) -> None:
    (found,) = judged(script, "DLG-007")
    assert (found.severity, found.confidence, found.frames) == (Severity.WARNING, confidence, (1,))
    assert words in found.text
