"""`sipscope show`: one call with everything in it."""

import json

import pytest

from tests.cli.conftest import CALL, FAULTY, NO_SIP, TWO_CALLS

REPEATED = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.5  alice -> bob  INVITE again
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
1.1  alice -> bob  ACK
2.0  bob -> alice  INVITE
     m=audio 5000 RTP/AVP 0
     a=sendonly
2.1  alice -> bob  200
     m=audio 4000 RTP/AVP 0
     a=recvonly
2.2  bob -> alice  ACK
4.0  alice -> bob  BYE
4.1  bob -> alice  200
"""


def section(text, title):
    """The rows of the table of a title, each as its words."""
    lines = text.split(f"\n{title}\n", 1)[1].split("\n\n", 1)[0].splitlines()
    rule = next((number for number, line in enumerate(lines) if line.startswith("─")), -1)
    return [line.split() for line in lines[rule + 1 :]]


def test_title_names_the_parties(run, capture):
    assert run("show", capture()).stdout.splitlines()[0] == "Call 1: alice → bob"


def test_timeline_says_who_did_what_when_in_which_frames(run, capture):
    rows = section(run("show", capture(REPEATED)).stdout, "What happened")
    assert rows == [
        ["0.000", "caller", "alice", "establish", "1.0", "s", "1"],
        ["1.000", "callee", "bob", "accept", "3"],
        ["2.100", "callee", "bob", "hold", "5"],
        ["4.000", "caller", "alice", "release", "8"],
    ]


def test_transactions_show_state_and_repetitions(run, capture):
    rows = section(run("show", capture(REPEATED)).stdout, "Transactions")
    assert rows[0][1:] == [
        "t1",
        "INVITE",
        "192.0.2.10:5060",
        "192.0.2.20:5060",
        "200",
        "accepted",
        "1",
        "1,",
        "2,",
        "3",
    ]


def test_exchanges_are_a_line_each(run, capture):
    rows = section(run("show", capture(REPEATED)).stdout, "Offers and answers")
    assert [row[2:] for row in rows] == [
        ["caller", "INVITE/200", "answered", "audio", "PCMU", "sendrecv", "1", "3"],
        ["callee", "re-INVITE/200", "answered", "audio", "PCMU", "sendonly", "5", "6"],
    ]


def test_leg_names_the_end_of_its_dialog(run, capture):
    rows = section(run("show", capture(REPEATED)).stdout, "Legs")
    assert rows[0][1:7] == ["192.0.2.10:5060", "192.0.2.20:5060", "terminated", "BYE", "by", "caller"]


def test_refused_invite_is_a_leg_without_a_dialog(run, capture):
    rows = section(run("show", capture(TWO_CALLS), "--call", "2").stdout, "Legs")
    assert [row[2:5] for row in rows] == [["no", "dialog", "486"]]


def test_findings_and_streams_of_the_call_are_shown(run, capture):
    assert "error OA-001" in run("show", capture(FAULTY)).stdout
    assert [row[0] for row in section(run("show", capture(CALL)).stdout, "Media")] == ["s1", "s2"]


def test_other_calls_are_left_out(run, capture):
    report = json.loads(run("show", capture(TWO_CALLS), "--call", "2", "--format", "json").stdout)
    assert [call["id"] for call in report["calls"]] == [2]
    assert (report["streams"], report["dialogs"]) == ([], [])
    assert {frame for item in report["transactions"] for frame in item["request_frames"]} == {187}


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (("--call", "1", "--call", "2"), ["Call 1: alice → bob", "Call 2: alice → bob"]),
        (("--where", "outcome==rejected"), ["Call 2: alice → bob"]),
        (("--where", "id>0", "--call", "2"), ["Call 2: alice → bob"]),
    ],
)
def test_calls_are_chosen(run, capture, options, titles):
    lines = run("show", capture(TWO_CALLS), *options).stdout.splitlines()
    assert [line for line in lines if line.startswith("Call ")] == titles


@pytest.mark.parametrize(
    ("script", "options", "complaint"),
    [
        (TWO_CALLS, ("--call", "3"), "there is no call 3 in this capture; it holds calls 1 to 2"),
        (TWO_CALLS, ("--where", "id>2"), "--where holds for none of the calls; the capture holds calls 1 to 2"),
        (NO_SIP, (), "there is no call in this capture"),
    ],
)
def test_nothing_to_show_is_wrong_usage(run, capture, script, options, complaint):
    result = run("show", capture(script), *options)
    assert (result.exit_code, complaint in result.stderr) == (2, True)


def test_first_call_is_shown_and_the_others_mentioned(run, capture):
    result = run("show", capture(TWO_CALLS))
    assert result.stdout.startswith("Call 1:")
    assert "2 calls in this capture; showing call 1" in result.stderr


def test_page_is_written_to_a_file(run, capture, tmp_path):
    result = run("show", capture(), "-o", tmp_path / "call.txt")
    assert (result.stdout, (tmp_path / "call.txt").read_text("utf-8").startswith("Call 1")) == ("", True)
