"""OA-006: versions that fall or jump, and all that only looks like it."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, call, refused, reinvite, sdp

OTHER = "m=audio 4010 RTP/AVP 0"


def origin(version: object, session: int = 7) -> str:
    return f"o=- {session} {version} IN IP4 192.0.2.10"


def then(version: object, *lines: str) -> str:
    """A call whose caller begins with version 5 and goes on with another one."""
    return call((origin(5), AUDIO), (ANSWER,), reinvite(5.0, (origin(version), *(lines or (OTHER,))), (ANSWER,)))


def versions(judged: Judged, script: str) -> list[tuple[Severity, tuple[int, ...]]]:
    return [(item.severity, item.frames) for item in judged(script) if item.rule == "OA-006"]


CROSSED = (
    "3.0 bob -> alice UPDATE\n"
    + sdp("m=audio 5010 RTP/AVP 0")
    + "3.001 alice -> bob INVITE\n"
    + sdp(origin(6), OTHER)
    + "3.1 alice -> bob 491 UPDATE\n3.101 bob -> alice 491 INVITE\n3.2 alice -> bob ACK\n"
)

LEGITIMATE = {
    "rises by one": then(6),
    "stays": then(5, AUDIO),
    "rises by one though nothing changed": then(6, AUDIO),
    "no number": then("6a"),
    "more digits than any version": then("9" * 5000),
    "another session": call((origin(5), AUDIO), (ANSWER,), reinvite(5.0, (origin(4, 8), OTHER), (ANSWER,))),
    "refused offer, then the old description with its version": call(
        (origin(5), AUDIO),
        (ANSWER,),
        refused(5.0, (origin(6), OTHER), 488),
        reinvite(8.0, (origin(5), AUDIO), (ANSWER,)),
    ),
    "refused offer, then the next version": call(
        (origin(5), AUDIO),
        (ANSWER,),
        refused(5.0, (origin(6), OTHER), 488),
        reinvite(8.0, (origin(7), OTHER), (ANSWER,)),
    ),
    "version of an offer that crossed": call(
        (origin(5), AUDIO), (ANSWER,), CROSSED, reinvite(8.0, (origin(7), OTHER), (ANSWER,))
    ),
    "refused offer, then another one under its version": call(
        (origin(5), AUDIO),
        (ANSWER,),
        refused(5.0, (origin(6), OTHER), 488),
        reinvite(8.0, (origin(6), OTHER), (ANSWER,)),
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_version_gives_no_finding(judged: Judged, script: str) -> None:
    assert versions(judged, script) == []


@pytest.mark.parametrize(
    ("version", "severity"),
    [(4, Severity.WARNING), (0, Severity.WARNING), (7, Severity.INFO), (1_700_000_000, Severity.INFO)],
)
def test_fall_is_a_warning_and_a_jump_a_remark(judged: Judged, version: int, severity: Severity) -> None:
    assert versions(judged, then(version)) == [(severity, (1, 4))]


def test_fall_of_the_callee_is_told_as_its_own(judged: Judged) -> None:
    first, second = ("o=- 9 3 IN IP4 192.0.2.20", ANSWER), ("o=- 9 2 IN IP4 192.0.2.20", "m=audio 5010 RTP/AVP 0")
    (found,) = [
        item
        for item in judged(call((origin(5), AUDIO), first, reinvite(5.0, (origin(6), OTHER), second)))
        if item.rule == "OA-006"
    ]
    assert (found.confidence, found.frames) == (Confidence.CERTAIN, (2, 5))
    assert "callee" in found.text
    assert "falls from 3 to 2" in found.text


def test_clock_taken_for_a_version_is_told_once(judged: Judged) -> None:
    changes = [reinvite(5.0 * n, (origin(1000 * n), f"m=audio {4000 + 2 * n} RTP/AVP 0"), (ANSWER,)) for n in (1, 2, 3)]
    assert len(versions(judged, call((origin(5), AUDIO), (ANSWER,), *changes))) == 1
