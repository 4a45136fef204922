"""`sipscope analyze`: capture facts, calls, findings, media."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import (
    CAPTURES,
    alias_options,
    credentials_option,
    fail_on_option,
    options_from,
    reading_options,
)
from sipscope.cli.output import is_terminal, terminal_width, wants_colour, write_pieces
from sipscope.cli.where import narrowed_to_where, where_option
from sipscope.errors import UnreadableInput
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.model.trace import Trace


PIPED_WIDTH = 160
"""Columns of the tables where standard output is no terminal."""


@click.command("analyze", epilog="Example: sipscope analyze call.pcap --format json > report.json")
@CAPTURES
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Tables for people, or one JSON document (an array of them for several captures).",
)
@where_option
@click.option("--messages", is_flag=True, help="List every SIP message in the JSON document.")
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@alias_options
@credentials_option
@reading_options
@fail_on_option
@click.pass_context
def command(
    context: click.Context,
    captures: tuple[str, ...],
    style: str,
    messages: bool,
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
    fail_on: str,
) -> None:
    """Analyse captures: what they hold, which calls, what is wrong with them, and how their media fared.

    CAPTURE is a pcap or pcapng file or a log, compressed (gzip, zstd, lz4, xz, bzip2) or not; - reads standard input.
    """
    options = options_from(engine, keylog, media_expected=media_expected)
    parts = reading.grouped(captures)
    traces, all_readable = reading.read_all(parts, options)
    traces = [narrowed_to_where(trace) for trace in traces]
    if style == "json":
        write_pieces(_json(traces, messages=messages, several=len(parts) > 1), output)
    elif output is None and wants_colour():
        _show(traces)
    else:
        width = terminal_width() if output is None and is_terminal() else PIPED_WIDTH
        write_pieces(_text(traces, width=width), output)
    is_met = reading.expectations_hold(traces)
    code = reading.exit_code(traces, fail_on) if all_readable else UnreadableInput.exit_code
    context.exit(code or int(not is_met and fail_on != "never"))


def _json(traces: "list[Trace]", *, messages: bool, several: bool) -> Iterator[str]:
    """One document, or an array of them; each ends its own line, so that the whole is JSON either way."""
    from sipscope.render.json import report_json_pieces
    from sipscope.views.report import report_sections

    if several:
        yield "[\n"
    for number, trace in enumerate(traces):
        yield ",\n" if number else ""
        yield from report_json_pieces(report_sections(trace, version=VERSION, messages=messages))
    yield "\n]\n" if several else "\n"


def _text(traces: "list[Trace]", *, width: int) -> Iterator[str]:
    from sipscope.render.text import summary_pieces
    from sipscope.views.summary import summary_of

    for number, trace in enumerate(traces):
        if number:
            yield "\n"
        yield from summary_pieces(summary_of(trace), width=width)


def _show(traces: "list[Trace]") -> None:
    from sipscope.render.terminal import summary_terminal
    from sipscope.views.summary import summary_of

    width = terminal_width()
    for trace in traces:
        click.echo(summary_terminal(summary_of(trace), width=width), nl=False)
