"""Reports of an audit's database, by format: what `sipscope report` and `sipscope audit --report` have in common."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sipscope.cli.output import ending_of, is_terminal, terminal_width, wants_colour, write_pieces
from sipscope.errors import UnreadableInput, UsageError

if TYPE_CHECKING:
    from sipscope.audit.store import Store

FORMATS = ("text", "csv", "jsonl", "sarif", "junit")
"""What a report can be; spelt out here, so that `--help` needs nothing but this module."""

TABLES = (
    "findings",
    "captures",
    "calls",
    "attempts",
    "dialogs",
    "exchanges",
    "streams",
    "transfers",
    "registrations",
    "hops",
    "runs",
)
"""Tables of the database that a report can be of, the usual one first."""

_ENDINGS = {
    "txt": "text",
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


def write_report(store: "Store", style: str, output: str | None, *, table: str = TABLES[0]) -> None:
    """Write a report in a format; a table is for those that tell rows."""
    write_pieces(_pieces(store, style, output, table), output)


def _pieces(store: "Store", style: str, output: str | None, table: str) -> Iterator[str]:
    if style == "sarif":
        return _sarif(store)
    if style == "junit":
        from sipscope.audit.report_findings import captures_told
        from sipscope.render.junit import junit_pieces

        return junit_pieces(captures_told(store))
    if style in {"csv", "jsonl"}:
        return _rows(store, style, table)
    return _text(store, output)


def _sarif(store: "Store") -> Iterator[str]:
    from sipscope.audit.report_findings import findings_told, rules_told, unread_told, version_of
    from sipscope.render.sarif import sarif_pieces

    return sarif_pieces(rules_told(store), findings_told(store), unread_told(store), version=version_of(store))


def _rows(store: "Store", style: str, name: str) -> Iterator[str]:
    from sipscope.audit.tables import TABLES as KNOWN

    table = next(table for table in KNOWN if table.name == name)
    if style == "csv":
        from sipscope.render.csv import rows_csv_pieces

        return rows_csv_pieces(store.rows_of(table), [column.name for column in table.columns])
    from sipscope.render.json import value_json

    return (value_json(row) + "\n" for row in store.rows_of(table))


def _text(store: "Store", output: str | None) -> Iterator[str]:
    from sipscope.audit.overview import headline_of, overview_of
    from sipscope.render.terminal import table_terminal
    from sipscope.render.text import table_text

    on_screen = output is None
    draw = table_terminal if on_screen and wants_colour() else table_text
    width = terminal_width() if on_screen and is_terminal() else 160
    yield f"{headline_of(store)}\n"
    for table in overview_of(store):
        yield "\n" + draw(table, width=width)
