"""A capture that begins or ends inside a call tells less, and accuses nobody of what was cut off."""

import subprocess
from pathlib import Path

import pytest

import sipscope
from sipscope.model.call import Call, CallOutcome
from sipscope.model.defects import Confidence, Severity
from sipscope.model.trace import Trace
from tests.conftest import REPOSITORY

SAMPLES = sorted(path for path in (REPOSITORY / "samples").iterdir() if path.suffix in {".pcap", ".pcapng"})

PLACES = (0.15, 0.4, 0.6, 0.85)
"""Where a capture is cut: this share of its signalling frames is in front of the cut."""

pytestmark = pytest.mark.tshark


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda path: path.stem)
def whole(request: pytest.FixtureRequest) -> tuple[Path, Trace]:
    return request.param, sipscope.analyze(str(request.param))


def cuts(whole: tuple[Path, Trace], folder: Path, *, ends: bool) -> list[tuple[int, Trace]]:
    """What is left when the capture ends, or begins, at each place, with the frame of the cut."""
    path, trace = whole
    signalling = sorted({message.frames[0] for message in trace.messages})
    frames = dict.fromkeys(signalling[int(len(signalling) * place)] for place in PLACES)
    found = []
    for frame in frames:
        part = folder / f"{frame}.pcapng"
        kept = f"1-{frame}" if ends else f"{frame}-{trace.facts.frames}"
        subprocess.run(["editcap", "-r", str(path), str(part), kept], check=True, capture_output=True)
        found.append((frame, sipscope.analyze(str(part))))
    return found


def accusations(trace: Trace) -> set[str]:
    return {
        finding.rule
        for finding in trace.findings
        if finding.severity is not Severity.INFO and finding.confidence is not Confidence.POSSIBLE
    }


def outcomes(whole: Trace, part: Trace) -> list[tuple[CallOutcome, CallOutcome]]:
    """The outcome of each call that is left, and what it was in the whole capture."""
    pairs = []
    for call in part.calls:
        (origin,) = [item for item in whole.calls if set(item.call_ids) & set(call.call_ids)]
        pairs.append((call.outcome, origin.outcome))
    return pairs


@pytest.mark.parametrize("ends", [True, False], ids=["ends early", "begins late"])
def test_capture_cut_inside_a_call_accuses_nobody_anew(whole: tuple[Path, Trace], ends: bool, tmp_path: Path) -> None:
    known = accusations(whole[1])
    found = {frame: accusations(part) - known for frame, part in cuts(whole, tmp_path, ends=ends)}
    assert {frame: codes for frame, codes in found.items() if codes} == {}


@pytest.mark.parametrize("ends", [True, False], ids=["ends early", "begins late"])
def test_call_of_which_a_part_is_cut_off_ended_as_it_did_or_is_open(
    whole: tuple[Path, Trace], ends: bool, tmp_path: Path
) -> None:
    for frame, part in cuts(whole, tmp_path, ends=ends):
        for found, known in outcomes(whole[1], part):
            assert found in {known, CallOutcome.OPEN}, frame


def part_of(samples: Path, name: str, kept: str, folder: Path) -> Call:
    part = folder / "part.pcapng"
    subprocess.run(["editcap", "-r", str(samples / name), str(part), kept], check=True, capture_output=True)
    (call,) = sipscope.analyze(str(part)).calls
    return call


def test_call_that_was_up_when_the_capture_began_is_open_and_tells_who_hung_up_but_not_who_called(
    samples: Path, tmp_path: Path
) -> None:
    call = part_of(samples, "basic-call.pcapng", "300-725", tmp_path)
    assert (call.outcome, call.answered_at, call.released_by) == (CallOutcome.OPEN, None, None)
    assert [(service.name, service.by, service.detail) for service in call.services] == [("release", None, "by alice")]


def test_call_that_is_up_when_the_capture_ends_is_answered_and_has_no_end(samples: Path, tmp_path: Path) -> None:
    call = part_of(samples, "basic-call.pcapng", "1-300", tmp_path)
    assert (call.outcome, call.ended_at, call.released_by) == (CallOutcome.ANSWERED, None, None)


def test_call_that_rings_when_the_capture_ends_is_open(samples: Path, tmp_path: Path) -> None:
    call = part_of(samples, "busy.pcapng", "1-3", tmp_path)
    assert (call.outcome, call.final_status, call.released_by) == (CallOutcome.OPEN, None, None)
