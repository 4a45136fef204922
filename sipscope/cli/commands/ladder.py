"""`sipscope ladder`: the call flow as a picture."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURE, alias_options, options_from, reading_options
from sipscope.cli.output import complain, ending_of, is_terminal, terminal_width, wants_colour, write_bytes, write_text
from sipscope.cli.where import chosen_calls, chosen_expression, where_option
from sipscope.errors import UsageError

if TYPE_CHECKING:
    from sipscope.model.trace import Trace
    from sipscope.views.ladder import Ladder

FORMATS = ("svg", "png", "pdf", "txt")


@click.command("ladder", epilog="Example: sipscope ladder call.pcap --call 1 -o call.svg")
@CAPTURE
@click.option("--call", "calls", type=click.IntRange(min=1), multiple=True, help="Number of the call; may be repeated.")
@where_option
@click.option("--related", is_flag=True, help="Draw the calls that transfers link to it in the same picture.")
@click.option("--transfer", type=click.IntRange(min=1), help="Number of a transfer: draw all calls that it joins.")
@click.option("--all", "everything", is_flag=True, help="Draw all signalling and media of the capture.")
@click.option("-o", "--output", type=click.Path(), help="Write to this file; its ending is the format.")
@click.option("--format", "style", type=click.Choice(FORMATS), help="Format, where the ending doesn't tell.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw text with plain ASCII characters.")
@click.option("--width", type=click.IntRange(min=40), help="Width of text in columns.")
@alias_options
@reading_options
@click.pass_context
def command(
    context: click.Context,
    capture: str | tuple[str, ...],
    calls: tuple[int, ...],
    related: bool,
    transfer: int | None,
    everything: bool,
    output: str | None,
    style: str | None,
    ascii_only: bool,
    width: int | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Draw calls as a ladder: in the terminal, or as svg, png, pdf or txt.

    With --transfer the parties are named transferor, transferee and target, and notes tell where the result that was
    reported isn't the one observed. Without --call, --where and --transfer the first call is drawn, and everything
    where the capture holds no call. Several files are read as one capture.
    """
    chosen = _format(output, style)
    if everything and chosen_expression() is not None:
        raise UsageError("--all draws everything, --where chooses calls: leave one of them out")
    if transfer is not None and (calls or everything or related or chosen_expression() is not None):
        raise UsageError("--transfer chooses the calls by itself: leave out --call, --where, --related and --all")
    trace = reading.read(capture, options_from(engine, keylog, media_expected=media_expected))
    if transfer is not None:
        ladder = _transfer_ladder(trace, transfer)
    else:
        ladder = _ladder(trace, calls, related=related, everything=everything)
    if chosen == "txt":
        _write_ladder_text(ladder, output, ascii_only=ascii_only, width=width)
    else:
        write_bytes(_RENDERERS[chosen](ladder), output or "-")
    context.exit(3 if reading.is_damaged(trace) else 0)


def _format(output: str | None, style: str | None) -> str:
    if style is not None:
        return style
    if output is None or output == "-":
        return "txt"
    ending = ending_of(output)
    if ending not in FORMATS:
        raise UsageError(f"no format is known for {output!r}; endings: {', '.join(FORMATS)}, or name one with --format")
    return ending


def _ladder(trace: "Trace", calls: tuple[int, ...], *, related: bool, everything: bool) -> "Ladder":
    from sipscope.views.ladder import ladder_of, related_calls

    known = [call.id for call in trace.calls]
    chosen = chosen_calls(trace, calls)
    if everything or not known:
        if not trace.messages and not trace.streams:
            raise reading.nothing_to_show(trace, "there is nothing to draw: no SIP and no RTP in this capture")
        return ladder_of(trace)
    wanted = chosen or known[:1]
    if chosen is None and len(known) > 1:
        complain(f"{len(known)} calls in this capture; drawing call 1, choose with --call or --where, or --all")
    if related:
        wanted = sorted({other for number in wanted for other in related_calls(trace, number)})
    return ladder_of(trace, wanted)


def _transfer_ladder(trace: "Trace", number: int) -> "Ladder":
    from sipscope.views.ladder import ladder_of

    if not trace.transfers:
        raise reading.nothing_to_show(trace, "there is no transfer in this capture")
    if number > len(trace.transfers):
        raise UsageError(f"there is no transfer {number}; transfers in this capture: 1–{len(trace.transfers)}")
    return ladder_of(trace, transfer=trace.transfers[number - 1])


def _write_ladder_text(ladder: "Ladder", output: str | None, *, ascii_only: bool, width: int | None) -> None:
    if output is None and wants_colour() and not ascii_only:
        from sipscope.render.terminal import ladder_terminal

        click.echo(ladder_terminal(ladder, width=width or terminal_width()), nl=False)
        return
    from sipscope.render.text import ladder_text

    if width is None and output is None and is_terminal():
        width = terminal_width()
    write_text(ladder_text(ladder, ascii_only=ascii_only, width=width), output)


def _svg(ladder: "Ladder") -> bytes:
    from sipscope.render.svg import ladder_svg

    return ladder_svg(ladder).encode()


def _png(ladder: "Ladder") -> bytes:
    from sipscope.render.png import ladder_png

    return ladder_png(ladder)


def _pdf(ladder: "Ladder") -> bytes:
    from sipscope.render.pdf import ladder_pdf

    return ladder_pdf(ladder)


_RENDERERS: dict[str, "Callable[[Ladder], bytes]"] = {"svg": _svg, "png": _png, "pdf": _pdf}
