"""`sipscope probes`: which peers answer the OPTIONS that probe them, and since when."""

from typing import Unpack

import click

from sipscope.cli.listing import Given, listing_options, write_listing


@click.command("probes", epilog="Example: sipscope probes trunks.pcapng")
@listing_options
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List every peer that is probed by OPTIONS: how often, how often in vain, up or down, and since when.

    No answer, 408, and 5xx save 501 show a peer down; any other final answer shows it up. Where none of the peer's
    packets pass the tap, silence says nothing, and the state is unknown.
    """
    from sipscope.views.availability import probes_document, probes_of

    write_listing(context, probes_of, probes_document, **given)
