"""The configuration as commands find it, and what `sipscope config` says of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

MUTE = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
1.0   bob -> alice  183
      m=audio 5000 RTP/AVP 0
9.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
9.1   alice -> bob  ACK
9.1-12 alice => bob  PCMU
9.1-12 bob => alice  PCMU
12.0  alice -> bob  BYE
12.1  bob -> alice  200
"""
"""Silence before the answer, which EM-001 tells as an error."""

SILENT = '[rules]\n"*" = "off"\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_is_configured_where_there_is_no_file(run: Run, place: Path) -> None:
    assert run("config", "check").output == "no configuration: defaults are in force\n"


def test_a_file_above_the_current_directory_holds(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "sipscope.toml").write_text(SILENT)
    (place / "below").mkdir()
    monkeypatch.chdir(place / "below")
    assert "1 rule setting" in run("config", "check").output


def test_the_table_of_a_project_holds(run: Run, place: Path) -> None:
    (place / "pyproject.toml").write_text('[tool.sipscope.rules]\n"EM-*" = "off"\n')
    assert run("config", "check").output.startswith("pyproject.toml is right: 1 rule setting")


def test_a_project_without_the_table_is_passed_by(run: Run, place: Path) -> None:
    (place / "pyproject.toml").write_text("[tool.other]\n")
    assert run("config", "check").output == "no configuration: defaults are in force\n"


def test_every_mistake_is_told(run: Run, place: Path) -> None:
    (place / "sipscope.toml").write_text("a = 1\nb = 2\n")
    result = run("config", "check")
    assert (result.exit_code, result.stderr.count("there is no key")) == (2, 2)


def test_what_is_in_force_is_shown_with_its_file(run: Run, place: Path) -> None:
    (place / "sipscope.toml").write_text("[thresholds]\ndead_air_s = 3\n")
    lines = [" ".join(line.split()) for line in run("config", "show").output.splitlines()]
    assert "thresholds.dead_air_s = 3 # sipscope.toml" in lines
    assert "thresholds.clipped_ms = 500 # default" in lines


def test_text_that_is_no_toml_is_told_with_its_line(run: Run, place: Path) -> None:
    (place / "sipscope.toml").write_text("a = \n")
    result = run("config", "check")
    assert (result.exit_code, "sipscope.toml" in result.stderr, "line 1" in result.stderr) == (2, True, True)


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--no-config",), 1), (("--config", "other.toml"), 1)])
def test_a_command_keeps_to_the_configuration(
    run: Run, place: Path, capture: Callable[..., Path], options: tuple[str, ...], code: int
) -> None:
    (place / "sipscope.toml").write_text(SILENT)
    (place / "other.toml").write_text("")
    assert run("analyze", str(capture(MUTE)), *options).exit_code == code


def test_an_expired_suppression_is_told(run: Run, place: Path, capture: Callable[..., Path]) -> None:
    (place / "sipscope.toml").write_text('[[suppress]]\nrule = "EM-*"\nreason = "old"\nexpires = 2020-01-01\n')
    assert "the suppression of EM-* (old) expired on 2020-01-01" in run("analyze", str(capture())).stderr


def test_an_alias_of_the_command_line_goes_before_the_configured_one(
    run: Run, place: Path, capture: Callable[..., Path]
) -> None:
    (place / "sipscope.toml").write_text('[aliases]\n"192.0.2.10" = "Configured"\n"192.0.2.20" = "Desk"\n')
    report = json.loads(run("analyze", str(capture()), "--alias", "192.0.2.10=Told", "--format", "json").stdout)
    assert report["capture"]["names"] == {"192.0.2.10": "Told", "192.0.2.20": "Desk"}


def test_an_expectation_that_fails_is_told_and_makes_the_exit_code(
    run: Run, place: Path, capture: Callable[..., Path]
) -> None:
    (place / "sipscope.toml").write_text('[[expect]]\nname = "two calls"\ncalls = 2\n')
    result = run("analyze", str(capture()))
    assert (result.exit_code, "call.pcap: two calls fails: calls: 1, not == 2" in result.stderr) == (1, True)


def test_an_audit_keeps_to_the_configuration_beside_its_results(
    run: Run, place: Path, capture: Callable[..., Path]
) -> None:
    (place / "lab").mkdir()
    (place / "lab" / "sipscope.toml").write_text('[[expect]]\nname = "two calls"\ncalls = 2\n')
    result = run("audit", str(capture()), "-o", "lab/results")
    assert (result.exit_code, "call.pcap: two calls fails: calls: 1, not == 2" in result.stderr) == (1, True)


def test_an_audit_counts_what_is_suppressed_apart(run: Run, place: Path, capture: Callable[..., Path]) -> None:
    (place / "sipscope.toml").write_text('[[suppress]]\nrule = "EM-001"\ncapture = "call.pcap"\nreason = "known"\n')
    result = run("audit", str(capture(MUTE)), "-o", "results")
    assert (result.exit_code, "0 errors · 0 warnings · 1 suppressed" in result.stdout) == (0, True)


def test_an_audit_fails_by_what_is_new_alone(run: Run, place: Path, capture: Callable[..., Path]) -> None:
    folder = capture(MUTE, "a.pcap").parent
    options = ("audit", str(folder / "*.pcap"), "-o", "results", "--fail-on", "new", "--baseline", "first.duckdb")
    run("audit", str(folder / "*.pcap"), "-o", "results")
    (place / "results" / "audit.duckdb").rename(place / "first.duckdb")
    same = run(*options)
    capture(MUTE.replace("1.0 ", "0.5 "), "b.pcap")
    other = run(*options)
    assert (same.exit_code, "Nothing is new or worse than the baseline." in same.stdout) == (0, True)
    assert (other.exit_code, "New or worse than the baseline" in other.stdout) == (1, True)


def test_new_needs_something_to_compare_with(run: Run, place: Path, capture: Callable[..., Path]) -> None:
    result = run("audit", str(capture()), "--fail-on", "new")
    assert (result.exit_code, "--baseline" in result.stderr) == (2, True)


def test_a_watch_tells_expectations_that_fail(run: Run, place: Path, capture: Callable[..., Path]) -> None:
    (place / "sipscope.toml").write_text('[[expect]]\nname = "two calls"\ncalls = 2\n')
    (place / "ring").mkdir()
    capture().rename(place / "ring" / "call.pcap")
    result = run("watch", "ring", "-o", "results", "--once", "--settle", "0")
    assert "ring/call.pcap: two calls fails: calls: 1, not == 2" in result.stderr
