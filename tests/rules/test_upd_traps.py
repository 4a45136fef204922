"""What the rules about UPDATE say of broken flows, and that they stay silent about legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER = "      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
BEGIN = PARTIES + "0.0 alice -> bob INVITE\n      Supported: 100rel\n" + OFFER
DELAYED = PARTIES + "0.0 alice -> bob INVITE\n      Supported: 100rel\n"
RELIABLE = "0.1 bob -> alice 183 rseq=1\n" + SDP
PRACK = "0.2 alice -> bob PRACK\n"
ACCEPTED_PRACK = "0.3 bob -> alice 200 PRACK\n"
CALLER_UPDATE = "0.5 alice -> bob UPDATE\n" + OFFER
CALLEE_UPDATE = "0.5 bob -> alice UPDATE\n" + SDP
REFUSED = "0.6 bob -> alice 500 UPDATE\n      Retry-After: 3\n"
REFUSED_BY_CALLER = "0.6 alice -> bob 500 UPDATE\n      Retry-After: 3\n"
ACCEPTED = "0.6 bob -> alice 200 UPDATE\n" + SDP
ACCEPTED_BY_CALLER = "0.6 alice -> bob 200 UPDATE\n" + OFFER
BYE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200 BYE\n"
PLAIN_ANSWER = "1.0 bob -> alice 200 INVITE\n1.1 alice -> bob ACK\n" + BYE
ANSWER = "1.0 bob -> alice 200 INVITE\n" + SDP + "1.1 alice -> bob ACK\n" + BYE

LEGITIMATE = {
    "caller behind the reliable answer": BEGIN
    + RELIABLE
    + PRACK
    + ACCEPTED_PRACK
    + CALLER_UPDATE
    + ACCEPTED
    + PLAIN_ANSWER,
    "caller before the 2xx of its PRACK": BEGIN
    + RELIABLE
    + PRACK
    + CALLER_UPDATE
    + "0.55 bob -> alice 200 PRACK\n"
    + ACCEPTED
    + PLAIN_ANSWER,
    "callee behind the PRACK": BEGIN
    + RELIABLE
    + PRACK
    + ACCEPTED_PRACK
    + CALLEE_UPDATE
    + ACCEPTED_BY_CALLER
    + PLAIN_ANSWER,
    "delayed offer answered in PRACK": DELAYED
    + RELIABLE
    + PRACK
    + OFFER
    + ACCEPTED_PRACK
    + CALLER_UPDATE
    + ACCEPTED
    + PLAIN_ANSWER,
    "UPDATE without SDP": BEGIN
    + "0.1 bob -> alice 180\n0.5 alice -> bob UPDATE\n0.6 bob -> alice 200 UPDATE\n"
    + ANSWER,
    "confirmed dialog": BEGIN
    + ANSWER.replace(BYE, "")
    + "5.0 alice -> bob UPDATE\n"
    + OFFER
    + "5.1 bob -> alice 200\n"
    + SDP
    + BYE,
    "reliable answer that only the capture lacks": BEGIN
    + "0.05 bob -> alice 180\n"
    + RELIABLE.replace("rseq=1", "rseq=1 unseen")
    + PRACK
    + ACCEPTED_PRACK
    + CALLER_UPDATE
    + ACCEPTED
    + PLAIN_ANSWER,
    "only the caller's messages were captured": BEGIN
    + RELIABLE.replace("rseq=1", "rseq=1 unseen")
    + PRACK.replace("PRACK", "PRACK unseen")
    + "0.3 bob -> alice 200 PRACK unseen\n"
    + CALLER_UPDATE
    + "0.6 bob -> alice 200 UPDATE unseen\n"
    + SDP,
    "capture begins behind the INVITE": BEGIN.replace("INVITE", "INVITE unseen")
    + "0.1 bob -> alice 180\n"
    + CALLER_UPDATE
    + REFUSED
    + ANSWER,
    "offer during a re-INVITE is no matter of the first exchange": BEGIN
    + ANSWER.replace(BYE, "")
    + "5.0 alice -> bob INVITE\n"
    + OFFER
    + "5.1 bob -> alice UPDATE\n"
    + SDP
    + "5.2 alice -> bob 491 UPDATE\n5.3 bob -> alice 200 INVITE\n"
    + SDP
    + "5.4 alice -> bob ACK\n"
    + BYE,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "UPD")] == []


BROKEN = {
    "on a preview": (
        BEGIN + "0.1 bob -> alice 183\n" + SDP + CALLER_UPDATE + REFUSED + ANSWER,
        "the 183 Session Progress is unreliable and only a preview",
        (1, 2, 3),
    ),
    "before any answer": (
        BEGIN + "0.1 bob -> alice 180\n" + CALLER_UPDATE + REFUSED + ANSWER,
        "the offer of the INVITE has no answer yet",
        (1, 3),
    ),
    "by the callee before any answer": (
        BEGIN + "0.1 bob -> alice 180\n" + CALLEE_UPDATE + REFUSED_BY_CALLER + ANSWER,
        "The callee offers anew",
        (1, 3),
    ),
    "by the callee before the PRACK": (
        BEGIN
        + RELIABLE
        + CALLEE_UPDATE
        + REFUSED_BY_CALLER
        + "0.7 alice -> bob PRACK\n0.8 bob -> alice 200 PRACK\n"
        + PLAIN_ANSWER,
        "no PRACK completed the answer in the reliable 183 Session Progress (RSeq 1)",
        (1, 2, 3),
    ),
    "delayed offer not made yet": (
        DELAYED + "0.1 bob -> alice 180\n" + CALLER_UPDATE + REFUSED + ANSWER.replace("ACK\n", "ACK\n" + OFFER),
        "the INVITE had no SDP and no offer came in a reliable response",
        (1, 3),
    ),
    "delayed offer not answered yet": (
        DELAYED
        + RELIABLE
        + CALLER_UPDATE
        + REFUSED
        + "0.7 alice -> bob PRACK\n"
        + OFFER
        + "0.8 bob -> alice 200 PRACK\n"
        + PLAIN_ANSWER,
        "no PRACK completed the offer in the reliable 183 Session Progress (RSeq 1)",
        (1, 2, 3),
    ),
    "accepted all the same": (
        BEGIN + "0.1 bob -> alice 183\n" + SDP + CALLER_UPDATE + ACCEPTED + ANSWER,
        "only a preview",
        (1, 2, 3),
    ),
}


@pytest.mark.parametrize(("script", "words", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_offer_too_early_is_told(judged: Judged, script: str, words: str, frames: tuple[int, ...]) -> None:
    found = judged(script, "UPD")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("UPD-002", Severity.ERROR, frames)]
    assert words in found[0].text
    assert found[0].confidence is Confidence.CERTAIN


def test_offer_too_early_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    script = BEGIN + "0.1 bob -> alice 180\n" + CALLER_UPDATE + REFUSED + ANSWER
    found = judged(script, "UPD", lossy_at=0.3)
    assert [(item.confidence, len(item.guards)) for item in found] == [(Confidence.POSSIBLE, 1)]


def test_each_fork_is_judged_on_its_own(judged: Judged) -> None:
    script = (
        BEGIN
        + "0.1 bob -> alice 183 tag=b1 rseq=1\n"
        + SDP
        + "0.15 bob -> alice 180 tag=b2\n"
        + "0.2 alice -> bob PRACK to-tag=b1\n0.3 bob -> alice 200 PRACK\n"
        + "0.5 alice -> bob UPDATE to-tag=b2\n"
        + OFFER
        + REFUSED
    )
    assert [(item.rule, item.frames) for item in judged(script, "UPD")] == [("UPD-002", (1, 6))]
