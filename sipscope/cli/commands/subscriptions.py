"""`sipscope subscriptions`: who watches what at whom, for how long, and what became of it."""

from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURES, options_from, reading_options
from sipscope.cli.output import is_terminal, terminal_width, wants_colour, write_text
from sipscope.errors import UnreadableInput
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.model.trace import Trace

PIPED_WIDTH = 160
"""Columns of the tables where standard output is no terminal."""


@click.command("subscriptions", epilog="Example: sipscope subscriptions lamps.pcapng")
@CAPTURES
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table for people, or one JSON document (an array of them for several captures).",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@reading_options
@click.pass_context
def command(
    context: click.Context,
    captures: tuple[str, ...],
    style: str,
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """List every subscription: time, event, subscriber, notifier, time asked and granted, NOTIFYs, state, reason.

    Those that a REFER made are among them. The time asked and granted is that of the first SUBSCRIBE that was accepted;
    JSON tells every request, every NOTIFY with its document, and how long each of them let the subscription last.
    """
    parts = reading.grouped(captures)
    traces, all_readable = reading.read_all(parts, options_from(engine, keylog, media_expected=media_expected))
    if style == "json":
        write_text(_json(traces, several=len(parts) > 1), output)
    elif output is None and wants_colour():
        _show(traces)
    else:
        width = terminal_width() if output is None and is_terminal() else PIPED_WIDTH
        write_text(_text(traces, width=width), output)
    whole = all_readable and not any(reading.is_damaged(trace) for trace in traces)
    context.exit(0 if whole else UnreadableInput.exit_code)


def _json(traces: "list[Trace]", *, several: bool) -> str:
    """One document, or an array of them."""
    from sipscope.render.json import report_json
    from sipscope.views.subscriptions import subscriptions_document

    documents = [report_json(subscriptions_document(trace, version=VERSION)).strip() for trace in traces]
    return "[\n" + ",\n".join(documents) + "\n]\n" if several else documents[0] + "\n"


def _text(traces: "list[Trace]", *, width: int) -> str:
    from sipscope.render.text import summary_text
    from sipscope.views.subscriptions import subscriptions_of

    return "\n".join(summary_text(subscriptions_of(trace), width=width) for trace in traces)


def _show(traces: "list[Trace]") -> None:
    from sipscope.render.terminal import summary_terminal
    from sipscope.views.subscriptions import subscriptions_of

    for trace in traces:
        click.echo(summary_terminal(subscriptions_of(trace), width=terminal_width()), nl=False)
