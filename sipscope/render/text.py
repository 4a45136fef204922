"""Plain text: for files, mail and pipes."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from sipscope.render.canvas import plain
from sipscope.render.text_tables import summary_lines, table_lines
from sipscope.views.summary import Summary
from sipscope.views.tables import Table

if TYPE_CHECKING:
    from sipscope.views.ladder import Ladder

_LINES_A_PIECE = 512
"""How many lines of a page are made in one go."""


def ladder_text(ladder: "Ladder", *, ascii_only: bool = False, width: int | None = None) -> str:
    """A ladder in lines of text.

    Args:
        ladder: What to show.
        ascii_only: Whether to use no character beyond ASCII.
        width: Columns there are; None for as many as it takes.
    """
    from sipscope.render.text_ladder import ladder_lines

    return plain(ladder_lines(ladder, ascii_only=ascii_only, width=width))


def summary_text(summary: Summary, *, ascii_only: bool = False, width: int | None = None) -> str:
    """The page of a capture; arguments as for `ladder_text`."""
    return "".join(summary_pieces(summary, ascii_only=ascii_only, width=width))


def summary_pieces(summary: Summary, *, ascii_only: bool = False, width: int | None = None) -> Iterator[str]:
    """The same page, piece by piece: no more than some of its lines need be in memory."""
    lines = summary_lines(summary, ascii_only=ascii_only, width=width)
    while piece := plain(islice(lines, _LINES_A_PIECE)):
        yield piece


def table_text(table: Table, *, ascii_only: bool = False, width: int | None = None) -> str:
    """One table; arguments as for `ladder_text`."""
    return plain(table_lines(table, ascii_only=ascii_only, width=width))
