"""Exit codes: 0 nothing found, 1 findings, 2 wrong usage, 3 input unreadable or damaged; and one line that says why."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import CALL, FAULTY, NO_SIP

FULL = Path("/dev/full")
"""A device that is always full."""

READING = pytest.mark.parametrize("command", ["analyze", "calls", "show", "ladder", "sdp", "media"])


def one_line(result) -> str:
    """What was complained of, held to be one line and no traceback."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("sipscope: ")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return lines[0].removeprefix("sipscope: ")


# -- input that can't be read


@READING
def test_missing_file(run, tmp_path, command):
    result = run(command, tmp_path / "missing.pcap")
    assert (result.exit_code, result.stdout) == (3, "")
    assert one_line(result) == f"{tmp_path}/missing.pcap: there is no such file"


@READING
def test_directory(run, tmp_path, command):
    result = run(command, tmp_path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "is a directory" in one_line(result)


@READING
def test_empty_file(run, tmp_path, command):
    (tmp_path / "empty.pcap").write_bytes(b"")
    result = run(command, tmp_path / "empty.pcap")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "is empty" in one_line(result)


@READING
@pytest.mark.parametrize("content", [b"hello, world\n", bytes(range(1, 200)), b"\x00" * 64, b"%PDF-1.7\n"])
def test_file_that_is_no_capture(run, tmp_path, command, content):
    (tmp_path / "letter.pcap").write_bytes(content)
    result = run(command, tmp_path / "letter.pcap")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no capture" in one_line(result)


@READING
@pytest.mark.parametrize("length", [5, 20, 23])
def test_file_that_ends_inside_its_header(run, tmp_path, capture, command, length):
    (tmp_path / "short.pcap").write_bytes(capture().read_bytes()[:length])
    result = run(command, tmp_path / "short.pcap")
    assert (result.exit_code, result.stdout) == (3, "")
    assert one_line(result)


@READING
def test_file_without_permission(run, capture, command):
    path = capture()
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    result = run(command, path)
    assert (result.exit_code, result.stdout) == (3, "")
    assert "ermission" in one_line(result)


@READING
def test_empty_standard_input(run, command):
    result = run(command, "-", input=b"")
    assert (result.exit_code, one_line(result)) == (3, "standard input is empty: there is no capture in it")


# -- input that is damaged


@READING
def test_truncated_capture_is_shown_as_far_as_it_goes(run, tmp_path, capture, command):
    (tmp_path / "cut.pcap").write_bytes(capture().read_bytes()[:-10])
    result = run(command, tmp_path / "cut.pcap")
    assert (result.exit_code, bool(result.stdout)) == (3, True)
    assert "The file ends in the middle of a record" in one_line(result)


@READING
def test_truncated_gzip_is_shown_as_far_as_it_goes(run, tmp_path, capture, command):
    whole = gzip.compress(capture().read_bytes())
    (tmp_path / "cut.pcap.gz").write_bytes(whole[: len(whole) // 2])
    result = run(command, tmp_path / "cut.pcap.gz")
    assert (result.exit_code, bool(result.stdout)) == (3, True)
    assert "Traceback" not in result.stderr


def test_damage_outweighs_findings(run, tmp_path, capture):
    (tmp_path / "cut.pcap").write_bytes(capture(FAULTY).read_bytes()[:-10])
    assert run("analyze", tmp_path / "cut.pcap").exit_code == 3


def test_damaged_capture_with_nothing_to_draw_is_unreadable_rather_than_wrong_usage(run, tmp_path, capture):
    (tmp_path / "cut.pcap").write_bytes(capture(NO_SIP).read_bytes()[:-5])
    assert run("ladder", tmp_path / "cut.pcap").exit_code == 3


# -- input without SIP


def test_capture_without_sip_says_what_there_is_instead(run, capture):
    result = run("analyze", capture(NO_SIP))
    assert result.exit_code == 0
    assert one_line(result).endswith("no SIP in this capture (1 frame, 1 udp-other)")


def test_ladder_without_sip_has_nothing_to_draw(run, capture):
    result = run("ladder", capture(NO_SIP))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing to draw" in result.stderr


# -- findings


def test_call_without_findings_is_0(run, capture):
    assert run("analyze", capture(CALL)).exit_code == 0


def test_error_is_1(run, capture):
    assert run("analyze", capture(FAULTY)).exit_code == 1


@pytest.mark.parametrize(
    ("script", "threshold", "code"),
    [(FAULTY, "error", 1), (FAULTY, "warning", 1), (FAULTY, "info", 1), (FAULTY, "never", 0), (CALL, "info", 0)],
)
def test_threshold_decides(run, capture, script, threshold, code):
    assert run("analyze", capture(script), "--fail-on", threshold).exit_code == code


@pytest.mark.parametrize("command", ["calls", "show", "ladder", "sdp", "media"])
def test_drawing_does_not_judge(run, capture, command):
    assert run(command, capture(FAULTY)).exit_code == 0


# -- several captures


def test_one_unreadable_capture_does_not_hide_the_others(run, tmp_path, capture):
    result = run("analyze", tmp_path / "missing.pcap", capture())
    assert result.exit_code == 3
    assert "1 call, 0 errors" in result.stdout
    assert one_line(result).endswith("there is no such file")


def test_finding_in_any_capture_is_1(run, capture):
    assert run("analyze", capture(CALL), capture(FAULTY, "faulty.pcap")).exit_code == 1


# -- wrong usage


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("analyze",),
        ("analyze", "--nonsense", "x"),
        ("analyze", "x", "--format", "xml"),
        ("analyze", "x", "--engine", "tcpdump"),
        ("analyze", "x", "--fail-on", "always"),
        ("calls", "x", "--sort", "colour"),
        ("calls", "x", "--limit", "0"),
        ("calls", "x", "--where", "colour==red"),
        ("show", "x", "--call", "0"),
        ("ladder", "x", "--call", "0"),
        ("ladder", "x", "--call", "one"),
        ("ladder", "x", "--width", "3"),
        ("ladder", "x", "-o", "x.docx"),
        ("media", "x", "-o", "x.txt"),
        ("media", "x", "-o", "noending"),
        ("explain",),
        ("explain", "OA-999"),
        ("completion", "tcsh"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(run, arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_output_into_a_missing_folder_is_2(run, tmp_path, capture):
    result = run("analyze", capture(), "-o", tmp_path / "nowhere" / "report.txt")
    assert result.exit_code == 2
    assert one_line(result) == f"can't write {tmp_path}/nowhere/report.txt: No such file or directory"


@pytest.mark.skipif(not FULL.exists(), reason="this system has no such device")
@pytest.mark.parametrize("arguments", [("analyze",), ("ladder",), ("ladder", "--format", "png")], ids=" ".join)
def test_full_disk_behind_standard_output_is_one_line(process, capture, arguments):
    with FULL.open("wb") as full:
        result = process(*arguments, capture(), stdout=full, stderr=subprocess.PIPE, capture_output=False)
    assert result.returncode == 2
    assert result.stderr.splitlines() == [b"sipscope: can't write to standard output: No space left on device"]


# -- asking for help


@pytest.mark.parametrize("command", ["analyze", "ladder", "sdp", "media", "rules", "explain", "completion"])
def test_help_of_every_command_has_an_example(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Example:" in result.stdout


def test_help_lists_every_command_and_the_exit_codes(run):
    result = run("--help")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in ("analyze", "ladder", "media", "rules", "explain", "completion"))
    assert "Exit codes: 0" in result.stdout


def test_version_is_one_line(run):
    from sipscope.version import VERSION

    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"sipscope, version {VERSION}\n")
