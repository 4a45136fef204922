"""What an audit told, for the tests of its renderers."""

from dataclasses import replace

from sipscope.model.defects import Confidence, Severity
from sipscope.views.audit import AuditCall, AuditCapture, AuditFinding, AuditRule
from sipscope.views.audit_page import (
    AuditPage,
    CaptureCount,
    Counts,
    MosBand,
    Pair,
    RuleUse,
    Share,
    Slot,
    Unread,
)
from sipscope.views.kpi import KpiRow

RULE = AuditRule(
    code="OA-003",
    name="media-section-dropped",
    severity=Severity.ERROR,
    summary="A later offer drops an m-line.",
    finds="A later offer with fewer lines.",
    matters="Every later position shifts.",
    steps=("Keep every line.", "Set its port to 0."),
    standards=("RFC 3264 §8",),
    url="https://www.rfc-editor.org/rfc/rfc3264#section-8",
)

FINDING = AuditFinding(
    capture="night/trunk 1.pcap",
    call=3,
    rule="OA-003",
    name="media-section-dropped",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    text="The offer drops the video line.",
    at="2026-01-31T10:00:00.000000000Z",
    frames=(7, 9),
    subject="exchange",
    standards=("RFC 3264 §8",),
    next_steps=("Keep every line.",),
    fingerprint="0123456789abcdef:1",
    command="sipscope show 'night/trunk 1.pcap' --call 3",
)

REMARK = replace(FINDING, rule="OA-006", name="origin-version-jump", severity=Severity.INFO, text="It jumps.")
UNSURE = replace(FINDING, confidence=Confidence.POSSIBLE)
KNOWN = replace(FINDING, suppressed="Carrier B plays no ringback")
HOSTILE = replace(
    FINDING,
    capture="<b>&\"'\x1b[2J.pcap",
    text="<script>alert(1)</script> ]]> \x00\x1b[2J\ud800 [here](http://evil.example) | *bold* @team\u202e",
)


def capture_with(*findings: AuditFinding, call: int | None = 3) -> AuditCapture:
    """A capture with one call, and findings that speak of it, or of none."""
    name = findings[0].capture if findings else "quiet.pcap"
    own = findings if call is None else ()
    told = AuditCall(
        number=3,
        caller="sip:alice@example.com",
        callee="sip:bob@example.com",
        headline="Answered.",
        findings=() if call is None else findings,
    )
    return AuditCapture(name=name, status="read", calls=(told,), findings=own)


PAGE = AuditPage(
    version="1.2.3",
    counts=Counts(
        captures=3,
        unread=1,
        calls=2,
        answered=2,
        faulty=1,
        errors=1,
        first_at="2026-01-31 10:00:00",
        last_at="2026-01-31 12:00:00",
    ),
    figures=(
        KpiRow(
            group="",
            code="ASR",
            name="ASR",
            title="Answer-Seizure Ratio",
            clause="ITU-T E.425",
            unit="%",
            count=2,
            hits=2,
            percent=100.0,
        ),
    ),
    endings=(("200", 2),),
    slots=(Slot(label="2026-01-31 10:00", answered=1, faulty=1),),
    rules=(RuleUse(rule=RULE, severity=Severity.ERROR, errors=1, captures=1, calls=1, examples=(FINDING,)),),
    trunks=(Share(name="192.0.2.1 → 192.0.2.9", calls=2, answered=2, faulty=1, rule="OA-003", mos=4.2),),
    agents=(Share(name="baresip v1.0.0", calls=2, answered=2, faulty=1, rule="OA-003"),),
    pairs=(Pair(caller="baresip v1.0.0", callee="", calls=2, faulty=1, rule="OA-003"),),
    mos=(MosBand(label="4.03 – 4.34", meaning="satisfied", streams=4),),
    captures=(CaptureCount(name="night/trunk 1.pcap", calls=2, errors=1, warnings=0, rules=("OA-003",)),),
    unread=(Unread(name="letter.pcap", status="unreadable", error="in no format that is known"),),
    left_out=(("captures", 4),),
)
