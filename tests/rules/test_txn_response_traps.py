"""What the rules about the responses of one transaction must say and must not say."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
INVITE = PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
BUSY = INVITE + "0.1 bob -> alice 486 INVITE tag=b1\n0.2 alice -> bob ACK\n"
OPTIONS = PARTIES + "0.0 alice -> bob OPTIONS\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
ELSEWHERE = "      Contact: <sip:bob@192.0.2.99>\n"
END = "40 end\n"

ONE_ANSWER = {
    "ringing and answered": INVITE + "0.1 bob -> alice 180\n0.2 bob -> alice 200\n" + SDP + END,
    "forks ring under their own tags": INVITE
    + "0.1 bob -> alice 180 tag=b1\n0.2 bob -> alice 180 tag=b2\n0.9 bob -> alice 486 tag=b2\n"
    + END,
    "two forks answer": INVITE
    + "0.1 bob -> alice 200 INVITE tag=b1\n"
    + SDP
    + "2.0 bob -> alice 200 INVITE tag=b2\n"
    + SDP
    + END,
    "refusal repeated": BUSY + "0.6 bob -> alice 486 again\n" + END,
    "refusal overtaken by a 2xx": BUSY + "0.25 bob -> alice 200 INVITE tag=b2\n" + SDP + END,
    "ringing overtaken by the answer": INVITE
    + "0.1 bob -> alice 200 INVITE tag=b1\n"
    + SDP
    + "0.15 bob -> alice 180 INVITE tag=b1\n"
    + END,
    "CANCEL and its INVITE": INVITE
    + "0.1 bob -> alice 180\n1.0 alice -> bob CANCEL\n1.1 bob -> alice 200 CANCEL\n1.4 bob -> alice 487 INVITE\n"
    + END,
}


@pytest.mark.parametrize("script", ONE_ANSWER.values(), ids=ONE_ANSWER.keys())
def test_one_final_response_and_those_of_forks_are_no_conflict(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "TXN-014")] == []


CONFLICTS = {
    "accepted behind a refusal, by one user agent": (
        BUSY + "1.0 bob -> alice 200 INVITE tag=b2\n" + SDP,
        ERROR,
        (1, 2, 4),
    ),
    "accepted behind a refusal, by somebody else": (
        BUSY + "1.0 bob -> alice 200 INVITE tag=b2\n" + ELSEWHERE + SDP,
        INFO,
        (1, 2, 4),
    ),
    "refused behind a 2xx": (
        INVITE + "0.1 bob -> alice 200 INVITE tag=b1\n" + SDP + "0.2 alice -> bob ACK\n0.9 bob -> alice 486 INVITE\n",
        ERROR,
        (1, 2, 4),
    ),
    "two refusals": (BUSY + "1.0 bob -> alice 603 INVITE tag=b2\n", ERROR, (1, 2, 4)),
    "one refusal under two tags": (BUSY + "1.0 bob -> alice 486 INVITE tag=b2\n", WARNING, (1, 2, 4)),
    "one refusal under two tags, for two copies": (
        OPTIONS + "0.5 alice -> bob OPTIONS again\n0.6 bob -> alice 404 tag=b1\n1.0 bob -> alice 404 OPTIONS tag=b2\n",
        INFO,
        (1, 3, 4),
    ),
    "two answers to OPTIONS": (OPTIONS + "0.1 bob -> alice 200\n1.0 bob -> alice 404 OPTIONS\n", ERROR, (1, 2, 3)),
    "ringing behind the refusal": (BUSY + "1.0 bob -> alice 180 INVITE tag=b1\n", WARNING, (1, 2, 4)),
}


@pytest.mark.parametrize(("script", "severity", "frames"), CONFLICTS.values(), ids=CONFLICTS.keys())
def test_second_answer_of_another_kind_is_told(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    assert [(item.severity, item.frames) for item in judged(script + END, "TXN-014")] == [(severity, frames)]


def test_answer_to_another_request_under_the_same_branch_is_left_to_its_own_rule(judged: Judged) -> None:
    script = (
        PARTIES
        + "0.0 alice -> bob INVITE branch=z9hG4bKa cseq=1\n      Require: foo\n0.1 bob -> alice 420\n"
        + "0.2 alice -> bob ACK\n0.3 alice -> bob INVITE call=1 from-tag=alice-1 cseq=2 branch=z9hG4bKa\n"
        + "0.6 bob -> alice 486 INVITE\n0.7 alice -> bob ACK\n"
    )
    assert [item.rule for item in judged(script + END, "TXN") if item.severity is ERROR] == ["TXN-020"]
