"""`sipscope report`: an audit's results as a document for people or for other programs."""

import click

from sipscope.cli.audit_reports import FORMATS, ROWS, TABLES, baseline_at, format_of, results_at, write_report
from sipscope.errors import UsageError


@click.command("report", epilog="Example: sipscope report results -o audit.sarif")
@click.argument("results", metavar="RESULTS", type=click.Path(readable=False))
@click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    help="What to write; as the ending of --output says, else text.",
)
@click.option(
    "--table",
    type=click.Choice(TABLES),
    help="Table that csv and jsonl tell, findings where none is named.",
)
@click.option(
    "--baseline",
    metavar="RESULTS",
    type=click.Path(readable=False),
    help="Results of an earlier audit: say what is new, and in SARIF and JUnit XML let only that fail.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
def command(results: str, style: str | None, table: str | None, baseline: str | None, output: str | None) -> None:
    """Write what an audit found: a page for people, SARIF for code scanning, JUnit XML for CI, rows for programs.

    RESULTS is the directory of an audit or its database. The same results give the same bytes.
    """
    chosen = style or ("text" if output is None or output == "-" else format_of(output))
    if table is not None and chosen not in ROWS:
        raise UsageError(f"--table {table} goes with --format csv or jsonl, not with {chosen}")
    if baseline is not None and chosen in ROWS:
        raise UsageError(f"--baseline goes with pages, sarif and junit, not with {chosen}")
    before = None if baseline is None else baseline_at(baseline)
    with results_at(results) as store:
        write_report(store, chosen, output, table=table or TABLES[0], baseline=before)
