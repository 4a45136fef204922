"""The catalogue's scenarios of early media: what every rule says of what the caller heard."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

INVITE = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
ACK = "9.05 alice -> bob ACK\n9.1-20 alice => bob PCMU\n"
BYE = "20.0 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n"
ANSWER = "9.0 bob -> alice 200 INVITE\n" + SDP + ACK + BYE
TALK = "9.05-20 bob => alice PCMU\n"
OTHER_ADDRESS = "      c=IN IP4 192.0.2.60\n" + SDP
GATED = "      P-Early-Media: inactive\n" + SDP

ERROR, WARNING = Severity.ERROR, Severity.WARNING

SCENARIOS = {
    "180, answer": (INVITE + "1 bob -> alice 180\n" + ANSWER + TALK, []),
    "183 with SDP and media": (INVITE + "1 bob -> alice 183\n" + SDP + "1.1-20 bob => alice PCMU\n" + ANSWER, []),
    "183 with SDP and no media": (INVITE + "1 bob -> alice 183\n" + SDP + ANSWER + TALK, [("EM-001", ERROR)]),
    "180 with SDP and no media": (INVITE + "1 bob -> alice 180\n" + SDP + ANSWER + TALK, [("EM-001", WARNING)]),
    "183 without SDP": (INVITE + "1 bob -> alice 183\n" + ANSWER + TALK, [("EM-002", WARNING)]),
    "two branches at once": (
        INVITE
        + "1 bob -> alice 183 tag=a\n"
        + SDP
        + "4 bob -> alice 183 tag=b\n      m=audio 6000 RTP/AVP 0\n"
        + "1.0-7 bob => alice PCMU from=192.0.2.20:5000 ssrc=1\n4.0-20 bob => alice PCMU from=192.0.2.20:6000 ssrc=2\n"
        + "7 bob -> alice 200 INVITE tag=b\n      m=audio 6000 RTP/AVP 0\n7.05 alice -> bob ACK\n"
        + "7.1-20 alice => bob PCMU to=192.0.2.20:6000\n"
        + BYE,
        [("EM-008", WARNING)],
    ),
    "callee speaks 1.3 s behind its answer": (
        INVITE + "1 bob -> alice 180\n" + ANSWER + "10.3-20 bob => alice PCMU\n",
        [("EM-007", WARNING)],
    ),
    "gated media": (
        INVITE + "1 bob -> alice 183\n" + GATED + "1.1-20 bob => alice PCMU\n" + ANSWER,
        [("EM-010", WARNING)],
    ),
    "180, then media that stops": (
        INVITE + "1 bob -> alice 180\n3 bob -> alice 183\n" + SDP + "3.0-5 bob => alice PCMU ssrc=1\n" + ANSWER + TALK,
        [("EM-001", WARNING), ("EM-003", WARNING)],
    ),
}


@pytest.mark.parametrize(("script", "expected"), SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario_gives_the_findings_of_the_catalogue(
    judged: Judged, script: str, expected: list[tuple[str, Severity]]
) -> None:
    found = [(item.rule, item.severity) for item in judged(script)]
    assert [item for item in found if item[1] is not Severity.INFO] == expected


def test_caller_that_keeps_to_the_address_of_the_preview_is_told(judged: Judged) -> None:
    script = INVITE + "1 bob -> alice 183\n" + SDP + "1.1-20 bob => alice PCMU\n9.0 bob -> alice 200 INVITE\n"
    stays = ACK.replace("PCMU", "PCMU to=192.0.2.20:5000")
    found = judged(script + OTHER_ADDRESS + stays + BYE, "OA")
    assert [(item.rule, item.severity) for item in found] == [("OA-016", ERROR)]
