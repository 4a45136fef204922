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


ANSWERED = PARTIES + INVITE + "1.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
BYE = "50.0 alice -> bob BYE\n50.1 bob -> alice 200\n" + END
ROUTED = (
    PROXIED
    + "1.0 alice -> proxy INVITE to=bob call=1\n"
    + OFFER
    + "1.01 proxy -> alice 100\n1.02 proxy -> bob INVITE\n1.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n"
    + "1.11 proxy -> alice 200\n"
)
ROUTED_BYE = "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200\n9.11 proxy -> alice 200\n" + END

LEGITIMATE = {
    "answer acknowledged": ANSWERED + "1.2 alice -> bob ACK\n" + BYE,
    "answer acknowledged along the route set": ROUTED + "1.2 alice -> proxy ACK\n1.21 proxy -> bob ACK\n" + ROUTED_BYE,
    "ACK that goes past a proxy without Record-Route": ROUTED.replace(" record-route", "")
    + "1.2 alice -> bob ACK\n9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"
    + END,
    "default port written out": ANSWERED + "1.2 alice -> bob ACK uri=sip:bob@192.0.2.20:5060;x=1\n" + BYE,
    "Contact of the 2xx differs from that of the 180": PARTIES
    + INVITE
    + "1.05 bob -> alice 180\n      Contact: <sip:bob@192.0.2.77>\n"
    + "1.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n1.2 alice -> bob ACK\n"
    + BYE,
    "2xx to a re-INVITE without Contact": ANSWERED
    + "1.2 alice -> bob ACK\n5.0 alice -> bob INVITE\n"
    + OFFER
    + "5.1 bob -> alice 200\n      Contact:\n      m=audio 5000 RTP/AVP 0\n5.2 alice -> bob ACK\n"
    + BYE,
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


AGAIN = "1.6 bob -> alice 200 again\n2.6 bob -> alice 200 again\n"
OUT_OF_DIALOG = {
    "Request-URI of the INVITE": (
        ANSWERED + "1.2 alice -> bob ACK uri=sip:bob@example.com\n" + AGAIN + BYE,
        ERROR,
        (2, 3),
    ),
    "Request-URI of the INVITE, and the callee takes it": (
        ANSWERED + "1.2 alice -> bob ACK uri=sip:bob@example.com\n" + BYE,
        WARNING,
        (2, 3),
    ),
    "Contact of the 180": (
        PARTIES
        + INVITE
        + "1.05 bob -> alice 180\n      Contact: <sip:bob@192.0.2.77>\n"
        + "1.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n1.2 alice -> bob ACK uri=sip:bob@192.0.2.77\n"
        + BYE,
        WARNING,
        (3, 4),
    ),
    "route set left out": (
        ROUTED + "1.2 alice -> proxy ACK\n      Route:\n1.21 proxy -> bob ACK\n" + ROUTED_BYE,
        WARNING,
        (5, 6),
    ),
    "branch of the INVITE": (ANSWERED + "1.2 alice -> bob ACK branch=z9hG4bK0001\n" + BYE, WARNING, (2, 3)),
    "number of no INVITE": (ANSWERED + "1.2 alice -> bob ACK cseq=9\n" + AGAIN + BYE, ERROR, (2, 3)),
    "To tag of nobody": (ANSWERED + "1.2 alice -> bob ACK to-tag=zzz\n" + AGAIN + BYE, ERROR, (2, 3)),
}


@pytest.mark.parametrize(("script", "severity", "frames"), OUT_OF_DIALOG.values(), ids=OUT_OF_DIALOG.keys())
def test_ack_to_a_2xx_is_a_request_in_its_dialog(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "TXN")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("TXN-006", severity, frames)]
