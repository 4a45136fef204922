"""OA-017, OA-021, OA-025, OA-027: what comes too late, crosses, or is accepted and refused at once."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import (
    ANSWER,
    AUDIO,
    BYE,
    HELD,
    HOLD,
    PARTIES,
    RELIABLE,
    TWO,
    TWO_REFUSED,
    call,
    refused,
    reinvite,
    sdp,
)

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
MOVED = "m=audio 7000 RTP/AVP 0"
ZERO = "m=audio 0 RTP/AVP 0"
ACCEPTED = "2.0 bob -> alice 200 INVITE\n"
ACKED = "2.1 alice -> bob ACK\n" + BYE

SURPLUS = {
    "other SDP in the 200": (RELIABLE + ACCEPTED + sdp(MOVED) + ACKED, WARNING, (2, 5)),
    "other SDP in an unreliable 180": (
        RELIABLE + "1.0 bob -> alice 180 INVITE\n" + sdp(MOVED) + ACCEPTED + ACKED,
        WARNING,
        (2, 5),
    ),
    "other version in the 200": (
        RELIABLE + ACCEPTED + sdp("o=bob 1001 9 IN IP4 192.0.2.20", ANSWER) + ACKED,
        INFO,
        (2, 5),
    ),
    "other SDP in the ACK": (
        call((AUDIO,), (ANSWER,)).replace("ACK\n", "ACK\n" + sdp("m=audio 4008 RTP/AVP 0"), 1),
        WARNING,
        (1, 3),
    ),
    "the offer again in the ACK": (call((AUDIO,), (ANSWER,)).replace("ACK\n", "ACK\n" + sdp(AUDIO), 1), INFO, (1, 3)),
}
NO_SURPLUS = {
    "the answer again in the 200": RELIABLE + ACCEPTED + sdp(ANSWER) + ACKED,
    "changed by UPDATE, repeated in the 200": RELIABLE
    + "1.0 bob -> alice UPDATE\n"
    + sdp(MOVED)
    + "1.1 alice -> bob 200 UPDATE\n"
    + sdp(AUDIO)
    + ACCEPTED
    + sdp(MOVED)
    + ACKED,
    "answer in the ACK": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK\n"
    + sdp(AUDIO)
    + BYE,
}


@pytest.mark.parametrize(("script", "severity", "frames"), SURPLUS.values(), ids=SURPLUS.keys())
def test_sdp_behind_the_answer_is_told_with_both(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "OA")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("OA-017", severity, frames)]


@pytest.mark.parametrize("script", NO_SURPLUS.values(), ids=NO_SURPLUS.keys())
def test_legitimate_sdp_is_no_surplus(judged: Judged, script: str) -> None:
    assert judged(script, "OA-017") == []


def glare(alice_says: str, bob_says: str, *, method: str = "UPDATE") -> str:
    """Offers that cross, alice's in frame 4, bob's in frame 5; alice responds in frame 6, then bob."""
    return call(
        (AUDIO,),
        (ANSWER,),
        f"5.0 alice -> bob {method}\n" + sdp(*HOLD),
        f"5.02 bob -> alice {method}\n" + sdp(ANSWER, "a=inactive"),
        alice_says,
        bob_says,
    )


ALICE_ACCEPTS = "5.1 alice -> bob 200 UPDATE\n" + sdp(AUDIO, "a=inactive")
BOB_REFUSES = "5.2 bob -> alice 491 UPDATE\n"
BOB_ACCEPTS = "5.05 bob -> alice 200 UPDATE\n" + sdp(*HELD)


def test_crossing_offer_that_is_accepted_is_an_error(judged: Judged) -> None:
    found = judged(glare(ALICE_ACCEPTS, BOB_REFUSES), "OA-021")
    assert [(item.severity, item.frames) for item in found] == [(ERROR, (4, 5, 6))]


def test_crossing_offer_that_is_refused_otherwise_is_a_warning(judged: Judged) -> None:
    found = judged(glare("5.1 alice -> bob 488 UPDATE\n", BOB_REFUSES), "OA-021")
    assert [item.severity for item in found] == [WARNING]


NO_GLARE = {
    "491 from both": glare("5.1 alice -> bob 491 UPDATE\n", BOB_REFUSES),
    "500 from one": glare("5.1 alice -> bob 500 UPDATE\n      Retry-After: 2\n", BOB_REFUSES),
    "own offer answered before": glare(ALICE_ACCEPTS, BOB_ACCEPTS),
    "own offer refused before": glare(ALICE_ACCEPTS, BOB_REFUSES.replace("5.2", "5.05")),
    "no response in view": glare("", ""),
    "one behind the other": call(
        (AUDIO,), (ANSWER,), reinvite(5.0, HOLD, HELD), reinvite(6.0, (ANSWER,), (AUDIO,), sender="bob")
    ),
}


@pytest.mark.parametrize("script", NO_GLARE.values(), ids=NO_GLARE.keys())
def test_legitimate_responses_are_no_glare(judged: Judged, script: str) -> None:
    assert judged(script, "OA-021") == []


def changed_then(*then: str) -> str:
    """A re-INVITE in frame 4 that is answered in a reliable 183 in frame 5."""
    return call(
        (AUDIO,),
        (ANSWER,),
        "5.0 alice -> bob INVITE\n" + sdp("m=audio 4002 RTP/AVP 0", "Supported: 100rel"),
        "5.1 bob -> alice 183 rseq=1\n" + sdp("m=audio 5002 RTP/AVP 0"),
        "5.2 alice -> bob PRACK\n5.3 bob -> alice 200 PRACK\n",
        *then,
    )


FAILED = "6.0 bob -> alice 486 INVITE\n6.1 alice -> bob ACK\n"


def test_failure_behind_an_executed_change_is_told(judged: Judged) -> None:
    found = judged(changed_then(FAILED), "OA-025")
    assert [(item.severity, item.frames) for item in found] == [(WARNING, (4, 5, 8))]


IN_STEP = {
    "2xx": changed_then("6.0 bob -> alice 200 INVITE\n6.1 alice -> bob ACK\n"),
    "another offer follows": changed_then(FAILED, reinvite(8.0, (AUDIO,), (ANSWER,))),
    "release follows": changed_then(FAILED).replace("30.", "8."),
    "nothing was executed": call((AUDIO,), (ANSWER,), refused(5.0, HOLD, 486)),
}


@pytest.mark.parametrize("script", IN_STEP.values(), ids=IN_STEP.keys())
def test_sides_in_step_are_not_told(judged: Judged, script: str) -> None:
    assert judged(script, "OA-025") == []


def test_preconditions_alone_are_no_executed_change(judged: Judged) -> None:
    quality = sdp("a=curr:qos local none", "a=des:qos mandatory local sendrecv")
    script = changed_then(FAILED).replace("      m=audio 4002 RTP/AVP 0\n", "      m=audio 4002 RTP/AVP 0\n" + quality)
    assert judged(script, "OA-025") == []


def test_call_without_any_medium_is_told(judged: Judged) -> None:
    found = judged(call((AUDIO,), (ZERO,)), "OA")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("OA-027", WARNING, (1, 2))]


SOME_MEDIUM = {
    "one of two refused": call(TWO, TWO_REFUSED),
    "nothing offered": call((ZERO,), (ZERO,)),
    "released at once": call((AUDIO,), (ZERO,)).replace("30.", "1."),
    "another offer at once": call((AUDIO,), (ZERO,), reinvite(1.0, (AUDIO,), (ANSWER,))),
    "capture ends": call((AUDIO,), (ZERO,)).replace(BYE, ""),
    "refused as a whole": PARTIES + "0.0 alice -> bob INVITE\n" + sdp(AUDIO) + "0.1 bob -> alice 488\n",
}


@pytest.mark.parametrize("script", SOME_MEDIUM.values(), ids=SOME_MEDIUM.keys())
def test_other_calls_are_not_told_as_without_any_medium(judged: Judged, script: str) -> None:
    assert judged(script, "OA-027") == []
