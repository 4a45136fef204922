"""Drawings as matplotlib figures, for PNG and PDF.

The pyplot interface keeps figures in global state and looks for a screen, so it is not used: a `Figure` is made,
painted and dropped. One CSS pixel is 1/96 inch.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from sipscope.render.drawing import Anchor, Box, Drawing, Group, Primitive, Shape, Stroke, Words
from sipscope.render.escape import without_mathtext
from sipscope.render.theme import PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PIXELS_PER_INCH = 96.0
POINTS_PER_PIXEL = 72.0 / PIXELS_PER_INCH
_ALIGNMENT = {Anchor.START: "left", Anchor.MIDDLE: "center", Anchor.END: "right"}
_FONT = "DejaVu Sans"


def figure_of(drawing: Drawing) -> "Figure":
    """A figure of exactly the drawing's size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(drawing.width / PIXELS_PER_INCH, drawing.height / PIXELS_PER_INCH), facecolor=PAPER)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    _paint(axes, drawing.items, [1.0])
    return figure


@contextmanager
def fixed_settings() -> Iterator[None]:
    """Matplotlib's own defaults, whatever a user's settings file says; text stays text in PDF."""
    import matplotlib as mpl

    settings = dict(mpl.rcParamsDefault)
    settings.pop("backend", None)
    settings |= {"font.family": [_FONT], "pdf.fonttype": 42, "path.simplify": True, "svg.hashsalt": "sipscope"}
    with mpl.rc_context(settings):
        yield


def _paint(axes: "Axes", items: Iterable[Primitive], order: list[float]) -> None:
    """Paint from the back to the front; matplotlib would draw all lines before all texts."""
    for item in items:
        order[0] += 0.001
        if isinstance(item, Group):
            _paint(axes, item.items, order)
        elif isinstance(item, Words):
            _paint_words(axes, item, order[0])
        elif isinstance(item, Stroke):
            _paint_stroke(axes, item, order[0])
        elif isinstance(item, Box):
            _paint_box(axes, item, order[0])
        else:
            _paint_shape(axes, item, order[0])


def _paint_words(axes: "Axes", words: Words, order: float) -> None:
    from matplotlib.patheffects import Normal
    from matplotlib.patheffects import Stroke as Outline

    text = axes.text(
        words.x,
        words.y,
        without_mathtext(drawable(words.text)),
        fontsize=words.size * POINTS_PER_PIXEL,
        fontweight="bold" if words.bold else "normal",
        color=words.colour,
        horizontalalignment=_ALIGNMENT[words.anchor],
        verticalalignment="baseline",
        zorder=order,
    )
    if words.halo is not None:
        text.set_path_effects([Outline(linewidth=3, foreground=words.halo), Normal()])


def _paint_stroke(axes: "Axes", stroke: Stroke, order: float) -> None:
    from matplotlib.lines import Line2D

    width = stroke.width * POINTS_PER_PIXEL
    line = Line2D((stroke.x1, stroke.x2), (stroke.y1, stroke.y2), color=stroke.colour, linewidth=width)
    if stroke.dash:
        # matplotlib counts dashes in line widths.
        line.set_linestyle((0, tuple(length / stroke.width for length in stroke.dash)))
    line.set_zorder(order)
    line.set_solid_capstyle("butt")
    axes.add_line(line)


def _paint_box(axes: "Axes", box: Box, order: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    radius = min(box.radius, box.width / 2, box.height / 2)
    style = f"round,pad=0,rounding_size={radius:.3f}" if radius else "square,pad=0"
    axes.add_patch(
        FancyBboxPatch(
            (box.x, box.y),
            box.width,
            box.height,
            boxstyle=style,
            facecolor=box.fill,
            edgecolor=box.edge or "none",
            linewidth=POINTS_PER_PIXEL if box.edge else 0.0,
            mutation_aspect=1.0,
            zorder=order,
        )
    )


def _paint_shape(axes: "Axes", shape: Shape, order: float) -> None:
    from matplotlib.patches import Polygon

    axes.add_patch(Polygon(shape.points, closed=True, facecolor=shape.fill, edgecolor="none", zorder=order))


def drawable(text: str) -> str:
    """Text with every character that the font lacks as an escape, rather than an empty box and a warning."""
    if text.isascii():
        return text
    known = _known_characters()
    return "".join(item if ord(item) in known else f"\\u{ord(item):04x}" for item in text)


@cache
def _known_characters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    faces = (findfont(FontProperties(family=_FONT, weight=weight)) for weight in ("normal", "bold"))
    characters = [frozenset(get_font(face).get_charmap()) for face in faces]
    return characters[0] & characters[1]
