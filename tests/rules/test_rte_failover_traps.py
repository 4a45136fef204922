"""What follows a 503: another server, or nothing (RFC 3261 §21.5.4, §16.7)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\ncarol 192.0.2.30\n"
FORWARDED = "0 alice -> proxy INVITE to=bob\n0.01 proxy -> bob INVITE\n0.1 bob -> proxy 503\n0.12 proxy -> bob ACK\n"
SAME = "cseq=1 from-tag=alice-1 call=1"
END = "60 end\n"


def asked(second: int, server: str, status: int, *, host: str = "example.com", call: str = "") -> str:
    """An OPTIONS of alice to a domain by one server, and its answer."""
    label = call or f"c{second}"
    return f"{second} alice -> {server} OPTIONS call={label} uri=sip:{host}\n{second}.1 {server} -> alice {status}\n"


LEGITIMATE = {
    "503 of the server itself": PARTIES + asked(0, "bob", 503),
    "proxy that makes it a 500": PROXIED + FORWARDED + "0.2 proxy -> alice 500\n0.3 alice -> proxy ACK\n",
    "proxy that tried two": PROXIED
    + FORWARDED
    + "0.2 proxy -> carol INVITE\n0.3 carol -> proxy 503\n0.31 proxy -> alice 503\n0.32 proxy -> carol ACK\n"
    + "0.4 alice -> proxy ACK\n",
    "other server of another domain": PARTIES + asked(0, "carol", 200, host="example.org") + asked(9, "bob", 503),
    "other server with an address as its target": PARTIES
    + asked(0, "carol", 200, host="192.0.2.99")
    + asked(9, "bob", 503, host="192.0.2.99"),
    "other server that fails as well": PARTIES + asked(0, "carol", 503) + asked(9, "bob", 503),
    "other server known only later": PARTIES + asked(0, "bob", 503) + asked(9, "carol", 200),
    "fail-over with a new branch": PARTIES
    + "0 alice -> bob INVITE call=1\n0.1 bob -> alice 503\n0.2 alice -> bob ACK\n"
    + f"1 alice -> carol INVITE to=bob {SAME}\n1.1 carol -> alice 486\n1.2 alice -> carol ACK to=bob\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_failure_that_nobody_could_mend_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script + END, "RTE-002")] == []


BROKEN = {
    "proxy passes on a lone 503": (
        PROXIED + FORWARDED + "0.2 proxy -> alice 503\n0.3 alice -> proxy ACK\n",
        Confidence.LIKELY,
        (1, 3, 5),
        "its only next hop",
    ),
    "another server is known": (
        PARTIES + asked(0, "carol", 200) + asked(9, "bob", 503),
        Confidence.LIKELY,
        (1, 2, 3, 4),
        "192.0.2.30 serves that domain as well",
    ),
    "fail-over with the old branch": (
        PARTIES
        + "0 alice -> bob INVITE call=1 branch=z9hG4bKone\n0.1 bob -> alice 503\n0.2 alice -> bob ACK\n"
        + f"1 alice -> carol INVITE to=bob branch=z9hG4bKone {SAME}\n1.1 carol -> alice 486\n"
        + "1.2 alice -> carol ACK to=bob\n",
        Confidence.CERTAIN,
        (1, 2, 4),
        "with the same branch",
    ),
}


@pytest.mark.parametrize(("script", "confidence", "frames", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_failure_that_another_server_would_mend_is_told(
    judged: Judged, script: str, confidence: Confidence, frames: tuple[int, ...], words: str
) -> None:
    (found,) = judged(script + END, "RTE-002")
    assert (found.severity, found.confidence, found.frames) == (Severity.WARNING, confidence, frames)
    assert words in found.text
