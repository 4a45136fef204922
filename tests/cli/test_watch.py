"""`sipscope watch` as a user meets it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from sipscope.audit.store import Store
from tests.cli.conftest import Run


def test_files_are_told_with_their_calls_and_findings(run: Run, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    for number, name in enumerate(("busy", "invite-unanswered")):
        (folder / f"t_0000{number}_20260101120{number}00.pcapng").write_bytes((samples / f"{name}.pcapng").read_bytes())
    result = run("watch", str(folder), "-o", str(tmp_path / "r"), "--settle", "0", "--every", "0.05", "--once")
    assert result.exit_code == 0, result.output
    lines = sorted(line.rpartition("/")[2] for line in result.stdout.splitlines())
    assert lines[0] == "t_00000_20260101120000.pcapng: 1 call, 0 errors, 0 warnings"
    assert lines[1].startswith("t_00001_20260101120100.pcapng: 1 call, 1 error")
    assert "TXN-001" in lines[1]


def test_a_second_watch_tells_nothing_again(run: Run, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    (folder / "busy.pcapng").write_bytes((samples / "busy.pcapng").read_bytes())
    command = ("watch", str(folder), "-o", str(tmp_path / "r"), "--settle", "0", "--every", "0.05", "--once")
    assert run(*command).stdout
    assert run(*command).stdout == ""


def test_a_place_that_is_no_directory_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    result = run("watch", str(tmp_path / "nowhere"), "-o", str(tmp_path / "r"), "--once")
    assert result.exit_code == 2
    assert "no directory" in result.stderr


def test_ctrl_c_ends_it_and_keeps_what_is_done(samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    (folder / "busy.pcapng").write_bytes((samples / "busy.pcapng").read_bytes())
    command = [sys.executable, "-m", "sipscope", "watch", str(folder), "-o", str(tmp_path / "r"), "--settle", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    assert "busy.pcapng" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert "what is done is kept" in errors
    with Store(tmp_path / "r" / "audit.duckdb", read_only=True) as store:
        assert store.query("SELECT count(*) FROM captures") == [(1,)]
