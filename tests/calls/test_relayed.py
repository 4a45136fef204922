"""What a B2BUA passes on from leg to leg is told once, with the frames of both legs."""

from collections.abc import Callable

import pytest

from sipscope.calls.relayed import passed_on_from
from sipscope.model.call import Service
from sipscope.model.trace import Trace

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\npbx 192.0.2.1\n"
AUDIO = "\n      m=audio 4000 RTP/AVP 0"
HELD = AUDIO + "\n      a=sendonly"
ANSWER_TO_HOLD = AUDIO + "\n      a=recvonly"
TO_BOB = "\n      To: <sip:bob@example.org>"

BRIDGED = f"""
0.00 alice -> pbx INVITE call=1{TO_BOB}{AUDIO}
0.02 pbx -> bob INVITE call=2{TO_BOB}{AUDIO}
0.50 bob -> pbx 180 call=2
0.51 pbx -> alice 180 call=1
1.00 bob -> pbx 200 call=2{AUDIO}
1.01 pbx -> alice 200 call=1{AUDIO}
1.02 alice -> pbx ACK call=1
1.03 pbx -> bob ACK call=2
"""


def hold(at: float, one: str, other: str, label: int) -> str:
    return (
        f"{at:.2f} {one} -> {other} INVITE call={label}{HELD}\n{at + 0.01:.2f} {other} -> {one} 200{ANSWER_TO_HOLD}\n"
        f"{at + 0.02:.2f} {one} -> {other} ACK call={label}\n"
    )


def holds(trace: Trace) -> list[Service]:
    (call,) = trace.calls
    return [service for service in call.services if service.name == "hold"]


def test_hold_that_a_b2bua_passes_on_is_one_with_the_frames_of_both_legs(trace_of: TraceOf) -> None:
    (found,) = holds(trace_of(PARTIES + BRIDGED + hold(5, "alice", "pbx", 1) + hold(5.1, "pbx", "bob", 2)))
    assert (found.by, found.frames) == ("caller", (9, 12))


def test_holds_far_apart_on_two_legs_are_two(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + BRIDGED + hold(5, "alice", "pbx", 1) + hold(9, "pbx", "bob", 2))
    assert [item.frames for item in holds(trace)] == [(9,), (12,)]


def test_holds_by_both_parties_are_two(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + BRIDGED + hold(5, "alice", "pbx", 1) + hold(5.1, "bob", "pbx", 2))
    assert [item.by for item in holds(trace)] == ["caller", "callee"]


def test_what_two_forks_do_stays_apart(trace_of: TraceOf) -> None:
    script = (
        f"0.0 alice -> bob INVITE{AUDIO}\n"
        "0.3 bob -> alice 183 tag=b1 rseq=1\n0.4 alice -> bob PRACK rack=1 to-tag=b1\n0.5 bob -> alice 200 PRACK\n"
        "0.6 bob -> alice 183 tag=b2 rseq=1\n0.7 alice -> bob PRACK rack=1 to-tag=b2\n0.8 bob -> alice 200 PRACK\n"
    )
    (call,) = trace_of(PARTIES + script).calls
    assert [item.frames for item in call.services if item.name == "reliable-provisional"] == [(3,), (6,)]


def refer(at: float, one: str, other: str, label: int, target: str = "carol") -> str:
    return (
        f"{at:.2f} {one} -> {other} REFER call={label}\n      Refer-To: <sip:{target}@example.org>\n"
        f"{at + 0.01:.2f} {other} -> {one} 603 call={label}\n"
    )


@pytest.mark.parametrize(
    ("refers", "origins"),
    [
        pytest.param(refer(5, "alice", "pbx", 1) + refer(5.1, "pbx", "bob", 2), [None, "x1"], id="passed-on"),
        pytest.param(refer(5, "alice", "pbx", 1) + refer(9, "pbx", "bob", 2), [None, None], id="far-apart"),
        pytest.param(refer(5, "alice", "pbx", 1) + refer(5.1, "bob", "pbx", 2), [None, None], id="of-the-other-party"),
        pytest.param(
            refer(5, "alice", "pbx", 1) + refer(5.1, "pbx", "bob", 2, "dave"), [None, None], id="to-another-target"
        ),
        pytest.param(refer(5, "alice", "pbx", 1) + refer(5.1, "alice", "pbx", 1), [None, None], id="in-one-dialog"),
    ],
)
def test_refer_that_a_b2bua_passes_on_has_its_origin(trace_of: TraceOf, refers: str, origins: list[str | None]) -> None:
    trace = trace_of(PARTIES + BRIDGED + refers)
    found = [passed_on_from(transfer, trace) for transfer in trace.transfers]
    assert [None if origin is None else origin.id for origin in found] == origins
