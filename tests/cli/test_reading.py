"""What commands say about the captures they read."""

import gzip
import json
from pathlib import Path

import pytest

from sipscope.cli.reading import calls_in, exit_code, is_damaged, nothing_to_show, progress_line, read, read_all
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.call import CallOutcome
from sipscope.pipeline import Options, Progress, analyze
from tests.cli.conftest import CALL, FAULTY, NO_SIP, TWO_CALLS


def test_only_capture_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(UnreadableInput):
        read_all([str(tmp_path / "missing")], Options())


def test_of_several_captures_the_readable_ones_are_read(tmp_path, capture, capsys):
    traces, all_readable = read_all([str(tmp_path / "missing"), str(capture())], Options())
    assert ([len(trace.calls) for trace in traces], all_readable) == ([1], False)
    assert "missing: there is no such file" in capsys.readouterr().err


def test_unknown_engine_is_an_error_whatever_the_captures(capture):
    with pytest.raises(UsageError):
        read_all([str(capture()), str(capture())], Options(engine="tcpdump"))


@pytest.mark.parametrize(("cut", "kind"), [(0, UsageError), (5, UnreadableInput)], ids=["whole", "damaged"])
def test_damage_is_to_blame_for_nothing_to_show_where_there_is_any(tmp_path, capture, cut, kind):
    content = capture(NO_SIP).read_bytes()
    (tmp_path / "cut.pcap").write_bytes(content[: len(content) - cut])
    trace = read(str(tmp_path / "cut.pcap"), Options())
    assert is_damaged(trace) == bool(cut)
    assert type(nothing_to_show(trace, "nothing")) is kind


@pytest.mark.parametrize(
    ("script", "words"), [(NO_SIP, "no calls"), (CALL, "call 1 alone"), (TWO_CALLS, "calls 1 to 2")]
)
def test_calls_are_told_in_words(capture, script, words):
    assert calls_in(read(str(capture(script)), Options())) == words


def test_exit_code_of_several_captures_is_that_of_the_worst(capture):
    clean, faulty = read(str(capture(CALL)), Options()), read(str(capture(FAULTY)), Options())
    assert [exit_code(traces, "error") for traces in ([clean], [clean, faulty], [])] == [0, 1, 0]


@pytest.mark.parametrize(
    ("limit", "calls", "code"), [("20G", 2, 0), ("1M", 2, 0), ("40K", 1, 3), ("40960", 1, 3), ("40kib", 1, 3)]
)
def test_limit_of_expansion_shows_what_was_read_and_exits_with_3(run, tmp_path, capture, limit, calls, code):
    content = capture(TWO_CALLS).read_bytes()
    (tmp_path / "calls.pcap.gz").write_bytes(gzip.compress(content))
    result = run("analyze", tmp_path / "calls.pcap.gz", "--max-expanded", limit)
    assert (result.exit_code, f"{calls} call" in result.stdout) == (code, True)
    assert ("--max-expanded" in result.stderr) == (code == 3)


@pytest.mark.parametrize("limit", ["0", "-1", "many", "10X", "1.5G", ""])
def test_limit_that_is_no_size_is_wrong_usage(run, capture, limit):
    result = run("analyze", capture(), "--max-expanded", limit)
    assert (result.exit_code, "is no size" in result.stderr) == (2, True)


@pytest.fixture
def halves(tmp_path, capture):
    """A call cut into two files, with names that make them a set or not."""

    def cut(first="a.pcap", second="b.pcap"):
        content = capture().read_bytes()
        middle, count = 24, 0
        while count < 60:
            middle += 16 + int.from_bytes(content[middle + 8 : middle + 12], "little")
            count += 1
        (tmp_path / first).write_bytes(content[:middle])
        (tmp_path / second).write_bytes(content[:24] + content[middle:])
        return tmp_path / first, tmp_path / second

    return cut


def test_files_of_a_ring_buffer_are_one_capture_and_that_is_said(run, halves):
    result = run("analyze", *halves("ring.pcap", "ring.pcap1"))
    assert result.stdout.count("Capture\n") == 1
    assert "ring.pcap and 1 more are one capture by their names; --no-merge keeps them apart" in result.stderr
    assert "ring.pcap from frame 1, ring.pcap1 from frame 61" in result.stderr


@pytest.mark.parametrize(
    ("names", "chosen", "count"),
    [
        (("a.pcap", "b.pcap"), (), 2),
        (("a.pcap", "b.pcap"), ("--merge",), 1),
        (("a.pcap", "b.pcap"), ("--no-merge",), 2),
        (("a.pcap", "a.pcap1"), ("--no-merge",), 2),
    ],
)
def test_files_are_one_capture_or_several_as_told(run, halves, names, chosen, count):
    assert run("analyze", *halves(*names), *chosen).stdout.count("Capture\n") == count


def test_json_of_merged_files_is_one_document_with_the_call_whole(run, halves):
    report = json.loads(run("analyze", "--merge", *halves(), "--format", "json").stdout)
    assert (report["totals"]["calls"], report["findings"]) == (1, [])


@pytest.mark.parametrize("command", ["ladder", "media"])
def test_several_files_are_one_capture_where_one_is_shown(run, halves, capture, command):
    assert run(command, *halves()).stdout == run(command, capture()).stdout


def test_several_paths_from_python_are_one_capture(halves):
    trace = analyze([str(path) for path in halves()])
    assert [call.outcome for call in trace.calls] == [CallOutcome.ANSWERED]


def test_progress_tells_file_bytes_frames_and_messages(halves):
    seen = []
    paths = [str(path) for path in halves()]
    analyze(paths, Options(progress=seen.append))
    last = seen[-1]
    assert (last.path, last.frames, last.messages) == (paths[-1], 186, 6)
    assert last.bytes_read == sum(Path(path).stat().st_size for path in paths)


@pytest.mark.parametrize(
    ("bytes_read", "size", "line"),
    [
        (5_000_000, 20_000_000, "a.pcap: 5 MB of 20 MB (25%), 1,000 frames, 7 SIP messages"),
        (5_000_000, None, "a.pcap: 5 MB, 1,000 frames, 7 SIP messages"),
        (None, 20_000_000, "a.pcap: 1,000 frames, 7 SIP messages"),
    ],
)
def test_progress_is_one_line(bytes_read, size, line):
    progress = Progress(path="/x/a.pcap", bytes_read=bytes_read, frames=1000, messages=7)
    assert progress_line(progress, size) == line
