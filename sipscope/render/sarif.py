"""SARIF 2.1.0 (OASIS): findings for code scanning and for viewers of it.

A capture has no lines. GitHub refuses results without a region, so each has the first line of its file; the frames
stand in the message and, for programs, in the properties.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from sipscope.model.defects import Severity
from sipscope.render.escape import visible
from sipscope.render.json import report_json_pieces, value_json
from sipscope.views.audit import AuditCapture, AuditFinding, AuditRule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_LONGEST = 4_000
_FRAMES_TOLD = 8


def sarif_pieces(
    rules: Sequence[AuditRule], findings: Iterable[AuditFinding], unread: Iterable[AuditCapture], *, version: str
) -> Iterator[str]:
    """A log of one run as a document, piece by piece.

    Args:
        rules: Those that spoke.
        findings: What they found.
        unread: Captures that could not be read, or not to their end: a result about them would be about nothing.
        version: Of the program that judged.
    """
    places = {rule.code: number for number, rule in enumerate(rules)}
    notes = [_notification(capture) for capture in unread]
    tool = {"driver": {"name": "sipscope", "version": version, "rules": [_rule(rule) for rule in rules]}}
    run = {
        "tool": tool,
        "invocations": [{"executionSuccessful": not notes, "toolExecutionNotifications": notes}],
        "columnKind": "unicodeCodePoints",
    }
    head = "".join(report_json_pieces({"version": "2.1.0", "$schema": SCHEMA}.items())).removesuffix("\n}")
    yield f'{head},\n  "runs": [{value_json(run)[:-1]}, "results": ['
    before = "\n"
    for finding in findings:
        yield f"{before}    {value_json(_result(finding, places[finding.rule]))}"
        before = ",\n"
    yield "\n  ]}]\n}\n"


def _rule(rule: AuditRule) -> dict[str, object]:
    steps = [visible(step, _LONGEST) for step in rule.steps]
    summary = rule.summary or rule.name
    text = "\n\n".join(filter(None, [rule.finds, rule.matters, "\n".join(f"- {step}" for step in steps)]))
    markdown = "\n\n".join(
        [f"{rule.finds}", f"**Why it matters.** {rule.matters}", "**What to check**\n\n" + _listed(steps)]
        + ([f"Sources: {'; '.join(rule.standards)}"] if rule.standards else [])
    )
    told: dict[str, object] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": rule.finds or summary},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.code.partition("-")[0]], "standards": list(rule.standards)},
    }
    if text:
        told["help"] = {"text": text, "markdown": markdown}
    if rule.url:
        told["helpUri"] = rule.url
    return told


def _result(finding: AuditFinding, rule: int) -> dict[str, object]:
    logical = [] if finding.call is None else [{"name": f"call {finding.call}", "kind": "object"}]
    place: dict[str, object] = {"physicalLocation": _physical(finding.capture)}
    if logical:
        place["logicalLocations"] = logical
    state = {} if finding.state is None else {"baselineState": finding.state.value}
    return {
        **state,
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [place],
        # The first is sipscope's own; the second is the one that GitHub goes by.
        "partialFingerprints": {
            "sipscopeFinding/v1": finding.fingerprint,
            "primaryLocationLineHash": finding.fingerprint,
        },
        # Where one result tells this, all must (SARIF 2.1.0 §3.27.23): an empty list is no suppression.
        "suppressions": _suppressions(finding),
        "properties": {
            "confidence": finding.confidence.value,
            "call": finding.call,
            "frames": list(finding.frames),
            "at": finding.at,
            "subject": finding.subject,
            "standards": [visible(text) for text in finding.standards],
            "nextSteps": [visible(text, _LONGEST) for text in finding.next_steps],
            "guards": [visible(text, _LONGEST) for text in finding.guards],
            "command": visible(finding.command, _LONGEST),
        },
    }


def _suppressions(finding: AuditFinding) -> list[dict[str, object]]:
    if finding.suppressed is None:
        return []
    justification = visible(finding.suppressed, _LONGEST)
    return [{"kind": "external", "status": "accepted", "justification": justification}]


def _message(finding: AuditFinding) -> str:
    parts = [visible(finding.text, _LONGEST)]
    if finding.frames:
        more = "" if len(finding.frames) <= _FRAMES_TOLD else ", …"
        word = "Frame" if len(finding.frames) == 1 else "Frames"
        parts.append(f"{word} {', '.join(map(str, finding.frames[:_FRAMES_TOLD]))}{more}.")
    parts.append(f"See: {visible(finding.command, _LONGEST)}")
    return _unlinked(" ".join(parts))


def _unlinked(text: str) -> str:
    """Text that makes no link of its own, for what a capture holds decides nothing (SARIF 2.1.0 §3.11.6)."""
    return text.replace("[", r"\[").replace("]", r"\]") if "](" in text else text


def _notification(capture: AuditCapture) -> dict[str, object]:
    return {
        "level": "warning" if capture.status == "damaged" else "error",
        "message": {"text": _unlinked(visible(f"{capture.status}: {capture.error}", _LONGEST))},
        "locations": [{"physicalLocation": _physical(capture.name)}],
    }


def _physical(path: str) -> dict[str, object]:
    return {"artifactLocation": {"uri": _uri(path)}, "region": {"startLine": 1}}


def _uri(path: str) -> str:
    """A path as a URI: relative as it is, which viewers resolve against the root of the repository."""
    if _URL.match(path):
        return quote(path, safe="/:?&=%@+,;~", errors="backslashreplace")
    plain = path.removeprefix("./").replace("\\", "/")
    quoted = quote(plain, safe="/~+,@=", errors="backslashreplace")
    return f"file://{quoted}" if plain.startswith("/") else quoted


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"1. {item}" for item in items)
