"""Bindings of an address of record over time (RFC 3261 §10.2, §10.3; RFC 5626 §6)."""

from collections.abc import Callable

import pytest

from sipscope.model.subscription import Binding, RegistrationOutcome
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from tests.trace_script import BASE

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"
DESK = "<sip:alice@192.0.2.10:5060>"
SOFT = "<sip:alice@192.0.2.11:5060>"
CREDENTIALS = 'Digest username="alice", realm="r", nonce="n", uri="sip:192.0.2.1", response="0"'


def register(at: float, *lines: str) -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return f"{at} alice -> reg REGISTER call=1\n      To: <sip:alice@example.org>\n{fields}"


def answer(at: float, status: int, *lines: str) -> str:
    return f"{at} reg -> alice {status}\n" + "".join(f"      {line}\n" for line in lines)


def told(trace: Trace) -> dict[str, list[tuple[str, float, int | None]]]:
    """Kind, second and lifetime of each event by contact."""
    return {
        binding.contact.uri.text: [
            (event.kind.value, (event.at - BASE) / SECOND, event.expires_s) for event in binding.history
        ]
        for binding in trace.bindings
    }


def test_registration_with_credentials_is_one_series_with_two_bindings(trace_of: TraceOf) -> None:
    """The first device is granted less than it asked for; the registrar tells of a second one."""
    flow = (
        register(0, f"Contact: {DESK}", "Expires: 7200")
        + answer(0.1, 401, 'WWW-Authenticate: Digest realm="r", nonce="n"')
        + register(0.2, f"Contact: {DESK}", "Expires: 7200", f"Authorization: {CREDENTIALS}")
        + answer(0.5, 200, f"Contact: {SOFT};expires=1200, {DESK};expires=3600")
    )
    trace = trace_of(PARTIES + flow)
    (registration,) = trace.registrations
    assert (registration.outcome, registration.asked_s, registration.expires_s) == (
        RegistrationOutcome.REGISTERED,
        7200,
        3600,
    )
    assert len(trace.series) == 1
    assert told(trace) == {
        "sip:alice@192.0.2.10:5060": [("added", 0.5, 3600)],
        "sip:alice@192.0.2.11:5060": [("listed", 0.5, 1200)],
    }


def test_two_contacts_refreshed_and_one_removed(trace_of: TraceOf) -> None:
    both = f"Contact: {DESK};expires=600, {SOFT};expires=600"
    flow = (
        register(0, both)
        + answer(0.5, 200, both)
        + register(300, both)
        + answer(300.5, 200, both)
        + register(400, f"Contact: {SOFT};expires=0")
        + answer(400.5, 200, f"Contact: {DESK};expires=500")
    )
    assert told(trace_of(PARTIES + flow)) == {
        "sip:alice@192.0.2.10:5060": [("added", 0.5, 600), ("refreshed", 300.5, 600)],
        "sip:alice@192.0.2.11:5060": [("added", 0.5, 600), ("refreshed", 300.5, 600), ("removed", 400.5, None)],
    }


def test_star_removes_every_binding(trace_of: TraceOf) -> None:
    both = f"Contact: {DESK};expires=600, {SOFT};expires=600"
    flow = register(0, both) + answer(0.5, 200, both) + register(9, "Contact: *", "Expires: 0") + answer(9.5, 200)
    assert [events[-1] for events in told(trace_of(PARTIES + flow)).values()] == [("removed", 9.5, None)] * 2


def test_binding_expires_when_its_time_is_over(trace_of: TraceOf) -> None:
    flow = register(0, f"Contact: {DESK}") + answer(0.5, 200, f"Contact: {DESK};expires=60") + "90 end\n"
    trace = trace_of(PARTIES + flow)
    assert told(trace) == {"sip:alice@192.0.2.10:5060": [("added", 0.5, 60), ("expired", 60.5, None)]}
    (binding,) = trace.bindings
    assert binding.expires_at(BASE + 30 * SECOND) == BASE + 60 * SECOND + SECOND // 2
    assert binding.expires_at(BASE + 80 * SECOND) is None


def test_binding_does_not_expire_behind_the_end_of_the_capture(trace_of: TraceOf) -> None:
    flow = register(0, f"Contact: {DESK}") + answer(0.5, 200, f"Contact: {DESK};expires=60") + "50 end\n"
    assert [len(binding.history) for binding in trace_of(PARTIES + flow).bindings] == [1]


def test_refresh_sent_in_time_and_answered_late_keeps_the_binding(trace_of: TraceOf) -> None:
    granted = f"Contact: {DESK};expires=60"
    flow = (
        register(0, f"Contact: {DESK}")
        + answer(0.5, 200, granted)
        + register(60, f"Contact: {DESK}")
        + answer(62, 200, granted)
    )
    assert told(trace_of(PARTIES + flow)) == {"sip:alice@192.0.2.10:5060": [("added", 0.5, 60), ("refreshed", 62, 60)]}


def test_refused_registration_changes_no_binding(trace_of: TraceOf) -> None:
    assert trace_of(PARTIES + register(0, f"Contact: {DESK}") + answer(0.5, 403)).bindings == ()


def test_outbound_binding_is_known_by_instance_and_reg_id(trace_of: TraceOf) -> None:
    def contact(port: int) -> str:
        return f'Contact: <sip:alice@192.0.2.10:{port}>;reg-id=1;+sip.instance="<urn:uuid:1>";expires=600'

    flow = register(0, contact(5060)) + answer(0.5, 200, contact(5060))
    flow += register(9, contact(6060)) + answer(9.5, 200, contact(6060))
    bindings: tuple[Binding, ...] = trace_of(PARTIES + flow).bindings
    assert [(item.instance, item.reg_id, len(item.history)) for item in bindings] == [("urn:uuid:1", "1", 2)]


@pytest.mark.parametrize(("from_", "expected"), [("sip:alice@example.org", False), ("sip:admin@example.org", True)])
def test_third_party_is_told_by_from(trace_of: TraceOf, from_: str, *, expected: bool) -> None:
    (registration,) = trace_of(PARTIES + register(0, f"From: <{from_}>;tag=1") + answer(0.5, 200)).registrations
    assert registration.is_third_party is expected


def test_path_service_route_and_flow_timer_are_kept(trace_of: TraceOf) -> None:
    """The visited proxy and the edge proxy add their Path; the registrar answers with the home proxy's route."""
    path = "Path: <sip:edge.example.net;lr>, <sip:visited.example.net;lr>"
    flow = register(0, path) + answer(0.5, 200, path, "Service-Route: <sip:home.example.org;lr>", "Flow-Timer: 120")
    (registration,) = trace_of(PARTIES + flow).registrations
    assert [item.uri.host for item in registration.path] == ["edge.example.net", "visited.example.net"]
    assert [item.uri.host for item in registration.service_route] == ["home.example.org"]
    assert registration.flow_timer_s == 120
    assert (registration.source.address, registration.registrar.address) == ("192.0.2.10", "192.0.2.1")
