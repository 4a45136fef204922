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


def told_to_wait(status: int, seconds: str, method: str = "REGISTER", to: str = "bob") -> str:
    return (
        PARTIES
        + f"0.0 alice -> {to} {method} to=bob call=1\n0.1 {to} -> alice {status} {method}\n"
        + f"      Retry-After: {seconds}\n"
    )


def asks(at: float, what: str, to: str = "bob") -> str:
    """Another request, refused again."""
    return f"{at} alice -> {to} {what}\n{at + 0.1:.1f} {to} -> alice 503\n"


LATER = "300 end\n"
WAITED = {
    "after the time told": told_to_wait(503, "120") + asks(120.2, "REGISTER to=bob call=1") + LATER,
    "a little early": told_to_wait(503, "120") + asks(119.8, "REGISTER to=bob call=1") + LATER,
    "another server": told_to_wait(503, "120") + asks(2.0, "REGISTER to=bob call=1", "carol") + LATER,
    "at once, as the server asks": told_to_wait(503, "0") + asks(0.2, "REGISTER to=bob call=1") + LATER,
    "no number": told_to_wait(503, "soon") + asks(2.0, "REGISTER to=bob call=1") + LATER,
    "other request behind 500": told_to_wait(500, "120") + asks(2.0, "SUBSCRIBE call=2") + LATER,
    "other request that crossed the 503": told_to_wait(503, "120") + asks(0.15, "SUBSCRIBE call=2") + LATER,
    "probe": told_to_wait(503, "120") + asks(2.0, "OPTIONS call=2") + LATER,
    "other client": told_to_wait(503, "120") + "2.0 carol -> bob REGISTER call=2\n2.1 bob -> carol 503\n" + LATER,
    "BYE of a call": TALKING + "5.0 alice -> bob INFO\n5.1 bob -> alice 503\n      Retry-After: 100\n" + END,
}


@pytest.mark.parametrize("script", WAITED.values(), ids=WAITED.keys())
def test_client_that_waits_or_was_not_asked_to_is_not_accused(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "TXN-021")] == []


IMPATIENT = {
    "same request behind 503": (told_to_wait(503, "120") + asks(2.0, "REGISTER to=bob call=1"), WARNING, (2, 3)),
    "other request behind 503": (told_to_wait(503, "120") + asks(2.0, "SUBSCRIBE call=2"), WARNING, (2, 3)),
    "same request behind 500": (
        told_to_wait(500, "120 (overload)") + asks(2.0, "REGISTER to=bob call=1"),
        WARNING,
        (2, 3),
    ),
    "server takes the early one": (
        told_to_wait(503, "120") + "2.0 alice -> bob REGISTER to=bob call=1\n2.1 bob -> alice 200\n",
        INFO,
        (2, 3),
    ),
    "redial of a busy number": (
        told_to_wait(486, "60", "INVITE")
        + "0.2 alice -> bob ACK\n5.0 alice -> bob INVITE call=2\n5.1 bob -> alice 486\n5.2 alice -> bob ACK\n",
        INFO,
        (2, 4),
    ),
    "change in a dialog": (
        TALKING
        + "5.0 alice -> bob INFO\n5.1 bob -> alice 500\n      Retry-After: 9\n5.5 alice -> bob INFO\n"
        + "5.6 bob -> alice 500\n"
        + END,
        WARNING,
        (5, 6),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), IMPATIENT.values(), ids=IMPATIENT.keys())
def test_client_that_asks_again_too_early_is_told(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    assert [(item.severity, item.frames) for item in judged(script + LATER, "TXN-021")] == [(severity, frames)]


def test_impatient_client_is_told_once(judged: Judged) -> None:
    script = told_to_wait(503, "120") + "".join(asks(at, "REGISTER to=bob call=1") for at in (2.0, 4.0, 6.0, 8.0))
    found = judged(script + LATER, "TXN-021")
    assert [item.frames for item in found] == [(2, 3, 5, 7)]
    assert "4 times" in found[0].text
