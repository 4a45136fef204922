"""`sipscope sdp`: the negotiation on the command line."""

import json

import pytest

from sipscope.render.terminal import summary_terminal
from tests.cli.conftest import CALL, FAULTY, TWO_CALLS


def test_first_call_is_shown_and_that_is_said(run, capture):
    result = run("sdp", capture(TWO_CALLS))
    assert result.stdout.startswith("Call 1: alice → bob\n1 exchange\n")
    assert "2 calls in this capture; showing call 1" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "title"),
    [(("--call", "2"), "Call 2: alice → bob"), (("--where", "outcome==rejected"), "Call 2: alice → bob")],
    ids=["--call", "--where"],
)
def test_chosen_call_is_shown(run, capture, arguments, title):
    assert run("sdp", capture(TWO_CALLS), *arguments).stdout.splitlines()[0] == title


def test_missing_call_is_wrong_usage(run, capture):
    assert run("sdp", capture(CALL), "--call", "7").exit_code == 2


def test_json_is_one_document(run, capture):
    report = json.loads(run("sdp", capture(FAULTY), "--format", "json").stdout)
    assert [len(item["exchanges"]) for item in report["negotiations"]] == [1]


def test_difference_of_two_frames_is_shown(run, capture):
    result = run("sdp", capture(CALL), "--diff", "1", "3")
    assert result.exit_code == 0
    assert "port     4000        5000" in result.stdout


def test_difference_is_told_to_programs(run, capture):
    report = json.loads(run("sdp", capture(CALL), "--diff", "1", "3", "--format", "json").stdout)
    assert (report["frames"], [item["what"] for item in report["differences"]]) == ([1, 3], ["address", "port"])


def test_frame_with_itself_is_the_same_by_meaning(run, capture):
    assert "The same by meaning." in run("sdp", capture(CALL), "--diff", "1", "1").stdout


def test_frame_without_a_description_is_wrong_usage_and_the_others_are_named(run, capture):
    result = run("sdp", capture(CALL), "--diff", "1", "2")
    assert result.exit_code == 2
    assert "frame 2 carries no session description; these do: 1, 3" in result.stderr


def test_page_is_written_to_a_file(run, capture, tmp_path):
    assert run("sdp", capture(CALL), "-o", tmp_path / "page.txt").stdout == ""
    assert "offered by" in (tmp_path / "page.txt").read_text()


def test_negotiation_does_not_judge(run, capture):
    assert run("sdp", capture(FAULTY)).exit_code == 0


def test_terminal_gets_the_colours_of_the_theme(tmp_path, capture):
    from sipscope.pipeline import analyze
    from sipscope.views.negotiation import negotiation_of

    page = negotiation_of(analyze(str(capture(CALL))), 1, width=100)
    assert "\x1b[" in summary_terminal(page, width=100)
