"""`sipscope publications`: who published which state, by which entity-tags, and until when."""

from typing import Unpack

import click

from sipscope.cli.listing import Given, listing_options, write_listing


@click.command("publications", epilog="Example: sipscope publications presence.pcapng")
@listing_options
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List every publication: time, event, resource, client, its PUBLISHs, time asked and granted, state, tags.

    A publication is what one chain of entity-tags joins: the first PUBLISH, those that refresh or modify it, and the
    one that takes it back. The state is that at the end of the capture; JSON tells every PUBLISH.
    """
    from sipscope.views.publications import publications_document, publications_of

    write_listing(context, publications_of, publications_document, **given)
