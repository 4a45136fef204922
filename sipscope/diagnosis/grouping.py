"""Which finding explains which: a literal table of causes and the consequences they fold.

A consequence keeps its place in the list of findings, with the id of its cause, so that nothing is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sipscope.model.defects import Confidence
from sipscope.model.finding import Finding

CONSEQUENCES: Mapping[str, frozenset[str]] = {
    # An address that nobody can reach makes every media symptom.
    "SDP-012": frozenset({"RTP-001", "RTP-002", "RTP-003", "EM-001", "EM-006", "RTP-005"}),
    # A caller locks on to the first description it got; when the real answer differs, its media goes elsewhere.
    "OA-016": frozenset({"RTP-003", "RTP-002", "EM-009", "OA-017"}),
    "OA-008": frozenset({"RTP-006", "RTP-016", "RTP-001"}),
    "OA-010": frozenset({"RTP-006", "DTMF-001"}),
    "OA-011": frozenset({"RTP-008", "RTP-002", "SVC-001"}),
    "OA-013": frozenset({"RTP-008", "RTP-002", "SVC-001"}),
    "OA-005": frozenset({"OA-013", "RTP-003", "RTP-008"}),
    "OA-001": frozenset({"RTP-001", "RTP-002", "RTP-003", "RTP-006"}),
    "OA-015": frozenset({"RTP-001", "RTP-002", "RTP-003"}),
    "OA-019": frozenset({"RTP-001", "RTP-002", "RTP-003"}),
    "PRK-001": frozenset({"PRK-004", "PRK-007", "EM-001", "OA-015"}),
    "PRK-003": frozenset({"PRK-004", "PRK-007"}),
    "PRK-005": frozenset({"PRK-004", "PRK-007", "EM-001", "OA-015"}),
    "XFER-006": frozenset({"XFER-005"}),
    "XFER-013": frozenset({"XFER-002", "XFER-009", "XFER-017", "XFER-018"}),
    "XFER-014": frozenset({"XFER-002", "XFER-009", "XFER-017", "XFER-018"}),
    "XFER-015": frozenset({"XFER-002", "XFER-009", "XFER-017", "XFER-018"}),
    "RTP-020": frozenset({"RTP-021", "QOE-001"}),
    "RTP-018": frozenset({"RTCP-002", "QOE-001", "DTMF-003"}),
    "RTP-003": frozenset({"RTP-002"}),
    "TXN-004": frozenset({"DLG-009"}),
}


def with_causes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, each with the id of the finding in the same call that explains it, where one does."""
    return tuple(_with_cause(finding, findings) for finding in findings)


def _with_cause(finding: Finding, findings: Sequence[Finding]) -> Finding:
    if finding.call_id is None:
        return finding
    for cause in findings:
        if cause.call_id != finding.call_id or cause.confidence is Confidence.POSSIBLE:
            continue
        if finding.rule in CONSEQUENCES.get(cause.rule, frozenset()):
            return replace(finding, caused_by=cause.id)
    return finding
