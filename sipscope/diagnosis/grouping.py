"""Which finding explains which: a literal table of causes and the consequences they fold.

A consequence keeps its place in the list of findings, with the id of its cause, so that nothing is hidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding

KEYING = frozenset({"MSEC-004", "RTP-001", "RTP-002", "RTP-022"})

CONSEQUENCES: Mapping[str, frozenset[str]] = {
    # An address that nobody can reach makes every media symptom.
    "SDP-012": frozenset({"RTP-001", "RTP-002", "RTP-003", "EM-001", "EM-006", "RTP-005"}),
    # A codec under a wrong clock is another codec to the peer.
    "SDP-008": frozenset({"RTP-006", "RTP-016", "RTP-001"}),
    # Without keys there is no media, or it runs in the clear.
    "MSEC-001": KEYING,
    "MSEC-002": KEYING,
    "MSEC-005": KEYING,
    "MSEC-006": KEYING,
    # A caller locks on to the first description it got; when the real answer differs, its media goes elsewhere.
    "OA-016": frozenset({"RTP-003", "RTP-002", "EM-009", "OA-017"}),
    "OA-008": frozenset({"RTP-006", "RTP-016", "RTP-001"}),
    "OA-010": frozenset({"RTP-006", "DTMF-001"}),
    "OA-009": frozenset({"RTP-006", "RTP-016"}),
    "OA-011": frozenset({"RTP-008", "RTP-002", "SVC-001"}),
    "OA-013": frozenset({"RTP-008", "RTP-002", "SVC-001"}),
    "OA-005": frozenset({"OA-013", "RTP-003", "RTP-008"}),
    # Two sessions spliced into one: the description of another user agent follows no version and no order.
    "OA-007": frozenset({"OA-003", "OA-005", "OA-006", "OA-009"}),
    "OA-001": frozenset({"RTP-001", "RTP-002", "RTP-003", "RTP-006"}),
    "OA-003": frozenset({"OA-026"}),
    "OA-015": frozenset({"RTP-001", "RTP-002", "RTP-003"}),
    "OA-018": frozenset({"RTP-001", "RTP-002", "RTP-003"}),
    "OA-019": frozenset({"RTP-001", "RTP-002", "RTP-003"}),
    "OA-020": frozenset({"OA-021", "OA-022", "OA-023"}),
    "OA-024": frozenset({"RTP-002", "RTP-003", "RTP-006", "RTP-010"}),
    "PRK-001": frozenset({"PRK-004", "PRK-007", "EM-001", "OA-015"}),
    "PRK-003": frozenset({"PRK-004", "PRK-007"}),
    "PRK-005": frozenset({"PRK-004", "PRK-007", "EM-001", "OA-015"}),
    # Without one place to go a REFER must be refused.
    "XFER-001": frozenset({"XFER-002"}),
    "XFER-006": frozenset({"XFER-005"}),
    # An INVITE that isn't what Refer-To asked for replaces nothing, or something else.
    "XFER-011": frozenset({"XFER-014", "XFER-016"}),
    "XFER-013": frozenset({"XFER-002", "XFER-009", "XFER-017", "XFER-018"}),
    "XFER-014": frozenset({"XFER-002", "XFER-009", "XFER-017", "XFER-018"}),
    "XFER-015": frozenset({"XFER-002", "XFER-009", "XFER-017", "XFER-018"}),
    "RTP-020": frozenset({"RTP-021", "QOE-001"}),
    "RTP-018": frozenset({"RTCP-002", "QOE-001", "DTMF-003"}),
    "RTP-003": frozenset({"RTP-002"}),
    # The ACK that goes another way is one of the requests that do.
    "DLG-005": frozenset({"TXN-006"}),
    # Whoever doesn't deal with the 2xx of another branch doesn't acknowledge it.
    "FRK-001": frozenset({"TXN-004"}),
    "TXN-004": frozenset({"DLG-009", "DLG-010"}),
    # The answer was sent, and its client can't match it.
    "RTE-003": frozenset({"TXN-001", "TXN-002", "TXN-003"}),
}


def with_causes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, each with the id of the finding in the same call that explains it, where one does."""
    by_call: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.call_id is not None and _may_explain(finding):
            by_call.setdefault(finding.call_id, []).append(finding)
    # Of one rule a call may have thousands of findings, which all have the same cause.
    causes: dict[tuple[int, str], str | None] = {}
    for finding in findings:
        call = finding.call_id
        if call is not None and (call, finding.rule) not in causes:
            causes[call, finding.rule] = _cause_of(finding.rule, by_call.get(call, ()))
    return tuple([_with_cause(finding, causes) for finding in findings])


def consequences_of(root: Finding, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What a finding explains, directly or through what it explains, in the order of the findings."""
    by_id = {finding.id: finding for finding in findings}
    return tuple(finding for finding in findings if root.id in _causes_of(finding, by_id))


def _causes_of(finding: Finding, by_id: Mapping[str, Finding]) -> list[str]:
    causes: list[str] = []
    while finding.caused_by is not None and finding.caused_by not in causes:
        causes.append(finding.caused_by)
        if finding.caused_by not in by_id:
            break
        finding = by_id[finding.caused_by]
    return causes


def _may_explain(finding: Finding) -> bool:
    """A doubtful finding explains nothing, and a remark must not hide a fault behind itself."""
    return finding.confidence is not Confidence.POSSIBLE and finding.severity is not Severity.INFO


def _with_cause(finding: Finding, causes: Mapping[tuple[int, str], str | None]) -> Finding:
    cause = None if finding.call_id is None else causes[finding.call_id, finding.rule]
    return finding if cause is None else replace(finding, caused_by=cause)


def _cause_of(rule: str, candidates: Sequence[Finding]) -> str | None:
    """Id of the first finding of a call that explains those of a rule."""
    for cause in candidates:
        if rule in CONSEQUENCES.get(cause.rule, frozenset()):
            return cause.id
    return None
