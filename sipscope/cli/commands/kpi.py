"""`sipscope kpi`: performance metrics of an audit or of captures."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sipscope.cli.advance import complain_of
from sipscope.cli.output import complain, is_terminal, terminal_width, wants_colour, write_text
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.audit.store import Store
    from sipscope.views.kpi import KpiRow

DIMENSIONS = ("capture", "source", "destination", "trunk", "caller_agent", "callee_agent", "aor", "hour", "day")
"""What `--by` knows; spelt out here, so that `--help` needs nothing but this module."""


@click.command("kpi", epilog="Example: sipscope kpi results --by trunk")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False))
@click.option("--by", type=click.Choice(DIMENSIONS), help="Tell the figures of each of these apart.")
@click.option("--since", metavar="TIME", help="Only what began then or later, such as 2026-01-31T10:00Z.")
@click.option("--until", metavar="TIME", help="Only what began before then.")
@click.option(
    "--literal",
    is_flag=True,
    help="Count requests instead of series: a challenged INVITE and its repetition are two, as in other tools.",
)
@click.option(
    "--limit",
    "limits",
    metavar="LIMIT",
    multiple=True,
    help="Exit with 1 when this doesn't hold, such as 'SEER>=95' or 'SRD success p95<3s'; KPI-101 to KPI-105 name the "
    "usual ones. Can be given several times.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Tables for people, or rows for programs and spreadsheets.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    by: str | None,
    since: str | None,
    until: str | None,
    literal: bool,
    limits: tuple[str, ...],
    style: str,
    output: str | None,
) -> None:
    """Tell performance metrics of an audit's results, or of captures: RFC 6076, ASR, NER, loss, MOS, peaks and others.

    PATH is the directory of an audit or its database, else captures, which are then audited for the moment. Counted are
    series of requests: challenges and redirections are inside of one, and a B2BUA's two legs are one.
    """
    from sipscope.audit.limits import limit_of, misses, unjudged
    from sipscope.audit.metrics import figures_of, final_statuses

    demanded = [limit_of(text) for text in limits]
    with _results_at(paths) as store:
        figures = figures_of(store, by=by, since=since, until=until, literal=literal)
        endings = final_statuses(store)
    from sipscope.audit.figures import kpi_rows

    missed = [miss.text for miss in misses(figures, demanded)]
    _write(kpi_rows(figures), endings, missed, by, style, output, literal=literal)
    for limit in unjudged(figures, demanded):
        complain(f"limit {limit.text}: nothing to judge it by")
    for text in missed:
        complain(f"limit missed: {text}")
    context.exit(int(bool(missed)))


@contextmanager
def _results_at(paths: Sequence[str]) -> "Iterator[Store]":
    """The database that is there, else one of the captures that are."""
    from sipscope.audit.run import Limits, audit
    from sipscope.audit.sources import sources_of
    from sipscope.audit.store import NAME, Store
    from sipscope.pipeline import Options

    place = Path(paths[0])
    database = place / NAME if place.is_dir() else place
    if len(paths) == 1 and database.suffix == ".duckdb" and database.is_file():
        with Store(database, read_only=True) as store:
            yield store
        return
    with tempfile.TemporaryDirectory(prefix="sipscope-") as folder, Store(Path(folder) / NAME) as store:
        limits = Limits(jobs=os.cpu_count() or 1)
        audit(sources_of(paths), store, Options(), limits, tell=lambda _advance, several: complain_of(several))
        yield store


def _write(
    rows: "Sequence[KpiRow]",
    endings: Sequence[tuple[str, int]],
    missed: Sequence[str],
    by: str | None,
    style: str,
    output: str | None,
    *,
    literal: bool,
) -> None:
    from sipscope.views.kpi import ROW_NAMES, endings_table, kpi_tables, kpi_values

    unit = "requests" if literal else "series"
    if style == "json":
        from sipscope.render.json import report_json

        document = {
            "schema": 1,
            "sipscope": VERSION,
            "counted": unit,
            "metrics": kpi_values(rows),
            "final_statuses": dict(endings),
            "limits_missed": list(missed),
        }
        write_text(report_json(document), output)
        return
    if style == "csv":
        from sipscope.render.csv import rows_csv

        write_text(rows_csv(kpi_values(rows), ROW_NAMES), output)
        return
    from sipscope.render.terminal import table_terminal
    from sipscope.render.text import table_text

    draw = table_terminal if output is None and wants_colour() else table_text
    width = terminal_width() if output is None and is_terminal() else 160
    tables = [*kpi_tables(rows, by=by), *([endings_table(endings)] if by is None and endings else [])]
    note = f"Counted are {unit}. Figures hold where the captures were taken, not at the caller.\n"
    write_text("\n".join([*(draw(table, width=width) for table in tables if table.rows), note]), output)
