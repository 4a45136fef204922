"""`sipscope sdp`: what was offered and answered in a call, exchange by exchange."""

from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURE, alias_options, options_from, reading_options
from sipscope.cli.output import complain, is_terminal, terminal_width, wants_colour, write_text
from sipscope.cli.where import chosen_calls, where_option
from sipscope.version import VERSION

if TYPE_CHECKING:
    from sipscope.model.trace import Trace

PIPED_WIDTH = 160
"""Columns of the tables where standard output is no terminal."""


@click.command("sdp", epilog="Example: sipscope sdp call.pcap --call 2")
@CAPTURE
@click.option("--call", "calls", type=click.IntRange(min=1), multiple=True, help="Number of the call; may be repeated.")
@where_option
@click.option(
    "--diff",
    "frames",
    nargs=2,
    type=click.IntRange(min=1),
    metavar="FRAME FRAME",
    help="Hold the descriptions of two frames against each other instead: what differs by meaning.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Tables for people, or one JSON document.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@alias_options
@reading_options
@click.pass_context
def command(
    context: click.Context,
    capture: str | tuple[str, ...],
    calls: tuple[int, ...],
    frames: tuple[int, int] | None,
    style: str,
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Show what a call negotiated over time: each exchange a column, each m-line a group of rows.

    What is not as in the exchange before is marked, and so is the codec agreed on. Refused offers are told, and what
    follows is compared with what they left in force. Each dialog has a table of its own; hops that show the same
    descriptions share one. Keys are shown as a few digits that tell equal ones from others.

    Without --call and --where the first call is shown. Several files are read as one capture.
    """
    trace = reading.read(capture, options_from(engine, keylog, media_expected=media_expected))
    wanted = () if frames is not None else _wanted(trace, calls)
    if style == "json":
        write_text(_json(trace, wanted, frames), output)
    else:
        _write_pages(trace, wanted, frames, output)
    context.exit(3 if reading.is_damaged(trace) else 0)


def _wanted(trace: "Trace", calls: tuple[int, ...]) -> tuple[int, ...]:
    """The calls to show: those chosen, else the first."""
    chosen = chosen_calls(trace, calls)
    if chosen is not None:
        return tuple(chosen)
    if not trace.calls:
        raise reading.nothing_to_show(trace, "there is no call in this capture")
    if len(trace.calls) > 1:
        complain(f"{len(trace.calls)} calls in this capture; showing call 1, choose with --call or --where")
    return (trace.calls[0].id,)


def _json(trace: "Trace", calls: tuple[int, ...], frames: tuple[int, int] | None) -> str:
    from sipscope.render.json import report_json
    from sipscope.views.negotiation_differences import differences_document
    from sipscope.views.negotiation_report import negotiation_document

    if frames is not None:
        return report_json(differences_document(trace, frames, version=VERSION))
    return report_json(negotiation_document(trace, calls, version=VERSION))


def _write_pages(trace: "Trace", calls: tuple[int, ...], frames: tuple[int, int] | None, output: str | None) -> None:
    from sipscope.render.terminal import summary_terminal
    from sipscope.render.text import summary_text
    from sipscope.views.negotiation import negotiation_of
    from sipscope.views.negotiation_differences import differences_page

    width = terminal_width() if output is None and is_terminal() else PIPED_WIDTH
    if frames is not None:
        pages = [differences_page(trace, frames)]
    else:
        pages = [negotiation_of(trace, call, width=width) for call in calls]
    if output is None and wants_colour():
        click.echo("\n".join(summary_terminal(page, width=width) for page in pages), nl=False)
        return
    write_text("\n".join(summary_text(page, width=width) for page in pages), output)
