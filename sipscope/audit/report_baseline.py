"""What is new against an earlier audit, for reports.

In a capture whose bytes the earlier audit had, wherever it lay, findings with the same fingerprint are the same. In one
that has the name of an earlier capture and other bytes, frames mean nothing: there, findings of the same rule, kind of
subject and parties are the same; where there are several, the worst of both audits are compared, then the next.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from sipscope.model.defects import Severity
from sipscope.values import dataclass
from sipscope.views.audit import AuditFinding, BaselineState
from sipscope.views.audit_page import Change

Place = tuple[str, str, str, str, int]
"""Capture, rule, subject, parties, and how many of these are worse or earlier."""

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What an earlier audit found.

    Attributes:
        contents: Digests of the captures in which it found something.
        fingerprints: How bad each finding was.
        places: How bad it was where.
        rules: How often each rule spoke, with its name.
    """

    contents: frozenset[str]
    fingerprints: Mapping[str, int]
    places: Mapping[Place, int]
    rules: Counter[tuple[str, str]]


def baseline_of(findings: Iterable[AuditFinding]) -> Baseline:
    """What an audit found, for a later one to be compared with; all of its findings, in their order.

    What was suppressed is left out: it is new where it is suppressed no more.
    """
    contents: set[str] = set()
    fingerprints: dict[str, int] = {}
    places: dict[Place, int] = {}
    rules: Counter[tuple[str, str]] = Counter()
    for finding, place in _placed(finding for finding in findings if finding.suppressed is None):
        contents.add(finding.content)
        fingerprints[finding.fingerprint] = places[place] = _RANK[finding.severity]
        rules[finding.rule, finding.name] += 1
    return Baseline(contents=frozenset(contents), fingerprints=fingerprints, places=places, rules=rules)


def compared(findings: Iterable[AuditFinding], baseline: Baseline) -> Iterator[AuditFinding]:
    """Findings with what they are against a baseline; all findings of an audit, in their order."""
    for finding, place in _placed(findings):
        is_known = finding.content in baseline.contents
        before = baseline.fingerprints.get(finding.fingerprint) if is_known else baseline.places.get(place)
        if before is None or before < _RANK[finding.severity]:
            state = BaselineState.NEW
        else:
            state = BaselineState.UNCHANGED if is_known else BaselineState.UPDATED
        yield replace(finding, state=state)


def changes_of(findings: Iterable[AuditFinding], baseline: Baseline) -> tuple[Change, ...]:
    """By rule, how much is new, was there before, or is gone; most that is new first.

    Suppressed findings are neither new nor gone.
    """
    new: Counter[tuple[str, str]] = Counter()
    kept: Counter[tuple[str, str]] = Counter()
    suppressed: Counter[tuple[str, str]] = Counter()
    for finding in compared(findings, baseline):
        if finding.suppressed is not None:
            suppressed[finding.rule, finding.name] += finding.state is not BaselineState.NEW
        else:
            (new if finding.state is BaselineState.NEW else kept)[finding.rule, finding.name] += 1
    changes = [
        Change(
            rule=rule,
            name=name,
            new=new[rule, name],
            kept=kept[rule, name],
            gone=max(0, baseline.rules[rule, name] - kept[rule, name] - suppressed[rule, name]),
        )
        for rule, name in new.keys() | baseline.rules.keys()
    ]
    return tuple(sorted(changes, key=lambda item: (-item.new, -item.gone, item.rule)))


def _placed(findings: Iterable[AuditFinding]) -> Iterator[tuple[AuditFinding, Place]]:
    """Findings in their order, each with its place."""
    for capture, group in groupby(findings, key=lambda finding: finding.capture):
        several = list(group)
        seen: Counter[tuple[str, str, str]] = Counter()
        places: dict[int, Place] = {}
        for number, finding in sorted(enumerate(several), key=lambda pair: -_RANK[pair[1].severity]):
            key = (finding.rule, finding.subject, finding.parties)
            places[number] = (capture, *key, seen[key])
            seen[key] += 1
        for number, finding in enumerate(several):
            yield finding, places[number]
