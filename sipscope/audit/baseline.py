"""An audit against an earlier one: which findings are new, and which are worse.

Findings are compared by what they are about, never by ids. In a capture whose bytes the earlier audit had, wherever it
lay, those are rule, kind of subject and frames. In one that has the name of an earlier capture and other bytes, as the
lab's capture of every night has, frames mean nothing: there they are rule, kind of subject and the parties of the call.
Where there are several alike, the worst of both audits are compared, then the next.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sipscope.audit.store import NAME, Store
from sipscope.errors import UnreadableInput, UsageError
from sipscope.values import dataclass

_NEEDED = frozenset({"captures", "calls", "findings"})

_RANK = "CASE severity WHEN 'error' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END"

_FINDINGS = f"""
SELECT f.capture, f.finding, f.call, f.rule, f.name, f.severity, f.text, f.occurred_at, {_RANK} AS rank, c.content,
       {{place}} AS place, f.rule || ' ' || f.subject_kind || ' ' || {{what}} AS what
FROM {{source}}.findings AS f JOIN {{source}}.captures AS c USING (capture)
LEFT JOIN {{source}}.calls AS k ON k.capture = f.capture AND k.call = f.call
WHERE {{condition}}
"""
"""Findings with where they are, and what they are about."""

_BYTES = {"place": "c.content", "what": "f.frames::VARCHAR"}
_NAME = {"place": "f.capture", "what": "coalesce(k.caller, '') || ' ' || coalesce(k.callee, '')"}

_NUMBERED = """
SELECT *, row_number() OVER (PARTITION BY place, what ORDER BY rank DESC, occurred_at, finding) AS nth FROM ({rows})
"""

_COMPARED = """
WITH known_bytes AS (SELECT DISTINCT content FROM baseline.captures WHERE content <> ''),
present AS (
    {present_by_bytes} UNION ALL {present_by_name}
), earlier AS (
    {earlier_by_bytes} UNION ALL {earlier_by_name}
)
SELECT p.capture, p.call, p.rule, p.name, p.severity, p.text, e.severity
FROM present AS p LEFT JOIN earlier AS e USING (place, what, nth)
WHERE (e.rank IS NULL OR e.rank < p.rank)
  AND p.severity IN (SELECT unnest(?::VARCHAR[])) AND p.capture IN (SELECT unnest(?::VARCHAR[]))
ORDER BY p.rank DESC, p.rule, p.capture, p.occurred_at, p.finding
"""

_SURE = "f.confidence <> 'possible' AND f.suppressed IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A finding that the earlier audit didn't have, or not so bad.

    Attributes:
        capture: Name of the capture.
        call: Number of the call; None where it belongs to none.
        rule: Code of the rule.
        name: Name of the rule.
        severity: How bad it is.
        text: What was found.
        before: How bad it was; empty where it is new.
    """

    capture: str
    call: int | None
    rule: str
    name: str
    severity: str
    text: str
    before: str


class Baseline:
    """An earlier audit beside an open database."""

    def __init__(self, store: Store, path: str) -> None:
        """Open the earlier audit's database, or that in a directory of results, of whatever schema, for reading.

        Raises:
            UsageError: It is the one that is written.
            UnreadableInput: It isn't there, or is no database of an audit.
        """
        self._store = store
        place = Path(path) / NAME if Path(path).is_dir() else Path(path)
        if not place.is_file():
            raise UnreadableInput(f"there is no file {place}: --baseline names the results of an earlier audit")
        if place.samefile(store.path):
            raise UsageError(f"{place} is the database that is written: copy it before the audit, and name the copy")
        store.attach(place, "baseline")
        columns = store.query("SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'baseline'")
        self._columns = {(str(table), str(column)) for table, column in columns}
        if not {table for table, _ in self._columns} >= _NEEDED:
            raise UnreadableInput(f"{path} is no database of sipscope audit")

    def news(self, captures: Sequence[str], severities: Sequence[str]) -> list[News]:
        """Findings of captures that are new or worse, worst first."""
        # What was suppressed and is no more is new.
        told = "f.suppressed IS NULL" if ("findings", "suppressed") in self._columns else "true"
        query = _COMPARED.format(
            present_by_bytes=_rows("main", _BYTES, f"{_SURE} AND c.content IN (FROM known_bytes)"),
            present_by_name=_rows("main", _NAME, f"{_SURE} AND c.content NOT IN (FROM known_bytes)"),
            earlier_by_bytes=_rows("baseline", _BYTES, told),
            earlier_by_name=_rows("baseline", _NAME, told),
        )
        rows = self._store.query(query, [list(severities), list(captures)])
        return [
            News(
                capture=str(row[0]),
                call=None if row[1] is None else int(str(row[1])),
                rule=str(row[2]),
                name=str(row[3]),
                severity=str(row[4]),
                text=str(row[5]),
                before=str(row[6] or ""),
            )
            for row in rows
        ]

    def failures(self, captures: Sequence[str]) -> int:
        """How many expectations fail that didn't in the earlier audit."""
        known = "SELECT capture, name FROM baseline.expectations WHERE NOT holds"
        if ("expectations", "holds") not in self._columns:
            known = "SELECT NULL, NULL WHERE false"
        ((count,),) = self._store.query(
            "SELECT count(*) FROM expectations WHERE NOT holds AND capture IN (SELECT unnest(?::VARCHAR[])) "
            f"AND (capture, name) NOT IN ({known})",
            [list(captures)],
        )
        return int(str(count))


def _rows(source: str, kind: Mapping[str, str], condition: str) -> str:
    """A query for findings of one of the two databases, those alike numbered."""
    rows = _FINDINGS.format(source=source, condition=condition, **kind)
    return f"SELECT * FROM ({_NUMBERED.format(rows=rows)})"
