"""What the rules about forking say of broken flows, and that they stay silent about legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nproxy 192.0.2.1\n"
FIRST = (
    PARTIES
    + "0.0 alice -> proxy INVITE\n      m=audio 4000 RTP/AVP 0\n2.0 proxy -> alice 200 tag=one\n"
    + "      m=audio 5000 RTP/AVP 0\n2.1 alice -> proxy ACK to-tag=one\n"
)
SECOND = "2.2 proxy -> alice 200 tag=two\n      m=audio 6000 RTP/AVP 0\n"
ACK = "2.3 alice -> proxy ACK to-tag=two\n"


def bye(at: float, tag: str) -> str:
    return f"{at} alice -> proxy BYE to-tag={tag}\n{at + 0.1:.1f} proxy -> alice 200 BYE\n"


LEGITIMATE = {
    "unwanted one released": FIRST + SECOND + ACK + bye(2.4, "two") + bye(9, "one") + "60 end\n",
    "unwanted one released without ACK in view": FIRST + SECOND + bye(2.4, "two") + bye(9, "one") + "60 end\n",
    "both kept": FIRST + SECOND + ACK + "60 end\n",
    "both released at the end": FIRST + SECOND + ACK + bye(9, "one") + bye(9.5, "two") + "60 end\n",
    "released by the phone itself": FIRST
    + SECOND
    + ACK
    + "5.0 proxy -> alice BYE from-tag=two to-tag=alice-1\n5.1 alice -> proxy 200 BYE\n"
    + bye(9, "one")
    + "60 end\n",
    "capture ends soon": FIRST + SECOND + "20 end\n",
    "capture ends soon after the release": FIRST + SECOND + ACK + bye(9, "one") + "30 end\n",
    "only one answered": FIRST.replace("2.0 proxy", "1.0 proxy -> alice 180 tag=two\n2.0 proxy") + "60 end\n",
    "second answer repeats the first": FIRST + "2.2 proxy -> alice 200 again\n" + bye(9, "one") + "60 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "FRK")] == []


BROKEN = {
    "second answer gets no ACK": (FIRST + SECOND + bye(9, "one") + "60 end\n", (2, 4)),
    "second answer is acknowledged and left": (FIRST + SECOND + ACK + bye(9, "one") + "60 end\n", (2, 4)),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(script, "FRK")
    assert [(item.rule, item.severity, item.confidence, item.frames) for item in found] == [
        ("FRK-001", Severity.ERROR, LIKELY, frames)
    ]


def test_left_phone_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(BROKEN["second answer gets no ACK"][0], "FRK", lossy_at=3.0)
    assert [(item.rule, item.confidence) for item in found] == [("FRK-001", POSSIBLE)]
