"""Diagnoses of trace scripts, with the findings that a test names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sipscope.diagnosis import diagnoses_of
from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Diagnosis, Finding, SubjectKind
from sipscope.pipeline import reconstruct
from tests.trace_script import capture_of

Diagnose = Callable[..., tuple[Diagnosis, ...]]


def finding(
    rule: str,
    number: int = 1,
    *,
    severity: Severity = Severity.ERROR,
    confidence: Confidence = Confidence.CERTAIN,
    call_id: int | None = 1,
    at: int = 0,
) -> Finding:
    """A finding of one rule, with a text and a step that name it."""
    return Finding(
        id=f"f{number}",
        rule=rule,
        name="a-name",
        severity=severity,
        confidence=confidence,
        text=f"{rule} was found.",
        at=at,
        frames=(1,),
        subject_kind=SubjectKind.CALL,
        subject_id="1",
        call_id=call_id,
        next_steps=(f"Mend {rule}.",),
    )


@pytest.fixture
def diagnose(tmp_path: Path) -> Diagnose:
    """Diagnoses of a trace script, given findings instead of those of the rules."""

    def run(script: str, *findings: Finding) -> tuple[Diagnosis, ...]:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return diagnoses_of(replace(reconstruct(str(path)), findings=findings))[0]

    return run
