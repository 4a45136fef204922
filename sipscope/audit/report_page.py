"""The page of an audit, from queries of its database. What is listed is bounded, however much was audited."""

from collections.abc import Mapping, Sequence
from itertools import chain

from sipscope.audit.figures import kpi_rows
from sipscope.audit.metrics import figures_of, final_statuses
from sipscope.audit.report_baseline import Baseline, changes_of
from sipscope.audit.report_findings import (
    FAULTY,
    NOT_READ,
    examples_told,
    findings_told,
    rules_told,
    unmet_told,
    version_of,
)
from sipscope.audit.report_shares import agents_of, mos_bands, pairs_of, trunks_of
from sipscope.audit.report_slots import slots_of
from sipscope.audit.store import Store
from sipscope.model.defects import Severity
from sipscope.views.audit_page import AuditPage, CaptureCount, Counts, RuleUse, Unmet, Unread

_TRUNKS_SHOWN = 15
_AGENTS_SHOWN = 15
_PAIRS_SHOWN = 400
_CAPTURES_SHOWN = 25
_UNREAD_SHOWN = 50
_EXAMPLES_SHOWN = 8

_COUNTS = """
SELECT count(*), count(*) FILTER (status IN (SELECT unnest(?))), sum(errors), sum(warnings), sum(remarks),
       sum(suppressed), count(*) FILTER (status = 'duplicate'),
       strftime(make_timestamp(min(epoch_ns(first_packet_at)) // 1000), '%Y-%m-%d %H:%M:%S'),
       strftime(make_timestamp(max(epoch_ns(last_packet_at)) // 1000), '%Y-%m-%d %H:%M:%S')
FROM captures
"""

_CALLS = f"SELECT count(*), count(*) FILTER (outcome = 'answered'), (SELECT count(*) FROM ({FAULTY})) FROM calls"

_RULES = """
SELECT rule, count(*) FILTER (severity = 'error') AS errors, count(*) FILTER (severity = 'warning') AS warnings,
       count(*) FILTER (severity = 'info') AS remarks, count(DISTINCT capture),
       count(DISTINCT CASE WHEN call IS NOT NULL THEN struct_pack(capture, call) END)
FROM findings WHERE suppressed IS NULL GROUP BY rule ORDER BY errors DESC, warnings DESC, remarks DESC, rule
"""

_WORST = """
SELECT capture, calls, errors, warnings,
       (SELECT list(DISTINCT rule ORDER BY rule) FROM findings AS f
        WHERE f.capture = captures.capture AND f.severity = 'error' AND suppressed IS NULL)
FROM captures WHERE errors > 0 ORDER BY errors DESC, warnings DESC, capture
"""

_UNREAD = "SELECT capture, status, error FROM captures WHERE status IN (SELECT unnest(?)) ORDER BY capture"

_UNMET = """
SELECT name, count(*) AS times, min(capture), arg_min(array_to_string(failures, '; '), capture)
FROM expectations WHERE NOT holds GROUP BY name ORDER BY times DESC, name
"""


def page_of(store: Store, baseline: Baseline | None = None) -> AuditPage:
    """Everything that a person is shown of an audit, with what is new against an earlier one where that is given."""
    trunks, agents, pairs = trunks_of(store), agents_of(store), pairs_of(store)
    worst, unread = _worst(store), _unread(store)
    lists: Mapping[str, tuple[Sequence[object], int]] = {
        "trunks": (trunks, _TRUNKS_SHOWN),
        "agents": (agents, _AGENTS_SHOWN),
        "pairs": (pairs, _PAIRS_SHOWN),
        "captures": (worst, _CAPTURES_SHOWN),
        "unread": (unread, _UNREAD_SHOWN),
    }
    return AuditPage(
        version=version_of(store),
        counts=_counts(store),
        figures=kpi_rows(figures_of(store)),
        endings=final_statuses(store),
        slots=slots_of(store),
        rules=_rules(store),
        trunks=trunks[:_TRUNKS_SHOWN],
        agents=agents[:_AGENTS_SHOWN],
        pairs=pairs[:_PAIRS_SHOWN],
        mos=mos_bands(store),
        captures=worst[:_CAPTURES_SHOWN],
        unread=unread[:_UNREAD_SHOWN],
        unmet=_unmet(store),
        changes=None if baseline is None else changes_of(chain(findings_told(store), unmet_told(store)), baseline),
        left_out=tuple((name, len(rows) - limit) for name, (rows, limit) in lists.items() if len(rows) > limit),
    )


def _counts(store: Store) -> Counts:
    ((captures, unread, errors, warnings, remarks, suppressed, copies, first, last),) = store.query(_COUNTS, [NOT_READ])
    ((calls, answered, faulty),) = store.query(_CALLS)
    return Counts(
        captures=whole(captures),
        unread=whole(unread),
        calls=whole(calls),
        answered=whole(answered),
        faulty=whole(faulty),
        errors=whole(errors),
        warnings=whole(warnings),
        remarks=whole(remarks),
        suppressed=whole(suppressed),
        copies=whole(copies),
        first_at=str(first or ""),
        last_at=str(last or ""),
    )


def _rules(store: Store) -> tuple[RuleUse, ...]:
    rules = {rule.code: rule for rule in rules_told(store)}
    examples = examples_told(store, limit=_EXAMPLES_SHOWN)
    return tuple(
        RuleUse(
            rule=rules[str(code)],
            severity=Severity.ERROR if errors else Severity.WARNING if warnings else Severity.INFO,
            errors=whole(errors),
            warnings=whole(warnings),
            remarks=whole(remarks),
            captures=whole(captures),
            calls=whole(calls),
            examples=examples.get(str(code), ()),
        )
        for code, errors, warnings, remarks, captures, calls in store.query(_RULES)
    )


def _worst(store: Store) -> tuple[CaptureCount, ...]:
    return tuple(
        CaptureCount(
            name=str(name),
            calls=whole(calls),
            errors=whole(errors),
            warnings=whole(warnings),
            rules=tuple(map(str, rules)) if isinstance(rules, list) else (),
        )
        for name, calls, errors, warnings, rules in store.query(_WORST)
    )


def _unread(store: Store) -> tuple[Unread, ...]:
    rows = store.query(_UNREAD, [NOT_READ])
    return tuple(Unread(name=str(name), status=str(status), error=str(error or "")) for name, status, error in rows)


def _unmet(store: Store) -> tuple[Unmet, ...]:
    return tuple(
        Unmet(name=str(name), captures=whole(times), capture=str(capture), failure=str(failure or ""))
        for name, times, capture, failure in store.query(_UNMET)
    )


def whole(value: object) -> int:
    """A count; nothing counted is zero."""
    return int(str(value or 0))
