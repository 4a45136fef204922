"""Rules over the timeline of early media: tones that take turns, media before its SDP, and P-Early-Media."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str, str], list[Finding]]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
INVITE = PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
ANSWER = f"9.0 bob -> alice 200 INVITE\n{SDP}9.05 alice -> bob ACK\n9.05-20 bob => alice PCMU ssrc=9\n"
BUSY = "9.0 bob -> alice 486\n9.05 alice -> bob ACK\n"
PROGRESS = f"1 bob -> alice 183\n{SDP}"
RINGING = "1 bob -> alice 180\n"


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of one rule in a trace script."""
    return lambda script, code: [item for item in judged(script, "EM") if item.rule == code]


# EM-003


def test_media_that_ends_while_the_callee_is_alerted_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(INVITE + RINGING + f"3 bob -> alice 183\n{SDP}3.0-5 bob => alice PCMU\n" + ANSWER, "EM-003")
    assert finding.severity is Severity.WARNING
    assert "Early media ends 4.0 s before the 200 OK" in finding.text
    assert finding.frames[:3] == (2, 3, 4)


def test_ringing_over_media_that_flows_on_is_information(spoken: Spoken) -> None:
    (finding,) = spoken(INVITE + PROGRESS + "1.1-9 bob => alice PCMU\n3 bob -> alice 180\n" + BUSY, "EM-003")
    assert finding.severity is Severity.INFO
    assert "it flows on" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            RINGING + f"1 bob -> alice 183\n{SDP}1.0-9 bob => alice PCMU\n" + ANSWER, id="media until the end"
        ),
        pytest.param(
            RINGING + PROGRESS + "1.0-2 bob => alice PCMU\n6.0-7 bob => alice PCMU\n" + ANSWER,
            id="pauses of a ringing tone",
        ),
        pytest.param(PROGRESS + "1.0-4 bob => alice PCMU\n" + ANSWER, id="never alerted"),
        pytest.param(RINGING + PROGRESS + "1.0-7 bob => alice PCMU\n" + ANSWER, id="gap of 2 s"),
    ],
)
def test_tones_that_take_turns_as_they_should_are_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(INVITE + script, "EM-003") == []


# EM-004


@pytest.mark.parametrize(
    ("script", "early"),
    [
        pytest.param(RINGING + "2.1-9 bob => alice PCMU from=192.0.2.20:5000\n" + ANSWER, 6900, id="SDP in the 2xx"),
        pytest.param(
            RINGING + f"2.1-9 bob => alice PCMU from=192.0.2.20:5000\n4 bob -> alice 183\n{SDP}" + ANSWER,
            1900,
            id="SDP in a later 183",
        ),
        pytest.param(RINGING + "2.1-9 bob => alice PCMU from=192.0.2.20:5000\n" + BUSY, 6900, id="no SDP at all"),
    ],
)
def test_media_before_its_sdp_is_told_with_how_early(spoken: Spoken, script: str, early: int) -> None:
    (finding,) = spoken(INVITE + script, "EM-004")
    assert finding.severity is Severity.WARNING
    assert f"reached the caller {early} ms before" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(INVITE + PROGRESS + "1.05-9 bob => alice PCMU\n" + ANSWER, id="behind its SDP"),
        pytest.param(INVITE + PROGRESS + "0.85-9 bob => alice PCMU from=192.0.2.20:5000\n" + ANSWER, id="150 ms early"),
        pytest.param(
            INVITE + PROGRESS + "1.05-9 bob => alice PCMU from=192.0.2.60:7000\n" + ANSWER, id="announced by no dialog"
        ),
        pytest.param(
            PARTIES
            + f"0.0 alice -> bob INVITE\n{RINGING}2-9 bob => alice PCMU to=192.0.2.10:4000\n9.0 bob -> alice 200\n{SDP}"
            + "9.05 alice -> bob ACK\n      m=audio 4000 RTP/AVP 0\n",
            id="delayed offer",
        ),
    ],
)
def test_media_that_keeps_to_its_sdp_is_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script, "EM-004") == []


# EM-010


def gated(value: str, script: str = "1.1-6 bob => alice PCMU\n") -> str:
    return INVITE + f"1 bob -> alice 183\n      P-Early-Media: {value}\n{SDP}" + script + BUSY


@pytest.mark.parametrize("value", ["inactive", "recvonly", "inactive, gated"])
def test_media_against_a_closed_gate_is_told(spoken: Spoken, value: str) -> None:
    (finding,) = spoken(gated(value), "EM-010")
    assert finding.severity is Severity.WARNING
    assert "media from 192.0.2.20:5000 came to the caller for 5.0 s" in finding.text
    assert finding.frames[0] == 2


def test_value_that_nobody_knows_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(gated("please"), "EM-010")
    assert "has no direction that is known" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(gated("sendrecv"), id="open both ways"),
        pytest.param(gated("sendonly"), id="open to the caller"),
        pytest.param(gated("inactive, sendonly"), id="one of two lines is open"),
        pytest.param(gated("gated"), id="no direction"),
        pytest.param(gated("inactive", ""), id="closed and no media"),
        pytest.param(gated("inactive", "1.1-1.9 bob => alice PCMU\n"), id="800 ms"),
        pytest.param(
            gated("inactive", f"2 bob -> alice 183\n      P-Early-Media: sendrecv\n{SDP}2.1-6 bob => alice PCMU\n"),
            id="opened before",
        ),
        pytest.param(INVITE + PROGRESS + "1.1-6 bob => alice PCMU\n" + BUSY, id="no header field"),
    ],
)
def test_media_that_keeps_to_the_gate_is_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script, "EM-010") == []
