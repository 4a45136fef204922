"""`sipscope subscriptions`: who watches what at whom, for how long, and what became of it."""

from typing import Unpack

import click

from sipscope.cli.listing import Given, listing_options, write_listing


@click.command("subscriptions", epilog="Example: sipscope subscriptions lamps.pcapng")
@listing_options
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List every subscription: time, event, subscriber, notifier, time asked and granted, NOTIFYs, state, reason.

    Those that a REFER made are among them. The time asked and granted is that of the first SUBSCRIBE that was accepted;
    JSON tells every request, every NOTIFY with its document, and how long each of them let the subscription last.
    """
    from sipscope.views.subscriptions import subscriptions_document, subscriptions_of

    write_listing(context, subscriptions_of, subscriptions_document, **given)
