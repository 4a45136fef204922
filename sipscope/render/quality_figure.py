"""Graphs of media quality as a matplotlib figure: panels one above the other, marks through all of them."""

import io
from typing import TYPE_CHECKING

from sipscope.render.escape import escaped, without_mathtext
from sipscope.render.figure import PIXELS_PER_INCH, drawable, fixed_settings
from sipscope.render.layout import shortened
from sipscope.render.theme import COLOURS, FAINT, INK, MUTED_INK, PAPER, SERIES_COLOURS
from sipscope.views.quality import EventMark, Panel, QualityView

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _PANEL_HEIGHT, _HEAD, _FOOT = 1100.0, 210.0, 74.0, 56.0
_LEFT, _RIGHT, _GAP, _LEGEND_ROW = 74.0, 26.0, 34.0, 19.0
_DASHES = ("solid", "dashed", "dotted", "dashdot")
_LABEL_CHARACTERS = 90
_MARKS_NAMED = 24


def quality_svg(view: QualityView) -> str:
    """Graphs as an SVG document; text stays text."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.StringIO()
    with fixed_settings():
        import matplotlib as mpl

        mpl.rcParams["svg.fonttype"] = "none"
        figure = quality_figure(view)
        metadata = {"Date": None, "Creator": None, "Title": drawable(escaped(view).title)}
        FigureCanvasSVG(figure).print_figure(out, format="svg", metadata=metadata, dpi=72)
    return out.getvalue()


def quality_figure(view: QualityView) -> "Figure":
    """The figure; with a sentence instead of graphs where there is nothing to show."""
    from matplotlib.figure import Figure

    safe = escaped(view)
    legend = max((len(panel.series) for panel in safe.panels), default=0)
    head, panels = _HEAD + _LEGEND_ROW * legend, max(1, len(safe.panels))
    height = head + panels * (_PANEL_HEIGHT + _GAP) + _FOOT - _GAP
    figure = Figure(figsize=(_WIDTH / PIXELS_PER_INCH, height / PIXELS_PER_INCH), facecolor=PAPER)
    figure.text(
        _LEFT / _WIDTH, 1 - 34 / height, _text(safe.title), fontsize=14, fontweight="bold", color=INK, va="baseline"
    )
    if not safe.panels:
        figure.text(_LEFT / _WIDTH, 0.5, "No media to show.", fontsize=11, color=MUTED_INK)
        return figure
    shared: Axes | None = None
    for number, panel in enumerate(safe.panels):
        bottom = height - head - _PANEL_HEIGHT - number * (_PANEL_HEIGHT + _GAP)
        place = (_LEFT / _WIDTH, bottom / height, (_WIDTH - _LEFT - _RIGHT) / _WIDTH, _PANEL_HEIGHT / height)
        axes = figure.add_axes(place, sharex=shared)
        shared = shared or axes
        _paint_panel(axes, panel)
        _paint_marks(axes, safe, named=number == 0)
        axes.tick_params(labelbottom=number == len(safe.panels) - 1)
    if shared is not None:
        _finish(figure, shared, safe, height)
    return figure


def _finish(figure: "Figure", first: "Axes", view: QualityView, height: float) -> None:
    """Axis label and legend; the legend stands between title and graphs, so that it covers nothing."""
    figure.axes[-1].set_xlabel(_text(view.x_label), fontsize=9, color=MUTED_INK)
    handles, labels = first.get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=((_LEFT - 6) / _WIDTH, 1 - 40 / height),
        fontsize=8.5,
        frameon=False,
        labelcolor=INK,
        borderaxespad=0,
        labelspacing=0.35,
    )


def _paint_panel(axes: "Axes", panel: Panel) -> None:
    for number, series in enumerate(panel.series):
        values = [float("nan") if value is None else value for value in series.y]
        few = len(values) < 3
        axes.plot(
            series.x,
            values,
            color=SERIES_COLOURS[number % len(SERIES_COLOURS)],
            linestyle=_DASHES[number // len(SERIES_COLOURS) % len(_DASHES)],
            linewidth=1.3,
            marker="o" if few else None,
            markersize=3,
            label=_text(shortened(series.label, _LABEL_CHARACTERS)),
        )
    axes.set_title(f"{panel.title} [{panel.unit}]", loc="left", fontsize=9.5, fontweight="bold", color=INK, pad=4)
    # A little below zero, so that a line of zeros isn't hidden by the axis.
    axes.set_ylim(bottom=-0.02 * _top(panel), top=_top(panel))
    axes.margins(x=0.01)
    axes.grid(visible=True, color="#e7eaef", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=MUTED_INK, length=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(FAINT)


def _top(panel: Panel) -> float:
    """Air above the highest value; a panel of zeros still has an axis."""
    highest = max((value for series in panel.series for value in series.y if value is not None), default=0.0)
    return highest * 1.12 if highest > 0 else 1.0


def _paint_marks(axes: "Axes", view: QualityView, *, named: bool) -> None:
    for mark in view.marks:
        axes.axvline(mark.x, color=COLOURS[mark.tone], linewidth=0.9, linestyle=(0, (4, 3)), alpha=0.75)
    if named:
        start, end = axes.get_xlim()
        levels = _levels(view.marks, (start, end))
        for mark, level in zip(view.marks[:_MARKS_NAMED], levels, strict=False):
            at_edge = mark.x > end - 0.08 * (end - start)
            axes.annotate(
                _text(shortened(mark.label, 24)),
                (mark.x, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(-3 if at_edge else 3, -10 - 11 * level),
                horizontalalignment="right" if at_edge else "left",
                textcoords="offset points",
                fontsize=7.5,
                color=COLOURS[mark.tone],
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
                annotation_clip=False,
            )


def _levels(marks: tuple[EventMark, ...], limits: tuple[float, float]) -> list[int]:
    """A line of text for each mark, such that no label runs into the one before it on its line."""
    scale = (_WIDTH - _LEFT - _RIGHT) / max(1e-9, limits[1] - limits[0])
    ends: list[float] = []
    levels: list[int] = []
    for mark in marks[:_MARKS_NAMED]:
        start = mark.x * scale
        level = next((number for number, end in enumerate(ends) if end <= start), len(ends))
        end = start + 7.0 * min(24, len(mark.label)) + 10
        ends[level : level + 1] = [end]
        levels.append(level)
    return levels


def _text(text: str) -> str:
    return without_mathtext(drawable(text))
