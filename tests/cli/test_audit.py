"""`sipscope audit` as a user meets it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def folder(samples: Path, tmp_path: Path) -> Path:
    """Two captures."""
    made = tmp_path / "captures"
    made.mkdir()
    for name in ("busy.pcapng", "cancelled.pcapng"):
        (made / name).write_bytes((samples / name).read_bytes())
    return made


def test_an_audit_counts_calls_and_names_its_database(run: Run, folder: Path, tmp_path: Path) -> None:
    result = run("audit", str(folder), "-o", str(tmp_path / "results"))
    assert result.exit_code == 0, result.output
    assert "2 captures · 2 calls" in result.stdout
    assert str(tmp_path / "results" / "audit.duckdb") in result.stdout


def test_findings_at_the_threshold_make_the_exit_code_1(run: Run, folder: Path, samples: Path, tmp_path: Path) -> None:
    (folder / "unanswered.pcapng").write_bytes((samples / "invite-unanswered.pcapng").read_bytes())
    command = ("audit", str(folder), "-o", str(tmp_path / "results"))
    assert run(*command).exit_code == 1
    assert run(*command, "--fail-on", "never").exit_code == 0


def test_a_capture_that_cannot_be_read_makes_the_exit_code_3(run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "letter.pcap").write_text("Dear Sir or Madam,")
    result = run("audit", str(folder), "-o", str(tmp_path / "results"))
    assert result.exit_code == 3
    assert "letter.pcap" in result.stderr
    assert "Captures not read" in result.stdout
    assert "3 captures · 1 of them not read · 2 calls" in result.stdout


def test_a_capture_that_could_not_be_read_before_still_makes_the_exit_code_3(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (folder / "letter.pcap").write_text("Dear Sir or Madam,")
    command = ("audit", str(folder), "-o", str(tmp_path / "results"))
    assert run(*command).exit_code == 3
    assert run(*command).exit_code == 3


@pytest.mark.parametrize("shard", ["0/3", "4/3", "3", "a/b", "1/0"])
def test_a_shard_that_is_none_is_wrong_usage(run: Run, folder: Path, tmp_path: Path, shard: str) -> None:
    result = run("audit", str(folder), "-o", str(tmp_path / "results"), "--shard", shard)
    assert result.exit_code == 2
    assert "3/10" in result.stderr


def test_shards_of_one_directory_add_up(run: Run, folder: Path, tmp_path: Path) -> None:
    for number in ("1/2", "2/2"):
        run("audit", str(folder), "-o", str(tmp_path / "results"), "--shard", number)
    assert "2 captures" in run("audit", str(folder), "-o", str(tmp_path / "results")).stdout


def test_a_path_that_leads_nowhere_is_said(run: Run, tmp_path: Path) -> None:
    result = run("audit", str(tmp_path / "nowhere"), "-o", str(tmp_path / "results"))
    assert result.exit_code == 3
    assert "nowhere" in result.stderr


def test_a_size_that_is_none_is_wrong_usage(run: Run, folder: Path, tmp_path: Path) -> None:
    assert run("audit", str(folder), "-o", str(tmp_path / "results"), "--memory", "much").exit_code == 2


def test_names_of_captures_cannot_steer_a_terminal(run: Run, folder: Path, tmp_path: Path) -> None:
    (folder / "\x1b[2Jevil.pcap").write_text("Dear Sir or Madam,")
    result = run("audit", str(folder), "-o", str(tmp_path / "results"))
    assert "\x1b" not in result.output


def test_reports_are_written_at_the_end(run: Run, folder: Path, tmp_path: Path) -> None:
    command = ("audit", str(folder), "-o", str(tmp_path / "results"), "--jobs", "1")
    files = [tmp_path / "audit.html", tmp_path / "audit.sarif"]
    result = run(*command, *(word for file in files for word in ("--report", str(file))))
    assert result.exit_code == 0, result.output
    assert [file.read_text("utf-8")[:1] for file in files] == ["<", "{"]


def test_a_report_of_no_known_ending_is_said_before_anything_is_done(run: Run, folder: Path, tmp_path: Path) -> None:
    result = run("audit", str(folder), "-o", str(tmp_path / "results"), "--report", "audit.docx")
    assert result.exit_code == 2
    assert not (tmp_path / "results").exists()


def test_reports_at_the_end_keep_to_the_baseline(run: Run, folder: Path, samples: Path, tmp_path: Path) -> None:
    (folder / "unanswered.pcapng").write_bytes((samples / "invite-unanswered.pcapng").read_bytes())
    report = tmp_path / "audit.xml"
    run("audit", str(folder), "-o", str(tmp_path / "before"), "--jobs", "1", "--report", str(report))
    assert "<failure" in report.read_text("utf-8")
    earlier = str(tmp_path / "before" / "audit.duckdb")
    run("audit", str(folder), "-o", str(tmp_path / "after"), "--report", str(report), "--baseline", earlier)
    assert "<failure" not in report.read_text("utf-8")
