"""All dialogs of a transfer in one picture, with its parties named."""

import pytest

from sipscope.pipeline import reconstruct
from sipscope.views.ladder import Ladder, Note, ladder_of
from sipscope.views.tone import Tone
from tests.trace_script import capture_of

CALL = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  ACK
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY sipfrag=100
2.3   alice -> bob  200
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
"""

ANSWERED = "3.5 carol -> bob 200 call=2\n    m=audio 6000 RTP/AVP 0\n3.6 bob -> carol ACK call=2\n"
BUSY = "3.5 carol -> bob 486 call=2\n3.6 bob -> carol ACK call=2\n"
LEFT = "2.6 alice -> bob BYE\n2.7 bob -> alice 200\n"
ELSEWHERE = "5.0 alice -> carol INVITE call=9\n5.1 carol -> alice 486\n5.2 alice -> carol ACK\n"

PROXIED = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
proxy 192.0.2.1 proxy record-route
0.0   alice -> proxy  INVITE to=bob
0.01  proxy -> bob    INVITE
0.1   bob -> proxy    200
0.11  proxy -> alice  200
0.2   alice -> proxy  ACK
0.21  proxy -> bob    ACK
2.0   alice -> proxy  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.01  proxy -> bob    REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> proxy    202
2.11  proxy -> alice  202
2.4   bob -> proxy    INVITE call=2 to=carol
      Referred-By: <sip:alice@192.0.2.10>
2.41  proxy -> carol  INVITE call=2
      Referred-By: <sip:alice@192.0.2.10>
3.0   carol -> proxy  200 call=2
3.01  proxy -> bob    200 call=2
3.1   bob -> proxy    ACK call=2
3.11  proxy -> carol  ACK call=2
"""

OUT_OF_DIALOG = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
0.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
0.1   bob -> alice  202
0.2   bob -> alice  NOTIFY sipfrag=100
0.3   alice -> bob  200
0.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
1.0   carol -> bob  603 call=2
1.1   bob -> carol  ACK call=2
1.2   bob -> alice  NOTIFY sipfrag=603
1.3   alice -> bob  200
"""

LEFT_ALONE = (
    "transferor and transferee: released by the transferor before the transfer failed, 600 ms after the REFER: "
    "the transferee was left alone"
)


def report(status: int, at: float) -> str:
    return f"{at} bob -> alice NOTIFY sipfrag={status}\n{at + 0.05} alice -> bob 200\n"


@pytest.fixture
def picture(tmp_path):
    def draw(script: str, end: float = 40.0) -> Ladder:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(f"{script}\n{end} end\n"))
        trace = reconstruct(str(path))
        return ladder_of(trace, transfer=trace.transfers[0])

    return draw


def parts(ladder: Ladder) -> list[tuple[str, str]]:
    return [(lane.node.partition(":")[0], lane.lines[0]) for lane in ladder.lanes]


def notes(ladder: Ladder) -> list[tuple[float, str, Tone]]:
    found = [row for row in ladder.rows if isinstance(row, Note) and row.tone is not Tone.SERVICE]
    return [(round(row.offset / 1e9, 3), row.text, row.tone) for row in found]


def test_lanes_name_the_parties(picture):
    assert parts(picture(CALL + ANSWERED)) == [
        ("192.0.2.10", "transferor"),
        ("192.0.2.20", "transferee"),
        ("192.0.2.30", "target"),
    ]


def test_proxy_between_them_plays_no_part(picture):
    found = dict(parts(picture(PROXIED)))
    assert (found["192.0.2.10"], found["192.0.2.20"], found["192.0.2.30"]) == ("transferor", "transferee", "target")
    assert found["192.0.2.1"] not in {"transferor", "transferee", "target"}


def test_refer_outside_a_dialog_is_in_the_picture(picture):
    labels = [row.label for row in picture(OUT_OF_DIALOG).rows if hasattr(row, "label")]
    assert labels[:3] == ["REFER", "202 Accepted", "NOTIFY"]


def test_calls_that_the_transfer_does_not_join_stay_out(picture):
    assert picture(CALL + ANSWERED + ELSEWHERE).calls == (1, 2)


def test_title_says_who_sends_whom_where(picture):
    assert picture(CALL + ANSWERED).title == "Transfer 1: alice sends bob to carol"


def test_first_lines_tell_result_and_dialog(picture):
    assert picture(CALL + LEFT + BUSY + report(486, 3.7)).subtitle[:2] == (
        "blind · failed · took 1.5 s · reported: 486 Busy Here · observed: 486 Busy Here",
        f"Dialog of {LEFT_ALONE}",
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param(ANSWERED + report(200, 3.7), [], id="success-told"),
        pytest.param(BUSY + report(486, 3.7), [], id="failure-told"),
        pytest.param(BUSY + report(480, 3.7), [], id="failure-told-by-another-status"),
        pytest.param(
            BUSY + report(200, 3.7),
            [(3.7, "reported 200 OK, but observed 486 Busy Here", Tone.ERROR)],
            id="failure-told-as-success",
        ),
        pytest.param(
            ANSWERED + report(486, 3.7),
            [(3.7, "reported 486 Busy Here, but observed 200 OK", Tone.ERROR)],
            id="success-told-as-failure",
        ),
        pytest.param(
            report(200, 2.5) + ANSWERED, [(2.5, "reported 200 OK 1.0 s before it was so", Tone.WARNING)], id="too-early"
        ),
        pytest.param(
            ANSWERED, [(3.5, "observed 200 OK, never reported to the transferor", Tone.WARNING)], id="never-told"
        ),
        pytest.param(report(200, 3.7), [], id="answer-out-of-view"),
        pytest.param(
            LEFT + BUSY + report(486, 3.7),
            [(2.6, f"dialog of {LEFT_ALONE}", Tone.ERROR)],
            id="left-alone",
        ),
    ],
)
def test_notes_tell_where_reported_and_observed_differ(picture, script, expected):
    assert notes(picture(CALL + script)) == expected


def test_report_that_may_still_come_is_not_missed(picture):
    assert notes(picture(CALL + ANSWERED, end=5.0)) == []
