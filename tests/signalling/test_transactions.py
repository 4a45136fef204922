"""Messages are grouped by the keys of RFC 3261 §17.1.3, hop by hop."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.pipeline import reconstruct
from sipscope.signalling.transaction_table import ACK_TABLE, INVITE_TABLE, NON_INVITE_TABLE, Event, Table
from tests.signalling.random_messages import BODIES, Shape, capture_of_shapes
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nbob 192.0.2.20\nproxy 192.0.2.1 proxy record-route\n"

TraceOf = Callable[[str], Trace]


def only(trace: Trace, method: str) -> Transaction:
    found = [item for item in trace.transactions if item.method == method]
    assert len(found) == 1
    return found[0]


def test_invite_with_its_responses_is_one_transaction(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 100\n0.2 bob -> alice 180\n0.3 bob -> alice 200\n"
    )
    assert [response.status for response in only(trace, "INVITE").responses] == [100, 180, 200]


def test_ack_to_2xx_is_its_own_transaction(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n")
    assert only(trace, "ACK").state is TransactionState.TERMINATED
    assert only(trace, "INVITE").ack is None


def test_ack_to_failure_belongs_to_the_invite(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 486\n0.2 alice -> bob ACK\n")
    assert len(trace.transactions) == 1
    assert trace.transactions[0].ack is not None
    assert trace.transactions[0].state is TransactionState.CONFIRMED


def test_retransmitted_request_is_a_copy(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + "0 alice -> bob OPTIONS\n0.5 alice -> bob OPTIONS again\n1.5 alice -> bob OPTIONS again\n2 bob -> alice 200\n"
    )
    assert only(trace, "OPTIONS").copies == 2


def test_retransmitted_response_is_a_copy(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 200\n0.6 bob -> alice 200 again\n0.7 alice -> bob ACK\n"
    )
    assert len(only(trace, "INVITE").responses) == 1
    assert only(trace, "INVITE").copies == 1


def test_reliable_provisionals_of_equal_status_differ_by_rseq(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + "0 alice -> bob INVITE\n Supported: 100rel\n0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n"
        + "0.3 bob -> alice 200 PRACK\n0.4 bob -> alice 183 rseq=2\n"
    )
    assert [response.rseq for response in only(trace, "INVITE").responses] == [1, 2]


def test_same_request_on_the_next_hop_is_another_transaction(trace_of: TraceOf) -> None:
    trace = trace_of(
        PROXIED
        + "0 alice -> proxy INVITE to=bob\n0.1 proxy -> bob INVITE\n0.2 bob -> proxy 200\n0.3 proxy -> alice 200\n"
    )
    assert [item.method for item in trace.transactions] == ["INVITE", "INVITE"]
    assert all(item.copies == 0 for item in trace.transactions)


def test_cancel_names_its_invite(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + "0 alice -> bob INVITE\n0.1 bob -> alice 180\n1 alice -> bob CANCEL\n1.1 bob -> alice 200 CANCEL\n"
        + "1.2 bob -> alice 487 INVITE\n1.3 alice -> bob ACK\n"
    )
    assert only(trace, "INVITE").cancelled_by == only(trace, "CANCEL").id


def test_silence_beyond_timer_b_is_a_time_out(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "0 alice -> bob INVITE\n33 end\n")
    assert only(trace, "INVITE").state is TransactionState.TIMED_OUT


def test_silence_at_the_end_of_the_capture_is_no_time_out(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "0 alice -> bob INVITE\n31 end\n")
    assert only(trace, "INVITE").state is TransactionState.CALLING


def test_response_from_another_port_still_finds_its_request(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "other 192.0.2.21\n0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n")
    assert only(trace, "OPTIONS").final_status == 200


def test_cancel_that_leaves_the_default_port_out_of_its_via_finds_its_invite(tmp_path: Path) -> None:
    capture = capture_of(PARTIES + "0 alice -> bob INVITE\n1 alice -> bob CANCEL\n")
    invite, cancel = capture.split(b"CANCEL sip:")
    path = tmp_path / "script.pcap"
    path.write_bytes(invite + b"CANCEL sip:" + cancel.replace(b"UDP 192.0.2.10:5060;", b"UDP 192.0.2.10;same;"))
    assert only(reconstruct(str(path)), "INVITE").cancelled_by is not None


@pytest.mark.parametrize("table", [INVITE_TABLE, NON_INVITE_TABLE, ACK_TABLE])
def test_every_state_is_reachable_from_the_start(table: Table) -> None:
    reached = {TransactionState.UNKNOWN}
    while True:
        further = {target for state in reached for target in table.get(state, {}).values()} | reached
        if further == reached:
            break
        reached = further
    assert reached == set(table)


def test_every_event_is_used() -> None:
    used = {event for table in (INVITE_TABLE, NON_INVITE_TABLE) for row in table.values() for event in row}
    assert used == set(Event)


@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_any_sequence_of_events_stays_inside_the_table(events: list[Event]) -> None:
    for table in (INVITE_TABLE, NON_INVITE_TABLE, ACK_TABLE):
        state = TransactionState.UNKNOWN
        for event in events:
            state = table[state].get(event, state)
        assert state in table


RESPONSES = st.tuples(
    st.sampled_from((180, 183, 200)),
    st.sampled_from(("a", "b")),
    st.sampled_from(("", "Require: 100rel\r\nRSeq: 1\r\n", "Require: 100rel\r\nRSeq: 2\r\n")),
    st.sampled_from(BODIES[:3]),
)


@given(st.lists(RESPONSES, min_size=1, max_size=12))
def test_responses_are_told_apart_by_status_tag_number_and_description(
    responses: list[tuple[int, str, str, tuple[str, str]]],
) -> None:
    shapes = [
        Shape(1, 0, "INVITE", status, 1, "x", tag, 1, 1, extra, body, 0.1) for status, tag, extra, body in responses
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responses.pcap"
        path.write_bytes(capture_of_shapes(shapes))
        (transaction,) = reconstruct(str(path)).transactions
    new = list(dict.fromkeys(responses))
    assert [(item.status, item.to_tag) for item in transaction.responses] == [(item[0], item[1]) for item in new]
    assert len(transaction.response_copies) == len(responses) - len(new)
