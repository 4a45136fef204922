"""SVC-001, SVC-003: what a party on hold hears, and what a third-party controller leaves undone."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


# SVC-001

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\nmusic 192.0.2.40\n"
CALL = """
0.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  ACK
"""
TALK = "0.3-5 alice => bob PCMU\n0.3-5 bob => alice PCMU\n"
HOLD = """
5.1   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
      a={direction}
5.2   bob -> alice  200
      m=audio 5000 RTP/AVP 0
      a={answer}
5.3   alice -> bob  ACK
"""
SENDONLY = HOLD.format(direction="sendonly", answer="recvonly")
INACTIVE = HOLD.format(direction="inactive", answer="inactive")
RESUME = """
20.0  alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
20.1  bob -> alice  200
      m=audio 5000 RTP/AVP 0
20.2  alice -> bob  ACK
"""
BYE = "30 alice -> bob BYE call=1\n30.1 bob -> alice 200\n"
HELD = PARTIES + CALL + TALK + SENDONLY

MUSIC = {
    "music from the holder": HELD + "5.3-20 alice => bob PCMU\n" + RESUME + BYE,
    "music from a server": HELD + "5.5-20 music => bob PCMU from=192.0.2.40:7000 to=192.0.2.20:5000\n" + RESUME + BYE,
    "short hold": HELD + RESUME.replace("20.", "8.") + BYE,
    "no media in view": PARTIES + CALL + SENDONLY + RESUME + BYE,
    "media of the held party only in view": PARTIES + CALL + "0.3-5 bob => alice PCMU\n" + SENDONLY + RESUME + BYE,
    "hold by the null address": PARTIES
    + CALL
    + TALK
    + "5.1 alice -> bob INVITE call=1\n  c=IN IP4 0.0.0.0\n  m=audio 4000 RTP/AVP 0\n5.2 bob -> alice 200\n"
    + "  m=audio 5000 RTP/AVP 0\n5.3 alice -> bob ACK\n"
    + RESUME
    + BYE,
    "both hold": HELD
    + "6 bob -> alice INVITE call=1\n  m=audio 5000 RTP/AVP 0\n  a=inactive\n6.1 alice -> bob 200\n"
    + "  m=audio 4000 RTP/AVP 0\n  a=inactive\n6.2 bob -> alice ACK\n"
    + BYE,
    "never held": PARTIES + CALL + TALK + BYE,
}


@pytest.mark.parametrize("script", MUSIC.values(), ids=MUSIC.keys())
def test_hold_that_is_not_proved_silent_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "SVC")] == []


@pytest.mark.parametrize("hold", [SENDONLY, INACTIVE])
def test_silent_hold_is_information(judged: Judged, hold: str) -> None:
    finding = only(judged(PARTIES + CALL + TALK + hold + RESUME + BYE, "SVC"), "SVC-001")
    assert finding.severity is Severity.INFO
    assert "held the call for 15 s" in finding.text


def test_silent_hold_until_the_end_is_information(judged: Judged) -> None:
    assert "held the call for 25 s" in only(judged(HELD + BYE, "SVC"), "SVC-001").text


def test_silent_hold_behind_one_with_music_is_a_warning(judged: Judged) -> None:
    second = SENDONLY.replace("5.1 ", "22.1").replace("5.2 ", "22.2").replace("5.3 ", "22.3")
    script = HELD + "5.3-20 alice => bob PCMU\n" + RESUME + second + BYE
    finding = only(judged(script, "SVC"), "SVC-001")
    assert finding.severity is Severity.WARNING
    assert finding.text.endswith("It played something in another hold.")


def test_silence_of_a_lossy_capture_is_let_be(judged: Judged) -> None:
    assert judged(HELD + RESUME + BYE, "SVC", lossy_at=10) == []


# SVC-003

CONTROLLER = "pbx 192.0.2.5\nalice 192.0.2.10\nbob 192.0.2.20\n"
SECOND = """
0.7   pbx -> bob    INVITE call=2
      m=audio 9002 RTP/AVP 0
3.0   bob -> pbx    200 call=2
      m=audio 5000 RTP/AVP 0
3.1   pbx -> bob    ACK call=2
"""
UPDATED = """
{0}   pbx -> alice  INVITE call=1
      m=audio 5000 RTP/AVP 0
{0}5  alice -> pbx  200
      m=audio 4000 RTP/AVP 0
{0}9  pbx -> alice  ACK call=1
"""
ENDS = "60 alice -> pbx BYE call=1\n60.1 pbx -> alice 200\n60.2 pbx -> bob BYE call=2\n60.3 bob -> pbx 200 call=2\n"


def first(*lines: str) -> str:
    body = "".join(f"      {line}\n" for line in lines)
    return (
        f"{CONTROLLER}0.0 pbx -> alice INVITE call=1\n{body}"
        "0.5 alice -> pbx 200 tag=a1\n      m=audio 4000 RTP/AVP 0\n0.6 pbx -> alice ACK\n"
    )


NULL = first("c=IN IP4 0.0.0.0", "m=audio 9000 RTP/AVP 0")

CONNECTED = {
    "updated in time": NULL + SECOND + UPDATED.format("3.2") + ENDS,
    "updated at the last moment": NULL + SECOND + UPDATED.format("30.0") + ENDS,
    "ends before": NULL + SECOND + "20 alice -> pbx BYE call=1\n20.1 pbx -> alice 200\n60 end\n",
    "capture ends": NULL + SECOND + "30 end\n",
    "one call only": NULL + "60 alice -> pbx BYE call=1\n60.1 pbx -> alice 200\n",
    "media one way": first("m=audio 9000 RTP/AVP 0", "a=sendonly") + SECOND + ENDS,
    "candidates instead of an address": first(
        "c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0", "a=ice-ufrag:aaaa", "a=ice-pwd:bbbbbbbbbbbbbbbbbbbbbbbb"
    )
    + SECOND
    + ENDS,
    "another section carries media": first(
        "m=audio 9000 RTP/AVP 0", "a=inactive", "m=audio 9004 RTP/AVP 0", "a=sendrecv"
    )
    + SECOND
    + ENDS,
}


@pytest.mark.parametrize("script", CONNECTED.values(), ids=CONNECTED.keys())
def test_call_that_gets_its_media_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "SVC-003")] == []


@pytest.mark.parametrize(
    "lines", [("c=IN IP4 0.0.0.0", "m=audio 9000 RTP/AVP 0"), ("m=audio 9000 RTP/AVP 0", "a=inactive")]
)
def test_phone_that_never_gets_media_is_told(judged: Judged, lines: tuple[str, ...]) -> None:
    finding = only(judged(first(*lines) + SECOND + ENDS, "SVC-003"), "SVC-003")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.CERTAIN)
    assert finding.frames == (1, 2)


WAITING = """
0.0   pbx -> alice  INVITE call=1
0.5   alice -> pbx  200 tag=a1
      m=audio 4000 RTP/AVP 0
0.7   pbx -> bob    INVITE call=2
      m=audio 4000 RTP/AVP 0
1.0   alice -> pbx  200 again
2.0   alice -> pbx  200 again
3.8   bob -> pbx    200 call=2
      m=audio 5000 RTP/AVP 0
"""


def test_ack_that_waits_for_the_other_phone_is_told(judged: Judged) -> None:
    acks = "4.0 pbx -> alice ACK call=1\n      m=audio 5000 RTP/AVP 0\n4.1 pbx -> bob ACK call=2\n"
    finding = only(judged(CONTROLLER + WAITING + acks + ENDS, "SVC-003"), "SVC-003")
    assert "The ACK came 3.5 s behind the answer" in finding.text


def test_ack_that_is_late_for_itself_is_let_be(judged: Judged) -> None:
    acks = "3.7 pbx -> alice ACK call=1\n      m=audio 5000 RTP/AVP 0\n4.1 pbx -> bob ACK call=2\n"
    assert judged(CONTROLLER + WAITING + acks + ENDS, "SVC-003") == []
