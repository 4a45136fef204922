"""What lasts for days holds thousands of requests, and takes time that grows with their number, not its square."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.diagnosis.grouping import with_causes
from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding, SubjectKind
from sipscope.model.request_times import RequestTimes
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.pipeline import Options, reconstruct
from sipscope.rules.engine import findings_of
from sipscope.rules.registry import RULES
from sipscope.signalling.conversations import conversations_of
from sipscope.signalling.transfers import transfers_of
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER = "      m=audio 4000 RTP/AVP 0\n"
ANSWER = "      m=audio 5000 RTP/AVP 0\n"
CALL = f"{PARTIES}0.0 alice -> bob INVITE\n{OFFER}0.1 bob -> alice 200\n{ANSWER}0.2 alice -> bob ACK\n"
FEW = 40


def _trace(folder: Path, script: str) -> Trace:
    path = folder / "script.pcap"
    path.write_bytes(capture_of(script))
    return reconstruct(str(path), Options())


def _lines(function: Callable[[], object]) -> int:
    """How many lines a call runs, each turn of a loop counted."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
    return count


def _growth(folder: Path, script_of: Callable[[int], str], work: Callable[[Trace], object]) -> float:
    """How many times the lines twice the requests take."""
    few, many = (_trace(folder, script_of(count)) for count in (FEW, 2 * FEW))
    for trace in (few, many):
        # What is loaded when it is first asked for isn't counted.
        work(trace)
    return _lines(lambda: work(many)) / _lines(lambda: work(few))


def updates(count: int) -> str:
    return CALL + "".join(
        f"{10 * each} alice -> bob UPDATE\n{10 * each + 1} bob -> alice 200\n" for each in range(1, count)
    )


def changes(count: int) -> str:
    return CALL + "".join(
        f"{20 * each} {one} -> {other} INVITE\n{OFFER}{20 * each + 1} {other} -> {one} 200\n{ANSWER}"
        f"{20 * each + 2} {one} -> {other} ACK\n"
        for each in range(1, count)
        for one, other in [("alice", "bob") if each % 3 else ("bob", "alice")]
    )


def changes_without_ack(count: int) -> str:
    return "\n".join(line for line in changes(count).splitlines() if not line.endswith("ACK")) + "\n"


def acknowledgements(count: int) -> str:
    return CALL + "".join(f"{1 + each} alice -> bob ACK branch=z9hG4bK{each}\n" for each in range(count))


def notifications(count: int) -> str:
    return (
        f"{PARTIES}0.0 alice -> bob SUBSCRIBE\n      Event: dialog\n      Expires: 3600\n"
        "0.1 bob -> alice 200\n      Expires: 3600\n"
        + "".join(
            f"{5 * each} bob -> alice NOTIFY\n      Event: dialog\n"
            f"      Subscription-State: active;expires={3600 - 5 * each}\n{5 * each + 1} alice -> bob 200\n"
            for each in range(1, count)
        )
    )


def refreshes(count: int) -> str:
    words = "      Event: dialog\n      Expires: 60\n"
    return PARTIES + "".join(
        f"{50 * each} alice -> bob SUBSCRIBE\n{words}{50 * each + 1} bob -> alice 200\n{words}"
        f"{50 * each + 2} bob -> alice NOTIFY\n      Event: dialog\n      Subscription-State: active;expires=58\n"
        f"{50 * each + 3} alice -> bob 200\n"
        for each in range(count)
    )


def transfers(count: int) -> str:
    return (
        "carol 192.0.2.30\n"
        + PARTIES
        + "".join(
            f"{100 * each} alice -> bob INVITE call={each}\n{OFFER}{100 * each + 1} bob -> alice 200\n{ANSWER}"
            f"{100 * each + 2} alice -> bob ACK call={each}\n"
            f"{100 * each + 3} bob -> alice REFER call={each}\n      Refer-To: <sip:carol@192.0.2.30>\n"
            f"{100 * each + 4} alice -> bob 202\n"
            for each in range(count)
        )
    )


def messages(count: int) -> str:
    return PARTIES + "".join(
        f"{5 * each} alice -> bob MESSAGE call={each} new\n      Content-Type: text/plain\n      | {each}\n"
        f"{5 * each + 1} bob -> alice 200\n"
        for each in range(count)
    )


@pytest.mark.parametrize(
    ("code", "script_of"),
    [
        ("OA-022", updates),
        ("OA-022", changes),
        ("TXN-023", changes),
        ("TXN-006", changes),
        ("TXN-006", changes_without_ack),
        ("RTE-003", acknowledgements),
        ("EVT-003", notifications),
        ("EVT-001", refreshes),
        ("EVT-013", refreshes),
    ],
)
def test_rule_looks_at_a_request_of_a_long_dialog_a_few_times(
    tmp_path: Path, code: str, script_of: Callable[[int], str]
):
    rules = [item for item in RULES if item.code == code]
    assert _growth(tmp_path, script_of, lambda trace: findings_of(trace, rules)) < 2.2


def test_message_is_held_against_the_recent_ones_of_its_conversation(tmp_path: Path):
    assert _growth(tmp_path, messages, lambda trace: conversations_of(trace.series)) < 2.2


def test_transfer_looks_at_the_calls_of_its_time(tmp_path: Path):
    def work(trace: Trace) -> object:
        found = transfers_of(trace.transactions, trace.dialogs, trace.subscriptions, capture_ended_at=trace.ended_at)
        assert len(found) in {FEW, 2 * FEW}
        return found

    assert _growth(tmp_path, transfers, work) < 2.2


def test_cause_is_looked_for_once_a_rule_and_call():
    def findings(count: int) -> list[Finding]:
        return [
            Finding(
                id=f"f{each}", rule="SST-004", name="n", severity=Severity.WARNING, confidence=Confidence.CERTAIN,
                text="", at=0, frames=(1,), subject_kind=SubjectKind.DIALOG, subject_id="d1", call_id=1, evidence=(),
                standards=(), next_steps=(), guards=(),
            )
            for each in range(count)
        ]  # fmt: skip

    few, many = findings(FEW), findings(2 * FEW)
    assert _lines(lambda: with_causes(many)) / _lines(lambda: with_causes(few)) < 2.2


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(-5, 35))
def test_bounds_of_a_time_leave_out_nothing_of_it_in_whatever_order(times: list[int], at: int):
    class Sent:
        def __init__(self, at: int) -> None:
            self.at = at * SECOND

    class Begun:
        def __init__(self, at: int) -> None:
            self.request = self.first = Sent(at)

    requests: list[Transaction] = [Begun(time) for time in times]  # type: ignore[misc]
    bounds = RequestTimes(requests)
    assert all(time < at for time in times[: bounds.since(at * SECOND)])
    assert all(time >= at for time in times[bounds.before(at * SECOND) :])
    if times == sorted(times):
        assert bounds.since(at * SECOND) == bounds.before(at * SECOND) == sum(time < at for time in times)
