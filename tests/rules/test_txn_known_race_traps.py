"""Messages that crossed, and those that only look like it (RFC 3261 §15.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

CALL = (
    "alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n"
    "      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n9 alice -> bob BYE\n"
)
END = "60 end\n"

LEGITIMATE = {
    "one BYE": CALL + "9.1 bob -> alice 200\n",
    "BYE behind the answer to a BYE": CALL + "9.1 bob -> alice 200\n9.2 bob -> alice BYE\n9.3 alice -> bob 481\n",
    "BYE much later": CALL + "9.8 bob -> alice BYE\n9.9 bob -> alice 200 BYE\n9.95 alice -> bob 481 BYE\n",
    "INVITE of the party that hangs up": CALL.replace("9 alice", "8.9 alice -> bob INVITE\n9 alice")
    + "9.1 bob -> alice 200 BYE\n9.2 bob -> alice 487 INVITE\n9.3 alice -> bob ACK\n",
}

ANSWERED = CALL.removesuffix("9 alice -> bob BYE\n")
CHANGE = "9 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0 8\n"
RINGING = CALL[: CALL.index("0.1")] + "0.1 bob -> alice 180\n"

LEGITIMATE |= {
    "one re-INVITE refused as pending": ANSWERED + CHANGE + "9.1 bob -> alice 491\n9.2 alice -> bob ACK\n",
    "two changes, one behind the other": ANSWERED
    + CHANGE
    + "9.1 bob -> alice 491\n9.2 alice -> bob ACK\n9.3 bob -> alice UPDATE\n9.4 alice -> bob 200\n",
    "CANCEL long before the answer": RINGING
    + "3 alice -> bob CANCEL\n3.1 bob -> alice 200 CANCEL\n3.2 bob -> alice 487 INVITE\n3.3 alice -> bob ACK\n",
    "CANCEL long behind the answer": RINGING
    + "3 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n3.1 alice -> bob ACK\n5 alice -> bob CANCEL\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_messages_in_their_order_are_no_race(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script + END, "TXN-027")] == []


RACES = {
    "BYE and BYE": (
        CALL + "9.01 bob -> alice BYE\n9.1 bob -> alice 200 BYE\n9.11 alice -> bob 481 BYE\n",
        (4, 5, 6, 7),
    ),
    "BYE and re-INVITE": (
        CALL
        + "9.01 bob -> alice INVITE\n      m=audio 5000 RTP/AVP 0\n9.1 bob -> alice 200 BYE\n"
        + "9.11 alice -> bob 481 INVITE\n9.2 bob -> alice ACK\n",
        (4, 5, 6, 7),
    ),
    "BYE and REFER": (
        CALL
        + "9.01 bob -> alice REFER\n      Refer-To: <sip:carol@192.0.2.30>\n9.1 bob -> alice 200 BYE\n"
        + "9.11 alice -> bob 481 REFER\n",
        (4, 5, 6, 7),
    ),
    "re-INVITE and re-INVITE": (
        ANSWERED
        + CHANGE
        + "9.01 bob -> alice INVITE\n      m=audio 5000 RTP/AVP 0 8\n9.1 bob -> alice 491\n9.11 alice -> bob 491\n"
        + "9.2 alice -> bob ACK\n9.21 bob -> alice ACK\n",
        (4, 5, 6, 7),
    ),
    "re-INVITE and UPDATE": (
        ANSWERED
        + CHANGE
        + "9.01 bob -> alice UPDATE\n      m=audio 5000 RTP/AVP 0 8\n9.1 alice -> bob 491 UPDATE\n"
        + "9.2 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0 8\n9.3 alice -> bob ACK\n",
        (4, 5, 6, 7),
    ),
    "CANCEL and the answer": (
        RINGING
        + "3 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n3.01 alice -> bob CANCEL\n3.1 alice -> bob ACK\n"
        + "3.11 bob -> alice 200 CANCEL\n3.2 alice -> bob BYE\n3.3 bob -> alice 200 BYE\n",
        (3, 4),
    ),
    "BYE and UPDATE": (
        CALL + "9.01 bob -> alice UPDATE\n9.1 bob -> alice 200 BYE\n9.11 alice -> bob 481 UPDATE\n",
        (4, 5, 6, 7),
    ),
}


@pytest.mark.parametrize(("script", "frames"), RACES.values(), ids=RACES.keys())
def test_messages_that_crossed_are_explained(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    (found,) = judged(script + END, "TXN-027")
    assert (found.severity, found.frames) == (Severity.INFO, frames)
