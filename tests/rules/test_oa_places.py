"""OA-028, OA-029: SDP where none may stand, and SDP of several early dialogs."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, BYE, HELD, HOLD, PARTIES, RELIABLE, call, sdp, update

WARNING, INFO = Severity.WARNING, Severity.INFO
MOVED = "m=audio 7000 RTP/AVP 0"
ACCEPTED = "2.0 bob -> alice 200 INVITE\n2.1 alice -> bob ACK\n" + BYE
PLAIN_UPDATE = "5.0 alice -> bob UPDATE\n5.1 bob -> alice 200 UPDATE\n"

ILLEGAL = {
    "2xx to an UPDATE without SDP": (call((AUDIO,), (ANSWER,), PLAIN_UPDATE, sdp(MOVED)), (4, 5)),
    "2xx to a PRACK without SDP": (RELIABLE + sdp(MOVED) + ACCEPTED, (3, 4)),
}
LEGAL = {
    "2xx to an UPDATE with SDP": call((AUDIO,), (ANSWER,), update(5.0, HOLD, HELD)),
    "2xx to an UPDATE, both without SDP": call((AUDIO,), (ANSWER,), PLAIN_UPDATE),
    "2xx to an UPDATE that isn't in the capture": call(
        (AUDIO,), (ANSWER,), PLAIN_UPDATE.replace("UPDATE\n", "UPDATE unseen\n", 1), sdp(MOVED)
    ),
    "offer in the PRACK": RELIABLE.replace("PRACK\n", "PRACK\n" + sdp(*HOLD), 1) + sdp(*HELD) + ACCEPTED,
    "capabilities in a refusal": call(
        (AUDIO,), (ANSWER,), "5.0 alice -> bob UPDATE\n5.1 bob -> alice 488 UPDATE\n", sdp(MOVED)
    ),
    "capabilities in OPTIONS": call(
        (AUDIO,), (ANSWER,), "5.0 alice -> bob OPTIONS\n5.1 bob -> alice 200 OPTIONS\n", sdp(MOVED)
    ),
}


@pytest.mark.parametrize(("script", "frames"), ILLEGAL.values(), ids=ILLEGAL.keys())
def test_sdp_in_an_illegal_place_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(script, "OA")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("OA-028", WARNING, frames)]


@pytest.mark.parametrize("script", LEGAL.values(), ids=LEGAL.keys())
def test_sdp_in_a_legal_place_is_not_told(judged: Judged, script: str) -> None:
    assert judged(script, "OA-028") == []


def forked(first: str, second: str, final: str) -> str:
    return (
        PARTIES
        + "0.0 alice -> bob INVITE\n"
        + sdp(AUDIO)
        + f"0.1 bob -> alice {first}\n"
        + f"0.2 bob -> alice {second}\n"
        + f"2.0 bob -> alice {final}\n"
        + sdp(ANSWER)
        + "2.1 alice -> bob ACK\n"
        + BYE
    )


A, B = "183 tag=a\n" + sdp(ANSWER), "183 tag=b\n" + sdp(MOVED)


@pytest.mark.parametrize(
    ("final", "words"),
    [("200 tag=a", "a, b; a answered."), ("200 tag=c", "a, b; c answered, which had given none.")],
    ids=["one of them", "a third"],
)
def test_early_sdp_of_two_dialogs_is_told_with_who_answered(judged: Judged, final: str, words: str) -> None:
    (found,) = judged(forked(A, B, final), "OA-029")
    assert (found.severity, found.frames) == (INFO, (2, 3))
    assert found.text.endswith(words)


SINGLE = {
    "one dialog": forked(A, A, "200 tag=a"),
    "second dialog without SDP": forked(A, "180 tag=b\n", "200 tag=a"),
    "SDP in the 2xx alone": forked("180 tag=a\n", "180 tag=b\n", "200 tag=b"),
}


@pytest.mark.parametrize("script", SINGLE.values(), ids=SINGLE.keys())
def test_other_calls_are_not_told_as_forked(judged: Judged, script: str) -> None:
    assert judged(script, "OA-029") == []
