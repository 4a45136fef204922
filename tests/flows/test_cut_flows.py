"""Flows of which a capture holds a part: nobody is accused of the rest, and no outcome is guessed."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import sipscope
from sipscope.model.call import CallOutcome
from sipscope.model.trace import Trace
from tests.flows.story import accusations_of
from tests.flows.test_flows import FLOWS
from tests.trace_script import capture_of

FILE_HEADER = 24
RECORD_HEADER = 16

ENDS = (0.6,)
"""Where a flow ends too early: this share of its packets is in front of the cut."""

BEGINS = (0.35, 0.7)
"""Where a flow begins too late."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A flow, and the parts of it that captures hold, by the number of the packet at the cut."""

    whole: Trace
    ending: dict[int, Trace]
    beginning: dict[int, Trace]


def packets_of(capture: bytes) -> Iterator[bytes]:
    """The records of a pcap file."""
    start = FILE_HEADER
    while start < len(capture):
        (length,) = struct.unpack_from("<I", capture, start + 8)
        yield capture[start : start + RECORD_HEADER + length]
        start += RECORD_HEADER + length


@pytest.fixture(scope="module", params=FLOWS, ids=lambda flow: flow.name)
def cut(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Cut:
    capture = capture_of(request.param.script)
    packets = list(packets_of(capture))
    path = tmp_path_factory.mktemp("cut") / "part.pcap"

    def trace_of(kept: list[bytes]) -> Trace:
        path.write_bytes(capture[:FILE_HEADER] + b"".join(kept))
        return sipscope.analyze(str(path))

    places = [max(1, int(len(packets) * place)) for place in (*ENDS, *BEGINS)]
    return Cut(
        whole=trace_of(packets),
        ending={number: trace_of(packets[:number]) for number in places[: len(ENDS)]},
        beginning={number: trace_of(packets[number:]) for number in places[len(ENDS) :]},
    )


def test_part_of_a_flow_accuses_nobody_but_those_the_flow_shows(cut: Cut) -> None:
    known = set(accusations_of(cut.whole))
    parts = [("ends", *item) for item in cut.ending.items()] + [("begins", *item) for item in cut.beginning.items()]
    found = {(side, number): set(accusations_of(part)) - known for side, number, part in parts}
    assert {place: codes for place, codes in found.items() if codes} == {}


def test_call_whose_beginning_is_missing_ended_as_it_did_or_is_open(cut: Cut) -> None:
    known = {name: call.outcome for call in cut.whole.calls for name in call.call_ids}
    for number, part in cut.beginning.items():
        for call in part.calls:
            assert call.outcome in {CallOutcome.OPEN, known.get(call.call_ids[0])}, number
