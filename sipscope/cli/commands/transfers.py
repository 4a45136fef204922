"""`sipscope transfers`: who sent whom where, and whether they got there."""

from typing import TYPE_CHECKING, Unpack

import click

from sipscope.cli.listing import Given, listing_options_with_rows, write_listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipscope.model.trace import Trace


@click.command("transfers", epilog="Example: sipscope transfers switchboard.pcapng")
@listing_options_with_rows
@click.pass_context
def command(context: click.Context, **given: Unpack[Given]) -> None:
    """List every transfer: who sent whom where, how, the result reported and observed, and how long it took.

    Reported is what NOTIFY told the transferor, observed how the call went that the REFER asked for. A second table
    tells what became of both dialogs before: who hung up when, a hold left behind, a caller left alone.
    """
    from sipscope.views.transfers import transfers_document, transfers_of

    write_listing(context, transfers_of, transfers_document, _csv, **given)


def _csv(traces: "Sequence[Trace]") -> str:
    from sipscope.render.csv import rows_csv
    from sipscope.views.transfers import ROW_NAMES, transfer_rows

    return rows_csv([row for trace in traces for row in transfer_rows(trace)], ROW_NAMES)
