"""Findings, rules and captures of a database as what reports show."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Generic, TypeVar

from sipscope.audit.store import Store
from sipscope.audit.tables import CALLS, CAPTURES, EXPECTATIONS, FINDINGS
from sipscope.model.defects import Confidence, Severity
from sipscope.rules.registry import rule_of
from sipscope.version import VERSION
from sipscope.views.audit import AuditCall, AuditCapture, AuditExpectation, AuditFinding, AuditRule

Row = Mapping[str, object]
T = TypeVar("T")

NOT_READ = ("damaged", "unreadable", "timed-out", "out-of-memory", "crashed")
"""Statuses of captures that could not be read, or not to their end."""

FAILING = "severity = 'error' AND confidence <> 'possible' AND suppressed IS NULL"
"""Condition for a finding that an audit fails by."""

FAULTY = f"SELECT DISTINCT capture, call FROM findings WHERE call IS NOT NULL AND {FAILING}"
"""Calls with such a finding."""

EXPECTATION = AuditRule(
    code="expectation",
    name="expectation-not-met",
    severity=Severity.ERROR,
    summary="An expectation of the policy doesn't hold.",
    finds="What the policy expects of a capture, and what the capture doesn't show.",
    matters="Somebody wrote down that the capture is good only when this is true.",
    steps=("Look at the calls of the capture.", "Is the expectation right for this capture?"),
)
"""Stands for every expectation, where only rules are known."""

_UNMET = "SELECT capture, name, failures FROM expectations WHERE NOT holds ORDER BY capture, expectation"

_EXAMPLES = """
SELECT to_json(f) FROM (
    SELECT capture, call, rule, name, severity, confidence, text, NULL AS occurred_at, frames, subject_kind, standards,
           next_steps, guards, suppressed,
           row_number() OVER (PARTITION BY rule ORDER BY rank, nth, capture) AS place
    FROM (
        SELECT *, CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END AS rank,
               row_number() OVER (PARTITION BY rule, severity, capture ORDER BY occurred_at, finding) AS nth
        FROM findings WHERE suppressed IS NULL
    )
) AS f WHERE place <= ? ORDER BY rule, place
"""

_RFC = re.compile(r"RFC (?P<number>\d+)(?: §(?P<section>[0-9A-Z]+(?:\.[0-9]+)*))?")
_WRAP = re.compile(r"(?<!\n)\n(?![\n\s*-])")


def rules_told(store: Store) -> tuple[AuditRule, ...]:
    """The rules that spoke, by code, and `EXPECTATION` where one doesn't hold."""
    rows = store.query(
        "SELECT rule, any_value(name), min(CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END) "
        "FROM findings GROUP BY rule ORDER BY rule"
    )
    worst = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    rules = tuple(_rule(str(code), str(name), worst[int(str(rank))]) for code, name, rank in rows)
    return (*rules, EXPECTATION) if store.query(_UNMET) else rules


def findings_told(store: Store) -> Iterator[AuditFinding]:
    """Every finding, by capture and time."""
    contents = {str(name): str(content) for name, content in store.query("SELECT capture, content FROM captures")}
    several, parties = _files(store), _parties(store)
    for capture, rows in groupby(store.rows_of(FINDINGS), key=lambda row: str(row["capture"])):
        seen: dict[str, int] = {}
        for row in rows:
            content = contents.get(capture, "")
            finding = _finding(row, several.get(capture, [capture]), fingerprint_of(content, row, seen))
            yield replace(finding, content=content, parties=parties.get((capture, finding.call), ""))


def unmet_told(store: Store) -> Iterator[AuditFinding]:
    """Expectations that don't hold, as findings, for formats that know nothing else; by capture."""
    several = _files(store)
    for capture, name, failures in store.query(_UNMET):
        text = f"{name}: {'; '.join(_texts(failures))}"
        yield AuditFinding(
            capture=str(capture),
            call=None,
            rule=EXPECTATION.code,
            name=EXPECTATION.name,
            severity=Severity.ERROR,
            confidence=Confidence.CERTAIN,
            text=text,
            subject=str(name),
            fingerprint=hashlib.sha256(f"{capture}\n{name}".encode()).hexdigest()[:32],
            command=_command(several.get(str(capture), [str(capture)]), None),
        )


def examples_told(store: Store, *, limit: int) -> dict[str, tuple[AuditFinding, ...]]:
    """Findings of each rule that aren't suppressed, no more than so many, the worst first, from many captures."""
    files = _files(store)
    examples: dict[str, list[AuditFinding]] = {}
    for (text,) in store.query(_EXAMPLES, [limit]):
        row = json.loads(str(text))
        examples.setdefault(row["rule"], []).append(_finding(row, files.get(row["capture"], [row["capture"]]), ""))
    return {code: tuple(several) for code, several in examples.items()}


def unread_told(store: Store) -> Iterator[AuditCapture]:
    """Captures that could not be read, or not to their end, by name."""
    rows = store.query(
        "SELECT capture, status, error FROM captures WHERE status IN (SELECT unnest(?)) ORDER BY capture", [NOT_READ]
    )
    for name, status, error in rows:
        yield AuditCapture(name=str(name), status=str(status), error=_text(error))


def version_of(store: Store) -> str:
    """The version of sipscope that made the last run."""
    rows = store.query("SELECT version FROM runs ORDER BY run DESC LIMIT 1")
    return str(rows[0][0]) if rows else VERSION


def captures_told(store: Store, told: Iterable[AuditFinding]) -> Iterator[AuditCapture]:
    """Every capture with its calls and their findings, by name.

    Args:
        store: The database.
        told: Its findings, as `findings_told` gives them.
    """
    findings = _ByCapture(groupby(told, key=lambda finding: finding.capture))
    calls = _ByCapture(groupby(store.rows_of(CALLS), key=lambda row: str(row["capture"])))
    expectations = _ByCapture(groupby(store.rows_of(EXPECTATIONS), key=lambda row: str(row["capture"])))
    for row in store.rows_of(CAPTURES):
        name = str(row["capture"])
        of_call: dict[int | None, list[AuditFinding]] = {}
        for finding in findings.of(name):
            of_call.setdefault(finding.call, []).append(finding)
        yield AuditCapture(
            name=name,
            status=str(row["status"]),
            error=_text(row["error"]),
            same_as=_text(row["same_as"]),
            calls=tuple(_call(call, of_call) for call in calls.of(name)),
            findings=tuple(of_call.get(None, ())),
            expectations=tuple(_expectation(item) for item in expectations.of(name)),
        )


def fingerprint_of(content: str, row: Row, seen: dict[str, int]) -> str:
    """What tells a finding from every other, and is the same in every audit of the same bytes.

    Ids and texts may change from one version to the next; the bytes of the capture, the rule and the frames don't.

    Args:
        content: Digest of the capture.
        row: The finding.
        seen: How often each was met in this capture, which this counts on: a rule may speak twice of the same frames.
    """
    parts = (content, row["rule"], row["subject_kind"], *_list(row["frames"]))
    key = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]
    seen[key] = seen.get(key, 0) + 1
    return f"{key}:{seen[key]}"


class _ByCapture(Generic[T]):
    """Groups in the order of captures, taken while captures are gone through in the same order."""

    def __init__(self, groups: Iterator[tuple[str, Iterator[T]]]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def of(self, capture: str) -> list[T]:
        """The items of a capture; none where there is no group of it."""
        if self._next is None or self._next[0] != capture:
            return []
        items = list(self._next[1])
        self._next = next(self._groups, None)
        return items


def _call(row: Row, findings: Mapping[int | None, list[AuditFinding]]) -> AuditCall:
    number = int(str(row["call"]))
    return AuditCall(
        number=number,
        caller=_text(row["caller"]) or None,
        callee=_text(row["callee"]) or None,
        headline=_text(row["headline"]),
        findings=tuple(findings.get(number, ())),
    )


def _expectation(row: Row) -> AuditExpectation:
    return AuditExpectation(
        number=int(str(row["expectation"])), name=_text(row["name"]), failures=_texts(row["failures"])
    )


def _parties(store: Store) -> dict[tuple[str, int | None], str]:
    """Caller and callee of the calls in which something was found."""
    rows = store.query(
        "SELECT DISTINCT c.capture, c.call, coalesce(c.caller, ''), coalesce(c.callee, '') "
        "FROM findings AS f JOIN calls AS c ON c.capture = f.capture AND c.call = f.call"
    )
    return {(str(capture), int(str(call))): f"{caller} {callee}" for capture, call, caller, callee in rows}


def _files(store: Store) -> dict[str, list[str]]:
    """The files of captures that have several."""
    rows = store.query("SELECT capture, files FROM captures WHERE len(files) > 1")
    return {str(name): [str(path) for path in _list(files)] for name, files in rows}


def _finding(row: Row, paths: list[str], fingerprint: str) -> AuditFinding:
    call = None if row["call"] is None else int(str(row["call"]))
    return AuditFinding(
        capture=str(row["capture"]),
        call=call,
        rule=str(row["rule"]),
        name=str(row["name"]),
        severity=Severity(str(row["severity"])),
        confidence=Confidence(str(row["confidence"])),
        text=str(row["text"]),
        at=_text(row["occurred_at"]) or None,
        frames=tuple(int(str(frame)) for frame in _list(row["frames"])),
        subject=_text(row["subject_kind"]),
        standards=_texts(row["standards"]),
        next_steps=_texts(row["next_steps"]),
        guards=_texts(row["guards"]),
        suppressed=_text(row["suppressed"]) or None,
        fingerprint=fingerprint,
        command=_command(paths, call),
    )


def _command(paths: list[str], call: int | None) -> str:
    """What to type to see a finding; a path that looks like an option is told from one."""
    quoted = " ".join(shlex.quote(f"./{path}" if path.startswith("-") else path) for path in paths)
    return f"sipscope analyze {quoted}" if call is None else f"sipscope show {quoted} --call {call}"


def _rule(code: str, name: str, severity: Severity) -> AuditRule:
    rule = rule_of(code)
    if rule is None:
        return AuditRule(code=code, name=name, severity=severity)
    documentation = rule.documentation
    return AuditRule(
        code=code,
        name=rule.name,
        severity=rule.severity,
        summary=documentation.summary,
        finds=_unwrapped(documentation.sections.get("What it finds", "")),
        matters=_unwrapped(documentation.sections.get("Why it matters", "")),
        steps=documentation.steps,
        standards=documentation.standards,
        url=next(filter(None, map(_url, documentation.standards)), ""),
    )


def _unwrapped(text: str) -> str:
    """Paragraphs without the line ends of the source; lists and blank lines stay."""
    return _WRAP.sub(" ", text)


def _url(standard: str) -> str:
    """Where a clause of an RFC can be read."""
    match = _RFC.match(standard)
    if match is None:
        return ""
    section = match["section"]
    place = "" if section is None else f"#{'appendix' if section[0].isalpha() else 'section'}-{section}"
    return f"https://www.rfc-editor.org/rfc/rfc{match['number']}{place}"


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, _list(value)))
