"""XFER-015, XFER-017, XFER-018: transfers that fail, and what becomes of the caller."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged
from tests.transfer_script import (
    ACCEPTED,
    ANSWER,
    BUSY,
    CALL,
    CONSULTATION,
    END,
    HOLD,
    INVITE,
    LEAVES,
    PARTIES,
    REFER,
    REPLACING,
    RINGING,
    told,
)


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


# XFER-015

PICK_UP = """
0.5   carol -> alice INVITE call=c
0.6   alice -> carol 180 tag=a9
2.4   bob -> carol INVITE call=2
      Replaces: c@192.0.2.30;to-tag=carol-c;from-tag=a9;early-only
"""
REFUSED = BUSY.replace("486", "481")

ALLOWED_REPLACES = {
    "dialog confirmed": PARTIES + CONSULTATION + REPLACING + REFUSED,
    "accepted all the same": PARTIES + RINGING + REPLACING + ANSWER,
    "pick-up at the party that called": PARTIES + PICK_UP + REFUSED,
    "answered while the invite was on its way": PARTIES
    + RINGING
    + REPLACING
    + "2.8 carol -> alice 200 call=c tag=c9\n2.85 alice -> carol ACK call=c\n"
    + REFUSED,
    "cancelled before": PARTIES
    + RINGING
    + "1.6 alice -> carol CANCEL call=c\n1.7 carol -> alice 200 CANCEL\n1.8 carol -> alice 487 INVITE call=c tag=c9\n"
    + "1.9 alice -> carol ACK call=c\n"
    + REPLACING
    + REFUSED,
    "challenged": PARTIES + RINGING + REPLACING + BUSY.replace("486", "407"),
    "given up by its caller": PARTIES
    + RINGING
    + REPLACING
    + "2.6 bob -> carol CANCEL call=2\n2.7 carol -> bob 200 CANCEL\n2.9 carol -> bob 487 INVITE call=2\n"
    + "3.0 bob -> carol ACK call=2\n",
    "dialog out of view": PARTIES + REPLACING + REFUSED,
    "another device took it": """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
desk  192.0.2.31
proxy 192.0.2.1 proxy
0.5   alice -> carol INVITE call=c
0.6   carol -> alice 180 tag=c9
2.4   bob -> proxy   INVITE to=carol call=2
      Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
2.42  proxy -> desk  INVITE
2.43  proxy -> carol INVITE
2.45  carol -> proxy 481 tag=d1
2.5   desk -> proxy  200 tag=c2
2.55  proxy -> bob   200
2.6   bob -> desk    ACK
""",
}


@pytest.mark.parametrize("script", ALLOWED_REPLACES.values(), ids=ALLOWED_REPLACES.keys())
def test_replaces_that_may_be_sent_is_let_be(judged: Judged, script: str) -> None:
    assert judged(script + "5 end\n", "XFER-015") == []


def test_replaces_of_a_call_that_the_target_has_not_answered_is_an_error(judged: Judged) -> None:
    finding = only(judged(PARTIES + RINGING + REPLACING + REFUSED + "5 end\n", "XFER-015"), "XFER-015")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert finding.frames == (1, 3, 4)


def test_replaces_of_a_ringing_call_behind_a_proxy_is_told_once(judged: Judged) -> None:
    proxied = """
proxy 192.0.2.1 proxy
2.4   bob -> proxy   INVITE to=carol call=2
      Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c
2.42  proxy -> carol INVITE
2.45  carol -> proxy 481
2.46  proxy -> carol ACK
2.5   proxy -> bob   481
2.6   bob -> proxy   ACK
"""
    assert only(judged(PARTIES + RINGING + proxied, "XFER-015"), "XFER-015").frames == (1, 3, 4, 5, 7)


def test_pick_up_that_comes_too_late_is_information(judged: Judged) -> None:
    answered = "2.0 alice -> carol 200 call=c tag=a9\n2.1 carol -> alice ACK call=c\n"
    script = PARTIES + PICK_UP + answered + BUSY
    assert only(judged(script, "XFER-015"), "XFER-015").severity is Severity.INFO


# XFER-017

HELD = PARTIES + CALL + HOLD + REFER
FAILED = HELD + ACCEPTED + INVITE + BUSY + told(486)
RESUME = """
{0:.2f}  alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
{1:.2f}  bob -> alice  200
      m=audio 5000 RTP/AVP 0
{2:.2f}  alice -> bob  ACK
"""


def resume(at: float) -> str:
    return RESUME.format(at, at + 0.1, at + 0.2)


def leaves(who: str, other: str, at: float) -> str:
    return f"{at} {who} -> {other} BYE call=1\n{at + 0.1:.2f} {other} -> {who} 200\n"


CARED_FOR = {
    "resumed": FAILED + resume(6) + END,
    "resumed at the last moment": FAILED + resume(18) + END,
    "transferor hangs up": FAILED + leaves("alice", "bob", 6) + END,
    "caller hangs up soon": FAILED + leaves("bob", "alice", 10) + END,
    "another refer": FAILED
    + "9 alice -> bob REFER call=1\n  Refer-To: <sip:dave@192.0.2.40>\n9.1 bob -> alice 202\n"
    + END,
    "another consultation": FAILED + "9 alice -> carol INVITE call=5\n9.1 carol -> alice 180\n" + END,
    "never held": PARTIES + CALL + REFER + ACCEPTED + INVITE + BUSY + told(486) + END,
    "refused before any hold": PARTIES + CALL + REFER + "2.1 bob -> alice 603\n" + END,
    "resumed before the refer": PARTIES + CALL + HOLD + resume(1.5) + REFER + "2.1 bob -> alice 603\n" + END,
    "held by the other party": PARTIES
    + CALL
    + "1.0 bob -> alice INVITE call=1\n  m=audio 5000 RTP/AVP 0\n  a=sendonly\n1.1 alice -> bob 200\n"
    + "  m=audio 4000 RTP/AVP 0\n  a=recvonly\n1.2 bob -> alice ACK\n"
    + REFER
    + "2.1 bob -> alice 603\n"
    + END,
    "capture ends": FAILED + "18 end\n",
    "refer challenged": HELD + "2.1 bob -> alice 407\n" + END,
    "transfer succeeds": HELD + ACCEPTED + INVITE + ANSWER + told(200) + LEAVES + END,
    "outcome unknown": HELD + ACCEPTED + END,
}


@pytest.mark.parametrize("script", CARED_FOR.values(), ids=CARED_FOR.keys())
def test_caller_that_is_cared_for_is_let_be(judged: Judged, script: str) -> None:
    assert judged(script, "XFER-017") == []


def test_caller_left_on_hold_after_a_failure_is_a_warning(judged: Judged) -> None:
    finding = only(judged(FAILED + END, "XFER-017"), "XFER-017")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.CERTAIN)
    assert finding.frames == (4, 7, 8, 14)


def test_caller_left_on_hold_after_a_refusal_is_a_warning(judged: Judged) -> None:
    finding = only(judged(HELD + "2.1 bob -> alice 603\n" + END, "XFER-017"), "XFER-017")
    assert finding.frames == (4, 7, 8)


def test_caller_left_on_hold_after_a_failure_that_was_never_told_is_a_warning(judged: Judged) -> None:
    finding = only(judged(HELD + ACCEPTED + INVITE + BUSY + END, "XFER-017"), "XFER-017")
    assert finding.severity is Severity.WARNING


def test_caller_that_gives_up_on_hold_is_an_error(judged: Judged) -> None:
    # Frame 16 is the packet that ends the script's first minute.
    finding = only(judged(FAILED + leaves("bob", "alice", 93.1) + END, "XFER-017"), "XFER-017")
    assert finding.severity is Severity.ERROR
    assert finding.text.endswith("and it hung up 90 s later, still on hold.")
    assert finding.frames == (4, 7, 8, 14, 17)


def test_caller_taken_back_late_stays_a_warning(judged: Judged) -> None:
    script = FAILED + resume(50) + leaves("bob", "alice", 93.1) + END
    assert only(judged(script, "XFER-017"), "XFER-017").severity is Severity.WARNING


def test_late_answers_lost_by_the_capture_are_said(judged: Judged) -> None:
    finding = only(judged(FAILED + END, "XFER-017", lossy_at=10), "XFER-017")
    assert finding.guards == ("The capture itself lost packets at that time.",)
    assert finding.confidence is Confidence.POSSIBLE


# XFER-018

GONE = "2.2 alice -> bob BYE call=1\n2.3 bob -> alice 200\n"
HASTY = PARTIES + CALL + REFER + "2.1 bob -> alice 202\n" + GONE

SAVED = {
    "transfer succeeds": HASTY + INVITE + ANSWER + END,
    "told before the bye": PARTIES + CALL + REFER + ACCEPTED + INVITE + BUSY + told(486) + LEAVES + END,
    "waited in vain to be told": PARTIES + CALL + REFER + ACCEPTED + INVITE + BUSY + leaves("alice", "bob", 30) + END,
    "transferee hangs up": PARTIES
    + CALL
    + REFER
    + "2.1 bob -> alice 202\n2.2 bob -> alice BYE call=1\n2.3 alice -> bob 200\n"
    + INVITE
    + BUSY
    + END,
    "still rings": HASTY + INVITE + "2.5 carol -> bob 180 call=2\n" + END,
    "challenged": HASTY + INVITE + BUSY.replace("486", "407") + END,
    "redirected": HASTY + INVITE + BUSY.replace("486", "302") + END,
    "tried again": HASTY
    + INVITE
    + BUSY.replace("486", "503")
    + INVITE.replace("2.4 ", "3.1 ").replace("call=2", "call=3 new")
    + "3.2 carol -> bob 200 call=3\n3.3 bob -> carol ACK call=3\n"
    + END,
    "tried again much later": HASTY
    + INVITE
    + BUSY
    + INVITE.replace("2.4 ", "20.1 ").replace("call=2", "call=3 new")
    + "23.2 carol -> bob 200 call=3\n23.3 bob -> carol ACK call=3\n"
    + END,
    "told to have succeeded": HASTY + "2.5 bob -> alice NOTIFY call=1 sipfrag=200\n2.6 alice -> bob 200\n" + END,
    "capture ends behind the failure": HASTY + INVITE + BUSY + "5 end\n",
    "capture ends before a new call": HASTY + "30 end\n",
    "refer refused": PARTIES + CALL + REFER + "2.1 bob -> alice 603\n" + GONE + END,
    "another method asked for": PARTIES
    + CALL
    + REFER.replace("192.0.2.30>", "192.0.2.30;method=BYE>")
    + "2.1 bob -> alice 202\n"
    + GONE
    + END,
    "no sip address": PARTIES
    + CALL
    + "2.0 alice -> bob REFER call=1\n  Refer-To: <http://example.com/>\n2.1 bob -> alice 202\n"
    + GONE
    + END,
}


@pytest.mark.parametrize("script", SAVED.values(), ids=SAVED.keys())
def test_caller_that_is_not_proved_lost_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "XFER-018")] == []


@pytest.mark.parametrize("status", [404, 486, 603])
def test_caller_whose_transferor_left_before_the_failure_is_lost(judged: Judged, status: int) -> None:
    script = HASTY + INVITE + BUSY.replace("486", str(status)) + END
    finding = only(judged(script, "XFER-018"), "XFER-018")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert finding.frames == (4, 5, 6, 9)
    assert "0.7 s later it would have known" in finding.text


def test_caller_whose_new_call_is_cancelled_is_lost(judged: Judged) -> None:
    cancelled = (
        "2.42 carol -> bob 180 call=2\n2.5 bob -> carol CANCEL call=2\n2.52 carol -> bob 200 CANCEL\n"
        "2.54 carol -> bob 487 INVITE call=2\n2.56 bob -> carol ACK call=2\n"
    )
    assert "got 487" in only(judged(HASTY + INVITE + cancelled + END, "XFER-018"), "XFER-018").text


def test_failure_that_is_only_told_is_likely(judged: Judged) -> None:
    script = HASTY + "2.5 bob -> alice NOTIFY call=1 sipfrag=404\n2.6 alice -> bob 200\n" + END
    assert only(judged(script, "XFER-018"), "XFER-018").confidence is Confidence.LIKELY


def test_bye_that_crosses_the_failure_loses_the_caller_too(judged: Judged) -> None:
    script = PARTIES + CALL + REFER + ACCEPTED + INVITE + BUSY + LEAVES + END
    finding = only(judged(script, "XFER-018"), "XFER-018")
    assert "later" not in finding.text


def test_new_call_that_never_comes_into_view_is_merely_possible(judged: Judged) -> None:
    finding = only(judged(HASTY + END, "XFER-018"), "XFER-018")
    assert finding.confidence is Confidence.POSSIBLE
    assert finding.guards == ("The new call may take a way that this tap doesn't see.",)
