"""`sipscope report` as a user meets it."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from sipscope.cli import main
from sipscope.cli.audit_reports import TABLES
from tests.cli.conftest import FAULTY, Run
from tests.trace_script import capture_of


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an audit of a faulty call found."""
    place = tmp_path_factory.mktemp("audit")
    (place / "faulty.pcap").write_bytes(capture_of(FAULTY))
    command = ["audit", str(place / "faulty.pcap"), "-o", str(place / "results"), "--jobs", "1"]
    assert CliRunner().invoke(main, command).exit_code == 1
    return place / "results"


def test_a_report_is_text_where_nothing_else_is_said(run: Run, results: Path):
    result = run("report", results)
    assert result.exit_code == 0
    assert "1 capture · 1 call · 1 error" in result.stdout


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("a.sarif", '{\n  "version": "2.1.0"'),
        ("a.sarif.json", '{\n  "version": "2.1.0"'),
        ("a.xml", "<?xml"),
        ("a.csv", "capture,finding,"),
        ("a.jsonl", '{"capture": '),
        ("a.txt", "1 capture"),
        ("a.md", "# Audit"),
        ("a.html", "<!DOCTYPE html>"),
        ("a.HTM", "<!DOCTYPE html>"),
    ],
)
def test_the_ending_of_a_name_is_its_format(run: Run, results: Path, tmp_path: Path, name: str, beginning: str):
    assert run("report", results, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_text("utf-8").startswith(beginning)


def test_a_format_goes_before_an_ending(run: Run, results: Path, tmp_path: Path):
    assert run("report", results, "--format", "sarif", "-o", tmp_path / "a.xml").exit_code == 0
    assert (tmp_path / "a.xml").read_text("utf-8").startswith("{")


def test_an_ending_of_no_report_is_wrong_usage(run: Run, results: Path, tmp_path: Path):
    result = run("report", results, "-o", tmp_path / "a.docx")
    assert result.exit_code == 2
    assert ".sarif" in result.stderr


def test_rows_of_any_table_are_told(run: Run, results: Path):
    rows = list(csv.DictReader(io.StringIO(run("report", results, "--format", "csv", "--table", "calls").stdout)))
    assert [(row["call"], row["outcome"]) for row in rows] == [("1", "answered")]


def test_findings_are_the_rows_where_no_table_is_named(run: Run, results: Path):
    (line,) = run("report", results, "--format", "jsonl").stdout.splitlines()
    assert json.loads(line)["rule"] == "OA-001"


def test_a_table_of_a_page_is_wrong_usage(run: Run, results: Path):
    assert run("report", results, "--format", "sarif", "--table", "calls").exit_code == 2


def test_the_database_is_named_as_well_as_its_directory(run: Run, results: Path):
    assert run("report", results / "audit.duckdb").stdout == run("report", results).stdout


@pytest.mark.parametrize("style", ["text", "html", "markdown", "csv", "jsonl", "sarif", "junit"])
def test_the_same_results_give_the_same_bytes(run: Run, results: Path, style: str):
    command = ("report", results, "--format", style)
    assert run(*command).stdout_bytes == run(*command).stdout_bytes


def test_results_that_are_not_there_are_said(run: Run, tmp_path: Path):
    result = run("report", tmp_path / "nowhere")
    assert result.exit_code == 3
    assert "sipscope audit" in result.stderr


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_the_database_can_be_told(run: Run, results: Path, table: str):
    assert run("report", results, "--format", "csv", "--table", table).exit_code == 0


def test_nothing_is_new_against_itself(run: Run, results: Path):
    result = run("report", results, "--format", "sarif", "--baseline", results)
    assert [item["baselineState"] for item in json.loads(result.stdout)["runs"][0]["results"]] == ["unchanged"]
    assert "<failure" not in run("report", results, "--format", "junit", "--baseline", results).stdout
    assert "1 error · 0 warnings · 0 new" in run("report", results, "--baseline", results).stdout
    assert "Nothing is new" in run("report", results, "--format", "html", "--baseline", results).stdout


def test_a_baseline_of_rows_is_wrong_usage(run: Run, results: Path):
    assert run("report", results, "--format", "csv", "--baseline", results).exit_code == 2


HOSTILE = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     User-Agent: =HYPERLINK("http://evil.example")<script>alert(1)</script>]]>|[x](http://evil.example)
     m=audio 4000 RTP/AVP 0
     m=video 4002 RTP/AVP 31
1.0  bob -> alice  200
     Server: "><img src=x onerror=alert(1)>
     m=audio 5000 RTP/AVP 0
1.1  alice -> bob  ACK
4.0  alice -> bob  BYE
4.1  bob -> alice  200
"""
"""Products that are formulas, elements, the end of a section, and links."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an audit of a hostile capture with a hostile name found."""
    place = tmp_path_factory.mktemp("hostile")
    path = place / "=1+1 <b>&'\x1b[2J.pcap"
    path.write_bytes(capture_of(HOSTILE))
    CliRunner().invoke(main, ["audit", str(path), "-o", str(place / "results"), "--jobs", "1"])
    return place / "results"


@pytest.mark.parametrize("style", ["text", "html", "markdown", "csv", "jsonl", "sarif", "junit"])
def test_no_control_character_of_a_capture_reaches_a_report(run: Run, hostile: Path, style: str):
    text = run("report", hostile, "--format", style).stdout
    assert not {item for item in text if not item.isprintable()} - {"\n", "\r", "\u202f"}


@pytest.mark.parametrize(("style", "marks"), [("html", ("<script", "<img", "<b>&")), ("markdown", ("<script", "<img"))])
def test_a_capture_adds_no_element_to_a_report(run: Run, hostile: Path, style: str, marks: tuple[str, ...]):
    text = run("report", hostile, "--format", style).stdout
    assert "evil.example" in text
    assert not [mark for mark in marks if mark in text]


def test_a_capture_adds_no_element_to_junit(run: Run, hostile: Path):
    root = etree.fromstring(run("report", hostile, "--format", "junit").stdout_bytes)
    known = {"testsuites", "testsuite", "testcase", "failure", "system-out"}
    assert {element.tag for element in root.iter()} <= known


def test_no_cell_of_a_capture_is_a_formula(run: Run, hostile: Path):
    text = run("report", hostile, "--format", "csv", "--table", "calls").stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["caller_agent"].startswith("'=HYPERLINK")
    assert row["capture"].startswith(("/", "'"))
