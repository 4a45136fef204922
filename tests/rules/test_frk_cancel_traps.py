"""What FRK-003 says of proxies that leave phones ringing, and that it stays silent about those that cancel."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

WARNING, INFO = Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\ncarol 192.0.2.30\n"
OFFER, ANSWER = "      m=audio 4000 RTP/AVP 0\n", "      m=audio 5000 RTP/AVP 0\n"
SENT = f"0.0 alice -> proxy INVITE to=bob\n{OFFER}0.01 proxy -> bob INVITE\n0.02 proxy -> carol INVITE\n"
RINGING = "0.1 bob -> proxy 180 tag=b1\n0.2 carol -> proxy 180 tag=c1\n"
ANSWERED = (
    f"2.0 bob -> proxy 200 tag=b1\n{ANSWER}2.01 proxy -> alice 200\n2.1 alice -> proxy ACK\n2.11 proxy -> bob ACK\n"
)
END = "9.0 end\n"


def cancelled(at: float = 2.02, reason: str = '      Reason: SIP;cause=200;text="Call completed elsewhere"\n') -> str:
    return (
        f"{at} proxy -> carol CANCEL\n{reason}{at + 0.01:.2f} carol -> proxy 200 CANCEL\n"
        f"{at + 0.02:.2f} carol -> proxy 487 INVITE tag=c1\n{at + 0.03:.2f} proxy -> carol ACK\n"
    )


LEGITIMATE = {
    "cancelled at once": PARTIES + SENT + RINGING + ANSWERED + cancelled() + END,
    "other branch had failed": PARTIES
    + SENT
    + RINGING
    + "1.0 carol -> proxy 486 tag=c1\n1.01 proxy -> carol ACK\n"
    + ANSWERED
    + END,
    "other branch fails soon after": PARTIES
    + SENT
    + RINGING
    + ANSWERED
    + "4.0 carol -> proxy 486 tag=c1\n4.01 proxy -> carol ACK\n"
    + END,
    "other branch gave no sign": PARTIES + SENT + "0.1 bob -> proxy 180 tag=b1\n" + ANSWERED + END,
    "capture ends soon": PARTIES + SENT + RINGING + ANSWERED + "5.0 end\n",
    "caller asked not to cancel": PARTIES
    + SENT.replace("to=bob\n", "to=bob\n      Request-Disposition: no-cancel\n")
    + RINGING
    + ANSWERED
    + END,
    "nobody answered yet": PARTIES + SENT + RINGING + END,
    "caller itself sends to two": "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
    f"0.0 alice -> bob INVITE call=1\n{OFFER}0.01 alice -> carol INVITE call=2\n{OFFER}"
    f"0.1 carol -> alice 180 call=2\n2.0 bob -> alice 200 call=1\n{ANSWER}2.1 alice -> bob ACK call=1\n" + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "FRK-003")] == []


BROKEN = {
    "phone rings on": (PARTIES + SENT + RINGING + ANSWERED + END, WARNING, (5, 6)),
    "phone gives up by itself": (
        PARTIES + SENT + RINGING + ANSWERED + "8.0 carol -> proxy 480 tag=c1\n8.01 proxy -> carol ACK\n" + END,
        WARNING,
        (5, 6, 10),
    ),
    "declined everywhere": (
        PARTIES + SENT + RINGING + "2.0 bob -> proxy 603 tag=b1\n2.01 proxy -> bob ACK\n" + END,
        WARNING,
        (5, 6),
    ),
    "cancelled without a Reason": (PARTIES + SENT + RINGING + ANSWERED + cancelled(reason="") + END, INFO, (6, 8)),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "FRK-003")
    assert [(item.severity, item.confidence, item.frames) for item in found] == [(severity, Confidence.CERTAIN, frames)]


def test_phone_that_rings_on_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(BROKEN["phone rings on"][0], "FRK-003", lossy_at=3.0)
    assert [item.confidence for item in found] == [Confidence.POSSIBLE]
