"""`sipscope messages`: who wrote whom by MESSAGE outside of calls, and what didn't arrive."""

from typing import Unpack

import click

from sipscope.cli.listing import Given, listing_options, write_listing


@click.command("messages", epilog="Example: sipscope messages chat.pcapng")
@listing_options
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List instant messages outside of calls, by the two who write: first and last, how many each way, failures.

    A message that a server sends on within two seconds counts once. What was written is not shown; JSON tells type,
    size, outcome and frames of each message. Messages within a call, and sessions by MSRP, are services of that call.
    """
    from sipscope.views.conversations import conversations_document, conversations_of

    write_listing(context, conversations_of, conversations_document, **given)
