"""Registrations are told as their documents tell them: outcome, time granted, contacts, attempts."""

from pathlib import Path

import pytest

from sipscope.model.subscription import Registration
from sipscope.rules.registry import rule_of
from tests.flows.registrations import FLOWS
from tests.flows.story import Flow, accusations_of
from tests.flows.test_flows import trace_of

NAMES = [flow.name for flow, _ in FLOWS]


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def told(registration: Registration) -> str:
    granted = "" if registration.expires_s is None else f" for {registration.expires_s} s"
    contacts, attempts = len(registration.contacts), len(registration.attempts)
    return f"{registration.outcome}{granted} with {counted(contacts, 'contact')} in {counted(attempts, 'attempt')}"


@pytest.mark.parametrize(("flow", "expected"), FLOWS, ids=NAMES)
def test_registration_is_told_as_its_document_tells_it(flow: Flow, expected: tuple[str, ...], tmp_path: Path) -> None:
    trace = trace_of(flow, tmp_path)
    assert tuple(told(item) for item in trace.registrations) == expected
    assert trace.calls == ()


@pytest.mark.parametrize("flow", [flow for flow, _ in FLOWS], ids=NAMES)
def test_registration_accuses_nobody_but_those_it_shows(flow: Flow, tmp_path: Path) -> None:
    expected = tuple(code for code in flow.findings if rule_of(code) is not None)
    assert accusations_of(trace_of(flow, tmp_path)) == expected
