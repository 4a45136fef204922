"""Transfers and event states of real programs, and of parties who err on purpose: each fault by its own rule."""

from pathlib import Path

import pytest

import sipscope
from sipscope.calls.aftermath import aftermath_of
from sipscope.model.defects import Confidence, Severity
from sipscope.model.trace import Trace
from sipscope.views.transfers import is_contradicted

FAULTS = {
    "success-told-busy": [("XFER-009", (8, 9, 14, 16))],
    "success-told-early": [("XFER-009", (8, 9, 14, 17))],
    "result-never-told": [("XFER-005", (8, 9, 10, 14))],
    "body-not-sipfrag": [("XFER-006", (16,))],
    "two-refer-to": [("XFER-001", (8, 9)), ("XFER-002", (8, 9))],
    "active-at-the-end": [("XFER-007", (16,))],
    "result-rejected": [("XFER-021", (8, 9, 16, 17))],
    "tags-swapped": [("XFER-014", (8, 16, 17))],
    "refused": [("XFER-002", (8, 9))],
    "left-before-busy": [("XFER-018", (8, 9, 14, 16))],
    "left-on-hold": [("XFER-017", (5, 8, 9, 16, 18))],
}
"""Warnings and errors that are more than possible, by the name of the capture."""

STORIES = {
    "active-at-the-end": ("blind", "succeeded", 200, 200, ["released"]),
    "body-not-sipfrag": ("blind", "succeeded", None, 200, ["released"]),
    "busy-baresip": ("blind", "failed", 486, 486, ["released"]),
    "cancelled-baresip": ("blind", "failed", 487, 487, ["released"]),
    "clean-attended": ("attended", "succeeded", 200, 200, ["released", "released"]),
    "clean-busy": ("blind", "failed", 486, 486, ["taken back"]),
    "clean-cancelled": ("blind", "failed", 487, 487, ["taken back"]),
    "clean-left-early": ("blind", "succeeded", 200, 200, ["released before the result"]),
    "clean-no-subscription": ("blind", "succeeded", None, 200, ["released before the result"]),
    "clean-notify-first": ("blind", "succeeded", 200, 200, ["released"]),
    "declined-linphone": ("blind", "failed", 603, 603, ["released"]),
    "left-before-busy": ("blind", "failed", 486, 486, ["orphaned"]),
    "left-on-hold": ("blind", "failed", 486, 486, ["released"]),
    "refused": ("blind", "refused", None, None, ["taken back"]),
    "result-never-told": ("blind", "succeeded", None, 200, ["released"]),
    "result-rejected": ("blind", "succeeded", 200, 200, ["released"]),
    "success-told-busy": ("blind", "failed", 200, 486, ["released"]),
    "success-told-early": ("blind", "succeeded", 200, 200, ["released before the result"]),
    "tags-swapped": ("attended", "failed", 481, 481, ["taken back", "released"]),
    "two-refer-to": ("blind", "refused", None, None, ["taken back"]),
}
"""Kind, outcome, status reported, status observed, and what became of the dialogs before."""


def names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.pcapng"))


NAMES = names_in(Path(__file__).parent.parent / "samples" / "transfers")


@pytest.fixture
def trace_of(samples: Path):
    return lambda name: sipscope.analyze(str(samples / f"{name}.pcapng"))


def grave(trace: Trace) -> list[tuple[str, tuple[int, ...]]]:
    return sorted(
        (finding.rule, finding.frames)
        for finding in trace.findings
        if finding.severity is not Severity.INFO and finding.confidence is not Confidence.POSSIBLE
    )


@pytest.mark.parametrize("name", NAMES)
def test_fault_is_told_by_its_rule_in_its_frames_and_nothing_else_is(trace_of, name: str) -> None:
    assert grave(trace_of(f"transfers/{name}")) == FAULTS.get(name, [])


@pytest.mark.parametrize("name", NAMES)
def test_story_is_told_as_it_was(trace_of, name: str) -> None:
    trace = trace_of(f"transfers/{name}")
    (transfer,) = trace.transfers
    fates = [old.fate.value for old in aftermath_of(transfer, trace)]
    told = (transfer.kind.value, transfer.outcome.value, transfer.reported_status, transfer.observed_status, fates)
    assert told == STORIES[name]


def test_only_the_lie_is_a_contradiction(trace_of) -> None:
    contradicted = [name for name in NAMES if is_contradicted(trace_of(f"transfers/{name}").transfers[0])]
    assert contradicted == ["success-told-busy"]


@pytest.mark.parametrize(
    ("name", "event", "notifications"), [("presence", "presence", 5), ("message-waiting", "message-summary", 4)]
)
def test_event_state_of_a_real_server_is_without_fault(trace_of, name: str, event: str, notifications: int) -> None:
    trace = trace_of(name)
    (subscription,) = trace.subscriptions
    assert (subscription.event, len(subscription.notifications), grave(trace)) == (event, notifications, [])


def test_every_capture_is_named() -> None:
    assert {*FAULTS, *STORIES} == set(NAMES)


def test_captures_are_small(samples: Path) -> None:
    assert [path.name for path in (samples / "transfers").glob("*.pcapng") if path.stat().st_size > 30_000] == []
