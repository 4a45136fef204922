"""OA-012 to OA-014: hold by the null address, streams stuck behind a resume, calls that end on hold."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, BYE, HELD, HOLD, PARTIES, call, reinvite, sdp, update

ERROR, WARNING = Severity.ERROR, Severity.WARNING
INACTIVE_OFFER, INACTIVE_ANSWER = (AUDIO, "a=inactive"), (ANSWER, "a=inactive")
NULL = ("c=IN IP4 0.0.0.0", AUDIO)
HELD_AT_5 = reinvite(5.0, HOLD, HELD)
DELAYED_REFRESH = "7.0 alice -> bob INVITE\n7.1 bob -> alice 200\n" + sdp(*HELD) + "7.2 alice -> bob ACK\n" + sdp(*HOLD)

LEGITIMATE = {
    "hold and resume": call((AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), (ANSWER,))),
    "hold never taken back": call((AUDIO,), (ANSWER,), HELD_AT_5),
    "refresh of the held side repeats its recvonly": call(
        (AUDIO,), (ANSWER,), HELD_AT_5, reinvite(7.0, HELD, HOLD, sender="bob")
    ),
    "refresh without SDP while held": call((AUDIO,), (ANSWER,), HELD_AT_5, DELAYED_REFRESH),
    "both sides held, one resumed": call(
        (AUDIO,),
        (ANSWER,),
        HELD_AT_5,
        reinvite(7.0, INACTIVE_ANSWER, INACTIVE_OFFER, sender="bob"),
        reinvite(9.0, (AUDIO, "a=recvonly"), (ANSWER, "a=sendonly")),
    ),
    "other side holds in its answer to the resume": call(
        (AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), (ANSWER, "a=sendonly"))
    ),
    "other side held before, and keeps to it": call(
        (AUDIO,),
        (ANSWER,),
        reinvite(3.0, (ANSWER, "a=sendonly"), (AUDIO, "a=recvonly"), sender="bob"),
        reinvite(5.0, INACTIVE_OFFER, INACTIVE_ANSWER),
        reinvite(9.0, (AUDIO,), INACTIVE_ANSWER),
    ),
    "other side holds with inactive later": call(
        (AUDIO,),
        (ANSWER,),
        HELD_AT_5,
        reinvite(9.0, (AUDIO,), (ANSWER,)),
        reinvite(12.0, INACTIVE_ANSWER, INACTIVE_OFFER, sender="bob"),
    ),
    "announcement that was sendonly from the start": call(
        (AUDIO,), (ANSWER, "a=sendonly"), HELD_AT_5, reinvite(9.0, (AUDIO,), (ANSWER, "a=sendonly"))
    ),
    "listener that was recvonly from the start": call(
        (AUDIO,), (ANSWER, "a=recvonly"), HELD_AT_5, reinvite(9.0, (AUDIO,), (ANSWER, "a=recvonly"))
    ),
    "restriction lifted after five seconds": call(
        (AUDIO,),
        (ANSWER,),
        HELD_AT_5,
        reinvite(9.0, (AUDIO,), HELD),
        reinvite(14.0, (AUDIO,), (ANSWER,)),
    ),
    "held again after five seconds": call(
        (AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), HELD), reinvite(14.0, INACTIVE_OFFER, INACTIVE_ANSWER)
    ),
    "capture ends too early": call((AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), HELD)).replace(BYE, ""),
    "capture begins in the call": PARTIES
    + "0.0 alice -> bob INVITE unseen\n"
    + sdp(AUDIO)
    + "0.1 bob -> alice 200 unseen\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK unseen\n"
    + HELD_AT_5
    + reinvite(9.0, (AUDIO,), HELD)
    + BYE,
    "position refused behind the hold": call(
        (AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), ("m=audio 0 RTP/AVP 0", "a=recvonly"))
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "OA-013")] == []


STUCK = {
    "resume answered recvonly": (
        call((AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), HELD)),
        ERROR,
        (4, 7, 8),
    ),
    "resume answered inactive": (
        call((AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), INACTIVE_ANSWER)),
        WARNING,
        (4, 7, 8),
    ),
    "hold by inactive, resume answered recvonly": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, INACTIVE_OFFER, INACTIVE_ANSWER), reinvite(9.0, (AUDIO,), HELD)),
        ERROR,
        (4, 7, 8),
    ),
    "hold by the null address": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, NULL, (ANSWER,)), reinvite(9.0, (AUDIO,), HELD)),
        ERROR,
        (4, 7, 8),
    ),
    "hold and resume by UPDATE": (
        call((AUDIO,), (ANSWER,), update(5.0, HOLD, HELD), update(9.0, (AUDIO,), HELD)),
        ERROR,
        (4, 6, 7),
    ),
    "refresh of the held side behind the resume": (
        call(
            (AUDIO,),
            (ANSWER,),
            HELD_AT_5,
            reinvite(9.0, (AUDIO,), (ANSWER,)),
            reinvite(12.0, HELD, HOLD, sender="bob"),
        ),
        ERROR,
        (4, 10, 11),
    ),
    "the callee holds and resumes": (
        call(
            (AUDIO,),
            (ANSWER,),
            reinvite(5.0, (ANSWER, "a=sendonly"), (AUDIO, "a=recvonly"), sender="bob"),
            reinvite(9.0, (ANSWER,), (AUDIO, "a=recvonly"), sender="bob"),
        ),
        ERROR,
        (4, 7, 8),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), STUCK.values(), ids=STUCK.keys())
def test_restriction_that_nobody_wants_is_told_once(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "OA-013")
    assert [(item.severity, item.confidence, item.frames) for item in found] == [(severity, Confidence.CERTAIN, frames)]


def test_release_soon_behind_the_resume_makes_it_merely_likely(judged: Judged) -> None:
    script = call((AUDIO,), (ANSWER,), HELD_AT_5, reinvite(25.0, (AUDIO,), HELD))
    assert [item.confidence for item in judged(script, "OA-013")] == [Confidence.LIKELY]


def test_only_the_stuck_position_is_told(judged: Judged) -> None:
    other, other_answer = "m=audio 4002 RTP/AVP 0", "m=audio 5002 RTP/AVP 0"
    script = call(
        (AUDIO, other),
        (ANSWER, other_answer),
        reinvite(5.0, (*HOLD, other, "a=sendonly"), (*HELD, other_answer, "a=recvonly")),
        reinvite(9.0, (AUDIO, other), (ANSWER, other_answer, "a=recvonly")),
    )
    (found,) = judged(script, "OA-013")
    assert "m-line 2" in found.text


ICE = ("a=ice-ufrag:abcd", "a=ice-pwd:aaaaaaaaaaaaaaaaaaaaaa")


def test_hold_by_the_null_address_is_told_with_the_address_before(judged: Judged) -> None:
    (found,) = judged(call((AUDIO,), (ANSWER,), reinvite(5.0, NULL, (ANSWER,))), "OA-012")
    assert (found.severity, found.frames) == (WARNING, (1, 4))
    assert [item.note.rpartition(" ")[2] for item in found.evidence] == ["192.0.2.10", "0.0.0.0"]


def test_hold_by_the_null_address_is_an_error_with_ice(judged: Judged) -> None:
    script = call((AUDIO, *ICE), (ANSWER, *ICE), reinvite(5.0, (*NULL, *ICE), (ANSWER, *ICE)))
    assert [item.severity for item in judged(script, "OA-012")] == [ERROR]


NO_NULL_HOLD = {
    "first offer of a dialog": call(NULL, (ANSWER,), reinvite(5.0, (AUDIO,), (ANSWER,))),
    "still null": call(NULL, (ANSWER,), reinvite(5.0, (*NULL, "a=sendonly"), HELD)),
    "position refused": call(
        (AUDIO,), (ANSWER,), reinvite(5.0, (NULL[0], "m=audio 0 RTP/AVP 0"), ("m=audio 0 RTP/AVP 0",))
    ),
    "in an answer": call((AUDIO,), (ANSWER,), reinvite(5.0, (AUDIO,), ("c=IN IP4 0.0.0.0", ANSWER))),
}


@pytest.mark.parametrize("script", NO_NULL_HOLD.values(), ids=NO_NULL_HOLD.keys())
def test_null_address_elsewhere_is_not_told(judged: Judged, script: str) -> None:
    assert judged(script, "OA-012") == []


def test_call_that_ends_on_hold_tells_who_held_and_how_long(judged: Judged) -> None:
    (found,) = judged(call((AUDIO,), (ANSWER,), HELD_AT_5), "OA-014")
    assert (found.severity, found.frames) == (Severity.INFO, (4, 7))
    assert "the caller (192.0.2.10:5060) held it, and released it 25 s later" in found.text


NOT_ON_HOLD = {
    "resumed": call((AUDIO,), (ANSWER,), HELD_AT_5, reinvite(9.0, (AUDIO,), (ANSWER,))),
    "never held": call((AUDIO,), (ANSWER,)),
    "restricted from the start": call((AUDIO, "a=sendonly"), HELD),
    "no release in the capture": call((AUDIO,), (ANSWER,), HELD_AT_5).replace(BYE, ""),
    "transferred": call(
        (AUDIO,),
        (ANSWER,),
        HELD_AT_5,
        "9.0 alice -> bob REFER\n      Refer-To: <sip:carol@192.0.2.30>\n9.1 bob -> alice 202\n",
    ),
}


@pytest.mark.parametrize("script", NOT_ON_HOLD.values(), ids=NOT_ON_HOLD.keys())
def test_other_ends_are_not_told(judged: Judged, script: str) -> None:
    assert judged(script, "OA-014") == []
