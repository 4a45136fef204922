"""A picture as positioned primitives, for every picture format. Lengths are CSS pixels, y grows downwards."""

from enum import StrEnum
from typing import TypeAlias

from sipscope.values import dataclass


class Anchor(StrEnum):
    """Which point of a text its x names."""

    START = "start"
    MIDDLE = "middle"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A straight line; `dash` is a pattern of drawn and left-out lengths, empty for a whole line."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle; `radius` rounds its corners, `edge` None leaves it without an outline."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    edge: str | None = None
    radius: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A filled polygon."""

    points: tuple[tuple[float, float], ...]
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of text on its base line; `halo` paints that colour around the letters, over lines that pass."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Anchor = Anchor.START
    bold: bool = False
    halo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Primitives that belong together; `tooltip` shows where a format can, empty for none."""

    items: tuple["Primitive", ...]
    tooltip: str = ""


Primitive: TypeAlias = Stroke | Box | Shape | Words | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture.

    Attributes:
        width: Whole width.
        height: Whole height.
        items: From the back to the front.
        title: For screen readers and document properties.
        description: One or two sentences for those who can't see it.
    """

    width: float
    height: float
    items: tuple[Primitive, ...]
    title: str
    description: str = ""
