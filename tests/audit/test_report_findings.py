"""Findings, rules and captures of a database as reports show them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sipscope.audit.report_findings import (
    captures_told,
    findings_told,
    fingerprint_of,
    rules_told,
    unread_told,
)
from sipscope.audit.run import Limits, audit
from sipscope.audit.sources import sources_of
from sipscope.audit.store import NAME, Store
from sipscope.pipeline import Options
from sipscope.views.audit import AuditCapture, AuditFinding

Audited = Callable[..., Store]


@pytest.fixture
def audited(here, tmp_path: Path) -> Iterator[Audited]:
    """Audit a folder into a database of its own."""
    stores = []

    def make(folder: Path, name: str = "results") -> Store:
        (tmp_path / name).mkdir()
        store = Store(tmp_path / name / NAME)
        stores.append(store)
        audit(sources_of([str(folder)]), store, Options(), Limits(jobs=1), executor=here)
        return store

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def folder(samples: Path, tmp_path: Path) -> Path:
    """Three captures, one of them with an error in its call, and a letter."""
    made = tmp_path / "captures"
    made.mkdir()
    for name in ("busy.pcapng", "dropped-media-line.pcapng", "cancelled.pcapng"):
        (made / name).write_bytes((samples / name).read_bytes())
    (made / "letter.pcap").write_text("Dear Sir or Madam,")
    return made


def error_of(store: Store) -> AuditFinding:
    return next(finding for finding in findings_told(store) if finding.is_failure)


def captures_of(store: Store) -> list[AuditCapture]:
    return list(captures_told(store, findings_told(store)))


def test_a_finding_has_its_rule_call_and_frames(audited: Audited, folder: Path):
    finding = error_of(audited(folder))
    assert (finding.rule, finding.call, Path(finding.capture).name) == ("OA-003", 1, "dropped-media-line.pcapng")
    assert finding.frames


def test_a_rule_that_spoke_brings_its_page_and_where_its_clause_is(audited: Audited, folder: Path):
    rule = next(rule for rule in rules_told(audited(folder)) if rule.code == "OA-003")
    assert rule.url == "https://www.rfc-editor.org/rfc/rfc3264#section-8"
    assert "\n" not in rule.matters
    assert rule.steps


def test_captures_come_by_name_with_their_calls(audited: Audited, folder: Path):
    told = [
        (Path(item.name).name, item.status, len(item.calls), sum(len(call.findings) for call in item.calls) > 0)
        for item in captures_of(audited(folder))
    ]
    assert told == [
        ("busy.pcapng", "read", 1, False),
        ("cancelled.pcapng", "read", 1, False),
        ("dropped-media-line.pcapng", "read", 1, True),
        ("letter.pcap", "unreadable", 0, False),
    ]


def test_captures_tell_every_finding_once(audited: Audited, folder: Path):
    store = audited(folder)
    told = [
        finding
        for item in captures_of(store)
        for findings in (item.findings, *(call.findings for call in item.calls))
        for finding in findings
    ]
    assert sorted(told, key=repr) == sorted(findings_told(store), key=repr)


def test_what_was_not_read_is_told_with_the_reason(audited: Audited, folder: Path):
    (capture,) = unread_told(audited(folder))
    assert capture.status == "unreadable"
    assert capture.error


def test_a_fingerprint_outlives_a_new_place(audited: Audited, folder: Path, tmp_path: Path):
    before = error_of(audited(folder)).fingerprint
    folder.rename(tmp_path / "elsewhere")
    assert error_of(audited(tmp_path / "elsewhere", "again")).fingerprint == before


def test_two_findings_of_the_same_frames_have_two_fingerprints():
    row = {"rule": "OA-003", "subject_kind": "exchange", "frames": [1, 2]}
    seen: dict[str, int] = {}
    first, second = fingerprint_of("content", row, seen), fingerprint_of("content", row, seen)
    assert first != second
    assert first.endswith(":1")


@pytest.mark.parametrize(
    ("change", "value"), [("rule", "OA-004"), ("subject_kind", "dialog"), ("frames", [1, 2, 3]), ("frames", [12])]
)
def test_another_finding_has_another_fingerprint(change: str, value: object):
    row = {"rule": "OA-003", "subject_kind": "exchange", "frames": [1, 2]}
    assert fingerprint_of("content", row, {}) != fingerprint_of("content", {**row, change: value}, {})


def test_the_command_takes_a_path_with_a_blank(audited: Audited, folder: Path):
    (folder / "dropped-media-line.pcapng").rename(folder / "dropped line.pcapng")
    command = error_of(audited(folder)).command
    assert command == f"sipscope show '{folder}/dropped line.pcapng' --call 1"
