"""SVC-005: a recording that lacks the voice of one party, or has one voice twice."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

PARTIES = "sbc 192.0.2.1\nrecorder 192.0.2.50\nalice 192.0.2.10\n"
CALL = """
0.0   alice -> sbc  INVITE call=1
      m=audio 4000 RTP/AVP 0
0.1   sbc -> alice  200
      m=audio 7000 RTP/AVP 0
0.2   alice -> sbc  ACK
"""
TALK = "0.3-20 alice => sbc PCMU call=1 ssrc=5\n0.3-20 sbc => alice PCMU call=1 ssrc=6\n"
ENDS = """
20.1  alice -> sbc  BYE call=1
20.2  sbc -> alice  200
20.3  sbc -> recorder BYE call=r
20.4  recorder -> sbc 200
"""
ONE = "0.7-20 sbc => recorder PCMU call=r ssrc=7\n"
OTHER = "0.7-20 sbc => recorder PCMU call=r index=1 ssrc=8\n"
MARKED = "Require: siprec\n      Contact: <sip:sbc@192.0.2.1>;+sip.src"


def recording(*, marks: str = MARKED, label: str = "a=label:2", direction: str = "sendonly", port: int = 8102) -> str:
    marked = f"      {marks}\n" if marks else ""
    labelled = f"      {label}\n" if label else ""
    answer = {"sendonly": "recvonly", "inactive": "inactive"}[direction]
    return f"""
0.4   sbc -> recorder INVITE call=r
{marked}      m=audio 7100 RTP/AVP 0
      a=label:1
      a=sendonly
      m=audio 7102 RTP/AVP 0
{labelled}      a={direction}
0.5   recorder -> sbc 200
      m=audio 8100 RTP/AVP 0
      a=recvonly
      m=audio {port} RTP/AVP 0
      a={answer}
0.6   sbc -> recorder ACK call=r
"""


def only(found: list[Finding]) -> Finding:
    assert [item.rule for item in found] == ["SVC-005"]
    return found[0]


WHOLE = {
    "both recorded": PARTIES + CALL + TALK + recording() + ONE + OTHER + ENDS,
    "no media of the recording in view": PARTIES + CALL + TALK + recording() + ENDS,
    "paused": PARTIES + CALL + TALK + recording(direction="inactive") + ONE + ENDS,
    "refused": PARTIES + CALL + TALK + recording(port=0) + ONE + ENDS,
    "without a label": PARTIES + CALL + TALK + recording(label="") + ONE + ENDS,
    "no recording session": PARTIES + CALL + TALK + recording(marks="") + ONE + ENDS,
    "too short": PARTIES
    + CALL
    + TALK
    + recording()
    + "0.7-4 sbc => recorder PCMU call=r ssrc=7\n"
    + ENDS.replace("20.", "5."),
}


@pytest.mark.parametrize("script", WHOLE.values(), ids=WHOLE.keys())
def test_recording_that_is_not_proved_broken_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "SVC-005")] == []


@pytest.mark.parametrize("marks", [MARKED, "Require: siprec", "Contact: <sip:sbc@192.0.2.1>;+sip.src"])
def test_missing_voice_is_an_error(judged: Judged, marks: str) -> None:
    finding = only(judged(PARTIES + CALL + TALK + recording(marks=marks) + ONE + ENDS, "SVC-005"))
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.LIKELY)
    assert "label 2 carries nothing for 20 s" in finding.text


def test_missing_voice_of_a_call_out_of_view_is_merely_possible(judged: Judged) -> None:
    script = PARTIES + recording() + ONE + "20.3 sbc -> recorder BYE call=r\n20.4 recorder -> sbc 200\n"
    assert only(judged(script, "SVC-005")).confidence is Confidence.POSSIBLE


def test_missing_voice_of_a_party_that_sends_nothing_is_merely_possible(judged: Judged) -> None:
    talk = "0.3-20 alice => sbc PCMU call=1 ssrc=5\n"
    assert only(judged(PARTIES + CALL + talk + recording() + ONE + ENDS, "SVC-005")).confidence is Confidence.POSSIBLE


def test_one_voice_twice_is_told(judged: Judged) -> None:
    finding = only(
        judged(PARTIES + CALL + TALK + recording() + ONE + OTHER.replace("ssrc=8", "ssrc=7") + ENDS, "SVC-005")
    )
    assert "labels 1 and 2 are one voice" in finding.text


def test_missing_voice_of_a_lossy_capture_is_let_be(judged: Judged) -> None:
    assert judged(PARTIES + CALL + TALK + recording() + ONE + ENDS, "SVC-005", lossy_at=10) == []
