"""What the rules about INVITEs that cross CANCEL, BYE and one another must say and must not say."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
RINGING = PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 180\n"
LATE = (
    RINGING + "5.0 alice -> bob CANCEL\n5.05 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n"
    "5.1 bob -> alice 200 CANCEL\n"
)
TAKEN = LATE + "5.2 alice -> bob ACK\n"
BYE_BOB = "50 bob -> alice BYE\n50.1 alice -> bob 200 BYE\n"
END = "90 end\n"

RELEASED = {
    "released at once": TAKEN + "5.3 alice -> bob BYE\n5.4 bob -> alice 200 BYE\n" + END,
    "kept, and hung up later": TAKEN + "40 alice -> bob BYE\n40.1 bob -> alice 200 BYE\n" + END,
    "kept, with media": TAKEN + "5.3-9 alice => bob PCMU\n5.3-9 bob => alice PCMU\n" + BYE_BOB,
    "kept, and put on hold": TAKEN
    + "9.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n      a=sendonly\n9.1 bob -> alice 200\n"
    + "      m=audio 5000 RTP/AVP 0\n      a=recvonly\n9.2 alice -> bob ACK\n"
    + BYE_BOB,
    "callee hangs up soon": TAKEN + "9.0 bob -> alice BYE\n9.1 alice -> bob 200 BYE\n" + END,
    "capture ends soon": TAKEN + "30 end\n",
    "ACK, and so perhaps BYE, on another path": LATE + END,
    "answer before the CANCEL": RINGING
    + "5.0 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n5.01 alice -> bob CANCEL\n"
    + "5.05 bob -> alice 481 CANCEL\n5.1 alice -> bob ACK\n"
    + BYE_BOB,
}


@pytest.mark.parametrize("script", RELEASED.values(), ids=RELEASED.keys())
def test_late_answer_that_may_be_kept_or_was_released_is_no_fault(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "TXN-019")] == []


LEFT = {
    "callee hangs up": (TAKEN + BYE_BOB, POSSIBLE, (1, 3, 4, 5, 6)),
    "nobody hangs up": (TAKEN + END, POSSIBLE, (1, 3, 4, 5, 6)),
    "callee talks to nobody": (TAKEN + "5.3-9 bob => alice PCMU\n" + BYE_BOB, LIKELY, (1, 3, 4, 5, 6)),
}


@pytest.mark.parametrize(("script", "confidence", "frames"), LEFT.values(), ids=LEFT.keys())
def test_caller_that_forgets_the_call_it_cancelled_is_told(
    judged: Judged, script: str, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = [(item.severity, item.confidence, item.frames) for item in judged(script, "TXN-019")]
    assert found == [(WARNING, confidence, frames)]


def test_late_answer_without_ack_is_told_once(judged: Judged) -> None:
    copies = "".join(
        f"{at} bob -> alice 200 INVITE again\n" for at in (5.55, 6.55, 8.55, 12.55, 16.55, 20.55, 24.55, 28.55)
    )
    script = LATE + copies + "37.2 bob -> alice BYE\n" + END
    assert [item.rule for item in judged(script, "TXN") if item.severity is ERROR] == ["TXN-004"]
