"""What DLG-003 says of requests with the wrong tags, and that it stays silent about those with the right ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

CALL = (
    "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
    "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
)
"""Frames 1 to 3; tags alice-1 and bob-1."""

FORKED = (
    "alice 192.0.2.10\nproxy 192.0.2.1\n0.0 alice -> proxy INVITE\n      m=audio 4000 RTP/AVP 0\n"
    "1.0 proxy -> alice 180 tag=one\n1.5 proxy -> alice 180 tag=two\n"
    "2.0 proxy -> alice 200 tag=one\n      m=audio 5000 RTP/AVP 0\n2.1 alice -> proxy ACK to-tag=one\n"
)
"""Frames 1 to 5; the branch with tag two never answers."""

OFFER = "      m=audio 4000 RTP/AVP 0\n"


def request(at: float, method: str, options: str = "", status: int = 200, *, sender: str = "alice") -> str:
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} {method} {options}\n{at + 0.1:.1f} {peer} -> {sender} {status} {method}\n"


LEGITIMATE = {
    "both parties send their own tag": CALL + request(5, "INFO") + request(6, "INFO", sender="bob"),
    "refused 481 with the right tags": CALL + request(5, "BYE", status=481),
    "unknown tag that the peer knows": CALL + request(5, "INFO", "to-tag=other"),
    "tag of a response out of view, refused for another reason": CALL + request(5, "INFO", "to-tag=other", 500),
    "capture begins in the call": CALL.replace("INVITE\n", "INVITE unseen\n").replace("200\n", "200 unseen\n")
    + request(5, "BYE", "to-tag=other", 481),
    "challenged INVITE sent again": "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n"
    "0.1 bob -> alice 407\n0.2 alice -> bob ACK\n0.3 alice -> bob INVITE new\n" + OFFER + "0.4 bob -> alice 200\n"
    "      m=audio 5000 RTP/AVP 0\n0.5 alice -> bob ACK\n",
    "new call under the old Call-ID": CALL
    + request(5, "BYE")
    + "9.0 alice -> bob INVITE new call=1 cseq=9\n"
    + OFFER
    + "9.1 bob -> alice 200 tag=later\n      m=audio 5000 RTP/AVP 0\n9.2 alice -> bob ACK\n",
    "peer of RFC 2543 without tags": "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE branch=1\n"
    + OFFER
    + "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n      To: <sip:bob@192.0.2.20>\n"
    + "0.2 alice -> bob ACK branch=2 to-tag=\n9.0 alice -> bob BYE branch=3 to-tag=\n9.1 bob -> alice 481\n",
    "BYE for the branch that lost": FORKED + "40 alice -> proxy BYE to-tag=two\n40.1 proxy -> alice 481\n",
    "request to the other branch that crossed the answer": FORKED
    + "2.2 alice -> proxy UPDATE to-tag=two\n2.3 proxy -> alice 481\n",
    "branch of a fork that was out of view": FORKED
    + "5.0 proxy -> alice INFO from-tag=three to-tag=alice-1\n5.1 alice -> proxy 481\n",
    "in-dialog NOTIFY of a new tag": CALL
    + "5.0 bob -> alice NOTIFY from-tag=new\n      Event: refer\n5.1 alice -> bob 481\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "DLG-003")] == []


BROKEN = {
    "unknown To tag": (CALL + request(5, "BYE", "to-tag=other", 481), ERROR, LIKELY, (2, 4, 5)),
    "unknown From tag": (CALL + request(5, "UPDATE", "from-tag=other", 481), ERROR, LIKELY, (2, 4, 5)),
    "unknown From tag of the callee": (
        CALL + request(5, "BYE", "from-tag=other", 481, sender="bob"),
        ERROR,
        LIKELY,
        (2, 4, 5),
    ),
    "tags swapped": (CALL + request(5, "INFO", "from-tag=bob-1 to-tag=alice-1", 481), ERROR, LIKELY, (2, 4, 5)),
    "tags swapped by the callee": (
        CALL + request(5, "BYE", "from-tag=alice-1 to-tag=bob-1", 481, sender="bob"),
        ERROR,
        LIKELY,
        (2, 4, 5),
    ),
    "no To tag, refused": (CALL + request(5, "BYE", "to-tag=", 481), ERROR, CERTAIN, (2, 4, 5)),
    "no To tag, accepted": (CALL + request(5, "INFO", "to-tag="), WARNING, CERTAIN, (2, 4, 5)),
    "re-INVITE without To tag": (
        CALL + "5.0 alice -> bob INVITE to-tag=\n" + OFFER + "5.1 bob -> alice 486\n5.2 alice -> bob ACK\n",
        ERROR,
        CERTAIN,
        (2, 4, 5),
    ),
    "re-INVITE of the callee without To tag": (
        CALL + "5.0 bob -> alice INVITE to-tag=\n" + OFFER + "5.1 alice -> bob 486\n5.2 bob -> alice ACK\n",
        ERROR,
        CERTAIN,
        (2, 4, 5),
    ),
    "branch that lost half a minute before": (
        FORKED + "40 alice -> proxy UPDATE to-tag=two\n40.1 proxy -> alice 481\n",
        ERROR,
        LIKELY,
        (4, 6, 7),
    ),
}


@pytest.mark.parametrize(("script", "severity", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, severity: Severity, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = judged(script, "DLG-003")
    assert [(item.severity, item.confidence, item.frames) for item in found] == [(severity, confidence, frames)]


def test_text_names_the_tags_that_are_due_and_those_that_came(judged: Judged) -> None:
    found = judged(CALL + request(5, "BYE", "to-tag=other", 481), "DLG-003")
    assert found[0].text == (
        "The BYE from 192.0.2.10:5060 has tags of no dialog of this call: due are From tag alice-1 and To tag bob-1, "
        "seen are From tag alice-1, To tag other. It was answered 481 Call/Transaction Does "
        "Not Exist."
    )


def test_wrong_tags_are_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(CALL + request(5, "BYE", "to-tag=other", 481), "DLG-003", lossy_at=3.0)
    assert [item.confidence for item in found] == [POSSIBLE]
