"""`sipscope show`: one call with everything in it."""

from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURE, alias_options, credentials_option, options_from, reading_options
from sipscope.cli.output import complain, is_terminal, terminal_width, wants_colour, write_text
from sipscope.cli.where import chosen_calls, where_option
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.model.trace import Trace

PIPED_WIDTH = 160
"""Columns of the tables where standard output is no terminal."""


@click.command("show", epilog="Example: sipscope show call.pcap --call 3")
@CAPTURE
@click.option("--call", "calls", type=click.IntRange(min=1), multiple=True, help="Number of the call; may be repeated.")
@where_option
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Tables for people, or the JSON report with what belongs to the call.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@alias_options
@credentials_option
@reading_options
@click.pass_context
def command(
    context: click.Context,
    capture: str | tuple[str, ...],
    calls: tuple[int, ...],
    style: str,
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Show a call: who did what when, its legs, transactions, offers, media, findings, and why it is one call.

    Without --call and --where the first call is shown. Several files are read as one capture.
    """
    trace = reading.read(capture, options_from(engine, keylog, media_expected=media_expected))
    wanted = chosen_calls(trace, calls)
    if wanted is None:
        if not trace.calls:
            raise reading.nothing_to_show(trace, "there is no call in this capture")
        wanted = [trace.calls[0].id]
        if len(trace.calls) > 1:
            complain(f"{len(trace.calls)} calls in this capture; showing call 1, choose with --call or --where")
    if style == "json":
        write_text(_json(trace, wanted), output)
    else:
        _write_pages(trace, wanted, output)
    context.exit(3 if reading.is_damaged(trace) else 0)


def _json(trace: "Trace", calls: list[int]) -> str:
    from sipscope.render.json import report_json
    from sipscope.views.filtering import narrowed
    from sipscope.views.report import report_of

    return report_json(report_of(narrowed(trace, calls), version=VERSION))


def _write_pages(trace: "Trace", calls: list[int], output: str | None) -> None:
    from sipscope.render.terminal import summary_terminal
    from sipscope.render.text import summary_text
    from sipscope.views.show import show_of

    pages = [show_of(trace, call) for call in calls]
    if output is None and wants_colour():
        click.echo("\n".join(summary_terminal(page, width=terminal_width()) for page in pages), nl=False)
        return
    width = terminal_width() if output is None and is_terminal() else PIPED_WIDTH
    write_text("\n".join(summary_text(page, width=width) for page in pages), output)
