"""Negotiations that SIPp made on purpose: a fault is told by its rule in its frames, what is right by none."""

from pathlib import Path

import pytest

import sipscope
from sipscope.model.defects import Confidence, Severity
from sipscope.rules.registry import rule_of

FAULTS = {
    "answer-count": [("OA-001", (1, 3))],
    "answer-reordered": [("OA-002", (1, 3)), ("OA-002", (1, 3))],
    "answer-retyped": [("OA-002", (1, 3))],
    "offer-reordered": [("OA-003", (1, 5))],
    "offer-dropped": [("OA-003", (3, 5))],
    "origin-stale": [("OA-005", (1, 5))],
    "codec-not-offered": [("OA-008", (1, 3))],
    "payload-remapped": [("OA-009", (1, 5))],
    "direction-illegal": [("OA-011", (5, 6)), ("OA-011", (8, 9)), ("OA-011", (11, 12))],
    "offer-unanswered": [("OA-015", (1, 3))],
    "delayed-offer-unanswered": [("OA-019", (3, 4))],
    "preview-differs": [("OA-016", (2, 3))],
    "offer-while-pending": [("OA-020", (5, 6, 8))],
    "prack-missing": [("PRK-004", (2, 3, 4, 5, 6))],
    "rack-wrong": [("PRK-005", (2, 3))],
    "rseq-jump": [("PRK-003", (2, 5))],
    "update-too-early": [("UPD-002", (1, 3))],
    "dead-air": [("EM-001", (2, 3))],
    "media-before-description": [("EM-004", (1, 3, 15))],
    # Legal, and yet a warning: products that send with their own number are common.
    "clean-payload-types": [("OA-010", (1, 3))],
}
"""Warnings and errors that are more than possible, by the name of the capture; all other captures have none."""

REMARKS = {
    "change-refused": ("OA-026", (3, 5, 6)),
    "origin-jump": ("OA-006", (1, 5)),
}
"""What is no fault and is told all the same: why an offer was refused, a version that rises by more than one."""


def path_of(samples: Path, name: str) -> str:
    return str(samples / "offer-answer" / f"{name}.pcapng")


def names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.pcapng"))


NAMES = names_in(Path(__file__).parent.parent / "samples" / "offer-answer")


@pytest.mark.parametrize("name", NAMES)
def test_fault_is_told_by_its_rule_in_its_frames_and_nothing_else_is(samples: Path, name: str) -> None:
    expected = [(code, frames) for code, frames in FAULTS.get(name, []) if rule_of(code) is not None]
    found = [
        (finding.rule, finding.frames)
        for finding in sipscope.analyze(path_of(samples, name)).findings
        if finding.severity is not Severity.INFO and finding.confidence is not Confidence.POSSIBLE
    ]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("name", REMARKS)
def test_remark_is_made(samples: Path, name: str) -> None:
    found = [
        (finding.rule, finding.frames, finding.severity)
        for finding in sipscope.analyze(path_of(samples, name)).findings
    ]
    assert (*REMARKS[name], Severity.INFO) in found


def test_every_named_capture_is_here() -> None:
    assert {*FAULTS, *REMARKS} <= set(NAMES)


def test_captures_are_small(samples: Path) -> None:
    assert [path.name for path in (samples / "offer-answer").glob("*.pcapng") if path.stat().st_size > 15_000] == []
