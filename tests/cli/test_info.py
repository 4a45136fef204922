import json

import pytest

from tests.capture.builders import SIP, interface, option, pcapng, section, with_options
from tests.cli.conftest import FAULTY

HOSTILE = b"\x1b[2Jgone\x9b31m\xe2\x80\xae"


def test_page_tells_format_and_span(run, capture):
    output = run("info", capture()).output
    assert "pcap, native engine" in output
    assert "4.1 s" in output


def test_json_is_a_document_of_the_facts(run, capture):
    report = json.loads(run("info", capture(), "--format", "json").output)
    assert (report["format"], report["link_types"], report["one_sided"]) == ("pcap", ["ethernet"], [])


def test_several_captures_are_an_array(run, capture):
    paths = [capture(name="a.pcap"), capture(name="b.pcap")]
    reports = json.loads(run("info", *paths, "--format", "json").stdout)
    assert [report["path"] for report in reports] == [str(path) for path in paths]


@pytest.mark.parametrize("style", ["text", "json"])
def test_what_a_file_says_of_itself_is_never_obeyed(run, tmp_path, style):
    path = tmp_path / "hostile.pcapng"
    described = interface(options=option(2, HOSTILE) + option(1, HOSTILE))
    path.write_bytes(section() + described + with_options(SIP, option(1, HOSTILE)))
    output = run("info", path, "--format", style).stdout
    assert "gone" in output
    assert not any(character in output for character in "\x1b\x9b\u202e\udc9b")


def test_damaged_file_is_shown_and_exits_3(run, tmp_path):
    path = tmp_path / "cut.pcapng"
    path.write_bytes(pcapng([SIP, SIP])[:-10])
    result = run("info", path)
    assert result.exit_code == 3
    assert "truncated-file" in result.output


def test_findings_do_not_change_the_exit_code(run, capture):
    assert run("info", capture(FAULTY)).exit_code == 0


def test_output_goes_to_a_file(run, tmp_path, capture):
    target = tmp_path / "facts.json"
    run("info", capture(), "--format", "json", "-o", target)
    assert json.loads(target.read_text())["packets"] > 0


def test_log_is_counted_in_lines(run, samples):
    assert "100 lines, 6 SIP messages" in run("info", samples / "basic-call-sipp.log").output
