"""PNG by matplotlib's Agg canvas: the same view gives the same bytes."""

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from sipscope.model.time import Duration
from sipscope.render.drawing import Drawing
from sipscope.render.figure import PIXELS_PER_INCH, figure_of, fixed_settings
from sipscope.render.ladder_drawing import drawing_of
from sipscope.render.quality_figure import quality_figure
from sipscope.render.topology_drawing import network_drawing
from sipscope.views.ladder import Ladder, Note
from sipscope.views.quality import QualityView
from sipscope.views.tone import Tone
from sipscope.views.topology import NetworkView

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SCALE = 2.0
"""Device pixels for a CSS pixel, so that text is sharp where a picture is shown on a dense screen."""

LARGEST_SIDE = 32_000
"""Agg refuses pictures of 65 536 pixels and more, and many viewers far smaller ones."""

_ROWS_KEPT = 400


def ladder_png(ladder: Ladder) -> bytes:
    """A ladder as a picture.

    A ladder too tall for one picture ends with a note that counts what is left out; SVG and PDF show all of it.
    """
    drawing = drawing_of(ladder)
    if _scale(drawing) is None:
        drawing = drawing_of(_cut(ladder))
    with fixed_settings():
        return _png(figure_of(drawing), _scale(drawing) or 1.0)


def quality_png(view: QualityView) -> bytes:
    """Graphs as a picture."""
    with fixed_settings():
        return _png(quality_figure(view), SCALE)


def network_png(view: NetworkView) -> bytes:
    """A network as a picture; one with more wires than fit is drawn smaller."""
    drawing = network_drawing(view)
    scale = min(SCALE, LARGEST_SIDE / max(drawing.width, drawing.height))
    with fixed_settings():
        return _png(figure_of(drawing), scale)


def _scale(drawing: Drawing) -> float | None:
    """The scale at which a drawing fits; None where it doesn't at any."""
    longest = max(drawing.width, drawing.height)
    return next((scale for scale in (SCALE, 1.5, 1.0) if longest * scale <= LARGEST_SIDE), None)


def _cut(ladder: Ladder) -> Ladder:
    left_out = len(ladder.rows) - _ROWS_KEPT
    last = ladder.rows[_ROWS_KEPT - 1]
    offset: Duration = last.offset
    note = Note(
        offset=offset,
        at=last.at,
        text=f"{left_out} more rows do not fit into this picture; SVG and PDF show them",
        tone=Tone.WARNING,
    )
    codes = {badge.code for row in ladder.rows[:_ROWS_KEPT] for badge in getattr(row, "badges", ())}
    findings = tuple(badge for badge in ladder.findings if badge.code in codes)
    return replace(ladder, rows=(*ladder.rows[:_ROWS_KEPT], note), findings=findings[:_ROWS_KEPT])


def _png(figure: "Figure", scale: float) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    out = io.BytesIO()
    canvas = FigureCanvasAgg(figure)
    # Neither a date nor the library's version: they would make equal pictures differ.
    canvas.print_figure(out, format="png", dpi=PIXELS_PER_INCH * scale, metadata={"Software": None})
    return out.getvalue()
