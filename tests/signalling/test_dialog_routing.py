"""Route sets and remote targets, as each party's own hop shows them (RFC 3261 §12.1, §12.2)."""

from collections.abc import Callable

from sipscope.model.dialog import Dialog, Party
from sipscope.model.trace import Trace

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
TWO_PROXIES = PARTIES + "one 192.0.2.1 proxy record-route\ntwo 192.0.2.2 proxy record-route\n"
THROUGH_TWO = (
    TWO_PROXIES
    + "0 alice -> one INVITE to=bob\n0.01 one -> two INVITE\n0.02 two -> bob INVITE\n"
    + "0.1 bob -> two 200\n0.11 two -> one 200\n0.12 one -> alice 200\n"
)


def dialog(trace_of: TraceOf, script: str) -> Dialog:
    return trace_of(script).dialogs[0]


def hosts(party: Party) -> list[str]:
    assert party.route_set is not None
    return [route.uri.host for route in party.route_set.routes]


def targets(party: Party) -> list[tuple[str, int, bool]]:
    return [
        (target.uri.host, target.message.frames[-1], target.committed_at is not None) for target in party.remote_targets
    ]


def test_callee_keeps_the_order_of_the_invite(trace_of: TraceOf) -> None:
    found = dialog(trace_of, THROUGH_TWO)
    assert hosts(found.callee) == ["192.0.2.2", "192.0.2.1"]
    assert found.callee.route_set is not None
    assert found.callee.route_set.message.frames == (3,)


def test_caller_reverses_the_order_of_the_response(trace_of: TraceOf) -> None:
    found = dialog(trace_of, THROUGH_TWO)
    assert hosts(found.caller) == ["192.0.2.1", "192.0.2.2"]
    assert found.caller.route_set is not None
    assert found.caller.route_set.message.frames == (6,)


def test_no_record_route_makes_an_empty_route_set(trace_of: TraceOf) -> None:
    found = dialog(trace_of, PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 200\n")
    assert (hosts(found.caller), hosts(found.callee)) == ([], [])


def test_route_set_of_a_caller_is_not_final_before_the_2xx(trace_of: TraceOf) -> None:
    found = dialog(trace_of, PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 180\n")
    assert found.caller.route_set is not None
    assert not found.caller.route_set.final


def test_route_set_is_unknown_where_the_capture_begins_in_the_call(trace_of: TraceOf) -> None:
    script = "0 alice -> bob INVITE unseen\n0.1 bob -> alice 200 unseen\n5 alice -> bob INFO\n5.1 bob -> alice 200\n"
    assert dialog(trace_of, PARTIES + script).caller.route_set is None


def test_target_of_a_refresh_takes_effect_with_its_2xx(trace_of: TraceOf) -> None:
    script = (
        "0 alice -> bob INVITE\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n"
        "5 alice -> bob UPDATE\n      Contact: <sip:alice@192.0.2.99>\n5.1 bob -> alice 200\n"
    )
    found = dialog(trace_of, PARTIES + script)
    assert targets(found.callee) == [("192.0.2.10", 1, True), ("192.0.2.99", 4, True)]
    assert targets(found.caller) == [("192.0.2.20", 2, True), ("192.0.2.20", 5, True)]


def test_target_of_a_refused_refresh_never_takes_effect(trace_of: TraceOf) -> None:
    script = (
        "0 alice -> bob INVITE\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n"
        "5 alice -> bob UPDATE\n      Contact: <sip:alice@192.0.2.99>\n5.1 bob -> alice 500\n"
    )
    assert targets(dialog(trace_of, PARTIES + script).callee) == [("192.0.2.10", 1, True), ("192.0.2.99", 4, False)]


def test_each_side_counts_its_own_requests(trace_of: TraceOf) -> None:
    script = (
        "0 alice -> bob INVITE cseq=10\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n"
        "5 bob -> alice INFO cseq=3\n5.1 alice -> bob 200\n"
    )
    found = dialog(trace_of, PARTIES + script)
    assert (found.caller.highest_number, found.callee.highest_number) == (10, 3)
