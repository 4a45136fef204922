"""`sipscope registrations`: who registered where, for how long, and how it ended."""

from typing import Unpack

import click

from sipscope.cli.listing import Given, listing_options, write_listing


@click.command("registrations", epilog="Example: sipscope registrations registrar.pcapng")
@listing_options
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List every registration: time, address of record, contact, time asked and granted, attempts, outcome, registrar.

    Challenges and corrections of one registration are its attempts. Beneath stand the bindings over time: when each was
    added, refreshed, removed, or ran out, and whether requests to its contact reached anybody meanwhile.
    """
    from sipscope.views.registrations import registrations_document, registrations_of

    write_listing(context, registrations_of, registrations_document, **given)
