"""The network laid out as a drawing.

Boxes stand in columns. A wire between neighbouring columns leaves each box at a height of its own, runs level where
its words stand, and slants across the gap; every other wire runs beneath all boxes, each in a lane of its own. It
gets there straight from the lowest box of a column, and beside the column from the others.
"""

from collections.abc import Sequence
from dataclasses import field
from itertools import pairwise

from sipscope.render.drawing import Anchor, Box, Drawing, Group, Primitive, Shape, Stroke, Words
from sipscope.render.escape import escaped
from sipscope.render.layout import pixels, shortened
from sipscope.render.theme import COLOURS, INK, MUTED_INK, PANEL, PANEL_EDGE, PAPER, TINTS
from sipscope.values import dataclass
from sipscope.views.tone import Tone
from sipscope.views.topology import NetworkBox, NetworkView, NetworkWire

_MARGIN, _HEAD, _PADDING = 28.0, 62.0, 14.0
_TITLE_SIZE, _SIZE, _SMALL = 13.0, 11.0, 10.0
_LINE, _PORT, _GAP_BELOW, _LANE = 16.0, 42.0, 30.0, 44.0
_NARROWEST_BOX, _WIDEST_BOX, _WIDEST_WORDS = 120.0, 240.0, 330.0
_SLANT, _SMALLEST_GAP = 56.0, 110.0
_DASH = (7.0, 4.0)
_BESIDE = 5


@dataclass(slots=True)
class _Place:
    """Where a box stands, and the numbers of the wires that leave it on each side.

    `gutter` is how far beside its column the wires of other boxes run down, where it isn't the lowest one itself.
    """

    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    is_lowest: bool = True
    gutter: float = 0.0


def network_drawing(view: NetworkView) -> Drawing:
    """A network as a drawing; with a sentence where it has no host."""
    safe = escaped(view)
    places = _places(safe)
    boxes_end = max((place.y + place.height for place in places), default=_HEAD)
    lanes = [number for number, wire in enumerate(safe.wires) if not _is_level(wire, safe.boxes)]
    right = max((place.x + place.width + _gutter_of(places) for place in places), default=400.0)
    width = max(right, _MARGIN + pixels(safe.title, 16, bold=True)) + _MARGIN
    items: list[Primitive] = [
        Words(x=_MARGIN, y=36, text=safe.title, size=16, colour=INK, bold=True),
        *_wires(safe, places, lanes, boxes_end),
        *(_box(box, place) for box, place in zip(safe.boxes, places, strict=True)),
    ]
    height = boxes_end + _LANE * len(lanes) + (_LANE / 2 if lanes else 0) + _MARGIN
    note = safe.note or ("" if safe.boxes else "No host to show.")
    if note:
        items.append(Words(x=_MARGIN, y=height - 6, text=note, size=_SIZE, colour=MUTED_INK))
        height += _LINE
    hosts = ", ".join(f"{box.title} ({'; '.join(box.lines)})" for box in safe.boxes[:20])
    return Drawing(width=width, height=height, items=tuple(items), title=safe.title, description=hosts)


def _is_level(wire: NetworkWire, boxes: Sequence[NetworkBox]) -> bool:
    """Whether a wire joins neighbouring columns, so that no box stands in its way."""
    return abs(boxes[wire.second].column - boxes[wire.first].column) == 1


# -- places


def _places(view: NetworkView) -> list[_Place]:
    places = [_Place(width=_width_of(box)) for box in view.boxes]
    for number, wire in enumerate(view.wires):
        if _is_level(wire, view.boxes):
            places[wire.first].right.append(number)
            places[wire.second].left.append(number)
        else:
            places[wire.first].below.append(number)
            places[wire.second].below.append(number)
    columns: dict[int, list[int]] = {}
    for number, box in enumerate(view.boxes):
        columns.setdefault(box.column, []).append(number)
    heights = {column: _stack(members, view.boxes, places) for column, members in columns.items()}
    tallest = max(heights.values(), default=0.0)
    x = _MARGIN
    for column in sorted(columns):
        widest = max(places[number].width for number in columns[column])
        for number in columns[column]:
            places[number].x = x
            places[number].width = widest
            places[number].y += _HEAD + (tallest - heights[column]) / 2
        x += widest + _gap_behind(column, view) + _gutter_of([places[number] for number in columns[column]])
    _sort_ports(view, places)
    return places


def _stack(members: Sequence[int], boxes: Sequence[NetworkBox], places: Sequence[_Place]) -> float:
    """Put the boxes of a column one below the other, and tell how tall the column is."""
    y = gutter = 0.0
    for number in members:
        place = places[number]
        place.is_lowest = number == members[-1]
        if not place.is_lowest:
            place.gutter = gutter
            gutter += 9.0 * len(place.below)
        text = _PADDING * 1.5 + _LINE * (1 + len(boxes[number].lines))
        place.height = max(text, _PORT * max(len(place.left), len(place.right)) + 8)
        place.y = y
        y += place.height + _GAP_BELOW
    return y - _GAP_BELOW


def _width_of(box: NetworkBox) -> float:
    widest = max(pixels(box.title, _TITLE_SIZE, bold=True), *(pixels(line, _SIZE) for line in ("", *box.lines)))
    return min(_WIDEST_BOX, max(_NARROWEST_BOX, widest + 2 * _PADDING))


def _gap_behind(column: int, view: NetworkView) -> float:
    words = [
        pixels(text, _SMALL)
        for wire in view.wires
        if _is_level(wire, view.boxes) and view.boxes[wire.first].column == column
        for text in _labels(wire)
    ]
    return max(_SMALLEST_GAP, min(_WIDEST_WORDS, max(words, default=0.0)) + 2 * _SLANT)


def _gutter_of(column: Sequence[_Place]) -> float:
    return 9.0 * sum(len(place.below) for place in column if not place.is_lowest)


def _sort_ports(view: NetworkView, places: Sequence[_Place]) -> None:
    """Wires leave a box in the order of the boxes they lead to, so that fewer of them cross."""
    for place in places:
        place.left.sort(key=lambda number: (places[view.wires[number].first].y, number))
        place.right.sort(key=lambda number: (places[view.wires[number].second].y, number))


def _height_at(place: _Place, wires: Sequence[int], number: int) -> float:
    return place.y + place.height * (wires.index(number) + 0.5) / len(wires)


# -- wires


def _labels(wire: NetworkWire) -> list[str]:
    there = f"{wire.there} →" if wire.there else ""
    back = f"← {wire.back}" if wire.back else ""
    return [text for text in (there, back) if text]


def _wires(view: NetworkView, places: Sequence[_Place], lanes: Sequence[int], boxes_end: float) -> list[Primitive]:
    """All lines behind all words, so that no line runs through a word."""
    items = [item for number, wire in enumerate(view.wires) for item in _wire(number, wire, places, lanes, boxes_end)]
    return sorted(items, key=lambda item: isinstance(item, Group))


def _wire(
    number: int, wire: NetworkWire, places: Sequence[_Place], lanes: Sequence[int], boxes_end: float
) -> list[Primitive]:
    if number in lanes:
        return _lane_wire(number, wire, places, boxes_end + _LANE * (lanes.index(number) + 1) - 4)
    return _level_wire(number, wire, places[wire.first], places[wire.second])


def _level_wire(number: int, wire: NetworkWire, first: _Place, second: _Place) -> list[Primitive]:
    """Level at the end that has fewer wires, where the words stand, and slanting to the other one."""
    x1, x2 = first.x + first.width, second.x
    y1, y2 = _height_at(first, first.right, number), _height_at(second, second.left, number)
    words_left = len(first.right) <= len(second.left)
    knee = x2 - _SLANT if words_left else x1 + _SLANT
    level = y1 if words_left else y2
    start, end = (x1, knee) if words_left else (knee, x2)
    path = [(x1, y1), (knee, level), (x2, y2)]
    return [*_path(path, wire), *_words(wire, start, end, level)]


def _lane_wire(number: int, wire: NetworkWire, places: Sequence[_Place], y: float) -> list[Primitive]:
    """Down from one box, level beneath all boxes, and up to the other one."""
    down, up = (_way_down(places[box], number, y) for box in (wire.first, wire.second))
    left, right = sorted((down[-1][0], up[-1][0]))
    middle = (left + right) / 2
    half = max(right - left, _WIDEST_WORDS) / 2
    return [*_path([*down, *reversed(up)], wire), *_words(wire, middle - half, middle + half, y)]


def _way_down(place: _Place, number: int, y: float) -> list[tuple[float, float]]:
    """From a box to the height of a lane."""
    order = place.below.index(number)
    if place.is_lowest:
        x = place.x + place.width * (order + 1) / (len(place.below) + 1)
        return [(x, place.y + place.height), (x, y)]
    start = place.y + place.height - 9 - 8 * (order % _BESIDE)
    x = place.x + place.width + place.gutter + 9 * (order + 1)
    return [(place.x + place.width, start), (x, start), (x, y)]


def _path(points: Sequence[tuple[float, float]], wire: NetworkWire) -> list[Primitive]:
    colour = COLOURS[wire.tone]
    dash = _DASH if wire.tone is Tone.MEDIA else ()
    found: list[Primitive] = [
        Stroke(x1=x1, y1=y1, x2=x2, y2=y2, colour=colour, width=1.4, dash=dash)
        for (x1, y1), (x2, y2) in pairwise(points)
        if (x1, y1) != (x2, y2)
    ]
    if wire.there:
        found.append(_arrow(points[-2], points[-1], colour))
    if wire.back:
        found.append(_arrow(points[1], points[0], colour))
    return found


def _arrow(before: tuple[float, float], tip: tuple[float, float], colour: str) -> Shape:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = max(1e-6, (dx * dx + dy * dy) ** 0.5)
    ux, uy = dx / length * 9, dy / length * 9
    base = (tip[0] - ux, tip[1] - uy)
    side = (-uy * 0.45, ux * 0.45)
    return Shape(
        points=(tip, (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1])), fill=colour
    )


def _words(wire: NetworkWire, start: float, end: float, y: float) -> list[Primitive]:
    """What goes there above the line, and what comes back beneath it."""
    room = end - start - 16
    centre = (start + end) / 2
    colour = COLOURS[wire.tone]
    found: list[Primitive] = []
    for text, height in (
        (f"{wire.there} →" if wire.there else "", y - 6),
        (f"← {wire.back}" if wire.back else "", y + 13),
    ):
        if text:
            shown = shortened(text, room, lambda part: pixels(part, _SMALL))
            words = Words(x=centre, y=height, text=shown, size=_SMALL, colour=colour, anchor=Anchor.MIDDLE, halo=PAPER)
            found.append(Group(items=(words,), tooltip=text))
    return found


# -- boxes


def _box(box: NetworkBox, place: _Place) -> Group:
    fill = PANEL if box.carries_signalling else TINTS[Tone.MEDIA]
    room = place.width - 2 * _PADDING
    middle = place.x + place.width / 2
    top = place.y + (place.height - _LINE * (1 + len(box.lines))) / 2 + 12
    texts: list[Primitive] = [
        Box(x=place.x, y=place.y, width=place.width, height=place.height, fill=fill, edge=PANEL_EDGE, radius=6),
        Words(
            x=middle,
            y=top,
            text=shortened(box.title, room, lambda part: pixels(part, _TITLE_SIZE, bold=True)),
            size=_TITLE_SIZE,
            colour=INK,
            anchor=Anchor.MIDDLE,
            bold=True,
        ),
    ]
    for number, line in enumerate(box.lines, start=1):
        shown = shortened(line, room, lambda part: pixels(part, _SIZE))
        y = top + _LINE * number
        texts.append(Words(x=middle, y=y, text=shown, size=_SIZE, colour=MUTED_INK, anchor=Anchor.MIDDLE))
    return Group(items=tuple(texts), tooltip=box.tooltip)
