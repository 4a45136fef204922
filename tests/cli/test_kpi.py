"""`sipscope kpi` as a user meets it."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def results(run: Run, samples: Path, tmp_path: Path) -> Path:
    """What an audit of two captures left: an answered call and a busy one."""
    for name in ("delayed-offer", "busy"):
        (tmp_path / f"{name}.pcapng").write_bytes((samples / f"{name}.pcapng").read_bytes())
    run("audit", str(tmp_path / "delayed-offer.pcapng"), str(tmp_path / "busy.pcapng"), "-o", str(tmp_path / "results"))
    return tmp_path / "results"


def test_shares_stand_with_their_counts(run: Run, results: Path) -> None:
    result = run("kpi", str(results))
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("SER")]
    assert "50.0" in line
    assert "1 of 2" in line


def test_a_share_of_nothing_is_not_available(run: Run, results: Path) -> None:
    (line,) = [line for line in run("kpi", str(results)).stdout.splitlines() if line.startswith("IRA")]
    assert "n/a" in line
    assert "0 of 0" in line


def test_the_database_itself_may_be_named(run: Run, results: Path) -> None:
    assert run("kpi", str(results / "audit.duckdb")).stdout == run("kpi", str(results)).stdout


def test_captures_give_the_figures_of_their_audit(run: Run, results: Path, tmp_path: Path) -> None:
    captures = [str(tmp_path / f"{name}.pcapng") for name in ("delayed-offer", "busy")]
    assert run("kpi", *captures).stdout == run("kpi", str(results)).stdout


def test_json_tells_null_where_nothing_counted(run: Run, results: Path) -> None:
    document = json.loads(run("kpi", str(results), "--format", "json").stdout)
    metrics = {item["code"]: item for item in document["metrics"]}
    assert metrics["KPI-002"]["percent"] is None
    assert metrics["KPI-008"]["percent"] == 50.0
    assert document["final_statuses"] == {"200": 1, "486": 1}


def test_csv_has_a_row_a_metric_and_group(run: Run, results: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("kpi", str(results), "--by", "capture", "--format", "csv").stdout)))
    assert len([row for row in rows if row["code"] == "KPI-008"]) == 2


def test_a_path_that_leads_nowhere_is_said(run: Run, tmp_path: Path) -> None:
    result = run("kpi", str(tmp_path / "nowhere"))
    assert result.exit_code == 3
    assert "nowhere" in result.stderr


def test_a_limit_that_is_missed_is_said_and_decides_the_exit_code(run: Run, results: Path) -> None:
    result = run("kpi", str(results), "--limit", "SER>=90", "--limit", "PDD<10s")
    assert result.exit_code == 1
    assert "limit missed: SER is 50 % (1 of 2), the limit is SER>=90" in result.stderr
    assert "PDD" not in result.stderr


def test_limits_that_hold_leave_the_exit_code_at_0(run: Run, results: Path) -> None:
    assert run("kpi", str(results), "--limit", "SER>=50").exit_code == 0


def test_a_limit_without_anything_to_judge_by_is_said(run: Run, results: Path) -> None:
    result = run("kpi", str(results), "--limit", "KPI-102")
    assert result.exit_code == 0
    assert "nothing to judge it by" in result.stderr


def test_json_lists_the_limits_that_are_missed(run: Run, results: Path) -> None:
    result = run("kpi", str(results), "--limit", "SER>=90", "--format", "json")
    assert json.loads(result.stdout)["limits_missed"] == ["SER is 50 % (1 of 2), the limit is SER>=90"]


def test_a_limit_that_cannot_be_read_is_wrong_usage(run: Run, results: Path) -> None:
    assert run("kpi", str(results), "--limit", "SERR>=90").exit_code == 2
