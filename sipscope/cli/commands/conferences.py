"""`sipscope conferences`: who was in which conference when."""

from typing import Unpack

import click

from sipscope.cli.listing import Given, listing_options, write_listing


@click.command("conferences", epilog="Example: sipscope conferences meeting.pcapng")
@listing_options
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List every conference: who was in when, how they came, and what its focus told of them.

    A focus shows itself by isfocus in its Contact, or by telling the conference's state. A phone that mixes calls by
    itself shows when it takes a call back from hold while the one it made meanwhile goes on.
    """
    from sipscope.views.conferences import conferences_document, conferences_of

    write_listing(context, conferences_of, conferences_document, **given)
