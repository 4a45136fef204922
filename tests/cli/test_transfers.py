"""`sipscope transfers`: a row each, for people, for programs, for spreadsheets."""

import csv
import io
import json

import pytest

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
"""

TRIED = (
    CALL
    + """
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY sipfrag=100
2.3   alice -> bob  200
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
"""
)

TALKED = (
    TRIED
    + """
3.5   carol -> bob  200 call=2
      m=audio 6000 RTP/AVP 0
3.6   bob -> carol  ACK call=2
3.7   bob -> alice  NOTIFY sipfrag=200
3.8   alice -> bob  200
4.0   alice -> bob  BYE
4.1   bob -> alice  200
"""
)

BUSY = (
    TRIED
    + """
3.0   carol -> bob  486 call=2
3.1   bob -> carol  ACK call=2
3.2   bob -> alice  NOTIFY sipfrag=486
3.3   alice -> bob  200
9.0   bob -> alice  BYE
9.1   alice -> bob  200
"""
)

HELD = BUSY.replace(
    "2.0   alice",
    """1.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
      a=sendonly
1.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
      a=recvonly
1.2   alice -> bob  ACK
2.0   alice""",
)

PASSED_ON = """
alice 192.0.2.10
pbx   192.0.2.5
bob   192.0.2.20
0.0   alice -> pbx  INVITE call=1
      To: <sip:bob@example.org>
      m=audio 4000 RTP/AVP 0
0.02  pbx -> bob    INVITE call=2
      To: <sip:bob@example.org>
      m=audio 4000 RTP/AVP 0
0.1   bob -> pbx    200 call=2
      m=audio 5000 RTP/AVP 0
0.12  pbx -> alice  200 call=1
      m=audio 5000 RTP/AVP 0
0.2   alice -> pbx  ACK call=1
0.22  pbx -> bob    ACK call=2
2.0   alice -> pbx  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.02  pbx -> bob    REFER call=2
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> pbx    603 call=2
2.12  pbx -> alice  603 call=1
"""

UNREADABLE = (
    TRIED + "3.0 bob -> alice NOTIFY\n    Event: refer\n    Subscription-State: terminated\n3.1 alice -> bob 200\n"
)

RETRIED = (
    HELD.partition("2.0   alice")[0]
    + """
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  603
3.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
3.1   bob -> alice  202
3.2   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
3.5   carol -> bob  200 call=2
      m=audio 6000 RTP/AVP 0
3.6   bob -> carol  ACK call=2
3.7   bob -> alice  NOTIFY sipfrag=200
3.8   alice -> bob  200
8.0   alice -> bob  BYE
8.1   bob -> alice  200
"""
)

LIED = BUSY.replace("sipfrag=486", "sipfrag=200")

REFUSED = CALL + "2.1 bob -> alice 603\n"

UNREPORTED = (
    CALL.replace("REFER\n", "REFER\n      Refer-Sub: false\n")
    + """
2.1   bob -> alice  202
      Refer-Sub: false
9.0   bob -> alice  BYE
9.1   alice -> bob  200
"""
)


def rows(output: str) -> list[str]:
    return [line for line in output.splitlines() if " carol" in line]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(TALKED, "alice bob carol blind 200 OK 200 OK succeeded 1.5 s 1, 2", id="succeeded"),
        pytest.param(BUSY, "alice bob carol blind 486 Busy Here 486 Busy Here failed 1.0 s 1, 2", id="failed"),
        pytest.param(
            LIED,
            "alice bob carol blind 200 OK 486 Busy Here failed, reported as success 1.0 s 1, 2",
            id="contradicted",
        ),
        pytest.param(UNREADABLE, "alice bob carol blind no valid status no answer unknown 1, 2", id="unreadable"),
        pytest.param(REFUSED, "alice bob carol blind refused 603 100 ms 1", id="refused"),
        pytest.param(TRIED, "alice bob carol blind 100 Trying, no result no answer unknown 1, 2", id="cut-off"),
        pytest.param(
            UNREPORTED, "alice bob carol blind not asked for not in view unknown 1", id="without-subscription"
        ),
        pytest.param(CALL + "2.1 bob -> alice 202\n", "alice bob carol blind nothing not in view unknown 1", id="mute"),
    ],
)
def test_row_tells_who_sent_whom_where_and_whether_it_worked(run, capture, script, words):
    row = rows(run("transfers", capture(script)).output)[0]
    assert " ".join(row.split()[2:]) == words


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(TALKED, "released by the transferor, 500 ms after the result", id="released"),
        pytest.param(BUSY, "released by the transferee, 6.0 s after the result", id="after-failure"),
        pytest.param(HELD, "released by the transferee while on hold, 6.0 s after the result", id="still-held"),
        pytest.param(RETRIED, "released by the transferor, 5.9 s after the result", id="tried-again"),
        pytest.param(REFUSED, "still open at the end of the capture", id="open"),
        pytest.param(UNREPORTED, "released by the transferee before any result, 7.0 s after the REFER", id="unknown"),
    ],
)
def test_second_table_tells_what_became_of_the_first_call(run, capture, script, words):
    output = run("transfers", capture(script)).output
    assert f"alice – bob (transferee)     1  {words}" in output


def test_json_tells_reports_dialogs_and_frames(run, capture):
    (transfer,) = json.loads(run("transfers", capture(LIED), "--format", "json").stdout)["transfers"]
    assert (transfer["kind"], transfer["outcome"], transfer["contradicted"]) == ("blind", "failed", True)
    assert (transfer["reported_status"], transfer["observed_status"], transfer["took_ms"]) == (200, 486, 1000.0)
    assert (transfer["refer_frames"], transfer["triggered_frames"]) == ([4, 5], [8, 9, 10])
    assert [(item["status"], item["state"], item["answer"]) for item in transfer["reports"]] == [
        (100, "active", 200),
        (200, "terminated", 200),
    ]
    assert [(item["call"], item["partner"], item["fate"], item["by"]) for item in transfer["dialogs"]] == [
        (1, "transferee", "released", "transferee")
    ]


def test_csv_has_a_row_for_each_transfer_of_all_captures(run, capture):
    paths = [capture(TALKED, name="a.pcap"), capture(REFUSED, name="b.pcap")]
    result = list(csv.DictReader(io.StringIO(run("transfers", *paths, "--format", "csv").stdout)))
    assert [
        (row["target"], row["refer_status"], row["outcome"], row["calls"], row["transferee_dialog"]) for row in result
    ] == [
        ("sip:carol@192.0.2.30", "202", "succeeded", "1; 2", "released"),
        ("sip:carol@192.0.2.30", "603", "refused", "1", "open"),
    ]


def test_capture_without_transfers_says_so(run, capture):
    assert "0 transfers" in run("transfers", capture()).output


def test_refer_that_a_b2bua_passes_on_is_the_same_transfer(run, capture):
    output = run("transfers", capture(PASSED_ON)).output
    assert "1 transfer, 1 passed on by a B2BUA" in output
    assert [row.split()[5:9] for row in rows(output)[:2]] == [
        ["blind", "refused", "603", "120"],
        ["blind,", "1", "passed", "on"],
    ]


def test_two_refers_of_one_dialog_are_two_transfers(run, capture):
    again = "3.0 alice -> bob REFER\n    Refer-To: <sip:carol@192.0.2.30>\n3.1 bob -> alice 603\n"
    assert "2 transfers" in run("transfers", capture(REFUSED + again)).output
