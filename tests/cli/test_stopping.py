"""Ctrl-C ends the reading, and what was read is shown."""

import signal
import threading
from itertools import count

import pytest

from sipscope import sip
from sipscope.cli.stopping import stoppable
from sipscope.model.packets import GapKind
from sipscope.pipeline import Options, analyze
from tests.capture.builders import OPTIONS, ethernet, ipv4, pcap, udp
from tests.cli.conftest import CALL, TWO_CALLS


def after(times):
    """Asks to stop once it has been asked so many times."""
    asked = iter(range(times))
    return lambda: next(asked, None) is None


def test_first_interrupt_asks_and_the_second_one_is_raised():
    with stoppable(keeps_on=False) as is_asked:
        assert not is_asked()
        signal.raise_signal(signal.SIGINT)
        assert is_asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_handler_of_before_is_back_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with stoppable(keeps_on=False):
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_standard_input_is_read_to_its_end():
    with stoppable(keeps_on=True) as is_asked:
        assert is_asked is None
        signal.raise_signal(signal.SIGINT)


def test_reading_in_another_thread_is_left_alone(capture):
    found = []
    thread = threading.Thread(target=lambda: found.extend([*stoppable_in_thread()]))
    thread.start()
    thread.join()
    assert found == [None]


def stoppable_in_thread():
    with stoppable(keeps_on=False) as is_asked:
        yield is_asked


@pytest.mark.parametrize("asked", range(1, 12))
def test_what_was_read_before_the_stop_is_analysed(capture, asked):
    trace = analyze(str(capture(TWO_CALLS)), Options(is_stopped=after(asked)))
    assert len(trace.messages) == min(asked, 9)
    assert [gap.kind for gap in trace.gaps] == [GapKind.READING_STOPPED] * (asked <= 9)


def test_silence_behind_the_stop_accuses_nobody(capture):
    for asked in range(1, 7):
        assert analyze(str(capture(CALL)), Options(is_stopped=after(asked))).findings == ()


def test_gap_tells_where_the_reading_was_stopped(capture):
    trace = analyze(str(capture()), Options(is_stopped=after(2)))
    assert trace.gaps[0].text == "Reading was stopped after frame 2: the rest of the capture is unread."


@pytest.mark.parametrize("command", ["analyze", "info"])
def test_stopped_command_shows_what_was_read_and_exits_with_130(run, tmp_path, monkeypatch, command):
    path = tmp_path / "long.pcap"
    messages = (OPTIONS.replace(b"Call-ID: ", b"Call-ID: %d-" % n) for n in range(100))
    path.write_bytes(pcap([ethernet(ipv4(udp(data), identification=n)) for n, data in enumerate(messages)]))
    parse, numbers = sip.parse_message, count(1)

    def pressing_control_c(*arguments, **options):
        if next(numbers) == 50:
            signal.raise_signal(signal.SIGINT)
        return parse(*arguments, **options)

    monkeypatch.setattr(sip, "parse_message", pressing_control_c)
    result = run(command, path)
    assert result.exit_code == 130
    assert "Reading was stopped after frame 50: the rest of the capture is unread." in result.stderr
    assert "SIP " in result.stdout
