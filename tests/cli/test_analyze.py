"""`sipscope analyze`: tables for people, one JSON document for programs."""

import gzip
import json
import os
import subprocess

import pytest

from sipscope.render.json import report_json
from sipscope.version import VERSION
from sipscope.views.report import report_of
from tests.cli.conftest import CALL, FAULTY, NO_SIP, TWO_CALLS

REPORT = {
    "": "schema sipscope capture hosts transactions dialogs exchanges subscriptions registrations transfers calls"
    " streams findings totals",
    "capture": "path format engine link_types packets first_packet_at last_packet_at sip_messages sip_duplicates"
    " rtp_packets rtcp_packets set_aside gaps",
    "transactions": "id method branch sent_by source destination state request_frames response_frames final_status"
    " copies",
    "dialogs": "id call_id caller_tag callee_tag state created_by ended_by usages call",
    "exchanges": "id dialog pattern outcome offer_frames answer_frames media",
    "exchanges.media": "index kind port_offer port_answer codecs direction",
    "subscriptions": "id dialog event state reason expires_s notify_frames call",
    "registrations": "id aor contacts outcome expires_s frames",
    "transfers": "id kind transferor transferee target refer_frame outcome reported_status observed_status"
    " resulting_call call",
    "calls": "id call_ids caller callee started_at answered_at ended_at outcome final_status released_by setup_ms"
    " ringing_ms talking_ms dialogs legs streams transfers services correlations diagnosis",
    "calls.legs": "hop dialog frames",
    "calls.services": "name at until by frames",
    "calls.correlations": "kind confidence text frames",
    "calls.diagnosis": "headline confidence causes next_steps",
    "streams": "id ssrc source destination payload_types codec clock_rate_hz media_kind call dialog media_index"
    " first_packet_at last_packet_at packets expected lost loss_percent duplicates reordered jitter_ms_mean"
    " jitter_ms_max delta_ms_max bursts gaps ptime_ms dscp r_factor mos digits rtcp",
    "findings": "id rule name severity confidence text at frames subject call standards next_steps caused_by guards",
    "findings.subject": "kind id",
    "totals": "calls dialogs transactions streams findings",
    "totals.findings": "error warning info",
}
"""The names that other programs rely on; more may be there."""

EVERYTHING = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
0.0   alice -> bob  REGISTER
      Contact: <sip:alice@192.0.2.10>;expires=60
0.1   bob -> alice  200
      Contact: <sip:alice@192.0.2.10>;expires=60
0.2   alice -> bob  SUBSCRIBE call=s
      Event: presence
      Expires: 60
0.3   bob -> alice  200
      Expires: 60
0.4   bob -> alice  NOTIFY call=s
      Event: presence
      Subscription-State: active;expires=60
0.5   alice -> bob  200
1.0   alice -> bob  INVITE call=c
      m=audio 4000 RTP/AVP 0
2.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
2.1   alice -> bob  ACK
2.2-4 alice => bob  PCMU
2.2-4 bob => alice  PCMU
3.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
      a=sendonly
3.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
      a=recvonly
3.2   alice -> bob  ACK
5.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
5.1   bob -> alice  202
5.2   bob -> carol  INVITE
      Referred-By: <sip:alice@192.0.2.10>
5.3   carol -> bob  486
5.4   bob -> carol  ACK
30    end
"""
"""One of each thing that a report lists."""


def values_at(report, path: str) -> list[dict[str, object]]:
    """Every object at a dotted path, through lists."""
    found = [report]
    for name in filter(None, path.split(".")):
        found = [inner for item in found for inner in (item[name] if isinstance(item[name], list) else [item[name]])]
    return found


# -- JSON


@pytest.mark.parametrize("path", REPORT)
def test_report_has_the_promised_names(run, capture, path):
    report = json.loads(run("analyze", capture(EVERYTHING), "--format", "json").stdout)
    found = values_at(report, path)
    assert found
    for item in found:
        assert set(REPORT[path].split()) <= set(item)


def test_report_says_its_schema_and_the_version_of_the_program(run, capture):
    report = json.loads(run("analyze", capture(), "--format", "json").stdout)
    assert (report["schema"], report["sipscope"]) == (1, VERSION)


def test_report_tells_the_call(run, capture):
    (call,) = json.loads(run("analyze", capture(), "--format", "json").stdout)["calls"]
    told = {
        name: call[name] for name in ("outcome", "final_status", "released_by", "setup_ms", "talking_ms", "streams")
    }
    assert told == {
        "outcome": "answered",
        "final_status": 200,
        "released_by": "caller",
        "setup_ms": 100,
        "talking_ms": 3000,
        "streams": ["s1", "s2"],
    }


def test_report_of_a_fault_names_rule_frames_and_clause(run, capture):
    result = run("analyze", capture(FAULTY), "--format", "json")
    finding = next(item for item in json.loads(result.stdout)["findings"] if item["severity"] == "error")
    assert (finding["rule"], finding["call"]) == ("OA-001", 1)
    assert 2 in finding["frames"]
    assert any("RFC 3264" in clause for clause in finding["standards"])


def test_messages_are_listed_when_asked_for(run, capture):
    path = capture()
    assert "messages" not in json.loads(run("analyze", path, "--format", "json").stdout)
    messages = json.loads(run("analyze", path, "--format", "json", "--messages").stdout)["messages"]
    assert [item["status"] or item["method"] for item in messages] == ["INVITE", 180, 200, "ACK", "BYE", 200]


def test_report_of_a_capture_without_sip_has_empty_lists(run, capture):
    report = json.loads(run("analyze", capture(NO_SIP), "--format", "json").stdout)
    assert [report[name] for name in ("calls", "findings", "streams", "dialogs")] == [[], [], [], []]


def test_several_captures_are_an_array_in_the_order_given(run, capture):
    second, first = capture(CALL, "b.pcap"), capture(TWO_CALLS, "a.pcap")
    reports = json.loads(run("analyze", second, first, "--format", "json").stdout)
    assert [(report["capture"]["path"], report["totals"]["calls"]) for report in reports] == [
        (str(second), 1),
        (str(first), 2),
    ]


def test_several_captures_are_an_array_even_when_one_alone_can_be_read(run, tmp_path, capture):
    result = run("analyze", capture(), tmp_path / "missing.pcap", "--format", "json")
    assert len(json.loads(result.stdout)) == 1


def test_report_is_what_the_view_makes_of_the_trace(run, capture):
    from sipscope import analyze

    path = capture()
    expected = report_json(report_of(analyze(str(path)), version=VERSION))
    assert run("analyze", path, "--format", "json").stdout == expected


def test_same_capture_gives_the_same_bytes(run, capture):
    path = capture(FAULTY)
    first, second = (run("analyze", path, "--format", "json").stdout_bytes for _ in range(2))
    assert first == second


# -- text


def test_text_shows_the_call_its_story_and_the_media(run, capture):
    text = run("analyze", capture()).stdout
    assert "1 call, 0 errors" in text
    assert "Answered and lasted 3.0 s, ended by the caller." in text
    assert "192.0.2.10:4000" in text


def test_text_of_several_captures_names_each(run, capture):
    one, other = capture(CALL, "one.pcap"), capture(TWO_CALLS, "other.pcap")
    text = run("analyze", one, other).stdout
    assert text.index(str(one)) < text.index(str(other))


def test_text_that_goes_to_a_file_or_a_pipe_has_no_colour(run, capture, tmp_path):
    run("analyze", capture(FAULTY), "-o", tmp_path / "report.txt")
    assert "\x1b" not in (tmp_path / "report.txt").read_text()
    assert "\x1b" not in run("analyze", capture(FAULTY)).stdout


@pytest.mark.parametrize("style", ["text", "json"])
def test_file_holds_what_standard_output_would(run, capture, tmp_path, style):
    path = capture()
    result = run("analyze", path, "--format", style, "-o", tmp_path / "out")
    assert result.stdout == ""
    assert (tmp_path / "out").read_text() == run("analyze", path, "--format", style).stdout


# -- where captures come from


def test_standard_input(run, capture):
    result = run("analyze", "-", "--format", "json", input=capture().read_bytes())
    report = json.loads(result.stdout)
    assert (report["capture"]["path"], report["totals"]["calls"]) == ("-", 1)


def test_standard_input_may_be_compressed(run, capture):
    result = run("analyze", "-", "--format", "json", input=gzip.compress(capture().read_bytes()))
    assert json.loads(result.stdout)["capture"]["format"] == "pcap+gzip"


def test_standard_input_beside_a_file(run, capture):
    result = run("analyze", "-", capture(TWO_CALLS, "b.pcap"), "--format", "json", input=capture().read_bytes())
    assert [report["totals"]["calls"] for report in json.loads(result.stdout)] == [1, 2]


def test_pipe_is_read_as_a_process(process, capture):
    result = process("analyze", "-", "--format", "json", input=capture().read_bytes())
    assert (result.returncode, json.loads(result.stdout)["totals"]["calls"]) == (0, 1)


# -- a reader that stops early


@pytest.mark.parametrize("script", [CALL, FAULTY])
def test_broken_pipe_changes_neither_exit_code_nor_standard_error(run, process, capture, script):
    path = capture(script)
    reader, writer = os.pipe()
    os.close(reader)
    result = process("analyze", path, stdout=writer, stderr=subprocess.PIPE, capture_output=False)
    os.close(writer)
    assert (result.returncode, result.stderr) == (run("analyze", path).exit_code, b"")


# -- how captures are read


def test_user_may_say_that_media_is_visible(run, capture):
    path = capture("\n".join(line for line in CALL.splitlines() if "=>" not in line).replace("\n4.", "\n24."))
    assert run("analyze", path).exit_code == 0
    assert run("analyze", path, "--media-expected").exit_code == 1


def test_native_engine_decrypts_nothing(run, capture, tmp_path):
    (tmp_path / "keys").write_text("")
    result = run("analyze", capture(), "--engine", "native", "--keylog", tmp_path / "keys")
    assert result.exit_code == 2
    assert "decrypts nothing" in result.stderr


def test_log_is_analysed_like_a_capture(run, samples):
    result = run("analyze", samples / "basic-call-sipp.log")
    assert result.exit_code == 0
    assert "sipp-message-log, text engine" in result.output
    assert "lines   100" in result.output
    assert "1 call, 0 errors" in result.output


def test_media_is_never_missed_in_a_log(run, samples):
    assert "RTP-" not in run("analyze", samples / "basic-call-sipp.log", "--media-expected").output


def test_where_leaves_other_calls_out(run, capture):
    result = run("analyze", capture(TWO_CALLS), "--where", "outcome==rejected", "--format", "json", "--messages")
    report = json.loads(result.stdout)
    assert ([call["id"] for call in report["calls"]], report["streams"]) == ([2], [])
    assert {message["call_id"] for message in report["messages"]} == set(report["calls"][0]["call_ids"])


def test_findings_of_calls_that_where_leaves_out_do_not_count(run, capture):
    path = capture(FAULTY)
    codes = [run("analyze", path, "--where", expression).exit_code for expression in ("id==1", "id==2")]
    assert codes == [1, 0]
