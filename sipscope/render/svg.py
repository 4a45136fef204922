"""SVG: text stays text, so it can be selected and searched; nothing is loaded from elsewhere."""

from collections.abc import Iterator

from sipscope.render.drawing import Box, Drawing, Group, Primitive, Shape, Stroke, Words
from sipscope.render.escape import xml_text
from sipscope.render.ladder_drawing import drawing_of
from sipscope.render.theme import PAPER
from sipscope.views.ladder import Ladder

_FONTS = "'DejaVu Sans', Verdana, 'Segoe UI', Helvetica, Arial, sans-serif"


def ladder_svg(ladder: Ladder) -> str:
    """A ladder as a document of its own."""
    return drawing_svg(drawing_of(ladder))


def drawing_svg(drawing: Drawing) -> str:
    """A drawing as a document of its own."""
    return "\n".join(_document(drawing)) + "\n"


def _document(drawing: Drawing) -> Iterator[str]:
    width, height = _number(drawing.width), _number(drawing.height)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="title description">'
    )
    yield f'<title id="title">{xml_text(drawing.title)}</title>'
    yield f'<desc id="description">{xml_text(drawing.description)}</desc>'
    yield "<style>"
    yield f"  text {{ font-family: {_FONTS}; white-space: pre; }}"
    yield "  .b { font-weight: bold; }"
    yield "  .m { text-anchor: middle; }"
    yield "  .e { text-anchor: end; font-variant-numeric: tabular-nums; }"
    yield "  .h { paint-order: stroke; stroke-width: 4px; stroke-linejoin: round; }"
    yield "</style>"
    yield f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    for item in drawing.items:
        yield from _element(item)
    yield "</svg>"


def _element(item: Primitive) -> Iterator[str]:
    if isinstance(item, Group):
        yield "<g>"
        if item.tooltip:
            yield f"<title>{xml_text(item.tooltip)}</title>"
        for part in item.items:
            yield from _element(part)
        yield "</g>"
    elif isinstance(item, Words):
        yield _text(item)
    elif isinstance(item, Stroke):
        yield _line(item)
    elif isinstance(item, Box):
        yield _rectangle(item)
    else:
        yield _polygon(item)


def _text(words: Words) -> str:
    marks = [
        mark
        for mark, present in (
            ("b", words.bold),
            ("m", words.anchor == "middle"),
            ("e", words.anchor == "end"),
            ("h", words.halo is not None),
        )
        if present
    ]
    style = f' class="{" ".join(marks)}"' if marks else ""
    halo = "" if words.halo is None else f' stroke="{words.halo}"'
    place = f'x="{_number(words.x)}" y="{_number(words.y)}" font-size="{_number(words.size)}"'
    return f'<text {place} fill="{words.colour}"{halo}{style}>{xml_text(words.text)}</text>'


def _line(stroke: Stroke) -> str:
    ends = f'x1="{_number(stroke.x1)}" y1="{_number(stroke.y1)}" x2="{_number(stroke.x2)}" y2="{_number(stroke.y2)}"'
    dash = f' stroke-dasharray="{" ".join(map(_number, stroke.dash))}"' if stroke.dash else ""
    return f'<line {ends} stroke="{stroke.colour}" stroke-width="{_number(stroke.width)}"{dash}/>'


def _rectangle(box: Box) -> str:
    place = f'x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" height="{_number(box.height)}"'
    edge = "" if box.edge is None else f' stroke="{box.edge}"'
    radius = f' rx="{_number(box.radius)}"' if box.radius else ""
    return f'<rect {place}{radius} fill="{box.fill}"{edge}/>'


def _polygon(shape: Shape) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
    return f'<polygon points="{points}" fill="{shape.fill}"/>'


def _number(value: float) -> str:
    """At most one decimal: finer than a screen shows, and equal on every machine."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")
