"""The network as a drawing: nothing covers anything else, and everything is inside the picture."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from sipscope.render.drawing import Box, Group, Shape, Stroke, Words
from sipscope.render.png import network_png
from sipscope.render.svg import drawing_svg
from sipscope.render.topology_drawing import network_drawing
from sipscope.views.tone import Tone
from sipscope.views.topology import NetworkBox, NetworkView, NetworkWire


def box(title: str, column: int, *lines: str) -> NetworkBox:
    return NetworkBox(node=title, title=title, lines=lines, column=column, carries_signalling=True)


def wire(first: int, second: int, there: str = "INVITE 1", back: str = "", tone: Tone = Tone.REQUEST) -> NetworkWire:
    return NetworkWire(first=first, second=second, there=there, back=back, tone=tone)


TRAPEZOID = NetworkView(
    title="network",
    boxes=(box("alice", 0), box("carol", 0), box("proxy", 1, "proxy"), box("bob", 2), box("dave", 2)),
    wires=(
        wire(0, 2, back="BYE 1"),
        wire(1, 2),
        wire(2, 3),
        wire(2, 4),
        wire(0, 3, "PCMA", "PCMA", Tone.MEDIA),
        wire(3, 4, "PCMA", "", Tone.MEDIA),
        wire(0, 1, "PCMA", "", Tone.MEDIA),
    ),
)


def primitives(items):
    for item in items:
        if isinstance(item, Group):
            yield from primitives(item.items)
        else:
            yield item


def of_kind(kind, view: NetworkView = TRAPEZOID):
    return [item for item in primitives(network_drawing(view).items) if isinstance(item, kind)]


def test_boxes_do_not_overlap():
    overlapping = [
        (one, other)
        for one, other in itertools.combinations(of_kind(Box), 2)
        if one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    ]
    assert overlapping == []


def test_no_wire_runs_through_a_box():
    def inside(at, low, size):
        return low + 0.01 < at < low + size - 0.01

    crossed = [
        (line, item)
        for line in of_kind(Stroke)
        for item in of_kind(Box)
        for step in range(101)
        if inside(line.x1 + (line.x2 - line.x1) * step / 100, item.x, item.width)
        and inside(line.y1 + (line.y2 - line.y1) * step / 100, item.y, item.height)
    ]
    assert crossed == []


def test_everything_is_inside_the_picture():
    drawing = network_drawing(TRAPEZOID)
    ends = [(line.x1, line.y1) for line in of_kind(Stroke)] + [(line.x2, line.y2) for line in of_kind(Stroke)]
    ends += [(item.x + item.width, item.y + item.height) for item in of_kind(Box)]
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in ends)


def test_each_direction_has_an_arrow():
    assert len(of_kind(Shape)) == sum(bool(item.there) + bool(item.back) for item in TRAPEZOID.wires)


@pytest.mark.parametrize("text", ["INVITE 1 →", "← BYE 1", "PCMA →", "alice", "network"])
def test_words_are_drawn(text):
    assert text in [item.text for item in of_kind(Words)]


def test_view_without_hosts_says_so():
    texts = [item.text for item in of_kind(Words, NetworkView(title="", boxes=(), wires=()))]
    assert "No host to show." in texts


def test_hostile_names_are_text_in_svg():
    view = NetworkView(title="</svg><script>", boxes=(box("\x1b[2J<b>\u202e", 0, "&\x00"),), wires=())
    svg = drawing_svg(network_drawing(view))
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert ("<script>" in svg, "\x1b" in svg) == (False, False)


def test_picture_is_the_same_each_time():
    assert network_png(TRAPEZOID) == network_png(TRAPEZOID)
