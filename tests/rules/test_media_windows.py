"""When two parties may send to each other, and how many packets came meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sipscope
from sipscope.model.dialog import Side
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.rules.media_windows import host_pairs, packets_between, streams_of, windows_of
from tests.trace_script import BASE, capture_of

TraceOf = Callable[[str], Trace]

CALL = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
1.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
1.1   alice -> bob  ACK
"""
BYE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"


@pytest.fixture
def trace_of(tmp_path: Path) -> TraceOf:
    """Analyse a trace script."""

    def run(script: str) -> Trace:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return sipscope.analyze(str(path))

    return run


def spans(trace: Trace) -> list[tuple[int, float, float]]:
    """Media position, start and end of every window, in seconds of the script."""
    (dialog,) = trace.dialogs
    return [
        (window.index, (window.start - BASE) / SECOND, (window.end - BASE) / SECOND)
        for window in windows_of(dialog, trace)
    ]


def test_window_lasts_from_the_answer_to_the_bye(trace_of: TraceOf) -> None:
    assert spans(trace_of(CALL + BYE)) == [(0, 1.0, 9.0)]


def test_window_ends_with_the_capture_where_no_bye_came(trace_of: TraceOf) -> None:
    assert spans(trace_of(CALL + "30 end\n")) == [(0, 1.0, 30.0)]


def test_re_invite_begins_another_window(trace_of: TraceOf) -> None:
    hold = "4.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n  a=inactive\n"
    held = "4.5 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n  a=inactive\n4.6 alice -> bob ACK\n"
    found = spans(trace_of(CALL + hold + held + BYE))
    assert (found[0][:2], found[-1][2]) == ((0, 1.0), 9.0)
    assert len(found) >= 2


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(CALL.replace("m=audio 5000", "m=audio 0") + BYE, id="refused"),
        pytest.param(CALL.replace("m=audio 5000", "c=IN IP4 0.0.0.0\n      m=audio 5000") + BYE, id="null-address"),
        pytest.param(CALL.partition("1.0")[0] + "1.0 bob -> alice 486\n1.1 alice -> bob ACK\n", id="failed"),
    ],
)
def test_media_that_cannot_flow_has_no_window(trace_of: TraceOf, script: str) -> None:
    trace = trace_of(script)
    assert [window for dialog in trace.dialogs for window in windows_of(dialog, trace)] == []


def test_packets_are_counted_in_proportion(trace_of: TraceOf) -> None:
    trace = trace_of(CALL + "2.0-6 bob => alice PCMU\n" + BYE)
    (dialog,) = trace.dialogs
    streams = streams_of(dialog, trace, Side.CALLER, 0)
    # 200 packets of 20 ms from 2.00 to 5.98 s.
    assert packets_between(streams, BASE, BASE + 9 * SECOND) == 200
    assert packets_between(streams, BASE + 3 * SECOND, BASE + 4 * SECOND) == 50
    assert packets_between(streams, BASE + 7 * SECOND, BASE + 9 * SECOND) == 0


def test_hosts_are_those_announced(trace_of: TraceOf) -> None:
    trace = trace_of(CALL + BYE)
    (window,) = windows_of(trace.dialogs[0], trace)
    assert host_pairs(window) == ("192.0.2.10", "192.0.2.20")
