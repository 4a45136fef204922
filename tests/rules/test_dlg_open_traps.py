"""What DLG-011 says of calls that nobody released, and that it stays silent where that isn't sure."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER, ANSWER = "      m=audio 4000 RTP/AVP 0\n", "      m=audio 5000 RTP/AVP 0\n"
CALL = PARTIES + f"0.0 alice -> bob INVITE\n{OFFER}0.1 bob -> alice 200\n{ANSWER}0.2 alice -> bob ACK\n"
FLOWS = "0.2-4 alice => bob PCMU\n0.2-4 bob => alice PCMU\n"
END = "80 end\n"
TIMER = "      Session-Expires: 90;refresher=uac\n      Require: timer\n"
PROXY = "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"

LEGITIMATE = {
    "released": CALL + FLOWS + "4.1 alice -> bob BYE\n4.2 bob -> alice 200\n" + END,
    "released with the wrong tag": CALL + FLOWS + "4.1 alice -> bob BYE to-tag=other\n4.2 bob -> alice 481\n" + END,
    "capture ends within the minute": CALL + FLOWS + "60 end\n",
    "media in one direction goes on": CALL + "0.2-4 alice => bob PCMU\n0.2-30 bob => alice PCMU\n" + END,
    "media in one direction only": CALL + "0.2-4 alice => bob PCMU\n" + END,
    "no media in view": CALL + END,
    "held": CALL
    + FLOWS
    + f"4.0 alice -> bob INVITE\n{OFFER}      a=sendonly\n4.1 bob -> alice 200\n{ANSWER}      a=recvonly\n"
    + "4.2 alice -> bob ACK\n"
    + END,
    "call lives on in signalling": CALL + FLOWS + "40 alice -> bob OPTIONS\n40.1 bob -> alice 200\n" + END,
    "media stopped for ten seconds before": CALL
    + "0.2-2 alice => bob PCMU ssrc=7\n0.2-2 bob => alice PCMU ssrc=8\n12-14 alice => bob PCMU ssrc=7\n"
    + "12-14 bob => alice PCMU ssrc=8\n"
    + END,
    "another stream of the hosts goes on": CALL
    + FLOWS
    + "0.2-30 bob => alice PCMU from=192.0.2.20:9000 to=192.0.2.10:9002 ssrc=99\n"
    + END,
    "session timer ran out": CALL.replace(ANSWER, TIMER + ANSWER) + FLOWS + "120 end\n",
    "capture begins in the call": CALL.replace("INVITE\n", "INVITE unseen\n").replace("200\n", "200 unseen\n")
    + FLOWS
    + END,
    "proxy that stays out of the path": PROXY
    + f"0.0 alice -> proxy INVITE to=bob\n{OFFER}0.01 proxy -> bob INVITE\n0.1 bob -> proxy 200\n{ANSWER}"
    + "0.11 proxy -> alice 200\n"
    + FLOWS
    + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "DLG-011")] == []


def test_call_without_media_and_without_release_is_told(judged: Judged) -> None:
    found = judged(CALL + FLOWS + END)
    assert [(item.rule, item.severity, item.confidence, item.evidence[0].frame) for item in found] == [
        ("DLG-011", Severity.WARNING, Confidence.LIKELY, 2)
    ]
    assert "in the 76 s that the capture goes on" in found[0].text


def test_open_call_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(CALL + FLOWS + END, lossy_at=20.0)
    assert [(item.rule, item.confidence) for item in found] == [("DLG-011", Confidence.POSSIBLE)]
