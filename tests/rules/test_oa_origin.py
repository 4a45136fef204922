"""OA-005 and OA-007: descriptions that change under an equal version or a new name, and all that only looks like it."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, BYE, PARTIES, accusing, call, refused, reinvite, sdp

FIRST, SECOND = "o=- 7 1 IN IP4 192.0.2.10", "o=- 7 2 IN IP4 192.0.2.10"
HELD, HELD_ANSWER = (AUDIO, "a=sendonly"), (ANSWER, "a=recvonly")
TELEPHONE = ("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", "a=ptime:20")
SHUFFLED = ("m=audio 4000 RTP/AVP 0 101", "a=ptime:20", "a=sendrecv", "a=rtpmap:101 Telephone-Event/8000")
ATTEMPTS = (
    PARTIES
    + "0.0 alice -> bob INVITE branch=z9hG4bK-1\n"
    + sdp(FIRST, AUDIO)
    + "0.1 bob -> alice 401\n0.2 alice -> bob ACK\n"
    + "0.3 alice -> bob INVITE branch=z9hG4bK-2\n"
    + sdp(FIRST, "m=audio 4010 RTP/AVP 0")
    + "0.4 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.5 alice -> bob ACK\n"
    + BYE
)

LEGITIMATE = {
    "version raised": call((FIRST, AUDIO), (ANSWER,), reinvite(5.0, (SECOND, *HELD), HELD_ANSWER)),
    "same description again": call((FIRST, AUDIO), (ANSWER,), reinvite(5.0, (FIRST, AUDIO), (ANSWER,))),
    "attributes in another order": call((FIRST, *TELEPHONE), (ANSWER,), reinvite(5.0, (FIRST, *SHUFFLED), (ANSWER,))),
    "attempt after a challenge": ATTEMPTS,
    "refused offer put back": call(
        (FIRST, AUDIO), (ANSWER,), refused(5.0, (SECOND, *HELD), 491), reinvite(8.0, (FIRST, AUDIO), (ANSWER,))
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in accusing(judged(script))] == []


def test_hold_under_an_equal_version_is_told_with_both_frames(judged: Judged) -> None:
    (found,) = accusing(judged(call((FIRST, AUDIO), (ANSWER,), reinvite(5.0, (FIRST, *HELD), HELD_ANSWER))))
    assert (found.rule, found.severity, found.confidence) == ("OA-005", Severity.ERROR, Confidence.CERTAIN)
    assert found.frames == (1, 4)
    assert "direction of m-line 1: sendrecv, then sendonly" in found.text


def test_answer_under_an_equal_version_is_told(judged: Judged) -> None:
    origin = "o=- 9 1 IN IP4 192.0.2.20"
    script = call((FIRST, AUDIO), (origin, ANSWER), reinvite(5.0, (SECOND, AUDIO), (origin, "m=audio 5008 RTP/AVP 0")))
    (found,) = judged(script)
    assert (found.rule, found.frames) == ("OA-005", (2, 5))
    assert "callee" in found.text


def test_unknown_attributes_alone_are_a_warning(judged: Judged) -> None:
    script = call((FIRST, AUDIO), (ANSWER,), reinvite(5.0, (FIRST, AUDIO, "a=content:main"), (ANSWER,)))
    assert [(item.rule, item.severity) for item in judged(script)] == [("OA-005", Severity.WARNING)]


def test_an_element_that_rewrites_addresses_makes_it_merely_likely(judged: Judged) -> None:
    rewritten = "c=IN IP4 198.51.100.1"
    script = call((FIRST, AUDIO), (ANSWER,), reinvite(5.0, (FIRST, AUDIO, rewritten), (ANSWER,)))
    found = [item for item in judged(script) if item.rule == "OA-005"]
    assert [(item.confidence, bool(item.guards)) for item in found] == [(Confidence.LIKELY, True)]


OTHER_NUMBER = "o=- 8 1 IN IP4 192.0.2.10"
OTHER_NAME = "o=music 7 2 IN IP4 192.0.2.10"
OTHER_ADDRESS = "o=- 7 2 IN IP4 192.0.2.99"
CHANGES = {
    "session id": (OTHER_NUMBER, Severity.WARNING),
    "user name": (OTHER_NAME, Severity.WARNING),
    "address alone": (OTHER_ADDRESS, Severity.INFO),
}


@pytest.mark.parametrize(("origin", "severity"), CHANGES.values(), ids=CHANGES.keys())
def test_another_session_in_the_origin_is_told_with_both_lines(judged: Judged, origin: str, severity: Severity) -> None:
    (found,) = judged(call((FIRST, AUDIO), (ANSWER,), reinvite(5.0, (origin, AUDIO), (ANSWER,))), "OA-007")
    assert (found.severity, found.frames) == (severity, (1, 4))
    assert [item.note.partition(": ")[2] for item in found.evidence] == [FIRST, origin]


def test_another_session_is_told_once_for_each_party(judged: Judged) -> None:
    script = call(
        (FIRST, AUDIO),
        (ANSWER,),
        reinvite(5.0, (OTHER_NUMBER, AUDIO), ("o=b 9 1 IN IP4 192.0.2.20", ANSWER)),
        reinvite(9.0, (FIRST, AUDIO), ("o=b 10 1 IN IP4 192.0.2.20", ANSWER)),
    )
    assert [item.frames for item in judged(script, "OA-007")] == [(1, 4), (2, 5)]


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_same_session_is_not_told_as_another(judged: Judged, script: str) -> None:
    assert judged(script, "OA-007") == []
