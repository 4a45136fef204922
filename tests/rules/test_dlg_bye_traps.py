"""When a callee may hang up, and what may follow a BYE (RFC 3261 §15)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
RINGING = PARTIES + "0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 180\n"
ANSWERED = RINGING + "1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
ESTABLISHED = ANSWERED + "1.1 alice -> bob ACK\n"
HUNG_UP = ESTABLISHED + "50 alice -> bob BYE\n50.1 bob -> alice 200\n"
END = "120 end\n"

TOO_EARLY_NOT = {
    "caller hangs up while it rings": RINGING
    + "5 alice -> bob BYE\n5.1 bob -> alice 200\n5.2 bob -> alice 487 INVITE\n5.3 alice -> bob ACK\n",
    "callee hangs up behind the ACK": ESTABLISHED + "5 bob -> alice BYE\n5.1 alice -> bob 200\n",
    "callee gives up when the ACK is late by 32 seconds": ANSWERED
    + "".join(f"{at} bob -> alice 200 again\n" for at in (1.5, 2.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5, 32.5))
    + "33.1 bob -> alice BYE\n33.2 alice -> bob 200\n",
    "BYE that crosses the ACK": ANSWERED + "1.1 bob -> alice BYE\n1.15 alice -> bob ACK\n1.2 alice -> bob 200 BYE\n",
    "BYE that overtakes the 200": RINGING
    + "1 bob -> alice BYE\n1.1 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n1.2 alice -> bob ACK\n"
    + "1.3 alice -> bob 200 BYE\n",
    "200 out of view": RINGING
    + "1 bob -> alice 200 unseen\n      m=audio 5000 RTP/AVP 0\n1.1 alice -> bob ACK\n5 bob -> alice BYE\n"
    + "5.1 alice -> bob 200\n",
    "200 and ACK out of view": RINGING
    + "1 bob -> alice 200 unseen\n      m=audio 5000 RTP/AVP 0\n1.1 alice -> bob ACK unseen\n5 bob -> alice BYE\n"
    + "5.1 alice -> bob 200\n",
    "ACK past the proxy": PROXIED
    + "0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n0.1 bob -> proxy 200\n"
    + "      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n0.2 alice -> bob ACK unseen\n5 bob -> alice BYE\n"
    + "5.1 alice -> bob 200\n",
}


@pytest.mark.parametrize("script", TOO_EARLY_NOT.values(), ids=TOO_EARLY_NOT.keys())
def test_bye_in_its_time_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script + END, "DLG-010")] == []


TOO_EARLY = {
    "while it rings": (
        RINGING + "5 bob -> alice BYE\n5.1 alice -> bob 200\n5.2 bob -> alice 487 INVITE\n5.3 alice -> bob ACK\n",
        Confidence.CERTAIN,
        (2, 3, 4),
        "before it had answered. It was answered 200 OK.",
    ),
    "while it rings, and then it answers": (
        RINGING
        + "5 bob -> alice BYE\n5.1 alice -> bob 481\n6 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n"
        + "6.1 alice -> bob ACK\n",
        Confidence.CERTAIN,
        (2, 3, 4),
        "before it had answered. It was answered 481",
    ),
    "before an ACK that comes": (
        ANSWERED + "2 bob -> alice BYE\n2.1 alice -> bob 200\n3 alice -> bob ACK\n",
        Confidence.CERTAIN,
        (3, 4, 5, 6),
        "before the ACK to its answer had come.",
    ),
    "before an ACK that never comes": (
        ANSWERED + "2 bob -> alice BYE\n2.1 alice -> bob 200\n",
        Confidence.LIKELY,
        (3, 4, 5),
        "before the ACK to its answer had come.",
    ),
}


@pytest.mark.parametrize(("script", "confidence", "frames", "words"), TOO_EARLY.values(), ids=TOO_EARLY.keys())
def test_callee_that_hangs_up_too_early_is_told(
    judged: Judged, script: str, confidence: Confidence, frames: tuple[int, ...], words: str
) -> None:
    (found,) = judged(script + END, "DLG-010")
    assert (found.severity, found.confidence, found.frames) == (Severity.ERROR, confidence, frames)
    assert words in found.text


OVER = {
    "refused once": HUNG_UP + "60 bob -> alice INFO\n60.1 alice -> bob 481\n",
    "crossed the BYE": HUNG_UP + "51 bob -> alice INFO\n51.1 alice -> bob 200\n",
    "BYE that was refused": ESTABLISHED
    + "50 alice -> bob BYE\n50.1 bob -> alice 401\n60 bob -> alice INFO\n60.1 alice -> bob 200\n"
    + "70 alice -> bob BYE\n70.1 bob -> alice 200\n",
    "both hang up": HUNG_UP + "60 bob -> alice BYE\n60.1 alice -> bob 481\n",
    "subscription that outlives the call": ESTABLISHED
    + "10 alice -> bob REFER\n      Refer-To: <sip:carol@192.0.2.30>\n10.1 bob -> alice 202\n"
    + "10.2 bob -> alice NOTIFY sipfrag=100\n10.3 alice -> bob 200\n20 alice -> bob BYE\n20.1 bob -> alice 200\n"
    + "30 bob -> alice NOTIFY sipfrag=200 state=terminated;reason=noresource\n30.1 alice -> bob 200\n",
    "answer to a BYE out of view": ESTABLISHED
    + "50 alice -> bob BYE\n50.1 bob -> alice 200 unseen\n60 bob -> alice INFO\n60.1 alice -> bob 200\n",
}


@pytest.mark.parametrize("script", OVER.values(), ids=OVER.keys())
def test_call_that_is_over_for_both_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script + END, "DLG-012")] == []


GOES_ON = {
    "accepted": (HUNG_UP + "60 bob -> alice INFO\n60.1 alice -> bob 200\n", (5, 6, 7, 8), "and it was accepted."),
    "sent by the one that hung up": (
        HUNG_UP + "60 alice -> bob UPDATE\n60.1 bob -> alice 200\n",
        (5, 6, 7, 8),
        "The caller sent UPDATE",
    ),
    "refused again and again": (
        HUNG_UP + "".join(f"{at} bob -> alice INFO\n{at}.1 alice -> bob 481\n" for at in (60, 70, 80)),
        (5, 6, 7, 8, 9, 10, 11, 12),
        "although nobody accepts it.",
    ),
}


@pytest.mark.parametrize(("script", "frames", "words"), GOES_ON.values(), ids=GOES_ON.keys())
def test_call_that_goes_on_behind_its_bye_is_told(
    judged: Judged, script: str, frames: tuple[int, ...], words: str
) -> None:
    (found,) = judged(script + END, "DLG-012")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)
    assert words in found.text
