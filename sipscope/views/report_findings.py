"""Findings in the report."""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.finding import Finding, SubjectKind
from sipscope.model.trace import Trace
from sipscope.views.report_sessions import FoldedExchange
from sipscope.views.report_values import masked, number_of, time_of


def findings_report(trace: Trace, exchanges: Sequence[FoldedExchange]) -> Iterator[dict[str, object]]:
    """Every finding; its subject is named by the id under which the report lists it."""
    listed = {identifier: item.first.id for item in exchanges for identifier in item.ids}
    ordered = sorted(trace.findings, key=lambda item: (item.at, number_of(item.id)))
    return (_finding(finding, listed) for finding in ordered)


def _finding(finding: Finding, listed: Mapping[str, str]) -> dict[str, object]:
    subject: object = finding.subject_id
    if finding.subject_kind is SubjectKind.EXCHANGE:
        subject = listed.get(finding.subject_id, finding.subject_id)
    elif finding.subject_kind is SubjectKind.CALL and finding.subject_id.isdecimal():
        subject = int(finding.subject_id)
    return {
        "id": finding.id,
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "text": masked(finding.text),
        "at": time_of(finding.at),
        "frames": list(finding.frames),
        "evidence": [{"frame": item.frame, "note": masked(item.note)} for item in finding.evidence],
        "subject": {"kind": finding.subject_kind.value, "id": subject},
        "call": finding.call_id,
        "standards": list(finding.standards),
        "next_steps": list(finding.next_steps),
        "caused_by": finding.caused_by,
        "guards": list(finding.guards),
        "suppressed": finding.suppressed,
    }
