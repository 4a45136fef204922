"""XFER-001, XFER-013, XFER-016, XFER-019: where a REFER leads, what Replaces says, and what becomes of the old call."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged
from tests.transfer_script import (
    ACCEPTED,
    ANSWER,
    BUSY,
    CALL,
    CANCEL,
    CONSULTATION,
    END,
    INVITE,
    PARTIES,
    REFER,
    RELEASED,
    REPLACES,
    REPLACING,
    RINGING,
    told,
)


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


def refer(*lines: str, status: int = 202) -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return f"{PARTIES}{CALL}2.0 alice -> bob REFER call=1\n{fields}2.1 bob -> alice {status}\n{END}"


# XFER-001


@pytest.mark.parametrize(
    "lines",
    [
        ["Refer-To: <sip:carol@192.0.2.30>"],
        ["r: <sip:carol@192.0.2.30>"],
        ["Refer-To: sip:carol@192.0.2.30"],
        ["Refer-To: sip:carol@192.0.2.30;early=yes"],
        ["Refer-To: <sip:carol@192.0.2.30;method=INVITE>;isfocus"],
        ['Refer-To: "Carol, Sales <x>" <sip:carol@192.0.2.30?Subject=a,b>'],
        ["Refer-To: <cid:list@192.0.2.10>", "Require: multiple-refer"],
        ["Require: multiple-refer"],
    ],
    ids=str,
)
def test_one_place_to_go_is_let_be(judged: Judged, lines: list[str]) -> None:
    assert judged(refer(*lines), "XFER-001") == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "The REFER has no Refer-To."),
        (["Refer-To: <sip:a@192.0.2.30>, <sip:b@192.0.2.30>"], "has 2 values of Refer-To, and one is allowed."),
        (["Refer-To: <sip:a@192.0.2.30>", "r: <sip:b@192.0.2.30>"], "has 2 values of Refer-To, and one is allowed."),
        (["Refer-To: sip:c@192.0.2.30?Replaces=a"], "without angle brackets: what follows its question mark"),
        (["Refer-To: sip:c@192.0.2.30;method=BYE"], "without angle brackets: its parameter method belongs to the"),
        (["Refer-To: sip:c@192.0.2.30,x"], "without angle brackets: its comma ends the value"),
    ],
    ids=str,
)
def test_more_or_less_than_one_place_to_go_is_told(judged: Judged, lines: list[str], words: str) -> None:
    finding = only(judged(refer(*lines, status=400), "XFER-001"), "XFER-001")
    assert (finding.severity, finding.frames) == (Severity.ERROR, (4, 5))
    assert words in finding.text


@pytest.mark.parametrize(
    ("status", "words"), [(400, "It was answered 400 Bad Request."), (202, "It was accepted with 202 Accepted")]
)
def test_what_the_receiver_made_of_it_is_told(judged: Judged, status: int, words: str) -> None:
    assert words in only(judged(refer(status=status), "XFER-001"), "XFER-001").text


# XFER-013


def referring(embedded: str) -> str:
    return refer(f"Refer-To: <sip:carol@192.0.2.30?{embedded}>")


def inviting(*lines: str) -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return (
        f"{PARTIES}2.4 bob -> carol INVITE call=2\n{fields}2.5 carol -> bob 481 call=2\n2.6 bob -> carol ACK call=2\n"
    )


RIGHT = "Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c"


@pytest.mark.parametrize(
    "script",
    [
        referring(f"Replaces={REPLACES}"),
        referring(f"Replaces={REPLACES.replace('%3B', '%3b')}"),
        referring(f"Subject=a&Replaces={REPLACES}&Require=replaces"),
        referring("Replaces=a:b/c+d$e[1]?%3Bto-tag%3D1%3Bfrom-tag%3D0"),
        referring("Subject=no"),
        inviting(RIGHT),
        inviting("Replaces: c@192.0.2.10 ; from-tag=0 ;to-tag=c9;early-only"),
        inviting("Join: c@192.0.2.10;to-tag=c9;from-tag=alice-c"),
    ],
)
def test_replaces_that_can_be_read_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "XFER-013")] == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            referring("Replaces=id@h;to-tag=1;from-tag=2"),
            "Replaces in Refer-To isn't escaped: id@h;to-tag=1;from-tag=2.",
        ),
        (referring("Replaces=id%40h%3Bto-tag=1%3Bfrom-tag%3D2"), "isn't escaped"),
        (referring("Replaces=id%2540h%253Bto-tag%253D1%253Bfrom-tag%253D2"), "was escaped twice"),
        (referring("Replaces=a%26&b%3Bto-tag%3D1%3Bfrom-tag%3D2"), "cut by an ampersand that isn't escaped"),
        (referring("Replaces=id%40h%3Bto-tag%3D1"), "Replaces in Refer-To has no from-tag"),
        (referring("Replaces=id%40h%3Bto-tag%3D1%3Bto-tag%3D2%3Bfrom-tag%3D3"), "has 2 times to-tag"),
        (inviting("Replaces: id@h;from-tag=2"), "Replaces has no to-tag: id@h;from-tag=2."),
        (inviting("Replaces: id@h;to-tag=1;from-tag=2, x@h;to-tag=1;from-tag=2"), "more than one Replaces"),
        (inviting(RIGHT, "Join: x@h;to-tag=1;from-tag=2"), "both Replaces and Join"),
    ],
)
def test_replaces_that_can_not_be_read_is_told(judged: Judged, script: str, words: str) -> None:
    finding = only(judged(script, "XFER-013"), "XFER-013")
    assert finding.severity is Severity.ERROR
    assert words in finding.text


def test_replaces_in_another_request_is_told(judged: Judged) -> None:
    script = f"{PARTIES}1 bob -> carol OPTIONS call=2\n      {RIGHT}\n1.1 carol -> bob 200\n"
    assert "stands in OPTIONS" in only(judged(script, "XFER-013"), "XFER-013").text


# XFER-016

CONSULTED = PARTIES + CONSULTATION
ACCEPTED_REPLACES = CONSULTED + REPLACING + ANSWER
KEPT_BY_CAROL = "Replaces: c@192.0.2.30;to-tag=carol-c;from-tag=a9"
OWN_EARLY = PARTIES + (
    "0.5 carol -> alice INVITE call=c\n0.6 alice -> carol 180 tag=a9\n2.4 bob -> carol INVITE call=2\n"
    f"      {KEPT_BY_CAROL}\n"
)

RELEASED_IN_TIME = {
    "released by the receiver": ACCEPTED_REPLACES + RELEASED + END,
    "released by the transferor": ACCEPTED_REPLACES + "3.2 alice -> carol BYE call=c\n3.3 carol -> alice 200\n" + END,
    "released at the last moment": ACCEPTED_REPLACES + "7.9 carol -> alice BYE call=c\n8.0 alice -> carol 200\n" + END,
    "bye never answered": ACCEPTED_REPLACES + "3.2 carol -> alice BYE call=c\n" + "9 end\n",
    "capture ends": ACCEPTED_REPLACES + "7.8 end\n",
    "dialog out of view": PARTIES + REPLACING + ANSWER + END,
    "own early dialog cancelled": OWN_EARLY
    + ANSWER
    + "3.1 carol -> alice CANCEL call=c\n3.2 alice -> carol 200 CANCEL\n3.3 alice -> carol 487 INVITE call=c tag=a9\n"
    + "3.4 carol -> alice ACK call=c\n"
    + END,
    "refused and left": CONSULTED + REPLACING + BUSY + END,
    "refused, and hung up by hand": CONSULTED
    + REPLACING
    + BUSY
    + "4.5 carol -> alice BYE call=c\n4.6 alice -> carol 200\n"
    + END,
    "refused, and the transferor hangs up": CONSULTED
    + REPLACING
    + BUSY
    + "3.1 alice -> carol BYE call=c\n3.2 carol -> alice 200\n"
    + END,
    "refused for want of a match": CONSULTED
    + REPLACING
    + BUSY.replace("486", "481")
    + "3.1 carol -> alice BYE call=c\n3.2 alice -> carol 200\n"
    + END,
}


@pytest.mark.parametrize("script", RELEASED_IN_TIME.values(), ids=RELEASED_IN_TIME.keys())
def test_old_call_that_ends_as_it_should_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "XFER-016")] == []


def test_old_call_that_stays_up_is_an_error(judged: Judged) -> None:
    finding = only(judged(ACCEPTED_REPLACES + END, "XFER-016"), "XFER-016")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert finding.frames == (1, 4, 5)


def test_old_call_that_ends_late_is_told_with_its_delay(judged: Judged) -> None:
    late = "32.9 alice -> carol BYE call=c\n33.0 carol -> alice 200\n"
    assert "; it ended 30 s later." in only(judged(ACCEPTED_REPLACES + late + END, "XFER-016"), "XFER-016").text


def test_own_early_call_that_goes_on_ringing_is_an_error(judged: Judged) -> None:
    assert only(judged(OWN_EARLY + ANSWER + END, "XFER-016"), "XFER-016").severity is Severity.ERROR


def test_release_that_a_lossy_capture_lacks_is_merely_possible(judged: Judged) -> None:
    finding = only(judged(ACCEPTED_REPLACES + END, "XFER-016", lossy_at=5), "XFER-016")
    assert finding.confidence is Confidence.POSSIBLE


def test_old_call_that_ends_although_the_new_one_was_refused_is_likely(judged: Judged) -> None:
    bye = "3.0 carol -> alice BYE call=c\n3.1 alice -> carol 200\n"
    finding = only(judged(CONSULTED + REPLACING + BUSY + bye + END, "XFER-016"), "XFER-016")
    assert finding.confidence is Confidence.LIKELY


# XFER-019

GIVEN_UP = PARTIES + CALL + RINGING + CANCEL

CLEAN = {
    "given up, then answered": GIVEN_UP + REFER + ACCEPTED + INVITE + ANSWER + told(200) + END,
    "given up long before": PARTIES
    + CALL
    + RINGING.replace("1.3", "0.3").replace("1.4", "0.4")
    + "0.5 alice -> carol CANCEL call=c\n0.6 carol -> alice 200 CANCEL\n0.7 carol -> alice 487 INVITE call=c tag=c9\n"
    + "0.8 alice -> carol ACK call=c\n"
    + REFER.replace("2.0", "5.0")
    + "5.1 bob -> alice 202\n"
    + INVITE.replace("2.4", "5.4")
    + "5.5 carol -> bob 486 call=2\n5.6 bob -> carol ACK call=2\n"
    + END,
    "busy for its own reasons": PARTIES
    + CALL
    + "1.3 alice -> carol INVITE call=c\n1.4 carol -> alice 486 tag=c9\n1.5 alice -> carol ACK call=c\n"
    + REFER
    + ACCEPTED
    + INVITE
    + BUSY
    + told(486)
    + END,
    "busy well behind the end": GIVEN_UP + REFER + ACCEPTED + INVITE.replace("2.4 ", "2.85 ") + BUSY + told(486) + END,
    "refused for another reason": PARTIES
    + CALL
    + RINGING
    + CANCEL
    + REFER
    + ACCEPTED
    + INVITE
    + BUSY.replace("486", "404"),
    "nobody consulted": PARTIES + CALL + REFER + ACCEPTED + INVITE + BUSY + told(486) + END,
    "attended": PARTIES
    + CALL
    + CONSULTATION
    + REFER.replace("30>", f"30?Replaces={REPLACES}>")
    + ACCEPTED
    + REPLACING
    + BUSY,
}


@pytest.mark.parametrize("script", CLEAN.values(), ids=CLEAN.keys())
def test_calls_that_do_not_collide_are_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "XFER-019")] == []


def test_target_still_busy_with_the_first_call_is_told(judged: Judged) -> None:
    late = CANCEL.replace("1.8", "2.92").replace("1.9 ", "2.95 ")
    script = PARTIES + CALL + RINGING + late + REFER + ACCEPTED + INVITE + BUSY + told(486) + END
    finding = only(judged(script, "XFER-019"), "XFER-019")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert finding.frames == (6, 8, 9, 13)


def test_target_busy_just_behind_the_first_call_is_told(judged: Judged) -> None:
    script = GIVEN_UP + REFER + ACCEPTED + INVITE + BUSY + told(486) + END
    assert only(judged(script, "XFER-019"), "XFER-019").confidence is Confidence.LIKELY


def test_answer_that_crosses_the_cancel_is_told(judged: Judged) -> None:
    crossed = (
        "1.6 alice -> carol CANCEL call=c\n1.65 carol -> alice 200 INVITE call=c tag=c9\n"
        "1.7 carol -> alice 200 CANCEL\n"
        "1.8 alice -> carol ACK call=c\n1.85 alice -> carol BYE call=c\n1.9 carol -> alice 200\n"
    )
    script = PARTIES + CALL + RINGING + crossed + REFER + ACCEPTED + INVITE + ANSWER + told(200) + END
    finding = only(judged(script, "XFER-019"), "XFER-019")
    assert finding.confidence is Confidence.CERTAIN
    assert "answered the call that the transferor had just cancelled" in finding.text
