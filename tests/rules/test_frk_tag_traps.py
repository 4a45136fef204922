"""What FRK-002 says of To tags that change, and that it stays silent about forks and forwarded calls."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER, ANSWER = "      m=audio 4000 RTP/AVP 0\n", "      m=audio 5000 RTP/AVP 0\n"
GATEWAY = "      Contact: <sip:gw@192.0.2.20>\n      Server: Gateway/1.0\n"


def ringing(tag: str, status: int = 180, fields: str = GATEWAY, at: float = 0.1) -> str:
    return f"{at} bob -> alice {status} tag={tag}\n{fields}"


def call(*responses: str, answer: str = GATEWAY) -> str:
    return (
        f"{PARTIES}0.0 alice -> bob INVITE\n{OFFER}{''.join(responses)}"
        f"2.0 bob -> alice 200 tag=two\n{answer}{ANSWER}2.1 alice -> bob ACK uri=sip:gw@192.0.2.20 to-tag=two\n"
    )


LEGITIMATE = {
    "one tag": call(ringing("two")),
    "another Contact": call(ringing("one", fields=GATEWAY.replace("gw@", "phone@"))),
    "another product": call(ringing("one", fields=GATEWAY.replace("Gateway", "Announcement"))),
    "product not told": call(
        ringing("one", fields="      Contact: <sip:gw@192.0.2.20>\n"), answer="      Contact: <sip:gw@192.0.2.20>\n"
    ),
    "forwarded": call(ringing("one", 181)),
    "queued": call(ringing("one", 182)),
    "another set of methods": call(
        ringing("one", fields=GATEWAY + "      Allow: INVITE, ACK\n"),
        answer=GATEWAY + "      Allow: INVITE, ACK, REFER\n",
    ),
    "Contact with another feature": call(ringing("one", fields=GATEWAY.replace("20>", "20>;+queue"))),
    "several phones ring": call(ringing("one"), ringing("three", at=0.2)),
    "the phone that answers rang as well": call(ringing("one"), ringing("two", at=0.2)),
    "100 with a tag of its own": call(ringing("one", 100)),
    "proxy that forked in view": "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
    f"0.0 alice -> proxy INVITE to=bob\n{OFFER}0.01 proxy -> bob INVITE\n0.1 bob -> proxy 180 tag=one\n{GATEWAY}"
    f"0.11 proxy -> alice 180 tag=one\n{GATEWAY}2.0 proxy -> alice 200 tag=two\n{GATEWAY}{ANSWER}",
    "same tag inside the dialog": call(ringing("two")) + "5.0 alice -> bob INFO\n5.1 bob -> alice 200\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "FRK-002")] == []


BROKEN = {
    "answered under another tag than it rang": (call(ringing("one")), Confidence.LIKELY, (2, 3)),
    "answered under another tag than it sent progress": (call(ringing("one", 183)), Confidence.LIKELY, (2, 3)),
    "response in the dialog with another tag": (
        call(ringing("two")) + "5.0 alice -> bob INFO\n5.1 bob -> alice 200\n      To: <sip:bob@192.0.2.20>;tag=new\n",
        Confidence.CERTAIN,
        (5, 6),
    ),
}


@pytest.mark.parametrize(("script", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = judged(script, "FRK-002")
    assert [(item.severity, item.confidence, item.frames) for item in found] == [(Severity.WARNING, confidence, frames)]
