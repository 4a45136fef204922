"""Which finding explains which."""

import pytest

from sipscope.diagnosis.grouping import CONSEQUENCES, consequences_of, with_causes
from sipscope.model.defects import Confidence, Severity
from tests.diagnosis.conftest import finding


def causes(*findings):
    return [item.caused_by for item in with_causes(findings)]


def test_consequence_names_its_cause():
    assert causes(finding("SDP-012", 1), finding("RTP-002", 2)) == [None, "f1"]


@pytest.mark.parametrize(
    ("cause", "consequence"),
    [("DLG-005", "TXN-006"), ("FRK-001", "TXN-004"), ("TXN-004", "DLG-010"), ("RTE-003", "TXN-001")],
)
def test_fault_of_signalling_is_told_once_with_what_follows_from_it(cause, consequence):
    assert causes(finding(cause, 1), finding(consequence, 2)) == [None, "f1"]


@pytest.mark.parametrize("cause", ["MSEC-001", "MSEC-002", "MSEC-005", "MSEC-006"])
def test_keys_that_cannot_be_explain_silence_and_media_in_the_clear(cause):
    assert causes(finding(cause, 1), finding("MSEC-004", 2), finding("RTP-001", 3)) == [None, "f1", "f1"]


def test_wrong_clock_explains_media_that_was_not_agreed():
    assert causes(finding("SDP-008", 1), finding("RTP-006", 2)) == [None, "f1"]


def test_order_of_findings_does_not_matter():
    assert causes(finding("RTP-002", 1), finding("SDP-012", 2)) == ["f2", None]


def test_nothing_is_dropped_and_nothing_moves():
    findings = [finding("RTP-002", 1), finding("SDP-012", 2), finding("TXN-001", 3)]
    assert [item.id for item in with_causes(findings)] == ["f1", "f2", "f3"]


def test_unrelated_findings_explain_nothing():
    assert causes(finding("SDP-012", 1), finding("TXN-001", 2)) == [None, None]


def test_cause_in_another_call_explains_nothing():
    assert causes(finding("SDP-012", 1, call_id=1), finding("RTP-002", 2, call_id=2)) == [None, None]


def test_findings_of_no_call_explain_nothing_and_are_not_explained():
    assert causes(finding("SDP-012", 1, call_id=None), finding("RTP-002", 2, call_id=None)) == [None, None]


def test_possible_finding_explains_nothing():
    doubtful = finding("SDP-012", 1, confidence=Confidence.POSSIBLE)
    assert causes(doubtful, finding("RTP-002", 2)) == [None, None]


def test_remark_does_not_hide_a_fault():
    assert causes(finding("SDP-012", 1, severity=Severity.INFO), finding("RTP-002", 2)) == [None, None]


def test_consequences_follow_through_what_they_explain():
    findings = with_causes([finding("PRK-001", 1), finding("OA-015", 2), finding("RTP-001", 3)])
    assert [item.id for item in consequences_of(findings[0], findings)] == ["f2", "f3"]


def test_finding_that_explains_nothing_has_no_consequences():
    findings = with_causes([finding("TXN-001", 1), finding("RTP-001", 2)])
    assert consequences_of(findings[0], findings) == ()


@pytest.mark.parametrize("rule", CONSEQUENCES)
def test_no_rule_explains_itself_even_by_way_of_others(rule):
    reached, ahead = set(), set(CONSEQUENCES[rule])
    while ahead:
        reached |= ahead
        ahead = {item for code in ahead for item in CONSEQUENCES.get(code, ())} - reached
    assert rule not in reached
