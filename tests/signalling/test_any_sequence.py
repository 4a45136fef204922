"""Whatever was captured, the analysis survives it, frames captured twice change nothing, and what a cut capture lacks
is nobody's fault."""

import struct
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sipscope
from sipscope.model.call import CallOutcome
from sipscope.model.trace import Trace
from sipscope.render.json import report_json
from sipscope.render.text import ladder_text
from sipscope.views.ladder import ladder_of
from sipscope.views.report import report_of
from tests.flows.story import Flow, accusations_of
from tests.flows.test_flows import FLOWS
from tests.signalling.random_messages import (
    SEQUENCES,
    Shape,
    capture_of_shapes,
    frames_in,
    later,
    with_frames,
)
from tests.trace_script import capture_of

A_MILLISECOND = 1_000_000
SAMPLES = Path(__file__).parents[2] / "samples"
GOOD_FLOWS = [flow for flow in FLOWS if not flow.findings]
PCAPNG_SAMPLES = sorted(SAMPLES.glob("*.pcapng"))
MOST_FRAMES = 80
"""Where a flow is cut; those with media are longer, and then nothing but media comes."""
UNDECIDED = {CallOutcome.OPEN.value, CallOutcome.REDIRECTED.value}
"""A call whose last word is a redirect is told as redirected: the new attempt may go another way."""
REFUSED_AT_FIRST = {"F21": {CallOutcome.REJECTED.value}}
"""Flows whose caller tries again what was refused, by the name of their source."""
ENHANCED_PACKET = 6
"""Type of the pcapng block that holds a frame."""


def analyzed(capture: bytes) -> Trace:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.pcap"
        path.write_bytes(capture)
        return sipscope.analyze(str(path))


def essence(trace: Trace) -> dict[str, object]:
    """What a reconstruction tells, without the numbers of frames."""
    return {
        "calls": [
            (call.call_ids, call.outcome, call.final_status, call.released_by, call.answered_at, call.ended_at)
            for call in trace.calls
        ],
        "services": [
            (call.id, item.name, item.at, item.until, item.by, item.detail)
            for call in trace.calls
            for item in call.services
        ],
        "dialogs": [
            (item.key, item.state, item.created_by, item.usages, item.confirmed_at, item.ended_at, len(item.legs))
            for item in trace.dialogs
        ],
        "transactions": [(item.key, item.state, item.copies) for item in trace.transactions],
        "findings": [(item.rule, item.severity, item.confidence, item.at) for item in trace.findings],
    }


@given(SEQUENCES)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_any_sequence_of_messages_is_told_without_an_exception(shapes: list[Shape]) -> None:
    trace = analyzed(capture_of_shapes(shapes))
    assert sum(len(item.all_messages) for item in trace.transactions) == len(trace.messages)
    assert report_json(report_of(trace, version="0"))
    assert ladder_text(ladder_of(trace))


@given(SEQUENCES)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_frames_captured_twice_change_nothing_in_any_sequence(shapes: list[Shape]) -> None:
    capture = capture_of_shapes(shapes)
    doubled = [copy for frame in frames_in(capture) for copy in (frame, later(frame, A_MILLISECOND // 2))]
    assert essence(analyzed(with_frames(capture, doubled))) == essence(analyzed(capture))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_frames_captured_twice_change_nothing_in_a_flow(flow: Flow) -> None:
    capture = capture_of(flow.script)
    doubled = [copy for frame in frames_in(capture) for copy in (frame, later(frame, A_MILLISECOND // 2))]
    assert essence(analyzed(with_frames(capture, doubled))) == essence(analyzed(capture))


@pytest.mark.parametrize("flow", GOOD_FLOWS, ids=lambda flow: flow.name)
def test_capture_that_ends_early_accuses_nobody_and_leaves_its_call_open(flow: Flow) -> None:
    capture = capture_of(flow.script)
    frames = frames_in(capture)[:MOST_FRAMES]
    allowed = {call.ended.split()[0] for call in flow.calls} | UNDECIDED | REFUSED_AT_FIRST.get(flow.source, set())
    for count in range(1, len(frames)):
        trace = analyzed(with_frames(capture, frames[:count]))
        assert (count, accusations_of(trace)) == (count, ())
        assert (count, {call.outcome.value for call in trace.calls} - allowed) == (count, set())


@pytest.mark.parametrize("flow", GOOD_FLOWS, ids=lambda flow: flow.name)
def test_capture_that_begins_late_accuses_nobody(flow: Flow) -> None:
    capture = capture_of(flow.script)
    frames = frames_in(capture)
    for first in range(1, min(len(frames), MOST_FRAMES)):
        assert (first, accusations_of(analyzed(with_frames(capture, frames[first:])))) == (first, ())


@cache
def blocks_of(path: Path) -> tuple[tuple[bool, bytes], ...]:
    """The blocks of a pcapng file, each with whether it holds a frame."""
    content, at, found = path.read_bytes(), 0, []
    while at < len(content):
        kind, length = struct.unpack_from("<II", content, at)
        found.append((kind == ENHANCED_PACKET, content[at : at + length]))
        at += length
    return tuple(found)


def cut(path: Path, first: int, last: int) -> bytes:
    """A pcapng file with the frames from first to before last."""
    kept, number = [], 0
    for is_frame, block in blocks_of(path):
        if not is_frame or first <= number < last:
            kept.append(block)
        number += is_frame
    return b"".join(kept)


@cache
def accusations_of_sample(path: Path) -> frozenset[str]:
    return frozenset(item.rule for item in sipscope.analyze(str(path)).findings)


@given(st.sampled_from(PCAPNG_SAMPLES), st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_sample_cut_at_any_two_frames_accuses_nobody_of_more(path: Path, data: st.DataObject) -> None:
    count = sum(is_frame for is_frame, _ in blocks_of(path))
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first + 1, count))
    assert set(accusations_of(analyzed(cut(path, first, last)))) <= accusations_of_sample(path)
