"""Colour for terminals: escape sequences around our own segments, of what is made safe to show."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sipscope.render.canvas import Segment
from sipscope.render.text_tables import summary_lines, table_lines
from sipscope.render.theme import TERMINAL_STYLES
from sipscope.views.summary import Summary
from sipscope.views.tables import Table

if TYPE_CHECKING:
    from sipscope.views.ladder import Ladder


def ladder_terminal(ladder: "Ladder", *, width: int) -> str:
    """A ladder with terminal escapes for colour.

    Args:
        ladder: What to show.
        width: Columns of the terminal.
    """
    from sipscope.render.text_ladder import ladder_lines

    return _painted(ladder_lines(ladder, width=width))


def summary_terminal(summary: Summary, *, width: int) -> str:
    """The page of a capture; arguments as for `ladder_terminal`."""
    return _painted(summary_lines(summary, width=width))


def table_terminal(table: Table, *, width: int) -> str:
    """One table; arguments as for `ladder_terminal`."""
    return _painted(table_lines(table, width=width))


def _painted(lines: Iterable[Sequence[Segment]]) -> str:
    """Lines with an escape sequence before and behind each segment that has a style; plain ones stay as they are."""
    return "".join(["".join(map(_escaped, line)) + "\n" for line in lines])


def _escaped(segment: Segment) -> str:
    style = TERMINAL_STYLES[segment.tone]
    return f"\x1b[{style}m{segment.text}\x1b[0m" if style and segment.text else segment.text
