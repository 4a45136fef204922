"""Tables as plain values: headings, alignment, units and cells with a tone."""

from enum import StrEnum

from sipscope.values import dataclass
from sipscope.views.tone import Tone


class Alignment(StrEnum):
    """Where a column's text stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        heading: What it shows.
        alignment: Numbers stand right.
        unit: Unit of every cell, such as `ms`; empty where there is none.
        may_wrap: Whether long text may be broken over lines where room is short.
    """

    heading: str
    alignment: Alignment = Alignment.LEFT
    unit: str = ""
    may_wrap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: empty text means not seen."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table.

    Attributes:
        title: Its heading.
        columns: From left to right.
        rows: As many cells each as there are columns.
        note: A line beneath it; empty for none.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
