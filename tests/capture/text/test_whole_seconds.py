"""Logs that tell whole seconds: the order of lines is the order of messages, and nothing hangs on fractions."""

import re

import pytest

from sipscope.capture import open_capture
from sipscope.model.defects import Severity
from sipscope.model.time import SECOND
from sipscope.pipeline import analyze
from sipscope.rules.registry import RULES
from tests.capture.text.writers import sngrep
from tests.trace_script import capture_of

FRACTION = re.compile(rb"(?m)^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)\.\d+ ")


@pytest.fixture
def told(tmp_path):
    """What is found in a log of a trace script, with the fractions of its times or without."""

    def findings(script: str, *, whole: bool) -> list:
        capture, log = tmp_path / "example.pcap", tmp_path / "example.txt"
        capture.write_bytes(capture_of(script))
        packets = [packet for chunk in open_capture(str(capture)).chunks() for packet in chunk.packets]
        text = sngrep([packet for packet in packets if b"SIP/2.0" in packet.payload])
        log.write_bytes(FRACTION.sub(rb"\1 ", text) if whole else text)
        return list(analyze(str(log)).findings)

    return findings


def codes(findings: list) -> set[str]:
    return {item.rule for item in findings if item.severity is not Severity.INFO}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_whole_seconds_accuse_of_nothing_that_finer_times_do_not(told, rule):
    for script in (rule.documentation.good, rule.documentation.bad):
        assert codes(told(script, whole=True)) <= codes(told(script, whole=False))


@pytest.mark.parametrize("code", ["AUTH-001", "DLG-001", "OA-003", "OA-008", "TXN-006", "TXN-007", "TXN-017"])
def test_what_needs_no_fractions_is_told_without_them(told, code: str):
    script = next(rule for rule in RULES if rule.code == code).documentation.bad
    assert code in codes(told(script, whole=True))


def test_a_race_that_takes_less_than_a_step_of_the_clock_is_not_told(told):
    script = next(rule for rule in RULES if rule.code == "TXN-022").documentation.bad
    assert "TXN-022" in codes(told(script, whole=False))
    assert "TXN-022" not in codes(told(script, whole=True))


def test_findings_are_numbered_on_without_holes(told):
    found = told(next(rule for rule in RULES if rule.code == "OA-003").documentation.bad, whole=True)
    assert [item.id for item in found] == [f"f{number}" for number in range(1, len(found) + 1)]


@pytest.mark.parametrize(("stamp", "step"), [("2026/05/01 10:00:00", SECOND), ("2026/05/01 10:00:00.5", 0), ("", 0)])
def test_the_facts_tell_how_coarse_the_times_are(log, stamp: str, step: int):
    text = f"{stamp} 10.0.0.1:5060 -> 10.0.0.2:5060\nOPTIONS sip:b@example.com SIP/2.0\nCall-ID: 1\n\n"
    assert log(text.strip(" ")).facts.clock_step == step
