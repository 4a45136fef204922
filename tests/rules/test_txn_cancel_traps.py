"""What the rules about INVITEs that don't end, and about CANCEL, must say and must not say."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
RINGING = "1.0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n1.1 bob -> alice 180\n"
ENDED = "5.1 bob -> alice 200 CANCEL\n5.2 bob -> alice 487 INVITE\n5.3 alice -> bob ACK\n"
CANCELLED = PARTIES + RINGING + "5.0 alice -> bob CANCEL\n"
FORWARDED = (
    PROXIED
    + "1.0 alice -> proxy INVITE to=bob call=1\n      m=audio 4000 RTP/AVP 0\n1.01 proxy -> alice 100\n"
    + "1.02 proxy -> bob INVITE\n1.1 bob -> proxy 180\n1.11 proxy -> alice 180\n"
)
END = "400 end\n"

LEGITIMATE = {
    "cancelled as it should be": CANCELLED + ENDED + END,
    "progress every minute for five minutes": PARTIES
    + RINGING
    + "".join(f"{at} bob -> alice 180 again\n" for at in (61, 121, 181, 241, 300))
    + END,
    "still ringing at the end of the capture": PARTIES + RINGING + "180 end\n",
    "answered after three minutes": PARTIES + RINGING + "200 bob -> alice 486\n200.1 alice -> bob ACK\n" + END,
    "final response out of view, its ACK in view": PARTIES
    + RINGING
    + "9.0 bob -> alice 486 unseen\n9.1 alice -> bob ACK\n"
    + END,
    "answer out of view, BYE in view": PARTIES
    + RINGING
    + "9.0 bob -> alice 200 unseen\n      m=audio 5000 RTP/AVP 0\n9.1 alice -> bob ACK unseen\n"
    + "20 alice -> bob BYE\n20.1 bob -> alice 200\n"
    + END,
    "cancelled hop by hop through a proxy": FORWARDED
    + "5.0 alice -> proxy CANCEL to=bob\n5.01 proxy -> alice 200 CANCEL\n5.02 proxy -> bob CANCEL\n"
    + "5.1 bob -> proxy 200 CANCEL\n5.2 bob -> proxy 487 INVITE\n5.21 proxy -> alice 487 INVITE\n"
    + "5.22 proxy -> bob ACK\n5.3 alice -> proxy ACK\n"
    + END,
    "CANCEL crosses the 200": PARTIES
    + RINGING
    + "5.0 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n5.01 alice -> bob CANCEL\n"
    + "5.05 bob -> alice 481 CANCEL\n5.1 alice -> bob ACK\n5.2 alice -> bob BYE\n5.3 bob -> alice 200 BYE\n"
    + END,
    "one fork of the client cancelled": PARTIES
    + "1.0 alice -> bob INVITE call=1 branch=z9hG4bKone\n      m=audio 4000 RTP/AVP 0\n1.1 bob -> alice 180\n"
    + "5.0 alice -> bob CANCEL branch=z9hG4bKone\n"
    + ENDED
    + END,
    "branch of RFC 2543": PARTIES
    + "1.0 alice -> bob INVITE call=1 branch=1\n      m=audio 4000 RTP/AVP 0\n1.1 bob -> alice 180\n"
    + "5.0 alice -> bob CANCEL branch=2\n"
    + ENDED
    + END,
    "port of the sent-by left out": PARTIES
    + RINGING
    + "5.0 alice -> bob CANCEL\n      Via:\n      Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK0001\n"
    + ENDED
    + END,
    "CANCEL whose INVITE is out of view": PARTIES
    + "1.0 alice -> bob INVITE call=1 unseen\n5.0 alice -> bob CANCEL branch=z9hG4bKx\n5.1 bob -> alice 481 CANCEL\n"
    + END,
    "CANCEL answered, capture ends soon": CANCELLED + "5.1 bob -> alice 200 CANCEL\n30 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    quiet = {"TRN-008", "TXN-027"}
    assert [(item.rule, item.text) for item in judged(script) if item.rule not in quiet] == []


AFTER_MISMATCH = "5.1 bob -> alice 481 CANCEL\n9.0 bob -> alice 486 INVITE\n9.1 alice -> bob ACK\n"
OTHER = "5.0 alice -> bob CANCEL"

BROKEN = {
    "180 and then nothing": (PARTIES + RINGING + END, "TXN-003", WARNING, LIKELY, (1, 2)),
    "180 and then nothing, while the server lives": (
        PARTIES + RINGING + "390 bob -> alice OPTIONS call=ping\n390.1 alice -> bob 200\n" + END,
        "TXN-003",
        WARNING,
        CERTAIN,
        (1, 2),
    ),
    "100 alone": (
        PARTIES + "1.0 alice -> bob INVITE call=1\n1.1 bob -> alice 100\n" + END,
        "TXN-003",
        WARNING,
        LIKELY,
        (1,),
    ),
    "another branch": (
        PARTIES + RINGING + OTHER + " branch=z9hG4bKother\n" + AFTER_MISMATCH + END,
        "TXN-017",
        ERROR,
        CERTAIN,
        (1, 3, 4),
    ),
    "another Request-URI": (
        PARTIES + RINGING + OTHER + " uri=sip:bob@192.0.2.99\n" + AFTER_MISMATCH + END,
        "TXN-017",
        ERROR,
        CERTAIN,
        (1, 3, 4),
    ),
    "To tag of the 180": (
        PARTIES + RINGING + OTHER + " to-tag=bob-1\n" + AFTER_MISMATCH + END,
        "TXN-017",
        ERROR,
        CERTAIN,
        (1, 3, 4),
    ),
    "Require in the CANCEL": (
        PARTIES + RINGING + OTHER + "\n      Require: timer\n" + ENDED + END,
        "TXN-017",
        ERROR,
        CERTAIN,
        (1, 3, 4),
    ),
    "Route left out": (
        PARTIES
        + RINGING.replace("0 RTP/AVP 0\n", "0 RTP/AVP 0\n      Route: <sip:192.0.2.1;lr>\n", 1)
        + OTHER
        + "\n"
        + ENDED
        + "      Route: <sip:192.0.2.1;lr>\n"
        + END,
        "TXN-017",
        ERROR,
        CERTAIN,
        (1, 3, 4),
    ),
    "CANCEL to another address": (
        PARTIES
        + RINGING
        + "5.0 alice -> carol CANCEL to=bob call=1\n5.1 carol -> alice 481 CANCEL\n9.0 bob -> alice 486 INVITE\n"
        + "9.1 alice -> bob ACK\n"
        + END,
        "TXN-017",
        ERROR,
        CERTAIN,
        (1, 3, 4),
    ),
    "CANCEL accepted, INVITE left open": (
        CANCELLED + "5.1 bob -> alice 200 CANCEL\n" + END,
        "TXN-018",
        ERROR,
        LIKELY,
        (1, 2, 3, 4),
    ),
    "CANCEL never answered": (
        CANCELLED
        + "".join(f"{at} alice -> bob CANCEL again\n" for at in (5.5, 6.5, 8.5, 12.5))
        + "20 bob -> alice OPTIONS call=ping\n20.1 alice -> bob 200\n"
        + END,
        "TXN-018",
        ERROR,
        CERTAIN,
        (1, 2, 3),
    ),
    "CANCEL denied, and the phone rings on": (
        CANCELLED
        + "5.1 bob -> alice 481 CANCEL\n8.0 bob -> alice 183 INVITE\n20 bob -> alice 486 INVITE\n"
        + "20.1 alice -> bob ACK\n"
        + END,
        "TXN-018",
        ERROR,
        CERTAIN,
        (1, 3, 4, 5),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = judged(script)
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, severity, frames)]
    assert found[0].confidence is confidence


def test_element_that_sent_the_invite_on_is_not_blamed_for_the_487_it_lacks(judged: Judged) -> None:
    script = (
        FORWARDED
        + "5.0 alice -> proxy CANCEL to=bob\n5.01 proxy -> alice 200 CANCEL\n5.02 proxy -> bob CANCEL\n"
        + "5.1 bob -> proxy 200 CANCEL\n"
        + END
    )
    found = judged(script)
    assert [(item.rule, item.frames) for item in found] == [("TXN-018", (3, 4, 8, 9))]


def test_lost_packets_leave_an_open_invite_merely_possible(judged: Judged) -> None:
    found = judged(PARTIES + RINGING + END, lossy_at=90.0)
    assert [(item.rule, item.confidence) for item in found] == [("TXN-003", POSSIBLE)]


SENT = PARTIES + "1.0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n"
IN_TIME = {
    "behind 100": SENT + "1.04 bob -> alice 100\n1.05 alice -> bob CANCEL\n" + ENDED,
    "behind 180": CANCELLED + ENDED,
    "no response in view at all": SENT + "1.02 alice -> bob CANCEL\n1.05 bob -> alice 200 CANCEL\n",
    "refusal out of view, its ACK in view": SENT
    + "1.1 bob -> alice 486 unseen\n1.2 alice -> bob ACK\n1.3 alice -> bob CANCEL\n1.4 bob -> alice 481 CANCEL\n"
    + "1.6 bob -> alice 486 INVITE\n",
    "answer that crossed it": SENT
    + "1.1 bob -> alice 180\n5.0 bob -> alice 486 INVITE\n5.1 alice -> bob CANCEL\n5.2 bob -> alice 481 CANCEL\n"
    + "5.3 alice -> bob ACK\n",
}


@pytest.mark.parametrize("script", IN_TIME.values(), ids=IN_TIME.keys())
def test_cancel_in_time_or_of_which_nothing_is_known_is_no_fault(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script + END, "TXN-016")] == []


UNTIMELY = {
    "before the first response": (
        SENT + "1.02 alice -> bob CANCEL\n1.04 bob -> alice 100 INVITE\n1.05 bob -> alice 481 CANCEL\n",
        ERROR,
        (1, 2, 3, 4),
    ),
    "long after the refusal": (
        SENT + "1.1 bob -> alice 486 INVITE\n1.2 alice -> bob ACK\n3.0 alice -> bob CANCEL\n3.1 bob -> alice 481\n",
        Severity.INFO,
        (2, 4),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), UNTIMELY.values(), ids=UNTIMELY.keys())
def test_cancel_too_early_or_too_late_is_told(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    assert [(item.severity, item.frames) for item in judged(script + END, "TXN-016")] == [(severity, frames)]


def test_lost_packets_leave_an_early_cancel_merely_possible(judged: Judged) -> None:
    script = UNTIMELY["before the first response"][0] + END
    assert [item.confidence for item in judged(script, "TXN-016", lossy_at=1.0)] == [POSSIBLE]
