"""Colour for terminals. rich paints our own segments; nothing from a capture is ever read as its markup."""

import io
from collections.abc import Sequence
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


def _painted(lines: Sequence[Sequence[Segment]]) -> str:
    """Lines with escapes of the sixteen colours. The console's environment is fixed, so that output never varies."""
    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    console = Console(
        file=out,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        width=10_000,
        _environ={},
    )
    for line in lines:
        text = Text(no_wrap=True, overflow="ignore")
        for segment in line:
            text.append(segment.text, style=TERMINAL_STYLES[segment.tone])
        console.print(text, soft_wrap=True, highlight=False)
    return out.getvalue()
