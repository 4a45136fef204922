"""What the rules about ACK must say and must not say."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING
POSSIBLE = Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
OFFER = "      m=audio 4000 RTP/AVP 0\n"
INVITE = "1.0 alice -> bob INVITE call=1\n" + OFFER
REFUSED = PARTIES + INVITE + "1.1 bob -> alice 486\n"
LOUD = (1.6, 2.6, 4.6, 8.6, 12.6, 16.6, 20.6, 24.6, 28.6, 32.6)
"""When a 486 of second 1.1 is repeated: from T1, doubling up to T2 (RFC 3261 §17.2.1)."""
END = "120 end\n"


def repeated(message: str, *seconds: float) -> str:
    return "".join(f"{at} {message} again\n" for at in seconds)


LEGITIMATE = {
    "refusal acknowledged": REFUSED + "1.2 alice -> bob ACK\n" + END,
    "capture ends before timer H": REFUSED + repeated("bob -> alice 486", *LOUD[:6]) + "30 end\n",
    "repetition ceases early, so that the ACK went by another way": REFUSED
    + repeated("bob -> alice 486", *LOUD[:5])
    + END,
    "refusal through a proxy, acknowledged hop by hop": PROXIED
    + "1.0 alice -> proxy INVITE to=bob call=1\n"
    + OFFER
    + "1.01 proxy -> alice 100\n1.02 proxy -> bob INVITE\n1.1 bob -> proxy 486\n1.11 proxy -> alice 486\n"
    + "1.12 proxy -> bob ACK\n1.2 alice -> proxy ACK\n"
    + END,
    "ACK of a peer of RFC 2543": PARTIES
    + "1.0 alice -> bob INVITE call=1 branch=1\n"
    + OFFER
    + "1.1 bob -> alice 486\n1.2 alice -> bob ACK branch=2\n"
    + END,
    "challenge acknowledged, then a new number": PARTIES
    + INVITE
    + "1.1 bob -> alice 401\n1.2 alice -> bob ACK\n1.3 alice -> bob INVITE cseq=2\n"
    + OFFER
    + '      Authorization: Digest realm="a"\n1.4 bob -> alice 486\n1.5 alice -> bob ACK\n'
    + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    quiet = {"TRN-008", "TXN-009", "TXN-027"}
    assert [(item.rule, item.text) for item in judged(script) if item.rule not in quiet] == []


BROKEN = {
    "refusal repeated to the end": (
        REFUSED + repeated("bob -> alice 486", *LOUD) + END,
        "TXN-005",
        (*range(2, 13),),
    ),
    "ACK with another branch": (
        REFUSED + "1.2 alice -> bob ACK branch=z9hG4bKx\n" + END,
        "TXN-007",
        (1, 2, 3),
    ),
    "ACK with another branch, and the refusal repeated": (
        REFUSED + "1.2 alice -> bob ACK branch=z9hG4bKx\n" + repeated("bob -> alice 486", *LOUD) + END,
        "TXN-007",
        (1, 2, 3),
    ),
    "ACK with another Request-URI": (
        REFUSED + "1.2 alice -> bob ACK uri=sip:bob@192.0.2.99\n" + END,
        "TXN-007",
        (1, 2, 3),
    ),
    "ACK with another To tag": (
        REFUSED + "1.2 alice -> bob ACK to-tag=other\n" + END,
        "TXN-007",
        (1, 2, 3),
    ),
    "ACK without the Route of the INVITE": (
        PARTIES + INVITE + "      Route: <sip:192.0.2.1;lr>\n1.1 bob -> alice 486\n1.2 alice -> bob ACK\n" + END,
        "TXN-007",
        (1, 2, 3),
    ),
    "ACK to another address": (
        REFUSED + "1.2 alice -> carol ACK to=bob call=1 to-tag=bob-1 branch=z9hG4bK0001 uri=sip:bob@192.0.2.20\n" + END,
        "TXN-007",
        (1, 2, 3),
    ),
}


@pytest.mark.parametrize(("script", "rule", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(judged: Judged, script: str, rule: str, frames: tuple[int, ...]) -> None:
    found = judged(script)
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, ERROR, frames)]


def test_lost_packets_leave_a_missing_ack_merely_possible(judged: Judged) -> None:
    found = judged(REFUSED + repeated("bob -> alice 486", *LOUD) + END, lossy_at=20.0)
    assert [(item.rule, item.confidence) for item in found] == [("TXN-005", POSSIBLE)]
