"""The session timer that each 2xx leaves (RFC 4028 §7.2, §9)."""

from collections.abc import Callable

import pytest

from sipscope.model.dialog import Dialog, SessionTimer, Side
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from tests.trace_script import BASE

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
REFRESH = "900 {0} -> {1} UPDATE\n      Session-Expires: 1800\n900.5 {1} -> {0} 200 UPDATE\n      {2}\n"


def dialog(trace_of: TraceOf, answer: str, then: str = "") -> Dialog:
    script = (
        PARTIES
        + "0 alice -> bob INVITE\n      Session-Expires: 1800\n      Min-SE: 120\n      Supported: timer\n"
        + f"0.5 bob -> alice 200\n      {answer}\n0.6 alice -> bob ACK\n"
        + then
    )
    return trace_of(script).dialogs[0]


def timer(trace_of: TraceOf, answer: str, then: str = "") -> SessionTimer:
    found = dialog(trace_of, answer, then).session_timer
    assert found is not None
    return found


@pytest.mark.parametrize(("refresher", "side"), [("uac", Side.CALLER), ("uas", Side.CALLEE), ("UAC", Side.CALLER)])
def test_refresher_is_named_relative_to_the_request(trace_of: TraceOf, refresher: str, side: Side) -> None:
    assert timer(trace_of, f"Session-Expires: 1800;refresher={refresher}").refresher is side


def test_refresher_turns_round_where_the_callee_sends_the_request(trace_of: TraceOf) -> None:
    then = REFRESH.format("bob", "alice", "Session-Expires: 1800;refresher=uac")
    assert timer(trace_of, "Session-Expires: 1800;refresher=uas", then).refresher is Side.CALLEE


def test_2xx_without_a_refresher_names_nobody(trace_of: TraceOf) -> None:
    assert timer(trace_of, "Session-Expires: 1800").refresher is None


def test_interval_runs_from_the_2xx(trace_of: TraceOf) -> None:
    found = timer(trace_of, "Session-Expires: 1800;refresher=uac")
    assert (found.interval, found.minimum_s, found.refreshes) == (1800 * SECOND, 120, 0)
    assert found.expires_at == BASE + 1800 * SECOND + SECOND // 2


def test_success_of_a_refresh_sets_the_interval_anew(trace_of: TraceOf) -> None:
    then = REFRESH.format("alice", "bob", "Session-Expires: 600;refresher=uac")
    found = timer(trace_of, "Session-Expires: 1800;refresher=uac", then)
    assert (found.interval, found.refreshes) == (600 * SECOND, 1)
    assert found.expires_at == BASE + 1500 * SECOND + SECOND // 2


def test_refused_refresh_leaves_the_interval(trace_of: TraceOf) -> None:
    then = "900 alice -> bob UPDATE\n900.5 bob -> alice 500 UPDATE\n"
    found = timer(trace_of, "Session-Expires: 1800;refresher=uac", then)
    assert (found.refreshes, found.expires_at) == (0, BASE + 1800 * SECOND + SECOND // 2)


def test_2xx_without_session_expires_turns_the_timer_off(trace_of: TraceOf) -> None:
    then = REFRESH.format("alice", "bob", "Subject: none")
    assert dialog(trace_of, "Session-Expires: 1800;refresher=uac", then).session_timer is None


@pytest.mark.parametrize("value", ["soon", "99999999999999", "-5", ""])
def test_value_that_is_no_number_of_seconds_sets_no_timer(trace_of: TraceOf, value: str) -> None:
    assert dialog(trace_of, f"Session-Expires: {value};refresher=uac").session_timer is None
