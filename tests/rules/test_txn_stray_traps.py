"""Responses to requests that nobody sent (RFC 3261 §18.1.2)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
SEEN = "0.0 alice -> bob OPTIONS call=1\n0.1 bob -> alice 200\n"
UNASKED = "40.0 alice -> bob OPTIONS call=2 unseen\n40.1 bob -> alice 200\n"
ELSEWHERE = "      Via:\n      Via: SIP/2.0/UDP 192.0.2.30:5060;branch=z9hG4bKcarol\n"
END = "80 end\n"

LEGITIMATE = {
    "answer to a request of the capture": PARTIES + SEEN + UNASKED.replace(" unseen", "") + END,
    "late answer to a request of the capture": PARTIES + SEEN + "60.0 bob -> alice 200 again\n" + END,
    "capture that began shortly before": PARTIES + SEEN + UNASKED.replace("40.", "20.") + END,
    "requests of the receiver are out of view": PARTIES + "0.0 bob -> alice OPTIONS call=1\n" + UNASKED + END,
    "INVITE from before the capture": PARTIES
    + SEEN
    + "90.0 alice -> bob INVITE call=2 unseen\n90.1 bob -> alice 180\n95.0 bob -> alice 486\n"
    + "95.1 alice -> bob ACK unseen\n120 end\n",
    "answer to a retry whose first attempt was captured": PARTIES
    + SEEN
    + "40.0 alice -> bob OPTIONS call=2\n40.1 bob -> alice 401\n40.2 alice -> bob OPTIONS call=2 unseen\n"
    + "40.3 bob -> alice 200\n"
    + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_response_whose_request_may_be_out_of_view_is_let_be(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "TXN-013")] == []


def test_capture_that_lost_packets_accuses_no_response(judged: Judged) -> None:
    assert judged(PARTIES + SEEN + UNASKED + END, "TXN-013", lossy_at=39.9) == []


BROKEN = {
    "addressed to another host": (UNASKED + ELSEWHERE, Confidence.LIKELY, (3,)),
    "addressed to the receiver": (UNASKED, Confidence.POSSIBLE, (3,)),
    "addressed by received": (
        UNASKED + ELSEWHERE.replace(";branch", ";received=192.0.2.40;branch"),
        Confidence.LIKELY,
        (3,),
    ),
    "address of the receiver in received": (
        UNASKED + ELSEWHERE.replace(";branch", ";received=192.0.2.10;branch"),
        Confidence.POSSIBLE,
        (3,),
    ),
    "named by a host name": (
        UNASKED + ELSEWHERE.replace("192.0.2.30:5060", "pbx.example.com"),
        Confidence.POSSIBLE,
        (3,),
    ),
    "several of them": (
        UNASKED + "50.0 alice -> bob OPTIONS call=3 unseen\n50.1 bob -> alice 200\n",
        Confidence.POSSIBLE,
        (3, 4),
    ),
    "INVITE after ten minutes": (
        "700.0 alice -> bob INVITE call=2 unseen\n700.1 bob -> alice 486\n700.2 alice -> bob ACK unseen\n",
        Confidence.POSSIBLE,
        (4,),
    ),
}


@pytest.mark.parametrize(("script", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_response_that_nobody_asked_for_is_told(
    judged: Judged, script: str, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    (found,) = judged(PARTIES + SEEN + script + END, "TXN-013")
    assert (found.severity, found.confidence, found.frames) == (Severity.WARNING, confidence, frames)
