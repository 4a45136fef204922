"""PDF by matplotlib's canvas, a long ladder on several pages: the same view gives the same bytes."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sipscope.render.figure import figure_of, fixed_settings
from sipscope.render.ladder_drawing import pages_of
from sipscope.render.quality_figure import quality_figure
from sipscope.views.ladder import Ladder
from sipscope.views.quality import QualityView

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE_RATIO = 1.41421
"""Height by width of ISO 216 paper."""

_SHORTEST_PAGE = 1000.0


def ladder_pdf(ladder: Ladder) -> bytes:
    """A ladder on as many pages as it takes, each with the heads of its lanes, the findings on the last."""
    width = pages_of(ladder, None)[0].width
    with fixed_settings():
        return _pdf(figure_of(page) for page in pages_of(ladder, max(_SHORTEST_PAGE, width * PAGE_RATIO)))


def quality_pdf(view: QualityView) -> bytes:
    """Graphs on one page."""
    with fixed_settings():
        return _pdf([quality_figure(view)])


def _pdf(figures: Iterable["Figure"]) -> bytes:
    from matplotlib.backends.backend_pdf import PdfPages

    out = io.BytesIO()
    # No dates and no versions: they would make equal documents differ.
    metadata = {"CreationDate": None, "ModDate": None, "Creator": None, "Producer": None}
    with PdfPages(out, metadata=metadata) as document:
        for figure in figures:
            document.savefig(figure)
    return out.getvalue()
