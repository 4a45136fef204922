"""What the rules about requests that are sent again behind a refusal must say and must not say."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
TALKING = (
    PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n"
    "      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
)
BODY = "      Content-Type: text/plain\n      | hello\n"
END = "60 alice -> bob BYE\n60.1 bob -> alice 200\n"
REFUSED = (
    PARTIES + "0.0 alice -> bob INVITE branch=z9hG4bKa cseq=1\n      Require: foo\n0.1 bob -> alice 420\n"
    "0.2 alice -> bob ACK\n"
)
AGAIN = "0.3 alice -> bob INVITE call=1 from-tag=alice-1"
GIVEN_UP = "0.4 bob -> alice 420 INVITE\n0.5 alice -> bob ACK\n"

RENEWED = {
    "new branch and the next number": REFUSED + AGAIN + " cseq=2\n0.4 bob -> alice 486\n0.5 alice -> bob ACK\n",
    "new branch and the old number before a dialog": REFUSED + AGAIN + " cseq=1\n" + GIVEN_UP,
    "retransmission that crossed the refusal": REFUSED + "0.15 alice -> bob INVITE again\n",
    "retransmission behind the refusal": REFUSED.replace("0.2 alice -> bob ACK\n", "")
    + "0.5 alice -> bob INVITE again\n0.6 bob -> alice 420 again\n0.7 alice -> bob ACK\n",
    "another server": TALKING
    + "5.0 alice -> bob INFO cseq=2\n5.1 bob -> alice 503\n5.2 alice -> carol INFO to=bob call=1 cseq=2\n"
    + "5.3 carol -> alice 200\n"
    + END,
    "next number in the dialog": TALKING
    + f"5.0 alice -> bob INFO\n{BODY}5.1 bob -> alice 415\n5.2 alice -> bob INFO\n5.3 bob -> alice 200\n"
    + END,
}


@pytest.mark.parametrize("script", RENEWED.values(), ids=RENEWED.keys())
def test_renewed_request_and_retransmission_are_no_fault(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "TXN-020")] == []


STALE = {
    "old branch, next number": (REFUSED + AGAIN + " cseq=2 branch=z9hG4bKa\n" + GIVEN_UP, (1, 2, 4)),
    "old branch and number, corrected": (REFUSED + AGAIN + " cseq=1 branch=z9hG4bKa\n" + GIVEN_UP, (1, 2, 4)),
    "old number in the dialog": (
        TALKING
        + f"5.0 alice -> bob INFO cseq=2\n{BODY}5.1 bob -> alice 415\n5.2 alice -> bob INFO cseq=2\n"
        + "5.3 bob -> alice 200\n"
        + END,
        (4, 5, 6),
    ),
}


@pytest.mark.parametrize(("script", "frames"), STALE.values(), ids=STALE.keys())
def test_corrected_request_under_its_old_name_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    assert [(item.severity, item.frames) for item in judged(script, "TXN-020")] == [(ERROR, frames)]


def test_corrected_request_under_the_old_branch_is_no_retransmission(judged: Judged) -> None:
    script = REFUSED + AGAIN + " cseq=2 branch=z9hG4bKa\n" + GIVEN_UP
    assert [item.rule for item in judged(script, "TXN")] == ["TXN-020"]
