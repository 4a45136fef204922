import json

from tests.flows.conferences import DIAL_IN, DIAL_OUT_REFUSED, MIXED_BY_A_PHONE


def _row(output: str, *words: str) -> str:
    (row,) = [line for line in output.splitlines() if all(word in line for word in words)]
    return " ".join(row.split())


def test_table_tells_who_was_in_from_when_until_when(run, capture):
    output = run("conferences", capture(DIAL_IN)).output
    assert _row(output, "sip:bob@", "dial-in").startswith(
        "1 sip:bob@192.0.2.20 dial-in 22:13:24.000 22:13:40.000 16.0 s 22:13:25.200 – 22:13:40.200"
    )


def test_table_tells_what_the_focus_told_by_version(run, capture):
    row = _row(run("conferences", capture(DIAL_IN)).output, "u1", "partial", "21")
    assert row == "1 22:13:40.200 u1 2 partial sip:alice@192.0.2.10, sip:carol@192.0.2.30 2 21"


def test_invitation_that_failed_is_told_with_its_status(run, capture):
    assert "refused with 486 never" in _row(run("conferences", capture(DIAL_OUT_REFUSED)).output, "carol")


def test_mixing_phone_is_told_with_the_sign_that_shows_it(run, capture):
    output = run("conferences", capture(MIXED_BY_A_PHONE)).output
    assert "a mixing phone" in output
    assert "on hold (frame 5)" in output


def test_json_tells_every_participant(run, capture):
    report = json.loads(run("conferences", capture(DIAL_IN), "--format", "json").stdout)
    (conference,) = report["conferences"]
    assert [(item["uri"], item["entry"], item["call"], item["aware"]) for item in conference["participants"]] == [
        ("sip:alice@192.0.2.10", "dial-in", 1, True),
        ("sip:bob@192.0.2.20", "dial-in", 2, None),
        ("sip:carol@192.0.2.30", "dial-in", 3, None),
    ]


def test_capture_without_conferences_says_so(run, capture):
    assert "0 conferences" in run("conferences", capture()).output


def test_report_lists_conferences(run, capture):
    report = json.loads(run("analyze", capture(DIAL_IN), "--format", "json").stdout)
    assert [item["uri"] for item in report["conferences"]] == ["sip:room@192.0.2.50"]


def test_page_of_a_call_names_all_who_were_in_its_conference(run, capture):
    output = run("show", capture(DIAL_IN), "--call", "2").output
    assert all(_row(output, f"sip:{name}@", "dial-in", ":") for name in ("alice", "carol"))
