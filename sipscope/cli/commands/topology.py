"""`sipscope topology`: the hosts of a capture with their roles, and what went between them."""

from typing import TYPE_CHECKING

import click

from sipscope.cli import reading
from sipscope.cli.options import CAPTURE, alias_options, options_from, reading_options
from sipscope.cli.output import ending_of, terminal_width, wants_colour, write_bytes, write_text
from sipscope.errors import UsageError

if TYPE_CHECKING:
    from sipscope.model.topology import Topology

FORMATS = ("svg", "png", "graphml", "json")


@click.command("topology", epilog="Example: sipscope topology call.pcap -o network.svg")
@CAPTURE
@click.option("-o", "--output", type=click.Path(), help="Write to this file; its ending is the format.")
@alias_options
@reading_options
@click.pass_context
def command(
    context: click.Context,
    capture: str | tuple[str, ...],
    output: str | None,
    engine: str,
    keylog: str | None,
    media_expected: bool,
) -> None:
    """Show the network: which host played which role, and which requests and media went between them.

    Tables in the terminal; a picture (svg, png) or a graph for other programs (graphml, json) with -o. Several files
    are read as one capture.
    """
    if output is not None and ending_of(output) not in FORMATS:
        raise UsageError(f"no format is known for {output!r}; endings: {', '.join(FORMATS)}")
    trace = reading.read(capture, options_from(engine, keylog, media_expected=media_expected))
    from sipscope.calls.topology import topology_of

    topology = topology_of(trace)
    if not topology.hosts:
        raise reading.nothing_to_show(trace, "there is nothing to show: no SIP and no RTP in this capture")
    if output is None:
        _write_tables(topology)
    else:
        write_bytes(_RENDERERS[ending_of(output)](topology, trace.facts.path), output)
    context.exit(3 if reading.is_damaged(trace) else 0)


def _write_tables(topology: "Topology") -> None:
    from sipscope.render.terminal import table_terminal
    from sipscope.render.text import table_text
    from sipscope.views.topology import topology_tables

    tables = [table for table in topology_tables(topology) if table.rows]
    if wants_colour():
        click.echo("\n".join(table_terminal(table, width=terminal_width()) for table in tables), nl=False)
    else:
        write_text("\n".join(table_text(table) for table in tables), None)


def _svg(topology: "Topology", title: str) -> bytes:
    from sipscope.render.svg import drawing_svg
    from sipscope.render.topology_drawing import network_drawing
    from sipscope.views.topology import network_of

    return drawing_svg(network_drawing(network_of(topology, title))).encode()


def _png(topology: "Topology", title: str) -> bytes:
    from sipscope.render.png import network_png
    from sipscope.views.topology import network_of

    return network_png(network_of(topology, title))


def _graphml(topology: "Topology", _title: str) -> bytes:
    from sipscope.render.graphml import topology_graphml

    return topology_graphml(topology).encode()


def _json(topology: "Topology", _title: str) -> bytes:
    from sipscope.render.json import report_json
    from sipscope.version import VERSION
    from sipscope.views.topology_report import topology_report

    return report_json(topology_report(topology, version=VERSION)).encode()


_RENDERERS = {"svg": _svg, "png": _png, "graphml": _graphml, "json": _json}
