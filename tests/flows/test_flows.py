"""Flows of the standards are told as their documents tell them, and nobody who followed them is accused."""

from collections import Counter
from pathlib import Path

import pytest

import sipscope
from sipscope.model.trace import Trace
from sipscope.rules.registry import rule_of
from tests.flows import early_media, rfc3665, rfc5359, rfc5407, rfc6026, systems
from tests.flows.story import Flow, accusations_of, story_of
from tests.trace_script import capture_of

FLOWS = (*rfc3665.FLOWS, *rfc5359.FLOWS, *rfc5407.FLOWS, *rfc6026.FLOWS, *systems.FLOWS, *early_media.FLOWS)

EVERY_FLOW = pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)


def trace_of(flow: Flow, folder: Path) -> Trace:
    path = folder / "flow.pcap"
    path.write_bytes(capture_of(flow.script))
    return sipscope.analyze(str(path))


@EVERY_FLOW
def test_flow_is_told_as_its_document_tells_it(flow: Flow, tmp_path: Path) -> None:
    assert story_of(trace_of(flow, tmp_path), flow) == flow.calls


@EVERY_FLOW
def test_flow_accuses_nobody_but_those_it_shows(flow: Flow, tmp_path: Path) -> None:
    expected = tuple(code for code in flow.findings if rule_of(code) is not None)
    assert accusations_of(trace_of(flow, tmp_path)) == expected


def test_every_flow_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(flow.name for flow in FLOWS).items() if count > 1] == []
