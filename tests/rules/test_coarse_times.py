from dataclasses import replace

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding, SubjectKind
from sipscope.model.time import MILLISECOND, SECOND
from sipscope.pipeline import reconstruct
from sipscope.rules.coarse_times import other_times, standing
from tests.trace_script import capture_of

LATE = SECOND - MILLISECOND
SCRIPT = """\
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  OPTIONS
0.1   bob -> alice  200
1.0   alice -> bob  OPTIONS
2.0   bob -> alice  200
"""


@pytest.fixture
def messages(tmp_path):
    """Four messages, the first two in one step of the clock."""
    path = tmp_path / "capture.pcap"
    path.write_bytes(capture_of(SCRIPT))
    found = reconstruct(str(path)).messages
    return [replace(message, at=at * SECOND) for message, at in zip(found, (0, 0, 1, 2), strict=True)]


def test_steps_come_as_near_together_and_as_far_apart_as_they_can(messages):
    shifts = [
        [message.at - before.at for message, before in zip(other, messages, strict=True)]
        for other in other_times(messages, SECOND)
    ]
    assert shifts == [[LATE, LATE, 0, LATE], [0, 0, LATE, 0], [LATE, LATE, LATE, 0], [0, 0, 0, LATE]]


def test_the_order_stays(messages):
    for other in other_times(messages, SECOND):
        assert [message.at for message in other] == sorted(message.at for message in other)


def finding(number: int, rule: str, *frames: int) -> Finding:
    return Finding(
        id=f"f{number}",
        rule=rule,
        name="name",
        severity=Severity.ERROR,
        confidence=Confidence.CERTAIN,
        text="Text.",
        at=0,
        frames=frames,
        subject_kind=SubjectKind.CAPTURE,
        subject_id="capture",
        call_id=None,
        evidence=(),
        standards=(),
        next_steps=(),
        guards=(),
    )


def test_only_what_is_found_again_stands():
    findings = (finding(1, "AAA-001", 1), finding(2, "AAA-001", 5, 6), finding(3, "BBB-001", 1))
    others = (finding(1, "AAA-001", 6, 7), finding(2, "BBB-001", 1))
    assert [(item.id, item.rule, item.frames) for item in standing(findings, others)] == [
        ("f1", "AAA-001", (5, 6)),
        ("f2", "BBB-001", (1,)),
    ]
