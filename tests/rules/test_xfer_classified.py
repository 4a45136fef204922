"""XFER-012: the kind of each transfer, its outcome, its times, and who ended what."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sipscope
from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.trace_script import capture_of
from tests.transfer_script import (
    ACCEPTED,
    ANSWER,
    ATTENDED,
    BUSY,
    CALL,
    CANCEL,
    CONSULTATION,
    END,
    HOLD,
    INVITE,
    LEAVES,
    PARTIES,
    REFER,
    RELEASED,
    REPLACING,
    RINGING,
    told,
)

Stories = Callable[[str], list[Finding]]


@pytest.fixture
def stories(tmp_path: Path) -> Stories:
    """What XFER-012 says of a trace script."""

    def run(script: str) -> list[Finding]:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return [item for item in sipscope.analyze(str(path)).findings if item.rule == "XFER-012"]

    return run


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1
    return found[0]


BLIND = PARTIES + CALL + HOLD + REFER + ACCEPTED + INVITE

KINDS = {
    "Blind transfer, succeeded:": BLIND + ANSWER + told(200) + LEAVES + END,
    "Blind transfer, failed with 486 and taken back:": BLIND
    + BUSY
    + told(486)
    + "4 alice -> bob INVITE call=1\n  m=audio 4000 RTP/AVP 0\n4.1 bob -> alice 200\n4.2 alice -> bob ACK\n"
    + END,
    "Blind transfer, failed with 486:": BLIND + BUSY + told(486) + END,
    "Blind transfer, refused with 603:": PARTIES + CALL + REFER + "2.1 bob -> alice 603\n" + END,
    "Blind transfer, outcome not in view:": PARTIES + CALL + REFER + "2.1 bob -> alice 202\n" + LEAVES + END,
    "Blind transfer, succeeded by what was told of it:": PARTIES + CALL + REFER + ACCEPTED + told(200) + END,
    "Attended transfer, succeeded:": PARTIES
    + CALL
    + HOLD
    + CONSULTATION
    + ATTENDED
    + ACCEPTED
    + REPLACING
    + ANSWER
    + RELEASED
    + told(200)
    + LEAVES
    + END,
    "Attended transfer, its consultation out of view, succeeded:": PARTIES
    + CALL
    + ATTENDED
    + ACCEPTED
    + REPLACING
    + ANSWER
    + told(200)
    + END,
    "Attended transfer to a target that still rings, failed with 481:": PARTIES
    + CALL
    + RINGING
    + ATTENDED
    + ACCEPTED
    + REPLACING
    + BUSY.replace("486", "481")
    + told(481)
    + END,
    "Semi-attended transfer, succeeded:": PARTIES
    + CALL
    + RINGING
    + CANCEL
    + REFER
    + ACCEPTED
    + INVITE
    + ANSWER
    + told(200)
    + END,
    "Blind transfer after a consultation, succeeded:": PARTIES
    + CALL
    + CONSULTATION
    + "1.8 alice -> carol BYE call=c\n1.9 carol -> alice 200\n"
    + REFER
    + ACCEPTED
    + INVITE
    + ANSWER
    + told(200)
    + END,
    "Conference join, succeeded:": PARTIES
    + CALL
    + REFER.rstrip()
    + ";isfocus\n"
    + ACCEPTED
    + INVITE
    + ANSWER
    + told(200)
    + END,
    "REFER that asks for BYE, succeeded by what was told of it:": PARTIES
    + CALL
    + REFER.replace("192.0.2.30>", "192.0.2.30;method=BYE>")
    + ACCEPTED
    + told(200)
    + END,
    "Transfer by a REFER outside of the call, succeeded by what was told of it:": PARTIES
    + "2 alice -> bob REFER call=9\n  Refer-To: <sip:carol@192.0.2.30>\n2.1 bob -> alice 202\n"
    + "2.2 bob -> alice NOTIFY call=9 sipfrag=200\n2.3 alice -> bob 200\n"
    + END,
    "Blind transfer, succeeded by what was told of it: sip:alice": PARTIES
    + CALL
    + "2 alice -> bob REFER call=9\n  Refer-To: <sip:carol@192.0.2.30>\n"
    + "  Target-Dialog: 1@192.0.2.10;local-tag=b1;remote-tag=alice-1\n2.1 bob -> alice 202\n"
    + "2.2 bob -> alice NOTIFY call=9 sipfrag=200\n2.3 alice -> bob 200\n"
    + END,
    "Attended transfer that protects its target, succeeded:": PARTIES
    + CONSULTATION.replace("1.3", "0.0").replace("1.4", "0.1").replace("1.5", "0.2")
    + "1.0 alice -> bob INVITE call=1\n1.1 bob -> alice 200 tag=b1\n1.2 alice -> bob ACK\n"
    + ATTENDED
    + ACCEPTED
    + REPLACING
    + ANSWER
    + RELEASED
    + told(200)
    + LEAVES
    + END,
}


@pytest.mark.parametrize(("story", "script"), KINDS.items(), ids=KINDS.keys())
def test_kind_and_outcome_are_told(stories: Stories, story: str, script: str) -> None:
    finding = only(stories(script))
    assert finding.text.startswith(story)
    assert finding.severity is Severity.INFO


def test_story_names_parties_times_hold_and_releases(stories: Stories) -> None:
    assert only(stories(KINDS["Attended transfer, succeeded:"])).text == (
        "Attended transfer, succeeded: sip:alice@192.0.2.10 sent sip:bob@192.0.2.20 to sip:carol@192.0.2.30. "
        "REFER to INVITE 0.40 s, INVITE to answer 0.50 s, result told after 1.10 s. "
        "The transferee had been on hold for 1.8 s when the new call was answered. "
        "The old call was ended by the transferor. The consultation was ended by the target."
    )


def test_story_shows_every_dialog_of_the_chain(stories: Stories) -> None:
    finding = only(stories(KINDS["Attended transfer, succeeded:"]))
    assert finding.frames == (1, 7, 10, 11, 12, 14, 15, 17, 19, 21)


def test_transferor_that_left_unaware_is_told(stories: Stories) -> None:
    finding = only(stories(KINDS["Blind transfer, outcome not in view:"]))
    assert finding.text.endswith("The old call was ended by the transferor, who had not been told the result.")


def test_transfer_over_a_proxy_is_one_story(stories: Stories) -> None:
    script = """
alice 192.0.2.10
bob   192.0.2.20
proxy 192.0.2.1 proxy record-route
0.0   alice -> proxy INVITE to=bob call=1
0.05  proxy -> bob  INVITE
0.1   bob -> proxy  200
0.15  proxy -> alice 200
0.2   alice -> proxy ACK
0.25  proxy -> bob  ACK
2.0   alice -> proxy REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.05  proxy -> bob  REFER
2.1   bob -> proxy  603
2.15  proxy -> alice 603
"""
    assert only(stories(script)).text.startswith("Blind transfer, refused with 603: ")


def test_two_refers_of_a_call_are_two_stories(stories: Stories) -> None:
    second = "6 alice -> bob REFER call=1\n  Refer-To: <sip:dave@192.0.2.40>\n6.1 bob -> alice 603\n"
    texts = [item.text.partition(":")[0] for item in stories(BLIND + BUSY + told(486) + second + END)]
    assert texts == ["Blind transfer, failed with 486", "Blind transfer, refused with 603"]


def test_refer_without_an_answer_in_view_has_no_story(stories: Stories) -> None:
    assert stories(PARTIES + CALL + REFER + "2.5 end\n") == []
