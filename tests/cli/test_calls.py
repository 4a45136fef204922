"""`sipscope calls`: one row a call, chosen and sorted."""

import csv
import io
import json

import pytest
from click.shell_completion import ShellComplete

from sipscope.cli import main
from sipscope.cli.commands.calls import SORT_KEYS
from sipscope.views.calls_table import SORT_KEYS as KEYS
from tests.cli.conftest import CALL, FAULTY, NO_SIP, TWO_CALLS


def rows(result):
    return json.loads(result.stdout)["calls"]


def ids(result):
    return [row["id"] for row in rows(result)]


def test_table_has_a_row_for_each_call(run, capture):
    lines = run("calls", capture(TWO_CALLS)).stdout.splitlines()
    assert [line.split()[0] for line in lines if "alice" in line] == ["1", "2"]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("outcome==rejected", [2]),
        ("outcome==answered and callee~'^b'", [1]),
        ("final_status in (200, 486)", [1, 2]),
        ("setup_ms<=100ms", [1]),
        ("talking_ms>2s", [1]),
        ("talking_ms==null", [2]),
        ("caller==alice", [1, 2]),
        ("addresses=='192.0.2.20'", [1, 2]),
        ("addresses=='192.0.2.99'", []),
        ("streams==2", [1]),
        ("codecs==pcmu and loss_percent==0", [1]),
        ("has(refuse)", [2]),
        ("released_by==caller", [1]),
        ("started_at>2000-01-01 and id<9", [1, 2]),
        ("user_agents~sipscope and transports!=TCP or legs!=1", []),
    ],
)
def test_where_chooses_calls(run, capture, expression, found):
    assert ids(run("calls", capture(TWO_CALLS), "--where", expression, "--format", "json")) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [("has(OA-001)", [1]), ("severities==error", [1]), ("errors>=1 and findings!=OA-003", [1]), ("errors==0", [])],
)
def test_where_chooses_by_findings(run, capture, expression, found):
    assert ids(run("calls", capture(FAULTY), "--where", expression, "--format", "json")) == found


def test_wrong_expression_is_refused_before_anything_is_read(run, tmp_path):
    result = run("calls", tmp_path / "missing.pcap", "--where", "outcom==rejected")
    assert result.exit_code == 2
    assert result.stderr == "sipscope: filter, column 1: there is no field 'outcom'; did you mean outcome?\n"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), [1, 2]),
        (("--reverse",), [2, 1]),
        (("--sort", "status"), [1, 2]),
        (("--sort", "status", "--reverse"), [2, 1]),
        (("--sort", "talking", "--reverse"), [1, 2]),
        (("--sort", "mos"), [1, 2]),
        (("--sort", "started", "--reverse", "--limit", "1"), [2]),
    ],
)
def test_calls_are_sorted_and_limited(run, capture, options, found):
    assert ids(run("calls", capture(TWO_CALLS), "--format", "json", *options)) == found


def test_several_captures_are_one_list(run, capture):
    result = run("calls", capture(CALL, "a.pcap"), capture(TWO_CALLS, "b.pcap"), "--no-merge", "--format", "json")
    assert sorted((row["capture"].rpartition("/")[2], row["id"]) for row in rows(result)) == [
        ("a.pcap", 1),
        ("b.pcap", 1),
        ("b.pcap", 2),
    ]


def test_several_captures_are_named_in_the_table(run, capture):
    result = run("calls", capture(CALL, "a.pcap"), capture(TWO_CALLS, "b.pcap"), "--no-merge")
    assert ("a.pcap" in result.stdout, "b.pcap" in result.stdout) == (True, True)


def test_csv_has_the_names_of_the_json_rows(run, capture):
    path = capture(TWO_CALLS)
    table = list(csv.DictReader(io.StringIO(run("calls", path, "--format", "csv").stdout)))
    wanted = rows(run("calls", path, "--format", "json"))
    assert [list(row) for row in table] == [list(row) for row in wanted]
    assert [row["outcome"] for row in table] == ["answered", "rejected"]


def test_capture_without_calls_gives_no_rows(run, capture):
    assert ids(run("calls", capture(NO_SIP), "--format", "json")) == []


def test_missing_capture_is_unreadable(run, tmp_path):
    assert run("calls", tmp_path / "missing.pcap").exit_code == 3


def completions(arguments, incomplete):
    found = ShellComplete(main, {}, "sipscope", "_SIPSCOPE_COMPLETE").get_completions(arguments, incomplete)
    return [item.value for item in found]


@pytest.mark.parametrize(
    ("incomplete", "found"),
    [
        ("outc", ["outcome"]),
        ("outcome==rejected and rel", ["outcome==rejected and released_by"]),
        ("outcome==re", ["outcome==rejected", "outcome==redirected"]),
        ("findings==OA-00", None),
    ],
)
def test_fields_and_their_values_are_completed(incomplete, found):
    got = completions(["calls", "--where"], incomplete)
    assert got == found if found is not None else "findings==OA-003" in got


def test_command_offers_every_sort_key():
    assert SORT_KEYS == KEYS


def test_sort_keys_are_completed():
    assert completions(["calls", "--sort"], "s") == ["started", "setup", "status"]
