"""What is new against an earlier audit, by findings made by hand."""

from dataclasses import replace

from sipscope.audit.report_baseline import baseline_of, changes_of, compared
from sipscope.model.defects import Confidence, Severity
from sipscope.views.audit import AuditFinding, BaselineState
from sipscope.views.audit_page import Change

FINDING = AuditFinding(
    capture="a.pcap",
    call=1,
    rule="OA-003",
    name="media-section-dropped",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    text="The offer drops the video line.",
    subject="exchange",
    fingerprint="1:1",
    content="bytes",
    parties="sip:alice@example.com sip:bob@example.com",
)
RECORDED_AGAIN = replace(FINDING, content="other bytes", fingerprint="2:1", call=7)


def states_of(before: list[AuditFinding], after: list[AuditFinding]) -> list[BaselineState | None]:
    return [finding.state for finding in compared(after, baseline_of(before))]


def test_a_finding_of_the_same_bytes_is_unchanged_wherever_they_lie():
    assert states_of([FINDING], [replace(FINDING, capture="elsewhere/b.pcap")]) == [BaselineState.UNCHANGED]


def test_another_finding_in_the_same_bytes_is_new():
    assert states_of([FINDING], [replace(FINDING, fingerprint="3:1")]) == [BaselineState.NEW]


def test_a_capture_recorded_again_under_its_name_has_the_same_finding_between_the_same_parties():
    assert states_of([FINDING], [RECORDED_AGAIN]) == [BaselineState.UPDATED]


def test_a_second_finding_between_parties_that_had_one_is_new():
    again = [RECORDED_AGAIN, replace(RECORDED_AGAIN, fingerprint="2:2")]
    assert states_of([FINDING], again) == [BaselineState.UPDATED, BaselineState.NEW]


def test_what_other_parties_another_capture_or_another_rule_had_is_new():
    others = [
        replace(RECORDED_AGAIN, parties="sip:carol@example.com sip:bob@example.com"),
        replace(RECORDED_AGAIN, rule="OA-004"),
        replace(RECORDED_AGAIN, capture="b.pcap"),
    ]
    assert states_of([FINDING], others) == [BaselineState.NEW] * 3


def test_what_is_worse_is_new_and_what_is_better_is_not():
    warning = replace(FINDING, severity=Severity.WARNING)
    assert states_of([warning], [FINDING]) == [BaselineState.NEW]
    assert states_of([FINDING], [warning]) == [BaselineState.UNCHANGED]


def test_the_worst_of_several_are_compared_first():
    remark = replace(FINDING, severity=Severity.INFO, fingerprint="1:2")
    again = [replace(RECORDED_AGAIN, severity=Severity.INFO), replace(RECORDED_AGAIN, fingerprint="2:2")]
    assert states_of([FINDING, remark], again) == [BaselineState.UPDATED, BaselineState.UPDATED]


def test_what_was_suppressed_and_is_no_more_is_new():
    assert states_of([replace(FINDING, suppressed="known")], [FINDING]) == [BaselineState.NEW]


def test_only_what_is_new_fails():
    unchanged, new = compared([FINDING, replace(FINDING, fingerprint="6:1")], baseline_of([FINDING]))
    assert (unchanged.is_failure, new.is_failure) == (False, True)


def test_changes_are_counted_by_rule_and_most_that_is_new_comes_first():
    before = [FINDING, replace(FINDING, rule="TXN-004", name="ack-missing-2xx", fingerprint="2:1")]
    after = [
        FINDING,
        *(replace(FINDING, rule="SDP-001", name="a-name", fingerprint=f"9:{number}") for number in range(2)),
        replace(FINDING, call=2, fingerprint="8:1"),
        replace(FINDING, rule="SDP-002", fingerprint="7:1", suppressed="known"),
    ]
    assert changes_of(after, baseline_of(before)) == (
        Change(rule="SDP-001", name="a-name", new=2, kept=0, gone=0),
        Change(rule="OA-003", name="media-section-dropped", new=1, kept=1, gone=0),
        Change(rule="TXN-004", name="ack-missing-2xx", new=0, kept=0, gone=1),
    )


def test_what_is_suppressed_since_is_not_gone():
    assert changes_of([replace(FINDING, suppressed="known")], baseline_of([FINDING])) == (
        Change(rule="OA-003", name="media-section-dropped", new=0, kept=0, gone=0),
    )
