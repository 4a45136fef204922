"""`sipscope media`: streams as a table, and their quality over time as graphs."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURE, alias_options, options_from, reading_options
from sipscope.cli.output import ending_of, terminal_width, wants_colour, write_bytes, write_text
from sipscope.cli.where import narrowed_to_where, where_option
from sipscope.errors import UsageError

if TYPE_CHECKING:
    from sipscope.model.trace import Trace
    from sipscope.views.quality import QualityView

FORMATS = ("png", "svg", "pdf")


@click.command("media", epilog="Example: sipscope media call.pcap -o quality.png")
@CAPTURE
@click.option("--call", type=click.IntRange(min=1), help="Only the streams of this call.")
@where_option
@click.option("--stream", "streams", multiple=True, help="Only this stream, by its id, such as s1; may be repeated.")
@click.option("-o", "--output", type=click.Path(), help="Draw graphs into this file; its ending is the format.")
@alias_options
@reading_options
@click.pass_context
def command(
    context: click.Context,
    capture: str | tuple[str, ...],
    call: int | None,
    streams: tuple[str, ...],
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Show how RTP streams fared: a table, or graphs of jitter, loss and delta over time with -o.

    Several files are read as one capture.
    """
    if output is not None and ending_of(output) not in FORMATS:
        raise UsageError(f"no format is known for {output!r}; endings: {', '.join(FORMATS)}")
    trace = reading.read(capture, options_from(engine, keylog, media_expected=media_expected))
    _check(trace, call, streams)
    trace = narrowed_to_where(trace)
    if output is None:
        _write_table(trace, call, streams)
    else:
        from sipscope.views.quality import quality_of

        view = quality_of(trace, list(streams) or None, call_id=call)
        if not view.panels:
            raise reading.nothing_to_show(trace, "there is no RTP to draw")
        write_bytes(_RENDERERS[ending_of(output)](view), output)
    context.exit(3 if reading.is_damaged(trace) else 0)


def _check(trace: "Trace", call: int | None, streams: tuple[str, ...]) -> None:
    if call is not None and all(item.id != call for item in trace.calls):
        raise UsageError(f"there is no call {call} in this capture; it holds {reading.calls_in(trace)}")
    known = [stream.id for stream in trace.streams]
    for name in streams:
        if name not in known:
            raise UsageError(f"there is no stream {name} in this capture; it holds {', '.join(known) or 'none'}")


def _write_table(trace: "Trace", call: int | None, streams: tuple[str, ...]) -> None:
    from sipscope.render.terminal import table_terminal
    from sipscope.render.text import table_text
    from sipscope.views.reported import reported_table
    from sipscope.views.summary import media_table

    tables = [media_table(trace, call_id=call, stream_ids=list(streams) or None)]
    if call is None and not streams and trace.media.reported:
        tables.append(reported_table(trace))
    if wants_colour():
        click.echo("\n".join(table_terminal(table, width=terminal_width()) for table in tables), nl=False)
    else:
        write_text("\n".join(table_text(table) for table in tables), None)


def _png(view: "QualityView") -> bytes:
    from sipscope.render.png import quality_png

    return quality_png(view)


def _svg(view: "QualityView") -> bytes:
    from sipscope.render.quality_figure import quality_svg

    return quality_svg(view).encode()


def _pdf(view: "QualityView") -> bytes:
    from sipscope.render.pdf import quality_pdf

    return quality_pdf(view)


_RENDERERS: dict[str, "Callable[[QualityView], bytes]"] = {"png": _png, "svg": _svg, "pdf": _pdf}
