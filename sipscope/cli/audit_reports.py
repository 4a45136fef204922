"""Reports of an audit's database, by format: what `sipscope report` and `sipscope audit --report` have in common."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sipscope.audit.tables import FINDINGS
from sipscope.audit.tables import TABLES as KNOWN_TABLES
from sipscope.cli.output import ending_of, is_terminal, terminal_width, wants_colour, write_pieces
from sipscope.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    from sipscope.audit.report_baseline import Baseline
    from sipscope.audit.store import Store
    from sipscope.views.audit import AuditFinding
    from sipscope.views.audit_page import AuditPage

FORMATS = ("text", "html", "markdown", "csv", "jsonl", "sarif", "junit")
"""What a report can be; spelt out here, so that `--help` needs nothing but this module."""

ROWS = ("csv", "jsonl")
"""Formats that tell the rows of one table."""

TABLES = tuple(table.name for table in sorted(KNOWN_TABLES, key=lambda table: table is not FINDINGS))
"""Names of the tables that a report can be of, the usual one first."""

_ENDINGS = {
    "txt": "text",
    "html": "html",
    "htm": "html",
    "md": "markdown",
    "csv": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "sarif": "sarif",
    "xml": "junit",
}


def format_of(path: str) -> str:
    """The format that the ending of a name stands for.

    Raises:
        UsageError: None has that ending.
    """
    name = path.lower()
    if name.endswith(".sarif.json"):
        return "sarif"
    style = _ENDINGS.get(ending_of(path))
    if style is None:
        known = ", ".join(f".{ending}" for ending in _ENDINGS)
        raise UsageError(f"{path}: no report has this ending; known are {known}")
    return style


def results_at(path: str) -> "Store":
    """The database of an audit, by its directory or by itself.

    Raises:
        UnreadableInput: There is none.
    """
    from sipscope.audit.store import NAME, Store

    place = Path(path)
    database = place / NAME if place.is_dir() else place
    if not database.is_file():
        raise UnreadableInput(f"{path} holds no results of an audit: make them with sipscope audit CAPTURES -o {path}")
    return Store(database, read_only=True)


def baseline_at(path: str) -> "Baseline":
    """What an earlier audit found, by its directory or its database, for reports of a later one."""
    from sipscope.audit.report_baseline import baseline_of
    from sipscope.audit.report_findings import findings_told, unmet_told

    with results_at(path) as store:
        return baseline_of(chain(findings_told(store), unmet_told(store)))


def write_report(
    store: "Store", style: str, output: str | None, *, table: str = TABLES[0], baseline: "Baseline | None" = None
) -> None:
    """Write a report in a format; a table is for those that tell rows, a baseline for all others."""
    if style in ROWS:
        write_pieces(_rows(store, style, table), output)
    elif style in {"sarif", "junit"}:
        write_pieces(_findings(store, style, baseline), output)
    else:
        write_pieces(_page(store, style, output, baseline), output)


def _findings(store: "Store", style: str, baseline: "Baseline | None") -> Iterator[str]:
    from sipscope.audit.report_baseline import compared
    from sipscope.audit.report_findings import (
        captures_told,
        findings_told,
        rules_told,
        unmet_told,
        unread_told,
        version_of,
    )

    def told(findings: "Iterable[AuditFinding]") -> "Iterable[AuditFinding]":
        return findings if baseline is None else compared(findings, baseline)

    if style == "junit":
        from sipscope.render.junit import junit_pieces

        return junit_pieces(captures_told(store, told(findings_told(store))))
    from sipscope.render.sarif import sarif_pieces

    findings = told(chain(findings_told(store), unmet_told(store)))
    return sarif_pieces(rules_told(store), findings, unread_told(store), version=version_of(store))


def _rows(store: "Store", style: str, name: str) -> Iterator[str]:
    table = next(table for table in KNOWN_TABLES if table.name == name)
    if style == "csv":
        from sipscope.render.csv import rows_csv_pieces

        return rows_csv_pieces(store.rows_of(table), [column.name for column in table.columns])
    from sipscope.render.json import value_json

    return (value_json(row) + "\n" for row in store.rows_of(table))


def _page(store: "Store", style: str, output: str | None, baseline: "Baseline | None") -> Iterator[str]:
    from sipscope.audit.report_page import page_of

    page = page_of(store, baseline)
    if style == "html":
        from sipscope.render.audit_html import audit_html

        yield audit_html(page)
    elif style == "markdown":
        from sipscope.render.markdown import audit_markdown

        yield audit_markdown(page)
    else:
        yield _text(page, on_screen=output is None)


def _text(page: "AuditPage", *, on_screen: bool) -> str:
    from sipscope.render.terminal import table_terminal
    from sipscope.render.text import table_text
    from sipscope.views.audit_tables import audit_tables, headline_of, period_of

    draw = table_terminal if on_screen and wants_colour() else table_text
    width = terminal_width() if on_screen and is_terminal() else 160
    head = "".join(f"{line}\n" for line in (headline_of(page), period_of(page)) if line)
    return "\n".join([head, *(draw(table, width=width) for table in audit_tables(page))])
