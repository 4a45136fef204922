"""Registration attempts: REGISTER with its challenges as one (RFC 3261 §10, §22)."""

from collections.abc import Callable

import pytest

from sipscope.model.subscription import Registration, RegistrationOutcome
from sipscope.model.trace import Trace

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"
CONTACT = "<sip:alice@192.0.2.10:5060>"
CREDENTIALS = 'Digest username="alice", realm="r", nonce="n", uri="sip:reg", response="0"'


def register(at: float, *lines: str) -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return f"{at} alice -> reg REGISTER call=1\n      To: <sip:alice@example.org>\n{fields}"


def answer(at: float, status: int, *lines: str) -> str:
    return f"{at} reg -> alice {status}\n" + "".join(f"      {line}\n" for line in lines)


def only(trace: Trace) -> Registration:
    (registration,) = trace.registrations
    return registration


def test_accepted_contact_is_registered(trace_of: TraceOf) -> None:
    granted = answer(0.1, 200, f"Contact: {CONTACT};expires=120")
    registration = only(trace_of(PARTIES + register(0, f"Contact: {CONTACT}", "Expires: 3600") + granted))
    assert (registration.outcome, registration.expires_s) == (RegistrationOutcome.REGISTERED, 120)
    assert registration.address_of_record == "sip:alice@example.org"


def test_challenge_and_retry_are_one_attempt(trace_of: TraceOf) -> None:
    flow = register(0) + answer(0.1, 401) + register(0.2, f"Authorization: {CREDENTIALS}") + answer(0.3, 200)
    registration = only(trace_of(PARTIES + flow))
    assert len(registration.attempts) == 2
    assert registration.outcome is RegistrationOutcome.REGISTERED


def test_too_brief_and_retry_are_one_attempt(trace_of: TraceOf) -> None:
    flow = (
        register(0, "Expires: 60")
        + answer(0.1, 423, "Min-Expires: 600")
        + register(0.2, "Expires: 600")
        + answer(0.3, 200, "Expires: 600")
    )
    registration = only(trace_of(PARTIES + flow))
    assert (len(registration.attempts), registration.expires_s) == (2, 600)


def test_refresh_is_an_attempt_of_its_own(trace_of: TraceOf) -> None:
    flow = register(0) + answer(0.1, 200) + register(60) + answer(60.1, 200)
    assert [item.id for item in trace_of(PARTIES + flow).registrations] == ["r1", "r2"]


def test_wrong_password_is_one_rejected_attempt(trace_of: TraceOf) -> None:
    flow = register(0) + answer(0.1, 401) + register(0.2, f"Authorization: {CREDENTIALS}") + answer(0.3, 403)
    assert only(trace_of(PARTIES + flow)).outcome is RegistrationOutcome.REJECTED


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        (["Contact:"], RegistrationOutcome.FETCHED),
        (["Contact: *", "Expires: 0"], RegistrationOutcome.REMOVED),
        ([f"Contact: {CONTACT}", "Expires: 0"], RegistrationOutcome.REMOVED),
        ([f"Contact: {CONTACT};expires=0"], RegistrationOutcome.REMOVED),
        ([f"Contact: {CONTACT};expires=0", "Expires: 3600"], RegistrationOutcome.REMOVED),
        ([f"Contact: {CONTACT};expires=60", "Expires: 0"], RegistrationOutcome.REGISTERED),
        ([f"Contact: {CONTACT};expires=0, <sip:alice@192.0.2.11>;expires=60"], RegistrationOutcome.REGISTERED),
        ([f"Contact: {CONTACT}"], RegistrationOutcome.REGISTERED),
    ],
)
def test_outcome_is_told_by_what_was_asked(trace_of: TraceOf, fields: list[str], outcome: RegistrationOutcome) -> None:
    assert only(trace_of(PARTIES + register(0, *fields) + answer(0.1, 200, "Contact:"))).outcome is outcome


def test_silence_beyond_timer_f_is_unanswered(trace_of: TraceOf) -> None:
    assert only(trace_of(PARTIES + register(0) + "33 end\n")).outcome is RegistrationOutcome.UNANSWERED


def test_silence_at_the_end_of_the_capture_is_pending(trace_of: TraceOf) -> None:
    assert only(trace_of(PARTIES + register(0) + "20 end\n")).outcome is RegistrationOutcome.PENDING


def test_own_contact_is_found_among_other_bindings(trace_of: TraceOf) -> None:
    listed = answer(0.1, 200, f"Contact: <sip:alice@192.0.2.99>;expires=3000, {CONTACT};expires=90", "Expires: 7")
    assert only(trace_of(PARTIES + register(0, f"Contact: {CONTACT}") + listed)).expires_s == 90


def test_expires_header_counts_where_the_contact_has_none(trace_of: TraceOf) -> None:
    listed = answer(0.1, 200, f"Contact: {CONTACT}", "Expires: 1800")
    assert only(trace_of(PARTIES + register(0, f"Contact: {CONTACT}") + listed)).expires_s == 1800


def test_rejected_registration_is_granted_nothing(trace_of: TraceOf) -> None:
    assert only(trace_of(PARTIES + register(0) + answer(0.1, 403, "Expires: 60"))).expires_s is None


def test_two_addresses_of_record_are_two_registrations(trace_of: TraceOf) -> None:
    other = "1 alice -> reg REGISTER call=1\n      To: <sip:desk@example.org>\n1.1 reg -> alice 200\n"
    trace = trace_of(PARTIES + register(0) + answer(0.1, 200) + other)
    assert [item.address_of_record for item in trace.registrations] == [
        "sip:alice@example.org",
        "sip:desk@example.org",
    ]


def test_registration_seen_on_two_hops_is_one(trace_of: TraceOf) -> None:
    proxied = """
alice 192.0.2.10
reg   192.0.2.1
edge  192.0.2.2 proxy
0.0   alice -> edge REGISTER to=reg
0.05  edge -> reg   REGISTER
0.1   reg -> edge   200
0.15  edge -> alice 200
"""
    assert len(only(trace_of(proxied)).attempts) == 1
