"""`sipscope calls`: one row a call, chosen and sorted."""

from itertools import chain
from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURES, alias_options, options_from, reading_options
from sipscope.cli.output import is_terminal, terminal_width, wants_colour, write_text
from sipscope.cli.where import chosen_expression, where_option
from sipscope.errors import UnreadableInput
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.views.filtering import Subject


SORT_KEYS = (
    "started",
    "setup",
    "ringing",
    "talking",
    "outcome",
    "status",
    "caller",
    "callee",
    "mos",
    "loss",
    "jitter",
    "errors",
    "warnings",
)
"""What `--sort` knows; spelt out here, so that `--help` needs nothing but this module."""


@click.command("calls", epilog="Example: sipscope calls call.pcap --where 'outcome==rejected' --sort setup --reverse")
@CAPTURES
@where_option
@click.option(
    "--sort",
    "key",
    type=click.Choice(SORT_KEYS),
    default="started",
    show_default=True,
    help="What to sort by; of the streams of a call the worst one counts.",
)
@click.option("--reverse", is_flag=True, help="Highest or latest first; calls without a value stay last.")
@click.option("--limit", type=click.IntRange(min=1), help="Only so many calls.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="A table for people, or rows for programs and spreadsheets.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@alias_options
@reading_options
@click.pass_context
def command(
    context: click.Context,
    captures: tuple[str, ...],
    key: str,
    reverse: bool,
    limit: int | None,
    style: str,
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """List calls, one row each: all of them, or those for which an expression holds.

    Fields of an expression are named as in the JSON report; the documentation lists them (reference/filters).
    """
    parts = reading.grouped(captures)
    traces, all_readable = reading.read_all(parts, options_from(engine, keylog, media_expected=media_expected))
    from sipscope.views.calls_table import sorted_calls
    from sipscope.views.filtering import holds_for, subjects_of

    expression = chosen_expression()
    subjects = [
        subject
        for subject in chain.from_iterable(map(subjects_of, traces))
        if expression is None or holds_for(expression, subject)
    ]
    _write(sorted_calls(subjects, key, reverse=reverse)[:limit], style, output)
    if not all_readable:
        context.exit(UnreadableInput.exit_code)
    context.exit(3 if any(map(reading.is_damaged, traces)) else 0)


def _write(subjects: "tuple[Subject, ...]", style: str, output: str | None) -> None:
    from sipscope.views.calls_table import calls_rows, calls_table

    if style == "json":
        from sipscope.render.json import report_json

        write_text(report_json({"schema": 1, "sipscope": VERSION, "calls": calls_rows(subjects)}), output)
    elif style == "csv":
        from sipscope.render.csv import rows_csv
        from sipscope.views.calls_table import ROW_NAMES

        write_text(rows_csv(calls_rows(subjects), ROW_NAMES), output)
    elif output is None and wants_colour():
        from sipscope.render.terminal import table_terminal

        click.echo(table_terminal(calls_table(subjects), width=terminal_width()), nl=False)
    else:
        from sipscope.render.text import table_text

        width = terminal_width() if output is None and is_terminal() else None
        write_text(table_text(calls_table(subjects), width=width), output)
