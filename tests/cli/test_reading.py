"""What commands say about the captures they read."""

import pytest

from sipscope.cli.reading import calls_in, exit_code, is_damaged, nothing_to_show, read, read_all
from sipscope.errors import UnreadableInput, UsageError
from sipscope.pipeline import Options
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
