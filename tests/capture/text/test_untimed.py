"""Logs that tell no times: every message is at the same instant, and nothing hangs or accuses because of it."""

import re

import pytest

from sipscope.capture import open_capture
from sipscope.model.defects import Severity
from sipscope.pipeline import analyze
from sipscope.rules.registry import RULES
from tests.capture.text.writers import sngrep
from tests.trace_script import capture_of

STAMP = re.compile(rb"(?m)^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+ ")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_good_example_without_times_gives_nothing_above_information(tmp_path, rule):
    capture, log = tmp_path / "example.pcap", tmp_path / "example.txt"
    capture.write_bytes(capture_of(rule.documentation.good))
    packets = [packet for chunk in open_capture(str(capture)).chunks() for packet in chunk.packets]
    log.write_bytes(STAMP.sub(b"", sngrep([packet for packet in packets if b"SIP/2.0" in packet.payload])))
    assert [item.rule for item in analyze(str(log)).findings if item.severity is not Severity.INFO] == []
